package recommend

import (
	"cmp"
	"math"
	"slices"
)

// popular proposes what has been wanted most in all the model's time.
type popular struct {
	in    *installed
	order []int32 // the model's numbers, most wanted first
}

func newPopular(in *installed) *popular {
	p := &popular{in, make([]int32, len(in.model.popularity))}
	for i := range p.order {
		p.order[i] = int32(i)
	}
	slices.SortFunc(p.order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(in.model.popularity[b], in.model.popularity[a]), cmp.Compare(a, b))
	})
	return p
}

func (p *popular) Name() string { return SourcePopularity }

func (p *popular) Propose(_ *Query, out *Proposals) {
	aisle := out.filter.categorySlots()
	if scarce := len(aisle)*len(aisle) < out.best.limit*len(p.order); out.filter.category != "" && scarce {
		for _, slot := range aisle {
			if number, known := p.in.number(slot); known {
				out.Add(slot, p.in.model.popularity[number])
			}
		}
		return
	}
	for _, i := range p.order {
		if out.full() {
			return
		}
		out.Add(p.in.slots[i], p.in.model.popularity[i])
	}
}

// trending proposes what is wanted now.
type trending struct {
	trends *Trends
	window Window
}

func (s *trending) Name() string { return SourceTrending }

// coldest is how far below the hottest item heat still counts, in bits.
const coldest = 100

// Propose ranks by heat, a logarithm, and scores the best by their decayed
// counts relative to the largest.
func (s *trending) Propose(_ *Query, out *Proposals) {
	base := s.trends.hottest(s.window) - coldest
	if out.filter.category != "" {
		s.proposeOf(out.filter.categorySlots(), base, out)
	} else if !s.proposeHot(base, out) {
		s.proposeAll(base, out)
	}
	out.rescale(func(score float32) float32 { return float32(exp2(float64(score) - coldest)) })
}

// proposeHot looks at the hottest items; false if too few of them are allowed.
func (s *trending) proposeHot(base float64, out *Proposals) (enough bool) {
	for _, list := range []*hotlist{&s.trends.peak[s.window], &s.trends.hot[s.window]} {
		slots, all := list.slots()
		out.best.reset(out.best.limit)
		s.proposeOf(slots, base, out)
		if all || out.full() {
			return true
		}
	}
	out.best.reset(out.best.limit)
	return false
}

func (s *trending) proposeOf(slots []Slot, base float64, out *Proposals) {
	pages := s.trends.heat[s.window].all()
	for _, slot := range slots {
		if score := float32(heatAt(pages, slot) - base); out.wants(score) {
			out.Add(slot, score)
		}
	}
}

// proposeAll looks at every item: too few of the hottest are allowed.
func (s *trending) proposeAll(base float64, out *Proposals) {
	for p, page := range s.trends.heat[s.window].all() {
		bar := base + float64(out.Threshold())
		for i := range page {
			if heat := math.Float64frombits(page[i].Load()); heat >= bar {
				out.Add(Slot(p*pageSize+i), float32(heat-base))
				bar = base + float64(out.Threshold())
			}
		}
	}
}
