package sim

import (
	"math/rand/v2"
	"time"

	"github.com/peakday/peakday/forecast"
)

// How users choose.
const (
	sameInterest = .45 // the chance that a visit goes on with the interest of the last
	stayWithin   = .6  // that a further item of a basket is of the visit's interest
	viewWithin   = .85 // and a further view
	again        = .04 // what owning a product leaves of the wish to buy it
)

// interest is what the next visit of a user is about: often still the last
// one's, else one that they prefer.
func (u *user) interest(last int, d random) int {
	if last >= 0 && d.chance(sameInterest) {
		return last
	}
	return pick(u.preference[:], d.on(ofFocus).uniform())
}

// choose is the SKU that a user wants of a category on day d, whether it is in
// stock or not. Products in not are out of the question.
func (s *shop) choose(u *user, m *userState, d forecast.Day, of int, not productSet, rng *rand.Rand) *sku {
	list := s.byCategory[of]
	var room [2 * productsPerCategory]float64
	weights := room[:len(list)]
	for i, k := range list {
		weights[i] = s.weight(u, m, d, k)
		if not.has(k.product.number) {
			weights[i] = 0
		}
	}
	return list[pick(weights, rng.Float64())]
}

// weight is how much a user wants a SKU on day d, against others of its
// category.
func (s *shop) weight(u *user, m *userState, d forecast.Day, k *sku) float64 {
	w := s.affinity(u, k) * s.day(d).skuDemand[k.number]
	if m.owned.has(k.product.number) {
		w *= again
	}
	return w
}

// further is the category of one more item: mostly the visit's, else what the
// user's preferences and the day suggest.
func (s *shop) further(u *user, d forecast.Day, interest int, within float64, rng *rand.Rand) int {
	if rng.Float64() < within {
		return interest
	}
	desires := s.day(d).categoryDemand
	for c := range desires {
		desires[c] *= u.preference[c]
	}
	return pick(desires[:], rng.Float64())
}

// line is a SKU in a basket: what was wanted, and what was there instead.
type line struct {
	wanted, got *sku
	quantity    int
}

// basket fills a basket with n different products for a user at a time, out of
// what is in stock. Which SKUs are wanted does not depend on the stock, nor
// does how many are bought: for one that is sold out, another is taken.
func (s *shop) basket(u *user, m *userState, at time.Time, interest, n int, stock *stock, rng *rand.Rand) []line {
	d := s.dayOf(at)
	var taken productSet
	lines := make([]line, 0, n)
	for i := range n {
		of := interest
		if i > 0 {
			of = s.further(u, d, interest, stayWithin, rng)
		}
		k := s.choose(u, m, d, of, taken, rng)
		if taken.has(k.product.number) {
			continue // the category has no more
		}
		quantity := 1 + pick([]float64{.88, .09, .03}, rng.Float64())
		got := s.substitute(u, m, line{wanted: k, quantity: quantity}, at, taken, stock)
		taken.add(k.product.number)
		taken.add(got.product.number)
		lines = append(lines, line{k, got, quantity})
	}
	return lines
}

// substitute is what is wanted if it is in stock, else what suits the user best of
// its category, or of the next where that has anything, and is not taken yet.
func (s *shop) substitute(u *user, m *userState, l line, at time.Time, taken productSet, stock *stock) *sku {
	k, d := l.wanted, s.dayOf(at)
	if stock.has(k, l.quantity, at) {
		return k
	}
	for c := range categories {
		var best *sku
		most := 0.
		for _, other := range s.byCategory[(k.product.category+c)%categories] {
			free := !taken.has(other.product.number) && stock.has(other, l.quantity, at)
			if w := s.weight(u, m, d, other); w > most && free {
				best, most = other, w
			}
		}
		if best != nil {
			return best
		}
	}
	return k // nothing at all is left: oversold
}

// basketSize is the number of different products in an order.
func basketSize(d random) int {
	return 1 + pick([]float64{.38, .27, .17, .1, .05, .03}, d.on(ofSize).uniform())
}
