package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/peakday/peakday/api"
	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/sqldb"
)

// testSetFrom is how many records there must be before some are kept from
// training, for the offline evaluation.
const testSetFrom = 20_000

// testPeriod is how far back what is kept from training goes: a day in a large
// shop, and in a smaller one a week, of which a day's visitors are too few.
func testPeriod(records int64) time.Duration {
	if records < 1_000_000 {
		return 7 * 24 * time.Hour
	}
	return 24 * time.Hour
}

// learn trains a model and stores it, without putting it in use. The version
// is empty when there is nothing to learn from. worse says that it did worse
// than the one in use on what both had not seen.
func (t *trainer) learn(ctx context.Context) (stored sqldb.Model, worse bool, err error) {
	t.busy.Lock()
	defer t.busy.Unlock()
	began := t.clock()
	defer t.progress.Store(nil)
	timer := time.Now()
	_, records, err := t.applied(ctx)
	if err != nil {
		return stored, false, fmt.Errorf("count the records: %w", err)
	}
	seq, failed := t.interactions(ctx)
	var test *recommend.TestSet
	if newest := t.recommender.AsOf(); records >= testSetFrom && !newest.IsZero() {
		seq, test = recommend.HoldOut(seq, newest.Add(-testPeriod(records)), t.catalog)
	}
	how := recommend.Training{Seed: 1, Catalog: t.catalog, Progress: func(step string, done float64) {
		t.progress.Store(&api.Training{Started: began, Step: step, Done: done})
	}}
	var tried trials
	if test != nil && !t.quick {
		how.Prefer, how.Accept = tried.decideBy(test)
	}
	m, err := recommend.Train(ctx, seq, how)
	if err := failed(); err != nil {
		return stored, false, fmt.Errorf("read the interactions: %w", err)
	}
	if err != nil || m.Interactions() == 0 {
		return stored, false, err
	}
	t.progress.Store(&api.Training{Started: began, Step: "evaluate", Done: 0.9})
	about, worse := t.report(m, test)
	about.trials = tried
	about.Seconds = time.Since(timer).Seconds()
	if stored, err = t.keep(ctx, m, about); err != nil {
		return stored, false, fmt.Errorf("store the model: %w", err)
	}
	t.logger.Info("trained a recommender model", "version", m.Version(), "items", m.Items(),
		"interactions", m.Interactions(), "took", time.Since(timer).Round(time.Millisecond))
	return stored, worse, nil
}

// keep stores a model unless the same one is stored already.
func (t *trainer) keep(ctx context.Context, m *recommend.Model, about modelReport) (sqldb.Model, error) {
	all, err := t.db.Models(ctx)
	if err != nil {
		return sqldb.Model{}, err
	}
	for _, stored := range all {
		if stored.Version == m.Version() {
			return stored, nil
		}
	}
	var data bytes.Buffer
	if err := m.Encode(&data); err != nil {
		return sqldb.Model{}, err
	}
	text, err := json.Marshal(about)
	if err != nil {
		return sqldb.Model{}, err
	}
	stored := sqldb.Model{Version: m.Version(), Created: t.clock(), About: text}
	if err := t.db.AddModel(ctx, stored, data.Bytes()); err != nil {
		return sqldb.Model{}, err
	}
	return stored, t.db.PruneModels(ctx, keptModels, t.book.Models()...)
}

// interactions reads what visitors did. failed tells, after the reading, what
// went wrong with it.
func (t *trainer) interactions(ctx context.Context) (seq iter.Seq[recommend.Interaction], failed func() error) {
	var readErr error
	types := []events.Type{
		events.ProductViewed, events.ProductClicked, events.ProductFavorited, events.ProductAdded,
		events.OrderPlaced, events.OrderCompleted,
	}
	seq = func(yield func(recommend.Interaction) bool) {
		readErr = t.db.EachFact(ctx, types, func(u events.Unit, typ events.Type, at time.Time, data []byte) error {
			f, err := events.Parse(events.Event{Type: string(typ), Time: at, Data: data}, t.shop)
			if err != nil {
				return fmt.Errorf("fact of %s %s: %w", u.Kind, u.ID, err)
			}
			for _, i := range recommend.Interactions(f) {
				// A fact with user and device is kept for both and counts for one.
				if i.Visitor == u && !yield(i) {
					return errStop
				}
			}
			return nil
		})
		if errors.Is(readErr, errStop) {
			readErr = nil
		}
	}
	return seq, func() error { return readErr }
}
