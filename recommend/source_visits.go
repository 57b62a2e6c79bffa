package recommend

import "sync"

// visits proposes what the past visits went on to that are most like the one
// which is going on.
type visits struct {
	in      *installed
	scratch sync.Pool
}

type visitsScratch struct {
	VisitScratch
	sums    *tally
	history []Taste // by the model's numbers
}

// visitItems is how many items of the history are compared: further back,
// another errand began.
const visitItems = 6

// servedVisits are the settings that serve: fewer visits than DefaultVisits,
// since somebody waits, and more of the newest step, since other sources know
// the older ones.
func servedVisits() Visits {
	return Visits{Sample: 100, Neighbours: 50, Decay: 0.3, Near: 0.85, Length: 0.25, Damp: 0.15}
}

func newVisits(in *installed) *visits {
	s := &visits{in: in}
	s.scratch.New = func() any { return &visitsScratch{sums: newTally(len(in.model.items))} }
	return s
}

func (s *visits) Name() string { return SourceVisits }

func (s *visits) Propose(ask *Ask, out *Offers) {
	t := s.scratch.Get().(*visitsScratch)
	defer s.scratch.Put(t)
	t.history = t.history[:0]
	s.in.known(ask, visitItems, func(number int32, taste Taste) {
		taste.Slot = Slot(number)
		t.history = append(t.history, taste)
	})
	s.in.model.visits.gather(t.history, servedVisits(), &t.VisitScratch, t.sums.add)
	for _, item := range t.sums.touched {
		if score := t.sums.score[item]; out.wants(score) {
			out.Offer(s.in.slots[item], score)
		}
	}
	t.sums.clear()
}
