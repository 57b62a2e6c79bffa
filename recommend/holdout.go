package recommend

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/spaolacci/murmur3"
)

// TestSet is the newest behaviour of some visitors, held out from training: the
// offline evaluation on which a candidate model is compared with the active one.
// It is always the same visitors (one in 20, by a hash), so that yesterday's
// model was not trained on what today's test set asks for.
type TestSet struct {
	since    time.Time
	catalog  *Catalog
	trends   *Trends // as they were at since
	visitors map[events.Unit]*testCase
}

// testCase is one visitor: what came before the cut, and what to predict.
type testCase struct {
	before []Interaction
	next   []events.ItemID
}

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

// cases lists the test cases that can be scored, in a fixed order.
func (e *TestSet) cases() []*testCase {
	type ofVisitor struct {
		visitor events.Unit
		*testCase
	}
	var all []ofVisitor
	for v, c := range e.visitors {
		if c.prepare() {
			all = append(all, ofVisitor{v, c})
		}
	}
	slices.SortFunc(all, func(a, b ofVisitor) int {
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

// prepare drops from what came next the items that policies hide, bought ones
// and those in the cart, and reports whether anything is left to predict and to
// predict it from.
func (c *testCase) prepare() bool {
	slices.SortFunc(c.before, func(a, b Interaction) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Action, b.Action))
	})
	c.next = slices.DeleteFunc(c.next, func(item events.ItemID) bool {
		return slices.ContainsFunc(c.before, func(in Interaction) bool { return in.Item == item && in.Action >= Cart })
	})
	return len(c.before) > 0 && len(c.next) > 0
}
