package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/store/sqldb"
)

// watcher does what experiments ask for while nobody looks: starts and stops
// by the clock, moves ramps on, stops what breaks a guardrail, draws a bandit's
// weights. Every replica runs one; of two that do the same, one meets a
// conflict, which means that it is done.
type watcher struct {
	*App
	editor *experiments.Editor
	store  sqldb.Experiments

	mu      sync.Mutex
	refused map[string]string // by experiment and version: what was said already
	tested  map[string]tested // by experiment: what its guardrails were tested on last
}

// tested is the state of an experiment at a test of its guardrails: the test
// does not depend on the time, so the same state has the same answer.
type tested struct{ version, changes int64 }

func (a *App) newWatcher() *watcher {
	store := sqldb.Experiments{DB: a.db}
	return &watcher{App: a, editor: experiments.NewEditor(store, a.currency), store: store, refused: map[string]string{}, tested: map[string]tested{}}
}

// keepSchedules makes the changes whose time has come.
func (w *watcher) keepSchedules(ctx context.Context) error {
	now := w.clock()
	changed := false
	for _, due := range w.definitions.Catalog().Definitions().Due(now) {
		err := w.editor.Keep(ctx, due, now)
		if err := w.tell(due.Key, due.Version, due.Action, err); err != nil {
			return err
		}
		changed = changed || err == nil
	}
	return w.reread(ctx, changed)
}

// watchGuardrails stops the running experiments of which a guardrail breaks. It
// reads the sums of those that have changed since the last time only.
func (w *watcher) watchGuardrails(ctx context.Context) error {
	guarded, err := w.untested(ctx)
	if err != nil {
		return err
	}
	changed := false
	for e, state := range guarded {
		stopped, err := w.testGuardrails(ctx, e)
		if err != nil {
			return err
		}
		w.tested[e.Key] = state
		changed = changed || stopped
	}
	return w.reread(ctx, changed)
}

// untested gives the running experiments with guardrails that are not as they
// were when these were tested last, and how they are.
func (w *watcher) untested(ctx context.Context) (map[*experiments.Experiment]tested, error) {
	var running []*experiments.Experiment
	var keys []string
	for _, e := range w.definitions.Catalog().Definitions().Experiments {
		if e.Status == experiments.Running && len(e.Guardrails) > 0 {
			running, keys = append(running, e), append(keys, e.Key)
		}
	}
	// The changes are counted before the sums are read: what comes in between is
	// tested once more.
	changes, err := w.store.Changes(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("changes of moments: %w", err)
	}
	out := map[*experiments.Experiment]tested{}
	for _, e := range running {
		now := tested{e.Version, changes[e.Key]}
		if changes[e.Key] > 0 && w.tested[e.Key] != now {
			out[e] = now
		}
	}
	maps.DeleteFunc(w.tested, func(key string, _ tested) bool { return !slices.Contains(keys, key) })
	return out, nil
}

// testGuardrails stops the experiment if one of its guardrails breaks.
func (w *watcher) testGuardrails(ctx context.Context, e *experiments.Experiment) (stopped bool, err error) {
	cells, err := w.store.Totals(ctx, e.Key)
	if err != nil {
		return false, fmt.Errorf("moments of %s: %w", e.Key, err)
	}
	breach := experiments.Guard(e, cells, w.clock())
	if breach == nil {
		return false, nil
	}
	_, err = w.editor.StopFor(ctx, e.Key, e.Version, *breach)
	if err != nil {
		return false, w.tell(e.Key, e.Version, "stop", err)
	}
	w.logger.Warn("an experiment was stopped by a guardrail", "experiment", e.Key, "variant", breach.Variant,
		"metric", breach.Metric, "p_value", breach.PValue)
	return true, w.tell(e.Key, e.Version, "stop", nil)
}

// redrawBandits gives the variants of bandits the weights that they have earned.
func (w *watcher) redrawBandits(ctx context.Context) error {
	changed := false
	for _, e := range w.definitions.Catalog().Definitions().Experiments {
		if !e.RedrawDue(w.clock()) {
			continue
		}
		cells, err := w.store.Totals(ctx, e.Key)
		if err != nil {
			return fmt.Errorf("moments of %s: %w", e.Key, err)
		}
		shares, ok := experiments.Draw(e, cells)
		if !ok {
			continue
		}
		_, err = w.editor.Redraw(ctx, w.clock(), e.Key, e.Version, shares)
		if err := w.tell(e.Key, e.Version, "redraw", err); err != nil {
			return err
		}
		changed = changed || err == nil
	}
	return w.reread(ctx, changed)
}

// tell logs a change that was refused, once for each version, and passes on
// what is worth another try.
func (w *watcher) tell(key string, version int64, action string, err error) error {
	var refused *experiments.RefusedError
	var invalid *events.Invalid
	switch {
	case err == nil:
		w.logger.Info("an experiment was changed by itself", "experiment", key, "action", action)
		return nil
	case errors.Is(err, experiments.ErrConflict), errors.Is(err, experiments.ErrNotFound):
		return nil
	case errors.As(err, &refused), errors.As(err, &invalid):
		w.mu.Lock()
		defer w.mu.Unlock()
		if id := fmt.Sprint(key, "/", version); w.refused[id] != err.Error() {
			w.refused[id] = err.Error()
			w.logger.Warn("an experiment cannot be changed by itself", "experiment", key, "action", action, "reason", err)
		}
		return nil
	}
	return err
}

// reread lets this process know its own changes at once.
func (w *watcher) reread(ctx context.Context, changed bool) error {
	if !changed {
		return nil
	}
	return w.definitions.Refresh(ctx)
}
