package recommend

import "sync"

// nearest proposes the items whose vectors have the largest dot products with
// the sum of the history's vectors. It looks at all items.
type nearest struct {
	in      *installed
	scratch sync.Pool
}

const (
	nearestItems = 50
	nearestDecay = 0.9
)

type nearestScratch struct{ query, scores []float32 }

func newNearest(in *installed) *nearest {
	s := &nearest{in: in}
	s.scratch.New = func() any {
		return &nearestScratch{make([]float32, in.model.vectors.dims), make([]float32, vectorBlock)}
	}
	return s
}

func (s *nearest) Name() string { return SourceFactors }

func (s *nearest) Propose(ask *Ask, out *Offers) {
	scratch := s.scratch.Get().(*nearestScratch)
	defer s.scratch.Put(scratch)
	clear(scratch.query)
	if !s.sum(scratch.query, ask) {
		return
	}
	bar := out.Bar()
	s.in.model.vectors.dots(scratch.query, scratch.scores, func(first int, scores []float32) {
		for i, score := range scores {
			if score >= bar {
				out.Offer(s.in.slots[first+i], score)
				bar = out.Bar()
			}
		}
	})
}

// sum adds the history's vectors to query; false if the model knows none.
func (s *nearest) sum(query []float32, ask *Ask) (found bool) {
	s.in.known(ask, nearestItems, func(number int32, t Taste) {
		s.in.model.vectors.add(query, number, s.weight(t))
		found = true
	})
	return found
}

func (s *nearest) weight(t Taste) float32 {
	return Faded(t, nearestDecay)
}

// Because implements Explainer.
func (s *nearest) Because(ask *Ask, proposed Slot) (because Slot, ok bool) {
	number, known := s.in.number(proposed)
	if !known {
		return 0, false
	}
	v := s.in.model.vectors
	target := make([]float32, v.dims)
	v.add(target, number, 1)
	most := float32(0)
	s.in.known(ask, nearestItems, func(from int32, t Taste) {
		dot := float32(0)
		for d, x := range target {
			dot += x * v.data[v.at(int(from), d)]
		}
		if by := dot * s.weight(t); by > most {
			most, because, ok = by, t.Slot, true
		}
	})
	return because, ok
}
