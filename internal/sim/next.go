package sim

import (
	"slices"

	"github.com/peakday/peakday/events"
)

// nextViews is how many different products a user's next visits show.
const nextViews = 5

// next is what a user will really look at next, in the visits behind the end of
// the sale: drawn by the same rules as all before, and never sent. What they
// have already, in their cupboard or in their cart, and what is sold out is
// left out.
func (p *sale) next(u *user) []events.ItemID {
	d := saleEnd()
	m := p.states[u.number]
	own := p.random.on(ofNext, uint64(u.number))
	rng := own.stream()
	var out []events.ItemID
	for visit := range uint64(40) {
		m.interest = u.interest(m.interest, own.on(ofFocus, visit))
		for range 3 {
			k := p.choose(u, &m, d, p.further(u, d, m.interest, viewWithin, rng), m.cart, rng)
			if id := k.product.id; p.open(u, k.product) && !slices.Contains(out, id) {
				out = append(out, id)
			}
			if len(out) == nextViews {
				return out
			}
		}
	}
	return out
}

// open reports whether a product may be recommended to a user: neither theirs
// already nor sold out.
func (p *sale) open(u *user, item *product) bool {
	m := &p.states[u.number]
	if m.owned.has(item.number) || m.cart.has(item.number) {
		return false
	}
	return slices.ContainsFunc(item.skus, func(k *sku) bool { return p.stock.left[k.number] > 0 })
}

// sample picks users who came during the sale, the same for a seed.
func (p *sale) sample(n int) []*user {
	units := slices.Clone(p.units)
	rng := p.random.on(ofSample).stream()
	rng.Shuffle(len(units), func(i, j int) { units[i], units[j] = units[j], units[i] })
	var out []*user
	for _, e := range units[:min(n, len(units))] {
		out = append(out, e.user)
	}
	return out
}
