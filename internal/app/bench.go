package app

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"runtime"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// Shop is a running service for cmd/bench, which trains by hand.
type Shop struct {
	server *server
	failed <-chan error
	folded events.Position // how many records Fold has taken
}

// OpenShop serves an instance of cfg.
func OpenShop(ctx context.Context, cfg Config) (*Shop, error) {
	cfg.TrainByHand = true
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	a, err := Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s, err := a.newServer(ctx)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	failed, err := s.begin(ctx)
	if err != nil {
		return nil, errors.Join(err, s.listener.Close(), a.Close())
	}
	s.waiting.Store(nil)
	return &Shop{server: s, failed: failed}, nil
}

// Fill hands events to the intake by fill, and waits until every fold has
// applied all of them.
func (s *Shop) Fill(ctx context.Context, fill func(*events.Intake) error) error {
	if err := fill(s.server.intake); err != nil {
		return fmt.Errorf("fill the log: %w", err)
	}
	return s.server.consumer.CaughtUp(ctx)
}

// Fold gives events to the online states alone: profiles, catalogue and trends
// fold them as they do out of the log, but neither the log nor the database
// gets them. That is for shops which are too large to wait for those.
func (s *Shop) Fold(ctx context.Context, batch []events.Event) error {
	a := s.server.App
	from := s.folded
	var records []events.Delivery
	for _, e := range batch {
		f, err := events.Parse(e, a.currency)
		if err != nil {
			return fmt.Errorf("event %s: %w", e.ID, err)
		}
		routed, err := events.Route(e, f)
		if err != nil {
			return err
		}
		for _, r := range routed {
			// The lines of an order that go to a SKU are a fact of their own.
			if f, err = events.Parse(events.Event{Type: e.Type, Time: e.Time, Data: r.Data}, a.currency); err != nil {
				return fmt.Errorf("event %s: %w", e.ID, err)
			}
			s.folded++
			records = append(records, events.Delivery{Record: r, Fact: f, Position: s.folded})
		}
	}
	// Beside the log's own partitions and profiles' positions, so that live
	// events follow at theirs.
	beside := a.log.Partitions()
	profiler := recommend.NewProfiler(a.followers.profiles, "folded by hand").In(a.currency)
	for _, f := range []events.Follower{profiler, a.followers.catalog, a.followers.trends} {
		if err := f.Follow(ctx, beside, from, s.folded, records); err != nil {
			return fmt.Errorf("fold into %s: %w", f.Name(), err)
		}
	}
	return nil
}

// URL is where the shop answers.
func (s *Shop) URL() string { return s.server.url() }

// Train learns a model from the kept facts and puts it in use.
func (s *Shop) Train(ctx context.Context) error { return s.server.trainer.train(ctx) }

// Learn does so from interactions in the caller's memory, as Fold needs it. The
// ranker that it learns serves whatever it is worth, so that its cost shows;
// nothing is compared or stored.
func (s *Shop) Learn(ctx context.Context, interactions iter.Seq[recommend.Interaction]) error {
	m, err := recommend.Train(ctx, interactions, recommend.Training{
		Seed: 1, Catalog: s.server.followers.catalog, Accept: func(learned, weighted *recommend.Model) bool { return true },
	})
	if err != nil {
		return err
	}
	s.server.recommender.Install(m)
	return nil
}

// Model is the number of items and interactions of the model in use, and what
// orders its candidates.
func (s *Shop) Model() (items, interactions int, ranking string) {
	if m := s.server.recommender.Model(); m != nil {
		return m.Items(), m.Interactions(), m.Ranking()
	}
	return 0, 0, "no model"
}

// Memory is what lives on the heap, in bytes.
func (s *Shop) Memory() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Close ends the service.
func (s *Shop) Close() error { return s.server.end() }
