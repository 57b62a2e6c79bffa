package offline

import (
	"context"
	"fmt"
)

// method is a way to recommend with settings S that are tuned stage by stage:
// a stage varies the best settings so far, and what validates best goes on.
type method[S comparable] struct {
	name   string
	start  S
	stages []func(S) []S
	fit    func(context.Context, *cachedSet, S) (Scorer, error)
}

// trial is what validation cases are asked for.
type trial struct {
	set      *cachedSet
	cases    []Case
	cutoff   int
	progress func(string)
}

// validate gives the measure by which settings are chosen: NDCG at the first cutoff.
func (t *trial) validate(ctx context.Context, s Scorer) (float64, error) {
	m, err := Measure(ctx, s, t.cases, len(t.set.Items), []int{t.cutoff})
	if err != nil {
		return 0, err
	}
	return m[0].NDCG, nil
}

// tune finds the settings that validate best, and gives the model fitted with
// them; of equal ones the first tried.
func (m *method[S]) tune(ctx context.Context, t *trial) (fitted Scorer, best S, err error) {
	best = m.start
	top := -1.0
	tried := map[S]bool{}
	for _, stage := range m.stages {
		for _, settings := range stage(best) {
			if tried[settings] {
				continue
			}
			tried[settings] = true
			s, err := m.fit(ctx, t.set, settings)
			if err != nil {
				return nil, best, fmt.Errorf("fit %s with %+v: %w", m.name, settings, err)
			}
			score, err := t.validate(ctx, s)
			if err != nil {
				return nil, best, fmt.Errorf("validate %s: %w", m.name, err)
			}
			t.progress(fmt.Sprintf("%s %+v: NDCG@%d %.4f", m.name, settings, t.cutoff, score))
			if score > top {
				fitted, best, top = s, settings, score
			}
		}
	}
	return fitted, best, nil
}

// vary makes a stage that tries values of one setting.
func vary[S comparable, V any](set func(*S, V), values ...V) func(S) []S {
	return func(best S) []S {
		out := make([]S, 0, len(values)+1)
		out = append(out, best)
		for _, v := range values {
			s := best
			set(&s, v)
			out = append(out, s)
		}
		return out
	}
}

// beyond makes a stage that tries more values where the best one so far stands
// at the edge of those that were tried.
func beyond[S comparable](of func(*S) *float64, edge float64, values ...float64) func(S) []S {
	return func(best S) []S {
		if *of(&best) != edge {
			return nil
		}
		return vary(func(s *S, v float64) { *of(s) = v }, values...)(best)
	}
}
