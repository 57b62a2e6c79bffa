package recommend

import (
	"cmp"
	"context"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/spaolacci/murmur3"

	"github.com/peakday/peakday/events"
)

// TestSet is what some visitors did at last, kept from training, so that models
// can be asked what comes next and be compared. The same visitors sit it every
// time (one in 20, by a hash): what a model of yesterday was trained on does
// not contain what they are asked about today.
type TestSet struct {
	since    time.Time
	catalog  *Catalog
	trends   *Trends // as they were then
	visitors map[events.Unit]*testCase
}

// testCase is the question to one visitor: what was done before, and what came.
type testCase struct {
	before []Interaction
	next   []events.ItemID
}

const (
	heldOutOneIn      = 20 // one visitor in so many
	maxTestCases      = 2000
	testHistory       = 50
	recallAt          = 20 // of recall
	ndcgAt            = 10 // of NDCG
	minTestCases      = 100
	significantErrors = 2 // by how many standard errors one model must be worse
)

// HoldOut gives interactions without what the held-out visitors did after
// since; reading them fills the test set. catalog says what models may know of
// items; nil: nothing.
func HoldOut(interactions iter.Seq[Interaction], since time.Time, catalog *Catalog) (rest iter.Seq[Interaction], test *TestSet) {
	if catalog == nil {
		catalog = NewCatalog(NewInterner(), "", "")
	}
	test = &TestSet{since: since, catalog: catalog, visitors: map[events.Unit]*testCase{}}
	rest = func(yield func(Interaction) bool) {
		clear(test.visitors)
		test.trends = NewTrends(catalog.interner, "")
		for in := range interactions {
			if age := since.Sub(in.Time); age >= 0 && age < trendHistory*time.Second {
				test.trends.count(in)
			}
			if test.holdsOut(in) {
				continue
			}
			if !yield(in) {
				return
			}
		}
	}
	return rest, test
}

// holdsOut notes an interaction of a held-out visitor, and reports whether it is
// kept from training.
func (e *TestSet) holdsOut(in Interaction) bool {
	if in.Visitor.ID == "" || murmur3.Sum64([]byte(in.Visitor.ID))%heldOutOneIn != 0 {
		return false
	}
	c := e.visitors[in.Visitor]
	if c == nil {
		if len(e.visitors) == maxTestCases*2 {
			return false
		}
		c = &testCase{}
		e.visitors[in.Visitor] = c
	}
	if !in.Time.After(e.since) {
		c.before = append(c.before, in)
		return false
	}
	if !slices.Contains(c.next, in.Item) {
		c.next = append(c.next, in.Item)
	}
	return true
}

// Metrics are how a model did on a test set: the means over its test cases.
type Metrics struct {
	Cases  int
	Recall float64 // of 20 places
	NDCG   float64 // of 10 places

	perCase []float64 // NDCG by test case
}

// Evaluate asks a model what came next, of all items that it knows and the
// visitor had neither bought nor put into the cart.
func (e *TestSet) Evaluate(m *Model) Metrics {
	policy := DefaultPolicy()
	return e.evaluate(m, &policy)
}

// EvaluatePopularity asks for what is most popular, which is what to beat.
func (e *TestSet) EvaluatePopularity(m *Model) Metrics {
	return e.evaluate(m, &Policy{Weights: []Weight{{SourcePopularity, 1}}})
}

func (e *TestSet) evaluate(m *Model, policy *Policy) Metrics {
	s := newPipeline(m, e.catalog, e.trends).forPolicy(policy)
	cases := e.cases()
	type mark struct{ recall, ndcg float64 }
	each := make([]mark, len(cases))
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

// cases lists those with something before and something after, in a fixed
// order.
func (e *TestSet) cases() []*testCase {
	type sat struct {
		visitor events.Unit
		*testCase
	}
	var all []sat
	for v, c := range e.visitors {
		if c.prepare() {
			all = append(all, sat{v, c})
		}
	}
	slices.SortFunc(all, func(a, b sat) int {
		x, y := murmur3.Sum64([]byte(a.visitor.ID)), murmur3.Sum64([]byte(b.visitor.ID))
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return compareBool(a.visitor.Kind > b.visitor.Kind, b.visitor.Kind > a.visitor.Kind)
	})
	out := make([]*testCase, min(len(all), maxTestCases))
	for i := range out {
		out[i] = all[i].testCase
	}
	return out
}

// prepare leaves out of what came next what would not have been shown, and
// reports whether there is something before it and something left.
func (c *testCase) prepare() bool {
	slices.SortFunc(c.before, func(a, b Interaction) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Action, b.Action))
	})
	c.next = slices.DeleteFunc(c.next, func(item events.ItemID) bool {
		return slices.ContainsFunc(c.before, func(in Interaction) bool { return in.Item == item && in.Action >= Cart })
	})
	return len(c.before) > 0 && len(c.next) > 0
}

// propose leaves on the workspace what is proposed for the visitor.
func (c *testCase) propose(s *pipeline, d *workspace, at time.Time) {
	var steps []step
	for _, in := range c.before[max(0, len(c.before)-testHistory):] {
		next := step{item: int32(s.catalog.interner.Intern(in.Item)), action: in.Action, second: in.Time.Unix()}
		if n := len(steps); n > 0 {
			next.group = steps[n-1].group
			if next.second != steps[n-1].second {
				next.group++
			}
		}
		steps = append(steps, next)
	}
	var had []Slot
	for _, slot := range hidden(steps) {
		had = append(had, Slot(slot))
	}
	d.history = historyOfSteps(d.history, steps, DefaultPolicy().HistoryHalfLife, func(slot int32) Slot { return Slot(slot) })
	s.propose(d, VisitorState{d.history, recentActionsOf(steps), had}, at)
}

// metrics compares the candidates on the workspace with what came.
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

// gain is what an item adds to DCG at a place, the first being 0.
func gain(place float64) float64 { return 1 / math.Log2(place+2) }

// idealGain is DCG@10 when so many items are wanted and stand first.
func idealGain(wanted int) (sum float64) {
	for place := range min(ndcgAt, wanted) {
		sum += gain(float64(place))
	}
	return sum
}

// WorseThan reports whether m did worse than another model in the same test set, by
// more than chance explains: the mean difference of the cases' NDCG lies more
// than two standard errors below 0. Of few cases nothing can be said.
func (m Metrics) WorseThan(other Metrics) bool {
	if len(m.perCase) != len(other.perCase) || len(m.perCase) < minTestCases {
		return false
	}
	n := float64(len(m.perCase))
	mean, squares := 0.0, 0.0
	for i, v := range m.perCase {
		mean += (v - other.perCase[i]) / n
	}
	for i, v := range m.perCase {
		d := v - other.perCase[i] - mean
		squares += d * d
	}
	return mean < -significantErrors*math.Sqrt(squares/(n*(n-1)))
}
