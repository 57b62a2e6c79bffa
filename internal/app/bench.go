package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/peakday/peakday/events"
)

// Shop is a running service for cmd/bench.
type Shop struct {
	server *server
	failed <-chan error
}

// OpenShop serves an instance of cfg, which trains by hand, fills its log by
// fill, and waits until all is applied. It says how long the two took.
func OpenShop(ctx context.Context, cfg Config, fill func(*events.Intake) error) (shop *Shop, accepted, applied time.Duration, err error) {
	cfg.TrainByHand = true
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	a, err := Open(ctx, cfg)
	if err != nil {
		return nil, 0, 0, err
	}
	s, err := a.newServer(ctx)
	if err != nil {
		return nil, 0, 0, errors.Join(err, a.Close())
	}
	failed, err := s.begin(ctx)
	if err != nil {
		return nil, 0, 0, errors.Join(err, s.listener.Close(), a.Close())
	}
	shop = &Shop{s, failed}
	s.waiting.Store(nil)
	began := time.Now()
	if err := fill(s.intake); err != nil {
		return nil, 0, 0, errors.Join(fmt.Errorf("fill the log: %w", err), s.end())
	}
	accepted = time.Since(began)
	if err := s.consumer.CaughtUp(ctx); err != nil {
		return nil, 0, 0, errors.Join(err, s.end())
	}
	return shop, accepted, time.Since(began), nil
}

// URL is where the shop answers.
func (s *Shop) URL() string { return s.server.url() }

// Handler answers as the listener does.
func (s *Shop) Handler() http.Handler { return s.server.http.Handler }

// Train learns a model and puts it in use.
func (s *Shop) Train(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	err := s.server.trainer.train(ctx)
	return time.Since(began), err
}

// Model is the number of items and interactions of the model in use.
func (s *Shop) Model() (items, interactions int) {
	if m := s.server.recommender.Model(); m != nil {
		return m.Items(), m.Interactions()
	}
	return 0, 0
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
