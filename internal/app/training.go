package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/peakday/peakday/api"
	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/sqldb"
)

// trainer learns recommender models from the kept facts and installs them.
type trainer struct {
	db          *sqldb.DB
	recommender *recommend.Recommender
	catalog     *recommend.Catalog
	book        *recommend.Policies
	shop        events.Currency
	clock       func() time.Time
	logger      *slog.Logger
	applied     func(context.Context) (newest time.Time, records int64, err error)
	quick       bool // tries neither two towers nor a ranker: somebody waits for the end

	busy     sync.Mutex
	progress atomic.Pointer[api.Training]
	refused  atomic.Pointer[string] // the newest active version that could not be read
}

// keptModels is how many models stay in the store for a rollback.
const keptModels = 5

// load installs the stored active model. found is false if there is none that
// can be read: the one that is in use stays.
func (t *trainer) load(ctx context.Context) (found bool, err error) {
	version, data, err := t.db.ActiveModel(ctx)
	if err != nil || version == "" {
		return false, err
	}
	m, err := recommend.DecodeModel(bytes.NewReader(data))
	if err != nil {
		t.refused.Store(&version)
		t.logger.Warn("the stored model cannot be used, the one before it stays", "version", version, "error", err)
		return false, nil
	}
	t.recommender.Install(m)
	return true, nil
}

// follow loads the model that was activated on another replica, and those that
// policies name.
func (t *trainer) follow(ctx context.Context) error {
	version, err := t.db.ActiveVersion(ctx)
	if err != nil {
		return fmt.Errorf("the active model: %w", err)
	}
	refused := t.refused.Load()
	if current := t.recommender.Model(); version != "" && (current == nil || current.Version() != version) && (refused == nil || *refused != version) {
		if _, err := t.load(ctx); err != nil {
			return err
		}
	}
	named := t.book.Models()
	t.recommender.Drop(named)
	for _, version := range named {
		if t.recommender.Kept(version) {
			continue
		}
		m, err := t.read(ctx, version)
		switch {
		case err != nil:
			return fmt.Errorf("a policy's model %s: %w", version, err)
		case m != nil:
			t.recommender.Keep(m)
		}
	}
	return nil
}

// read gives a stored model; nil if there is none of that version.
func (t *trainer) read(ctx context.Context, version string) (*recommend.Model, error) {
	data, found, err := t.db.ModelData(ctx, version)
	if err != nil || !found {
		return nil, err
	}
	return recommend.DecodeModel(bytes.NewReader(data))
}

// train learns a model from all kept facts, stores it, and puts it in use
// unless it does worse than the one in use. Without any interaction there is
// nothing to learn.
func (t *trainer) train(ctx context.Context) error {
	stored, worse, err := t.learn(ctx)
	if err != nil || stored.Version == "" {
		return err
	}
	if current := t.recommender.Model(); current != nil && current.Version() == stored.Version {
		return nil
	}
	if worse {
		t.logger.Warn("the new model does worse than the one in use and is not activated", "version", stored.Version, "report", string(stored.About))
		return nil
	}
	if _, err := t.db.ActivateModel(ctx, stored.Version); err != nil {
		return fmt.Errorf("activate the model: %w", err)
	}
	_, err = t.load(ctx)
	return err
}

// activate puts a stored model in use, if it can be read.
func (t *trainer) activate(ctx context.Context, version string) (found bool, err error) {
	m, err := t.read(ctx, version)
	if errors.Is(err, recommend.ErrSealed) {
		return false, &events.Invalid{Field: "version", Problem: "names a model whose stored bytes are damaged; the one in use stays"}
	}
	if err != nil || m == nil {
		return false, err
	}
	if found, err = t.db.ActivateModel(ctx, version); err != nil || !found {
		return found, err
	}
	t.recommender.Install(m)
	return true, nil
}
