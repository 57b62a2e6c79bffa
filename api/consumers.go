package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/peakday/peakday/events"
)

// Consumers says how far logs have been applied and keeps what could not be.
// The databases in store/ implement it.
type Consumers interface {
	// Progress gives how far each partition of a log has been applied.
	Progress(ctx context.Context, log string) ([]events.Progress, error)
	events.DeadLetters
}

// getConsumers says how far events have been applied.
func getConsumers(x *exchange) error {
	out, err := x.consumers()
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, out)
}

type consumers struct {
	Log        string      `json:"log"`
	AsOf       *time.Time  `json:"as_of" doc:"time of the newest event applied; null before the first"`
	Lag        int64       `json:"lag" doc:"records that wait to be applied"`
	Applied    int64       `json:"applied"`
	Duplicates int64       `json:"duplicates" doc:"dropped when they were to be applied"`
	Dead       int64       `json:"dead" doc:"set aside with a reason, replayed ones included"`
	Unknown    int64       `json:"unknown" doc:"applied ones of types that are not known"`
	PerSecond  *float64    `json:"applied_per_second" doc:"since an earlier request for this, at least a second ago; null at first"`
	Items      []partition `json:"items" doc:"the partitions of the log"`
}

type partition struct {
	Partition  int        `json:"partition"`
	Position   int64      `json:"position"`
	Lag        int64      `json:"lag"`
	Applied    int64      `json:"applied"`
	Duplicates int64      `json:"duplicates"`
	Dead       int64      `json:"dead"`
	Unknown    int64      `json:"unknown"`
	AsOf       *time.Time `json:"as_of"`
}

func (x *exchange) consumers() (*consumers, error) {
	items, err := x.applied(x.ctx())
	if err != nil {
		return nil, err
	}
	out := &consumers{Log: x.Log.ID(), Items: items}
	for _, p := range items {
		out.Lag += p.Lag
		out.Applied += p.Applied
		out.Duplicates += p.Duplicates
		out.Dead += p.Dead
		out.Unknown += p.Unknown
		if p.AsOf != nil && (out.AsOf == nil || p.AsOf.After(*out.AsOf)) {
			out.AsOf = p.AsOf
		}
	}
	out.PerSecond = x.rates.per(out.Applied, x.began)
	return out, nil
}

// applied says of each partition how far it has been applied.
func (s *Services) applied(ctx context.Context) ([]partition, error) {
	all, err := s.Consumers.Progress(ctx, s.Log.ID())
	if err != nil {
		return nil, unavailable("how far events have been applied cannot be read", err)
	}
	at := make([]events.Progress, s.Log.Partitions()) // also those that nothing was applied of
	for _, standing := range all {
		if standing.Partition < len(at) {
			at[standing.Partition] = standing
		}
	}
	out := make([]partition, len(at))
	for i, a := range at {
		lag, err := s.Log.Lag(ctx, i, a.Position)
		if err != nil {
			return nil, unavailable("the log cannot be asked", err)
		}
		out[i] = partition{i, int64(a.Position), lag, a.Applied, a.Duplicates, a.Dead, a.Unknown, timeOrNull(a.Newest)}
	}
	return out, nil
}

// rates measures how fast a count grows between two requests for it.
type rates struct {
	mu           sync.Mutex
	older, newer sample
}

type sample struct {
	at time.Time
	n  int64
}

// per gives the growth a second since a request 1 to 60 s ago or longer.
func (r *rates) per(n int64, now time.Time) *float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.newer.at.IsZero() || now.Sub(r.newer.at) > time.Minute {
		r.older, r.newer = r.newer, sample{now, n}
	}
	for _, since := range []sample{r.newer, r.older} {
		if took := now.Sub(since.at); !since.at.IsZero() && took >= time.Second {
			rate := float64(n-since.n) / took.Seconds()
			return &rate
		}
	}
	return nil
}
