package recommend

import (
	"cmp"
	"fmt"
	"slices"
)

// What a ranker is learned from: what some visitors did at last, which the
// other parts of the model do not get to see.
const (
	rankVisitorOneIn = 10 // one visitor in so many
	maxRankExamples  = 4000
	minRankExamples  = 200          // fewer make no ranker
	rankStepShare    = 0.25         // of those visitors' steps, the newest, at most
	wantedAhead      = 5            // steps that count as what the visitor wanted then
	wantedFor        = 24 * 60 * 60 // seconds ahead, at most
)

// pastRequest is a moment of the past from which a ranker can learn: the visitor
// had done steps[:at], and steps[at:] say what they wanted.
type pastRequest struct {
	steps  []step // the visitor's, oldest first
	at     int
	region string // the visitor's; empty if not known
}

func (q *pastRequest) second() int64 { return q.steps[q.at].second }

// splitForRanker splits the corpus into what the sources learn from and past
// requests for the ranker, or says why there are none.
func (c *corpus) splitForRanker(how Training) (rest *corpus, requests []pastRequest, why string) {
	if how.Accept == nil {
		return c, nil, "nothing was held out to compare a learned ranker with the weights"
	}
	rest, requests = c.withholdNewest()
	if len(requests) < minRankExamples {
		return c, nil, fmt.Sprintf("a ranker is learned from %d requests or more, there are %d", minRankExamples, len(requests))
	}
	return rest, requests, ""
}

// withholdNewest splits the corpus into what the sources learn from and past
// requests, oldest first.
func (c *corpus) withholdNewest() (rest *corpus, requests []pastRequest) {
	cut := c.withholdAfter()
	out := *c
	out.steps, out.starts = make([]step, 0, len(c.steps)), make([]int32, 0, len(c.starts))
	for v := range c.visitors() {
		steps := c.stepsOf(v)
		out.starts = append(out.starts, int32(len(out.steps)))
		kept := len(steps)
		if v%rankVisitorOneIn == 0 {
			for kept > 0 && steps[kept-1].second > cut {
				kept--
				requests = append(requests, pastRequest{steps, kept, c.regions[v]})
			}
		}
		out.steps = append(out.steps, steps[:kept]...)
	}
	out.starts = append(out.starts, int32(len(out.steps)))
	slices.SortStableFunc(requests, func(a, b pastRequest) int { return cmp.Compare(a.second(), b.second()) })
	return &out, thinned(requests, maxRankExamples)
}

// withholdAfter is the time from which the steps of those visitors are withheld:
// four times as many as become examples, if there are so many.
func (c *corpus) withholdAfter() int64 {
	var at []int64
	for v := 0; v < c.visitors(); v += rankVisitorOneIn {
		for _, s := range c.stepsOf(v) {
			at = append(at, s.second)
		}
	}
	if len(at) == 0 {
		return 0
	}
	slices.Sort(at)
	return at[len(at)-1-min(4*maxRankExamples, int(rankStepShare*float64(len(at))))]
}

// thinned keeps n of a list, evenly.
func thinned[T any](list []T, n int) []T {
	if len(list) <= n {
		return list
	}
	for i := range n {
		list[i] = list[i*len(list)/n]
	}
	return list[:n]
}

// wants lists the items that the visitor came to, as far as they are not
// hidden by then.
func (q *pastRequest) wants(hidden []int32) []int32 {
	var out []int32
	for _, s := range q.steps[q.at:min(q.at+wantedAhead, len(q.steps))] {
		if s.second > q.second()+wantedFor {
			break
		}
		if !slices.Contains(hidden, s.item) && !slices.Contains(out, s.item) {
			out = append(out, s.item)
		}
	}
	return out
}
