package offline

import (
	"context"
	"sync"

	"github.com/peakday/peakday/recommend"
)

// ease is EASE (Steck, Embarrassingly Shallow Autoencoders for Sparse Data,
// WWW 2019): each item is predicted from all others by ridge regression. With
// G the items' Gram matrix and P = (G+λI)⁻¹, B_ij = −P_ij/P_jj off the diagonal.
// A history's newer items weigh more.
type ease struct {
	weights *square
	items   []int32 // the matrix's items; nil: all
	decay   float64
	targets bool
	sums    sync.Pool
}

type easeSettings struct {
	Lambda  float64
	Decay   float64
	Targets bool
}

// easeItems is how many items, the most frequent, EASE regresses: its time
// grows with the cube and its memory with the square (16,000: 1 GB).
const easeItems = 16_000

func easeRecent(d *Data) *method[easeSettings] {
	m := &method[easeSettings]{
		name:  "ease",
		start: easeSettings{Lambda: 300, Decay: 0.7, Targets: d.Train.TargetOnly},
		fit: func(ctx context.Context, s *cachedSet, how easeSettings) (Scorer, error) {
			items := s.frequent(easeItems)
			w, err := s.ridgeOnce(ctx, items, how)
			e := &ease{weights: w, items: items, decay: how.Decay, targets: how.Targets}
			e.sums.New = func() any { return new([]float32) }
			return e, err
		},
	}
	m.stages = append(behaviours(d, func(s *easeSettings, targets bool) { s.Targets = targets }),
		vary(func(s *easeSettings, v float64) { s.Decay = v }, 0.4, 0.5, 0.6, 0.8, 0.9, 1),
		vary(func(s *easeSettings, v float64) { s.Lambda = v }, 100, 1000),
		beyond(func(s *easeSettings) *float64 { return &s.Lambda }, 100, 30, 10),
		beyond(func(s *easeSettings) *float64 { return &s.Lambda }, 1000, 3000))
	return m
}

// Score implements Scorer.
func (e *ease) Score(query *Query, out []float32) {
	history := historyOf(query, e.targets)
	if e.items == nil {
		e.gather(history, func(s recommend.Slot) int { return int(s) }, out)
		return
	}
	// A few items are left out: the sums are made among the others.
	sums := e.sums.Get().(*[]float32)
	defer e.sums.Put(sums)
	if len(*sums) != len(e.items) {
		*sums = make([]float32, len(e.items))
	}
	clear(*sums)
	e.gather(history, e.number, *sums)
	for i, item := range e.items {
		out[item] = (*sums)[i]
	}
}

func (e *ease) gather(history []recommend.HistoryItem, number func(recommend.Slot) int, sums []float32) {
	for _, t := range history {
		if i := number(t.Slot); i >= 0 {
			addScaled(sums, e.weights.row(i), recommend.Faded(t, e.decay))
		}
	}
}

// number is the row of an item, -1 if it was left out.
func (e *ease) number(s recommend.Slot) int { return indexIn(e.items, int32(s)) }

// ridgeOnce keeps the weights that were learned last, and no others: they are
// large.
func (s *cachedSet) ridgeOnce(ctx context.Context, items []int32, how easeSettings) (*square, error) {
	type kept struct {
		lambda  float64
		targets bool
		weights *square
	}
	last, _ := s.cache["ridge"].(kept)
	if last.weights != nil && last.lambda == how.Lambda && last.targets == how.Targets {
		return last.weights, nil
	}
	delete(s.cache, "ridge")
	w, err := s.ridge(ctx, items, how.Lambda, how.Targets)
	if err == nil {
		s.cache["ridge"] = kept{how.Lambda, how.Targets, w}
	}
	return w, err
}

// ridge learns EASE's weights over some items, nil for all.
func (s *cachedSet) ridge(ctx context.Context, items []int32, lambda float64, targets bool) (*square, error) {
	n := len(s.Items)
	if items != nil {
		n = len(items)
	}
	g := newSquare(n)
	for _, v := range s.Visitors {
		had := v.items(targets)
		if items != nil {
			had = numbersIn(items, had)
		}
		for a, i := range had {
			row := g.row(int(i))
			for _, j := range had[:a+1] {
				row[j]++
			}
		}
	}
	for i := range n {
		g.row(i)[i] += float32(lambda)
	}
	ok, err := g.sweep(ctx)
	if err != nil || !ok {
		return newSquare(n), err // not invertible: no weights
	}
	g.toWeights()
	return g, nil
}

// toWeights makes of −P the weights −P_ij/P_jj, both halves.
func (g *square) toWeights() {
	diagonal := make([]float32, g.n)
	for i := range diagonal {
		diagonal[i] = g.row(i)[i]
	}
	for i := range g.n {
		row := g.row(i)
		for j := range i {
			v := row[j]
			row[j] = -v / diagonal[j]
			g.row(j)[i] = -v / diagonal[i]
		}
		row[i] = 0
	}
}
