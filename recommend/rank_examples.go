package recommend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// What a ranker is learned from: what some visitors did at last, which the
// other parts of the model do not get to see.
const (
	rankVisitorOneIn = 10 // one visitor in so many
	maxRankExamples  = 4000
	minRankExamples  = 200          // teach a ranker
	rankStepShare    = 0.25         // of those visitors' steps, the newest, at most
	wantedAhead      = 5            // steps that count as what the visitor wanted then
	wantedFor        = 24 * 60 * 60 // seconds ahead, at most
)

// pastRequest is a moment at which a visitor wanted something: what the step at
// index at, and the next ones, are about.
type pastRequest struct {
	steps []step // the visitor's, oldest first
	at    int
}

func (q *pastRequest) second() int64 { return q.steps[q.at].second }

// splitForRanker parts the corpus into what the sources learn from and past requests for
// a ranker; why there are none otherwise.
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

// withRanker gives m a ranker, if there is something to learn it from and it
// is accepted. c is the whole corpus, past requests included.
func (c *corpus) withRanker(ctx context.Context, m *Model, requests []pastRequest, why string, how Training) (*Model, error) {
	m.noRankerReason = why
	if why != "" {
		return m, nil
	}
	ranker, err := c.learnRanker(ctx, m, requests, how)
	if err != nil {
		return nil, fmt.Errorf("learn a ranker: %w", err)
	}
	if ranker == nil {
		m.noRankerReason = "too few of the withheld requests were for something that the sources propose"
		return m, nil
	}
	other := *m
	other.ranker = ranker
	how.report("compare the ranker with the weights", 0.97)
	if how.Accept(&other, m) {
		return &other, nil
	}
	m.noRankerReason = "the learned ranker did worse than the weights on what was held out"
	return m, nil
}

// Ranking says what orders the candidates of a policy that leaves it to the
// model: the ranker, or weights and why.
func (m *Model) Ranking() string {
	if m.ranker != nil {
		return m.ranker.String()
	}
	return "weights: " + cmp.Or(m.noRankerReason, "without a reason")
}

// Ablations says what each source was worth to the ranker; nil without one.
func (m *Model) Ablations() []Ablation {
	if m.ranker == nil {
		return nil
	}
	return m.ranker.Ablations()
}

// withholdNewest parts the corpus into what the sources learn from and past requests,
// oldest first.
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
				requests = append(requests, pastRequest{steps, kept})
			}
		}
		out.steps = append(out.steps, steps[:kept]...)
	}
	out.starts = append(out.starts, int32(len(out.steps)))
	slices.SortStableFunc(requests, func(a, b pastRequest) int { return cmp.Compare(a.second(), b.second()) })
	return &out, thinned(requests, maxRankExamples)
}

// withholdAfter is the time behind which steps of the visitors who teach are
// withheld: of four times as many as become examples, if there are so many.
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

// hidden lists the items that a visitor has bought or put into the cart: the
// default policy does not show them.
func hidden(steps []step) []int32 {
	var out []int32
	for _, s := range steps {
		if s.action >= Cart {
			out = append(out, s.item)
		}
	}
	return out
}

// historyOfSteps is the history that steps make, as history makes it of a profile.
// slot gives an item's slot.
func historyOfSteps(into []HistoryItem, steps []step, half time.Duration, slot func(int32) Slot) []HistoryItem {
	into = into[:0]
	moment := 0
	for i := len(steps) - 1; i >= 0 && len(into) < maxHistory; i-- {
		s := &steps[i]
		if i < len(steps)-1 && s.group != steps[i+1].group {
			moment++
		}
		if at := slot(s.item); indexInHistory(into, at) < 0 {
			age := time.Duration(steps[len(steps)-1].second-s.second) * time.Second
			into = append(into, HistoryItem{at, moment, s.action.weight() * halves(age, half), s.action, s.second})
		}
	}
	return into
}

// learnRanker teaches a ranker to order what the sources of m propose. nil
// tells that the past requests are too few.
func (c *corpus) learnRanker(ctx context.Context, m *Model, requests []pastRequest, how Training) (*Ranker, error) {
	catalog := how.Catalog
	if catalog == nil {
		catalog = NewCatalog(NewInterner(), "", "")
	}
	pipeline := newPipeline(m, catalog, NewTrends(catalog.interner, "")).forRankTraining()
	examples, err := c.rankExamples(ctx, pipeline, requests, how)
	if err != nil {
		return nil, fmt.Errorf("make lessons: %w", err)
	}
	r, err := LearnRanker(ctx, pipeline.names(), withPositives(examples), how.Ranker)
	var invalid *events.Invalid
	if errors.As(err, &invalid) {
		return nil, nil
	}
	return r, err
}

// rankExamples makes the examples of the past requests.
func (c *corpus) rankExamples(ctx context.Context, pipeline *pipeline, requests []pastRequest, how Training) ([]RankExample, error) {
	examples := make([]RankExample, len(requests))
	news := c.trendSteps(requests)
	for from := 0; from < len(requests); from += examplesPerBatch {
		to := min(from+examplesPerBatch, len(requests))
		news = pipeline.advanceTrends(c, news, requests[from].second())
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

// example is what a past request teaches, without wanted items if that is nothing.
func (s *pipeline) example(d *workspace, q *pastRequest, rng *rand.Rand) (e RankExample) {
	before := q.steps[:q.at]
	hidden := hidden(before)
	wanted := q.wants(hidden)
	if len(wanted) == 0 {
		return e
	}
	d.history = historyOfSteps(d.history, before, DefaultPolicy().HistoryHalfLife, s.slot)
	s.propose(d, VisitorState{d.history, recentActionsOf(before), s.slots(hidden)}, time.Unix(q.second(), 0))
	e, _ = d.features.example(func(n int) bool {
		number, ok := s.in.number(d.candidates[n].slot)
		return ok && slices.Contains(wanted, number)
	}, rng)
	return e
}

// examplesPerBatch are asked at one state of the trends.
const examplesPerBatch = 400

// withPositives lists the examples that teach something.
func withPositives(examples []RankExample) []RankExample {
	return slices.DeleteFunc(examples, func(e RankExample) bool { return len(e.wanted) == 0 })
}

// trendHistory is how far back trends are told, in seconds, and mostNews about how
// many steps of all visitors at most.
const (
	trendHistory  = 4 * 7 * 24 * 60 * 60
	maxTrendSteps = 1_000_000
)

// trendSteps lists the steps that trends know of, oldest first.
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
