package recommend

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
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

// fresh proposes new items of the categories and brands that the visitor
// likes: a model cannot know them yet.
type fresh struct {
	catalog *Catalog
	in      *installed // nil without a model
}

// knownFrom is the weight of interactions, in views, from which an item can
// stand by itself.
const knownFrom = 20

// baseFit is how well a new item fits somebody of whom nothing speaks for it.
const baseFit = 0.1

func (s *fresh) Name() string { return SourceFresh }

func (s *fresh) Propose(query *Query, out *Proposals) {
	s.each(query, query.NewFor, func(slot Slot, fit float64) {
		if out.wants(float32(fit)) { // else age makes it no better
			out.Add(slot, float32(fit*halves(max(0, query.AsOf.Sub(s.catalog.At(slot).Launched)), query.NewFor)))
		}
	})
}

// each calls do with the items that are new and hardly known, each once, and
// how well they fit the visitor, baseFit to 1 + baseFit.
func (s *fresh) each(query *Query, newFor time.Duration, do func(slot Slot, fit float64)) {
	if newFor <= 0 || query.AsOf.IsZero() {
		return
	}
	since := query.AsOf.Add(-newFor).UnixMicro()
	last := Slot(-1)
	for _, l := range s.catalog.newest() {
		if l.at < since {
			return
		}
		it := s.catalog.At(l.slot)
		if l.slot == last || it == nil || it.Launched.UnixMicro() != l.at || s.known(l.slot) {
			continue
		}
		last = l.slot
		do(l.slot, baseFit+query.affinity(s.catalog).itemFit(s.catalog.summary(l.slot)))
	}
}

func (s *fresh) known(slot Slot) bool {
	if s.in == nil {
		return false
	}
	number, ok := s.in.number(slot)
	return ok && s.in.model.popularity[number] >= knownFrom
}
