package offline

import (
	"context"
	"sync"

	"github.com/peakday/peakday/recommend"
)

// sessionNeighbours scores what the sessions went on to that are most like the
// one which is going on.
type sessionNeighbours struct {
	sessions *recommend.Sessions
	how      recommend.SessionKNN
	scratch  sync.Pool
}

func (n *sessionNeighbours) Score(query *Query, out []float32) {
	t, ok := n.scratch.Get().(*recommend.SessionScratch)
	if !ok {
		t = &recommend.SessionScratch{}
	}
	n.sessions.Gather(query.History, n.how, t, out)
	n.scratch.Put(t)
}

// sessionKNN is decayed session-kNN, in the manner of VSKNN and STAN.
func sessionKNN(*Data) *method[recommend.SessionKNN] {
	type visits = recommend.SessionKNN
	return &method[visits]{
		name: nameKNN, start: recommend.DefaultSessionKNN(),
		stages: []func(visits) []visits{
			vary(func(s *visits, v float64) { s.Decay = v }, 0.3, 0.5, 0.85, 1),
			vary(func(s *visits, v float64) { s.Near = v }, 0.5, 0.85, 1),
			vary(func(s *visits, v int) { s.Neighbours = v }, 50, 100, 500),
			vary(func(s *visits, v float64) { s.Length = v }, 0, 0.25, 0.75),
			vary(func(s *visits, v float64) { s.Damp = v }, 0.15, 0.3),
			vary(func(s *visits, v int) { s.Sample = v }, 500, 3000),
		},
		fit: func(_ context.Context, s *cachedSet, how visits) (Scorer, error) {
			sessions, err := once(s, "sessions", func() (*recommend.Sessions, error) {
				return s.study(false).Sessions(), nil
			})
			return &sessionNeighbours{sessions: sessions, how: how}, err
		},
	}
}
