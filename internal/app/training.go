package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/sqldb"
)

// trainer learns recommender models from the kept facts and installs them.
type trainer struct {
	db          *sqldb.DB
	recommender *recommend.Recommender
	shop        events.Currency
	clock       func() time.Time
	logger      *slog.Logger

	busy sync.Mutex
}

// keptModels is how many models stay in the store for a rollback.
const keptModels = 5

// load installs the stored active model. found is false if there is none.
func (t *trainer) load(ctx context.Context) (found bool, err error) {
	version, data, err := t.db.ActiveModel(ctx)
	if err != nil || version == "" {
		return false, err
	}
	m, err := recommend.DecodeModel(bytes.NewReader(data))
	if err != nil {
		t.logger.Warn("the stored model cannot be used, training another one", "version", version, "error", err)
		return false, nil
	}
	t.recommender.Install(m)
	return true, nil
}

// train learns a model from all kept facts, stores it and puts it in use.
// Without any interaction there is nothing to learn.
func (t *trainer) train(ctx context.Context) error {
	stored, err := t.learn(ctx)
	if err != nil || stored.Version == "" {
		return err
	}
	if current := t.recommender.Model(); current != nil && current.Version() == stored.Version {
		return nil
	}
	if _, err := t.db.ActivateModel(ctx, stored.Version); err != nil {
		return fmt.Errorf("activate the model: %w", err)
	}
	_, err = t.load(ctx)
	return err
}

// learn trains a model and stores it, without putting it in use. The version
// is empty when there is nothing to learn from.
func (t *trainer) learn(ctx context.Context) (sqldb.Model, error) {
	t.busy.Lock()
	defer t.busy.Unlock()
	began := time.Now()
	seq, failed := t.interactions(ctx)
	m, err := recommend.Train(ctx, seq, recommend.Training{Seed: 1})
	if err := failed(); err != nil {
		return sqldb.Model{}, fmt.Errorf("read the interactions: %w", err)
	}
	if err != nil || m.Interactions() == 0 {
		return sqldb.Model{}, err
	}
	stored, err := t.keep(ctx, m)
	if err != nil {
		return sqldb.Model{}, fmt.Errorf("store the model: %w", err)
	}
	t.logger.Info("trained a recommender model", "version", m.Version(), "items", m.Items(),
		"interactions", m.Interactions(), "took", time.Since(began).Round(time.Millisecond))
	return stored, nil
}

// keep stores a model unless the same one is stored already.
func (t *trainer) keep(ctx context.Context, m *recommend.Model) (sqldb.Model, error) {
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
	about, err := json.Marshal(map[string]any{"items": m.Items(), "interactions": m.Interactions(), "as_of": m.AsOf()})
	if err != nil {
		return sqldb.Model{}, err
	}
	stored := sqldb.Model{Version: m.Version(), Created: t.clock(), About: about}
	if err := t.db.AddModel(ctx, stored, data.Bytes()); err != nil {
		return sqldb.Model{}, err
	}
	return stored, t.db.PruneModels(ctx, keptModels)
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
					return errEnough
				}
			}
			return nil
		})
		if errors.Is(readErr, errEnough) {
			readErr = nil
		}
	}
	return seq, func() error { return readErr }
}
