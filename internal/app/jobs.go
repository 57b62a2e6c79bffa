package app

import (
	"context"
	"time"

	"github.com/peakday/peakday/events"
)

// job is background work.
type job struct {
	name string
	run  func(context.Context) error
}

// How often the background work is done.
const (
	definitionsEvery = 250 * time.Millisecond
	schedulesEvery   = time.Second
	guardrailsEvery  = 15 * time.Second
	banditsEvery     = time.Minute
	snapshotsEvery   = time.Minute
	modelsEvery      = 2 * time.Second
	upkeepEvery      = time.Hour
	trainingEvery    = 10 * time.Minute
	scanEvery        = 30 * time.Second
	forecastsEvery   = 2 * time.Second
	salesRefresh     = 15 * time.Minute
)

// jobs lists what runs beside the consumer. One that fails is tried again at
// its next turn: the error is logged, and the service runs on.
func (a *App) jobs() []job {
	watch := a.newWatcher()
	jobs := []job{
		{"definitions", a.every(definitionsEvery, a.refresh)},
		{"schedules", a.every(schedulesEvery, watch.keepSchedules)},
		{"bandits", a.every(banditsEvery, watch.redrawBandits)},
		{"snapshots", a.every(snapshotsEvery, a.snapshotAndTrim)},
		{"models", a.every(modelsEvery, a.trainer.follow)},
		{"upkeep", a.every(upkeepEvery, a.db.Upkeep)},
		{"unit scan", a.every(scanEvery, (&unitScanner{App: a}).scan)},
		{"forecasts", a.every(forecastsEvery, paced(func(ctx context.Context) error { return a.sales.Warm(ctx, a.clock()) }))},
	}
	if sweep := a.followers.sweep; sweep != nil {
		jobs = append(jobs, job{"idle profiles", a.every(upkeepEvery, func(context.Context) error { sweep(); return nil })})
	}
	if !a.cfg.StopByHand {
		jobs = append(jobs, job{"guardrails", a.every(guardrailsEvery, watch.watchGuardrails)})
	}
	if !a.cfg.TrainByHand {
		jobs = append(jobs, job{"training", a.every(trainingEvery, a.trainer.train)})
	}
	return jobs
}

// every does something again and again.
func (a *App) every(d time.Duration, do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		tick := time.NewTicker(d)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
				if err := do(ctx); err != nil && ctx.Err() == nil {
					a.logger.Warn("background work failed, it is tried again", "every", d, "error", err)
				}
			}
		}
	}
}

// paced leaves out turns, so that work takes a tenth of the time at most: while
// an import closes a sales day every second, the forecasts need not follow each.
func paced(do func(context.Context) error) func(context.Context) error {
	var not time.Time // before it
	return func(ctx context.Context) error {
		began := time.Now()
		if began.Before(not) {
			return nil
		}
		err := do(ctx)
		not = time.Now().Add(9 * time.Since(began))
		return err
	}
}

// snapshotAndTrim writes the snapshots and lets the log drop what they and the
// database have taken in. The positions are read before: a snapshot may be
// further by the time it is written, never behind.
func (a *App) snapshotAndTrim(ctx context.Context) error {
	covered, err := a.covered(ctx)
	if err != nil {
		return err
	}
	if err := a.snapshotAll(); err != nil {
		return err
	}
	for partition, upTo := range covered {
		if err := a.log.Trim(ctx, partition, upTo); err != nil {
			return err
		}
	}
	return nil
}

// covered gives for each partition the position up to which the database and
// every follower have come.
func (a *App) covered(ctx context.Context) (map[int]events.Position, error) {
	standing, err := a.db.Progress(ctx, a.log.ID())
	if err != nil {
		return nil, err
	}
	covered := map[int]events.Position{}
	for _, s := range standing {
		upTo := s.Position
		for _, f := range a.followers.all {
			at, err := f.Position(ctx, s.Partition)
			if err != nil {
				return nil, err
			}
			upTo = min(upTo, at)
		}
		covered[s.Partition] = upTo
	}
	return covered, nil
}
