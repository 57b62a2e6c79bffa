package offline

import (
	"context"
	"fmt"
)

// lineUp lists all models that a run can measure, and those that only the
// blend asks.
func (r *run) lineUp() []*contender {
	d := r.data
	all := []*contender{
		r.towers(), r.blend(),
		tuned(r, popularity(d)), tuned(r, transitions(d)), tuned(r, implicit(d, r.options.Seed)), tuned(r, easeRecent(d)),
	}
	visits, similar := sessionKNN(d), itemKNN(d)
	if d.Protocol.Session {
		visits.name = nameKNN
	} else {
		similar.name = nameKNN
	}
	return append(all, tuned(r, visits), tuned(r, similar), tuned(r, nextOnly(d)))
}

// Sources of the blend that are no baselines: session-kNN where users are no
// sessions, item-kNN where they are, and what follows the very last item.
const (
	nameVisits  = "visits"
	nameSimilar = "similar"
	nameNext    = "next"
)

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

// blend learns its ranker on the validation cases, from sources that have not
// seen them; then it ranks what the sources fitted on all training propose.
// Its time is that of its sources and of the ranker.
func (r *run) blend() *contender {
	c := &contender{name: nameBlend}
	var inner, final []source
	c.tune = func(ctx context.Context, t *trial) (Scorer, string, error) {
		for _, name := range r.sources() {
			s, err := r.named(ctx, name)
			if err != nil {
				return nil, "", err
			}
			c.took += s.took
			inner, final = append(inner, source{name, s.inner}), append(final, source{name, s.fitted})
		}
		inner, final = append(inner, backTo()), append(final, backTo())
		return nil, "", nil
	}
	c.fit = func(ctx context.Context) (Scorer, error) {
		lessons := sample(r.validation, lessonCases, r.options.Seed)
		ranker, err := newBlend(r.inner.Set, inner, nil).learn(ctx, lessons, r.options.Seed)
		if err != nil {
			return nil, err
		}
		return newBlend(r.data.Train, final, ranker), nil
	}
	return c
}

// lessonCases is how many validation cases the ranker learns from.
const lessonCases = 20_000

// sources names what the blend asks.
func (r *run) sources() []string {
	names := []string{nameTowers, nameKNN, "transitions", nameNext, "popularity"}
	if r.data.Protocol.Session {
		return append(names, nameSimilar)
	}
	return append(names, nameVisits)
}
