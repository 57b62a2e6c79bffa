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
	book        *recommend.Book
	shop        events.Currency
	clock       func() time.Time
	logger      *slog.Logger
	applied     func(context.Context) (int64, error) // records so far
	quick       bool                                 // tries neither two towers nor a ranker: somebody waits for the end

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

// examFrom is how many records there must be before some are kept from
// training to examine models with.
const examFrom = 20_000

// examPeriod is how far back what is kept from training goes: a day in a large
// shop, and in a smaller one a week, of which a day's visitors are too few.
func examPeriod(records int64) time.Duration {
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
	records, err := t.applied(ctx)
	if err != nil {
		return stored, false, fmt.Errorf("count the records: %w", err)
	}
	seq, failed := t.interactions(ctx)
	var exam *recommend.Exam
	if newest := t.recommender.AsOf(); records >= examFrom && !newest.IsZero() {
		seq, exam = recommend.HoldOut(seq, newest.Add(-examPeriod(records)), t.catalog)
	}
	how := recommend.Training{Seed: 1, Catalog: t.catalog, Progress: func(step string, done float64) {
		t.progress.Store(&api.Training{Started: began, Step: step, Done: done})
	}}
	var tried trials
	if exam != nil && !t.quick {
		how.Prefer, how.Accept = tried.judges(exam)
	}
	m, err := recommend.Train(ctx, seq, how)
	if err := failed(); err != nil {
		return stored, false, fmt.Errorf("read the interactions: %w", err)
	}
	if err != nil || m.Interactions() == 0 {
		return stored, false, err
	}
	t.progress.Store(&api.Training{Started: began, Step: "examine", Done: 0.9})
	about, worse := t.report(m, exam)
	about.trials = tried
	about.Seconds = time.Since(timer).Seconds()
	if stored, err = t.keep(ctx, m, about); err != nil {
		return stored, false, fmt.Errorf("store the model: %w", err)
	}
	t.logger.Info("trained a recommender model", "version", m.Version(), "items", m.Items(),
		"interactions", m.Interactions(), "took", time.Since(timer).Round(time.Millisecond))
	return stored, worse, nil
}

// modelReport is what is kept of a training.
type modelReport struct {
	Items        int        `json:"items"`
	Interactions int        `json:"interactions"`
	AsOf         time.Time  `json:"as_of"`
	Seconds      float64    `json:"seconds"`
	Vectors      string     `json:"vectors"` // of two towers, or factors and why
	Ranking      string     `json:"ranking"` // learned, or weights and why
	Held         *examTable `json:"held_out,omitempty"`

	trials
}

// trials is how a model did with and without a part of it, alike but for that,
// on what was held out.
type trials struct {
	Towers *triedTowers `json:"two_tower_tried,omitempty"`
	Ranker *triedRanker `json:"ranker_tried,omitempty"`
}

// triedTowers: the towers serve if they are better by more than chance explains.
type triedTowers struct {
	Towers  marks `json:"two_tower"`
	Factors marks `json:"factors"`
}

// triedRanker: the ranker serves if it is not worse.
type triedRanker struct {
	Learned  marks `json:"learned"`
	Weighted marks `json:"weights"`
}

// judges decide by the exam, and note what they saw.
func (t *trials) judges(exam *recommend.Exam) (prefer, accept func(a, b *recommend.Model) bool) {
	prefer = func(towers, factors *recommend.Model) bool {
		a, b := exam.Marks(towers), exam.Marks(factors)
		t.Towers = &triedTowers{marksOf("", a), marksOf("", b)}
		return b.WorseThan(a)
	}
	accept = func(learned, weighted *recommend.Model) bool {
		a, b := exam.Marks(learned), exam.Marks(weighted)
		t.Ranker = &triedRanker{marksOf("", a), marksOf("", b)}
		return a.Papers > 0 && a.NDCG >= b.NDCG
	}
	return prefer, accept
}

func marksOf(version string, m recommend.Marks) marks { return marks{version, m.Recall, m.NDCG} }

// examTable is how models did on what some visitors did at last.
type examTable struct {
	Visitors   int    `json:"visitors"`
	Model      marks  `json:"model"`
	Popularity marks  `json:"popularity"`
	Active     *marks `json:"active,omitempty"`
	Worse      bool   `json:"worse"`
}

type marks struct {
	Version string  `json:"version,omitempty"`
	Recall  float64 `json:"recall@20"`
	NDCG    float64 `json:"ndcg@10"`
}

func (t *trainer) report(m *recommend.Model, exam *recommend.Exam) (about modelReport, worse bool) {
	about = modelReport{Items: m.Items(), Interactions: m.Interactions(), AsOf: m.AsOf(), Vectors: m.Vectors(), Ranking: m.Ranking()}
	if exam == nil {
		return about, false
	}
	own, popular := exam.Marks(m), exam.PopularityMarks(m)
	about.Held = &examTable{
		Visitors: own.Papers, Model: marksOf(m.Version(), own), Popularity: marksOf("", popular),
	}
	if current := t.recommender.Model(); current != nil && current.Version() != m.Version() {
		active := exam.Marks(current)
		worse = own.WorseThan(active)
		about.Held.Active, about.Held.Worse = new(marksOf(current.Version(), active)), worse
	}
	return about, worse
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
