package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/store/sqldb"
)

// Measured says how long applying a log took.
type Measured struct {
	Took    time.Duration
	Records int64
}

// MeasureApply fills the log of a fresh instance by fill, and then measures how
// long it takes to apply it with every fold and follower, while an experiment
// "bench" with three metrics runs. It is for cmd/bench.
func MeasureApply(ctx context.Context, cfg Config, fill func(*events.Intake) error) (m Measured, err error) {
	a, err := Open(ctx, cfg)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.benchExperiment(ctx); err != nil {
		return m, fmt.Errorf("define the experiment: %w", err)
	}
	if err := fill(a.intake); err != nil {
		return m, fmt.Errorf("fill the log: %w", err)
	}
	for p := range a.log.Partitions() {
		n, err := a.log.Lag(ctx, p, 0)
		if err != nil {
			return m, err
		}
		m.Records += n
	}
	began := time.Now()
	if err := a.Start(ctx); err != nil {
		return m, err
	}
	if err := a.consumer.CaughtUp(ctx); err != nil {
		return m, err
	}
	m.Took = time.Since(began)
	return m, nil
}

func (a *App) benchExperiment(ctx context.Context) error {
	editor := experiments.NewEditor(sqldb.Experiments{DB: a.db}, a.currency)
	by := experiments.By{Author: "bench", Now: a.clock().Add(-time.Hour)}
	for key, text := range map[string]string{
		"conversion": `{"kind":"proportion","event":"order.paid"}`,
		"revenue":    `{"kind":"mean","event":"order.paid","value":"total"}`,
		"views":      `{"kind":"count","event":"product.viewed"}`,
	} {
		m, err := experiments.ParseMetric(key, []byte(text), a.currency)
		if err != nil {
			return err
		}
		if _, err := editor.PutMetric(ctx, by, m); err != nil {
			return err
		}
	}
	e, err := experiments.ParseExperiment("bench", []byte(`{"unit":"user","primary":"conversion","secondary":["revenue","views"],
		"variants":[{"key":"control","weight":1},{"key":"treatment","weight":1}]}`))
	if err != nil {
		return err
	}
	if _, err := editor.Put(ctx, by, e); err != nil {
		return err
	}
	_, err = editor.Start(ctx, by, "bench")
	return err
}
