package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/internal/sim"
)

// demo plays a simulated Double 11 against a service of its own.
type demo struct {
	addr  string
	data  string // a temporary directory if empty
	seed  uint64
	users int
	once  bool

	progress io.Writer
	logger   *slog.Logger
}

// run plays, calls done with the result, and then serves until ctx is done.
func (d *demo) run(ctx context.Context, done func(url string, r *sim.Result) error) (err error) {
	if d.users != 0 && (d.users < sim.LeastUsers || d.users > sim.MostUsers) {
		return usage("--users must be %d to %d, got %d", sim.LeastUsers, sim.MostUsers, d.users)
	}
	if d.data == "" {
		if d.data, err = os.MkdirTemp("", "peakday-demo"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(d.data)) }()
	} else if there, _ := os.ReadDir(d.data); len(there) > 0 {
		return usage("--data %s is not empty: a play begins in an empty directory; one that is over is shown by peakday serve --data %s", d.data, d.data)
	}
	clock := newSimulated(time.Unix(0, 0))
	a, err := Open(ctx, Config{
		Addr: d.addr, Data: d.data, Timezone: "Asia/Shanghai", Currency: "CNY",
		Clock: clock.now, TrainByHand: true, StopByHand: true, Logger: d.logger,
	})
	if err != nil {
		return err
	}
	s, err := a.newServer(ctx)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	s.wait("the play is being played")
	failed, err := s.begin(ctx)
	if err != nil {
		return errors.Join(err, s.listener.Close(), a.Close())
	}
	defer func() { err = errors.Join(err, s.end()) }()

	playing, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		select {
		case err := <-failed:
			stop(err)
		case <-playing.Done():
		}
	}()
	result, err := s.simulate(playing, d, clock)
	if err != nil {
		if cause := context.Cause(playing); cause != nil {
			err = cause
		}
		return err
	}
	s.waiting.Store(nil)
	if err := done(s.url(), result); err != nil || d.once {
		return err
	}
	<-playing.Done()
	if ctx.Err() == nil {
		return context.Cause(playing)
	}
	return nil
}

// demoTimeout is how long the demo waits for one answer: training on a busy
// machine takes longest.
const demoTimeout = 10 * time.Minute

// simulate runs the simulator against the server's own HTTP.
func (s *server) simulate(ctx context.Context, d *demo, clock *simulated) (*sim.Result, error) {
	shown := ""
	return sim.Run(ctx, sim.Options{
		Seed: d.seed, Users: d.users, URL: s.url(), HTTP: &http.Client{Timeout: demoTimeout}, Clock: clock,
		Settled:       s.consumer.CaughtUp,
		RecallOfExact: s.recallOfExact,
		Progress: func(p sim.Progress) {
			if p.Step != shown {
				shown = p.Step
				fmt.Fprintf(d.progress, "%s\n", p.Step)
			}
		},
	})
}

// recallOfExact measures the search by item vectors on the users whose facts
// are kept, as many as give a steady figure.
func (s *server) recallOfExact(ctx context.Context) (float64, error) {
	const enough = 500
	var visitors []events.Unit
	seen := map[events.Unit]bool{}
	err := s.db.EachFact(ctx, []events.Type{events.OrderCompleted}, func(u events.Unit, _ events.Type, _ time.Time, _ []byte) error {
		if u.Kind == events.User && !seen[u] {
			seen[u] = true
			visitors = append(visitors, u)
		}
		if len(visitors) == enough {
			return errStop
		}
		return nil
	})
	if err != nil && !errors.Is(err, errStop) {
		return 0, err
	}
	return s.recommender.RecallOfExact(ctx, visitors, 50)
}
