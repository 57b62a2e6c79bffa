package recommend

import "time"

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
