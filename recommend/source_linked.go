package recommend

import "sync"

// linked proposes what the visitor's items lead to: by sequential rules, or by
// similarity.
type linked struct {
	name         string
	in           *installed
	links        *links
	fading       fading
	accumulators sync.Pool
}

// linkedItems is how many items of the history are read.
const linkedItems = 50

// negligible is the share of the largest weight below which an item of the
// history changes nothing that is among the best.
const negligible = 1e-3

func newLinked(name string, in *installed, l *links, decay float64, items int) *linked {
	s := &linked{name: name, in: in, links: l, fading: newFading(decay)}
	s.accumulators.New = func() any { return newAccumulator(items) }
	return s
}

func (s *linked) Name() string { return s.name }

func (s *linked) Propose(query *Query, out *Proposals) {
	sums := s.accumulators.Get().(*accumulator)
	most := float32(0)
	s.in.known(query, linkedItems, func(number int32, t HistoryItem) {
		weight := s.weight(t)
		if most = max(most, weight); weight < negligible*most {
			return
		}
		to, score := s.links.of(number)
		for i, other := range to {
			sums.add(other, weight*score[i])
		}
	})
	for _, other := range sums.touched {
		if score := sums.score[other]; out.wants(score) {
			out.Add(s.in.slots[other], score)
		}
	}
	sums.clear()
	s.accumulators.Put(sums)
}

func (s *linked) weight(t HistoryItem) float32 {
	return s.fading.of(t)
}

// Because implements Explainer.
func (s *linked) Because(query *Query, proposed Slot) (because Slot, ok bool) {
	number, known := s.in.number(proposed)
	if !known {
		return 0, false
	}
	most := float32(0)
	s.in.known(query, linkedItems, func(from int32, t HistoryItem) {
		to, score := s.links.of(from)
		for i, other := range to {
			if by := s.weight(t) * score[i]; other == number && by > most {
				most, because, ok = by, t.Slot, true
			}
		}
	})
	return because, ok
}
