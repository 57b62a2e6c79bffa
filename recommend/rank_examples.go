package recommend

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"time"
)

// rankExamples makes a training example of each past request.
func (c *corpus) rankExamples(ctx context.Context, pipeline *pipeline, requests []pastRequest, how Training) ([]RankExample, error) {
	examples := make([]RankExample, len(requests))
	pending := c.trendSteps(requests)
	for from := 0; from < len(requests); from += examplesPerBatch {
		to := min(from+examplesPerBatch, len(requests))
		pending = pipeline.advanceTrends(c, pending, requests[from].second())
		err := inShards(ctx, to-from, 16, func(_, first, end int) {
			d := pipeline.workspaces.Get().(*workspace)
			defer pipeline.workspaces.Put(d)
			for i := from + first; i < from+end; i++ {
				rng := rand.New(rand.NewPCG(how.Seed, uint64(i)))
				examples[i] = pipeline.example(d, &requests[i], rng)
			}
		})
		if err != nil {
			return nil, err
		}
		how.report("learn to rank", 0.92+0.04*float64(to)/float64(len(requests)))
	}
	return examples, nil
}

// example makes a past request's training example: without wanted items if no
// source proposes any.
func (s *pipeline) example(d *workspace, q *pastRequest, rng *rand.Rand) (e RankExample) {
	before := q.steps[:q.at]
	hidden := hidden(before)
	wanted := q.wants(hidden)
	if len(wanted) == 0 {
		return e
	}
	d.history = historyOfSteps(d.history, before, DefaultPolicy().HistoryHalfLife, s.slot)
	s.propose(d, VisitorState{
		History: d.history, RecentActions: recentActionsOf(before), Hidden: s.slots(hidden),
		Tier: tierBefore(before, len(before), q.second()), Region: q.region,
	}, time.Unix(q.second(), 0))
	e, _ = d.features.example(func(n int) bool {
		number, ok := s.in.number(d.candidates[n].slot)
		return ok && slices.Contains(wanted, number)
	}, rng)
	return e
}

// examplesPerBatch is how many examples see one state of the trends.
const examplesPerBatch = 400

// withPositives keeps the examples that have a wanted item.
func withPositives(examples []RankExample) []RankExample {
	return slices.DeleteFunc(examples, func(e RankExample) bool { return len(e.wanted) == 0 })
}

// trendHistory is how far back trends are replayed, in seconds; maxTrendSteps is
// about how many steps of all visitors at most.
const (
	trendHistory  = 4 * 7 * 24 * 60 * 60
	maxTrendSteps = 1_000_000
)

// trendSteps lists the steps to replay into the trends, oldest first.
func (c *corpus) trendSteps(requests []pastRequest) []step {
	if len(requests) == 0 {
		return nil
	}
	since := max(requests[0].second()-trendHistory, c.timeOfNewest(maxTrendSteps))
	var out []step
	for _, s := range c.steps {
		if s.second > since {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b step) int { return cmp.Compare(a.second, b.second) })
	return out
}

// timeOfNewest is the time that about n steps are newer than, by a sample.
func (c *corpus) timeOfNewest(n int) int64 {
	if len(c.steps) <= n {
		return 0
	}
	const sample = 10_000
	at := make([]int64, sample)
	for i := range at {
		at[i] = c.steps[i*len(c.steps)/sample].second
	}
	slices.Sort(at)
	return at[sample-1-n*sample/len(c.steps)]
}
