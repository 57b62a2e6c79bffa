package recommend

import (
	"cmp"
	"context"
	"slices"
	"time"
)

const (
	heldOutOneIn      = 20 // one visitor in so many
	maxTestCases      = 2000
	testHistory       = 50
	recallAt          = 20 // of recall
	ndcgAt            = 10 // of NDCG
	minTestCases      = 100
	significantErrors = 2 // by how many standard errors one model must be worse
)

// Evaluate has a model predict what came next, among all items that it knows and
// the visitor had neither bought nor put into the cart.
func (e *TestSet) Evaluate(m *Model) Metrics {
	policy := DefaultPolicy()
	return e.evaluate(m, &policy)
}

// EvaluatePopularity ranks by m's popularity alone: the baseline to beat.
func (e *TestSet) EvaluatePopularity(m *Model) Metrics {
	return e.evaluate(m, &Policy{Weights: []Weight{{SourcePopularity, 1}}})
}

func (e *TestSet) evaluate(m *Model, policy *Policy) Metrics {
	s := newPipeline(m, e.catalog, e.trends).forPolicy(policy)
	cases := e.cases()
	type result struct{ recall, ndcg float64 }
	each := make([]result, len(cases))
	_ = inShards(context.Background(), len(cases), 16, func(_, from, to int) {
		d := s.workspaces.Get().(*workspace)
		defer s.workspaces.Put(d)
		for i := from; i < to; i++ {
			cases[i].propose(s, d, e.since)
			each[i].recall, each[i].ndcg = cases[i].metrics(d)
		}
	})
	out := Metrics{Cases: len(cases)}
	for _, m := range each {
		out.Recall += m.recall / float64(len(cases))
		out.NDCG += m.ndcg / float64(len(cases))
		out.perCase = append(out.perCase, m.ndcg)
	}
	return out
}

// propose leaves in the workspace the candidates for the visitor, scored.
func (c *testCase) propose(s *pipeline, d *workspace, at time.Time) {
	var steps []step
	region := ""
	for _, in := range c.before {
		region = cmp.Or(in.Region, region)
		next := step{item: int32(s.catalog.interner.Intern(in.Item)), action: in.Action, second: in.Time.Unix()}
		if n := len(steps); n > 0 {
			next.group = steps[n-1].group
			if next.second != steps[n-1].second {
				next.group++
			}
		}
		steps = append(steps, next)
	}
	tier := tierBefore(steps, len(steps), at.Unix())
	steps = steps[max(0, len(steps)-testHistory):]
	var masked []Slot
	for _, slot := range hidden(steps) {
		masked = append(masked, Slot(slot))
	}
	d.history = historyOfSteps(d.history, steps, DefaultPolicy().HistoryHalfLife, func(slot int32) Slot { return Slot(slot) })
	s.propose(d, VisitorState{d.history, recentActionsOf(steps), masked, tier, region}, at)
}

// metrics compares the candidates in the workspace with what came next.
func (c *testCase) metrics(d *workspace) (recall, ndcg float64) {
	top := topK{limit: recallAt}
	for i := range d.candidates {
		top.offer(int32(i), float32(d.candidates[i].score))
	}
	hits := 0
	for place, s := range top.ranked() {
		if !slices.Contains(c.next, d.filter.catalog.interner.Item(d.candidates[s.index].slot)) {
			continue
		}
		hits++
		if place < ndcgAt {
			ndcg += gain(float64(place))
		}
	}
	return float64(hits) / float64(min(recallAt, len(c.next))), ndcg / idealGain(len(c.next))
}
