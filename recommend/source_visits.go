package recommend

import "sync"

// visits proposes what the past visits went on to that are most like the one
// which is going on.
type visits struct {
	in      *installed
	scratch sync.Pool
}

type visitsScratch struct {
	SessionScratch
	sums    *accumulator
	history []HistoryItem // by the model's numbers
}

// visitItems is how many items of the history are compared: further back,
// another intent began.
const visitItems = 6

// servedSessionKNN are the settings that serve: fewer visits than DefaultVisits,
// since somebody waits, and more of the newest step, since other sources know
// the older ones.
func servedSessionKNN() SessionKNN {
	return SessionKNN{Sample: 100, Neighbours: 50, Decay: 0.3, Near: 0.85, Length: 0.25, Damp: 0.15}
}

func newVisits(in *installed) *visits {
	s := &visits{in: in}
	s.scratch.New = func() any { return &visitsScratch{sums: newAccumulator(len(in.model.items))} }
	return s
}

func (s *visits) Name() string { return SourceVisits }

func (s *visits) Propose(query *Query, out *Proposals) {
	t := s.scratch.Get().(*visitsScratch)
	defer s.scratch.Put(t)
	t.history = t.history[:0]
	s.in.known(query, visitItems, func(number int32, item HistoryItem) {
		item.Slot = Slot(number)
		t.history = append(t.history, item)
	})
	s.in.model.visits.gather(t.history, servedSessionKNN(), &t.SessionScratch, t.sums.add)
	for _, item := range t.sums.touched {
		if score := t.sums.score[item]; out.wants(score) {
			out.Add(s.in.slots[item], score)
		}
	}
	t.sums.clear()
}
