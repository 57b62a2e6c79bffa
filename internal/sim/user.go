package sim

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// user is a customer with tastes that the service never sees.
type user struct {
	number   int
	id       string
	tier     string
	region   string
	phone    phone
	activity float64             // how often they come, 1 on average
	taste    [categories]float64 // the chance of each category as the interest of a visit
	purse    float64             // the price tier they like
	brand    [categories]int     // the one they prefer
	hasty    bool                // likes to pay in one tap; the others mistrust it
}

// phone is how fast a user's device is.
type phone struct {
	loadMS float64 // a usual page load
	stalls bool    // under a page that plays a video
}

// state is what changes in a user: their interest, what they own and what
// waits in the cart. Products are bits.
type state struct {
	interest int // a category; −1 before the first visit
	owned    bits
	cart     bits
	spent    bool // the coupon
}

// bits is a set of products.
type bits [2]uint64

func (b *bits) add(i int)      { b[i/64] |= 1 << (i % 64) }
func (b *bits) drop(i int)     { b[i/64] &^= 1 << (i % 64) }
func (b *bits) has(i int) bool { return b[i/64]>>(i%64)&1 == 1 }

func newUser(d dice, number int, of []category) *user {
	rng := d.on(ofUser, uint64(number)).stream()
	u := &user{number: number, id: fmt.Sprintf("u%05d", number+1)}
	tier := pick([]float64{.55, .27, .13, .05}, rng.Float64())
	u.tier = []string{"basic", "silver", "gold", "platinum"}[tier]
	u.region = []string{"east", "south", "north", "central", "west", "northeast"}[pick([]float64{.3, .22, .18, .14, .1, .06}, rng.Float64())]
	u.phone = phone{[]float64{640, 800, 1000}[pick([]float64{.4, .4, .2}, rng.Float64())], rng.Float64() < stallRate}
	u.hasty = rng.Float64() < hastyRate
	u.activity = []float64{.75, 1.1, 1.5, 2}[tier] * distuv.Gamma{Alpha: 1.6, Beta: 1.6, Src: rng}.Rand()
	u.purse = .7 * rng.NormFloat64()
	u.tastes(of, rng.Float64)
	for c := range u.brand {
		u.brand[c] = pick([]float64{.42, .33, .25}, rng.Float64())
	}
	return u
}

// tastes gives a user three favourite categories and a little of the rest.
func (u *user) tastes(of []category, roll func() float64) {
	left := make([]float64, len(of))
	for c := range of {
		left[c] = of[c].share
		u.taste[c] = .12 * of[c].share / categories
	}
	for _, weight := range []float64{.52, .24, .12} {
		c := pick(left, roll())
		left[c] = 0
		u.taste[c] += weight
	}
	sum := 0.
	for _, t := range u.taste {
		sum += t
	}
	for c := range u.taste {
		u.taste[c] /= sum
	}
}

// liking is how well a SKU suits a user among those of its category, whatever
// the day.
func (u *user) liking(s *sku) float64 {
	p := s.product
	off := (p.tier - u.purse) / .75
	like := math.Exp(-off * off / 2)
	if u.brand[p.category] == p.brand {
		like *= 3
	}
	return like + .02
}
