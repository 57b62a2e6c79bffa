package offline

import (
	"context"
	"fmt"
)

// lineUp lists all models that a run can measure.
func (r *run) lineUp() []*contender {
	d := r.data
	knn := tuned(r, itemKNN(d))
	if d.Protocol.Session {
		knn = tuned(r, sessionKNN(d))
	}
	knn.name = nameKNN
	return []*contender{
		r.towers(), r.blend(), knn,
		tuned(r, popularity(d)), tuned(r, transitions(d)), tuned(r, implicit(d, r.options.Seed)), tuned(r, easeRecent(d)),
	}
}

// tuned makes a contender of a method.
func tuned[S comparable](r *run, m *method[S]) *contender {
	var best S
	return &contender{
		name: m.name,
		tune: func(ctx context.Context, t *trial) (s Scorer, settings string, err error) {
			s, best, err = m.tune(ctx, t)
			return s, fmt.Sprintf("%+v", best), err
		},
		fit: func(ctx context.Context) (Scorer, error) { return m.fit(ctx, r.final, best) },
	}
}

// towers is the product's two-tower model: its defaults, nothing tuned.
func (r *run) towers() *contender {
	return &contender{
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
// are those of the contender.
func (r *run) blend() *contender {
	c := &contender{name: nameBlend}
	var seen *contender
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
		ranker, err := inner.learn(ctx, sample(r.validation, lessonCases, r.options.Seed), r.options.Seed)
		if err != nil {
			return nil, err
		}
		return fitBlend(ctx, r.final, p, seen.fitted.(*towers).model, ranker)
	}
	return c
}

// lessonCases is how many validation cases the ranker learns from: half as many
// taught as much.
const lessonCases = 8_000
