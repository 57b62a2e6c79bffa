package offline

import (
	"context"
	"fmt"
	"time"
)

// modelRun is one model of an evaluation, and how far it is.
type modelRun struct {
	name     string
	tune     func(context.Context, *trial) (Scorer, string, error) // on the inner training
	fit      func(context.Context) (Scorer, error)                 // on all training, as tuned
	inner    Scorer
	fitted   Scorer
	settings string
	took     time.Duration
}

// partOfBlend reports whether the blend may still need the fitted model.
func (c *modelRun) partOfBlend() bool { return c.name == nameTowers }

// modelRuns lists all models that a run can measure.
func (r *run) modelRuns() []*modelRun {
	d := r.data
	knn := tuned(r, itemKNN(d))
	if d.Protocol.Session {
		knn = tuned(r, sessionKNN(d))
	}
	knn.name = nameKNN
	return []*modelRun{
		r.towers(), r.blend(), knn,
		tuned(r, popularity(d)), tuned(r, transitions(d)), tuned(r, implicit(d, r.options.Seed)), tuned(r, easeRecent(d)),
	}
}

// tuned runs a baseline: its settings are tuned, then it is fitted with the best.
func tuned[S comparable](r *run, m *method[S]) *modelRun {
	var best S
	return &modelRun{
		name: m.name,
		tune: func(ctx context.Context, t *trial) (s Scorer, settings string, err error) {
			s, best, err = m.tune(ctx, t)
			return s, fmt.Sprintf("%+v", best), err
		},
		fit: func(ctx context.Context) (Scorer, error) { return m.fit(ctx, r.final, best) },
	}
}

// towers runs the product's two-tower model with its defaults: nothing is tuned.
func (r *run) towers() *modelRun {
	return &modelRun{
		name: nameTowers,
		tune: func(ctx context.Context, t *trial) (Scorer, string, error) {
			s, err := fitTowers(ctx, r.inner, r.data.Protocol, r.options.Seed, r.tell)
			return s, "", err
		},
		fit: func(ctx context.Context) (Scorer, error) {
			return fitTowers(ctx, r.final, r.data.Protocol, r.options.Seed, r.tell)
		},
	}
}

// blend learns its ranker on the validation cases, from a model that has not
// seen them; then it ranks what the model of all training proposes. Its towers
// are those that were fitted and measured by themselves.
func (r *run) blend() *modelRun {
	c := &modelRun{name: nameBlend}
	var seen *modelRun
	c.tune = func(ctx context.Context, _ *trial) (_ Scorer, _ string, err error) {
		if seen, err = r.named(ctx, nameTowers); err == nil {
			c.took = seen.took
		}
		return nil, "", err
	}
	c.fit = func(ctx context.Context) (Scorer, error) {
		p := r.data.Protocol
		inner, err := fitBlend(ctx, r.inner, p, seen.inner.(*towers).model, nil)
		if err != nil {
			return nil, err
		}
		ranker, err := inner.learn(ctx, sample(r.validation, rankerCases, r.options.Seed), r.options.Seed)
		if err != nil {
			return nil, err
		}
		return fitBlend(ctx, r.final, p, seen.fitted.(*towers).model, ranker)
	}
	return c
}

// rankerCases is how many validation cases the ranker learns from: half as many
// gave no worse a ranker.
const rankerCases = 8_000
