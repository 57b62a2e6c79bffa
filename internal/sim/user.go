package sim

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// user is a customer with preferences that the service never sees.
type user struct {
	number        int
	id            string
	tier          string
	region        string
	phone         phone
	activity      float64             // how often they come, 1 on average
	preference    [categories]float64 // the chance of each category as the interest of a visit
	priceTier     float64             // the price tier they like
	brand         [categories]int     // the one they prefer
	prefersOneTap bool                // likes to pay in one tap; the others mistrust it
}

// phone is how fast a user's device is.
type phone struct {
	loadMS float64 // a usual page load
	stalls bool    // under a page that plays a video
}

// userState is what changes in a user: their interest, what they own and what
// waits in the cart. Sets of products are bits.
type userState struct {
	interest int // a category; −1 before the first visit
	owned    productSet
	cart     productSet
	spent    bool // the coupon
}

// productSet is a set of products.
type productSet [2]uint64

func (b *productSet) add(i int)      { b[i/64] |= 1 << (i % 64) }
func (b *productSet) drop(i int)     { b[i/64] &^= 1 << (i % 64) }
func (b *productSet) has(i int) bool { return b[i/64]>>(i%64)&1 == 1 }

func newUser(d random, number int, of []category) *user {
	rng := d.on(ofUser, uint64(number)).stream()
	u := &user{number: number, id: fmt.Sprintf("u%05d", number+1)}
	tier := pick([]float64{.55, .27, .13, .05}, rng.Float64())
	u.tier = []string{"basic", "silver", "gold", "platinum"}[tier]
	u.region = []string{"east", "south", "north", "central", "west", "northeast"}[pick([]float64{.3, .22, .18, .14, .1, .06}, rng.Float64())]
	u.phone = phone{[]float64{640, 800, 1000}[pick([]float64{.4, .4, .2}, rng.Float64())], rng.Float64() < stallRate}
	u.prefersOneTap = rng.Float64() < oneTapRate
	u.activity = []float64{.75, 1.1, 1.5, 2}[tier] * distuv.Gamma{Alpha: 1.6, Beta: 1.6, Src: rng}.Rand()
	u.priceTier = .7 * rng.NormFloat64()
	u.drawPreferences(of, rng.Float64)
	for c := range u.brand {
		u.brand[c] = pick([]float64{.42, .33, .25}, rng.Float64())
	}
	return u
}

// drawPreferences gives a user three favourite categories and a little of the rest.
func (u *user) drawPreferences(of []category, roll func() float64) {
	left := make([]float64, len(of))
	for c := range of {
		left[c] = of[c].share
		u.preference[c] = .12 * of[c].share / categories
	}
	for _, weight := range []float64{.52, .24, .12} {
		c := pick(left, roll())
		left[c] = 0
		u.preference[c] += weight
	}
	sum := 0.
	for _, t := range u.preference {
		sum += t
	}
	for c := range u.preference {
		u.preference[c] /= sum
	}
}

// affinity is how well a SKU suits a user among those of its category, whatever
// the day.
func (u *user) affinity(s *sku) float64 {
	p := s.product
	off := (p.tier - u.priceTier) / .75
	like := math.Exp(-off * off / 2)
	if u.brand[p.category] == p.brand {
		like *= 3
	}
	return like + .02
}
