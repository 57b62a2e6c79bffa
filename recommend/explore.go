package recommend

import (
	"math"
	"math/rand/v2"
	"slices"
)

// explore gives new items a share of the places: whoever is never shown can
// never become known. Which ones and where follows from the seed; the better
// an item fits what the visitor likes, the likelier it is chosen. The first
// place is never given away.
func (d *workspace) explore(query *Query, fresh *fresh, w *adjustments, limit int, seed uint64) {
	policy := w.policy
	rng := rand.New(rand.NewPCG(seed, 0x6578706c6f7265))
	places := int(float64(limit)*policy.Explore + rng.Float64())
	if policy.Explore == 0 || places == 0 || len(d.order) < 2 {
		return
	}
	placed := make(map[Slot]bool, len(d.order))
	for _, at := range d.order {
		placed[d.candidates[at].slot] = true
	}
	// Each item draws u^(1/weight), and the largest draws win: a weighted
	// sample without replacement (Efraimidis and Spirakis, 2006).
	d.top.reset(places)
	fresh.each(query, policy.NewFor, func(slot Slot, fit float64) {
		if !placed[slot] && d.filter.allows(slot) {
			draw := math.Pow(rng.Float64(), 1/fit)
			d.top.offer(int32(slot), float32(draw))
		}
	})
	chosen := d.top.ranked()
	d.order = d.order[:max(1, min(limit-len(chosen), len(d.order)))]
	for _, s := range chosen {
		at := d.candidate(Slot(s.index))
		c := &d.candidates[at]
		if c.explored = true; c.item == nil {
			w.apply(c)
		}
		d.order = slices.Insert(d.order, 1+rng.IntN(len(d.order)), int32(at))
	}
	d.order = d.order[:min(limit, len(d.order))]
}
