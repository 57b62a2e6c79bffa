package recommend

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

// What a ranker learns of a visitor's last half hour, from the steps, is what
// it is told of it later, from the profile, and what an evaluation tells.
func TestRecentActionsAreCountedAlike(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		items   string
		minutes []int
		actions int
		items30 int // of the last half hour
	}{
		{"nothing", "", nil, 0, 0},
		{"each item once", "abc", []int{0, 1, 2}, 3, 3},
		{"looked at again, in a row and later", "aabba", []int{0, 1, 2, 3, 4}, 5, 2},
		{"an hour before is another errand", "aab", []int{0, 60, 61}, 2, 2},
		{"half an hour before is not counted any more", "abc", []int{0, 1, 30}, 2, 2},
		{"the last look of long ago", "aaa", []int{0, 1, 90}, 1, 1},
		{"a basket is one action", "abc", []int{5, 5, 6}, 2, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var p Profile
			var rows []Interaction
			var indexed []IndexedStep
			for i, minute := range c.minutes {
				at := noon.Add(time.Duration(minute) * time.Minute)
				item := events.ItemID(c.items[i : i+1])
				p.behave(&events.Behaviour{Item: item}, events.ProductViewed, events.Micros(at))
				rows = append(rows, Interaction{Visitor: events.Unit{Kind: events.User, ID: "u"}, Item: item, Time: at})
				indexed = append(indexed, IndexedStep{Item: int32(item[0]), At: events.Micros(at)})
			}
			var steps []step
			if len(rows) > 0 {
				steps = newCorpus(slices.Values(rows)).stepsOf(0)
			}
			if a, b, d := recentActions(&p, nil), recentActionsOf(steps), RecentActionsIn(indexed); a != c.actions || b != c.actions || d != c.actions {
				t.Errorf("actions by the profile %d, by steps %d, by indexed %d; want %d", a, b, d, c.actions)
			}
			r := NewInterner()
			for _, row := range rows {
				r.Intern(row.Item)
			}
			if got := recentItems(history(nil, r, &p, nil, 0)); got != c.items30 {
				t.Errorf("%d items, want %d", got, c.items30)
			}
		})
	}
}

func TestActionsOfASessionCountOneByOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.SampledFrom([]events.ItemID{"a", "b", "c"}), 0, 20).Draw(t, "items")
		r := NewInterner()
		var session []Step
		for _, name := range names {
			r.Intern(name)
			session = append(session, Step{Item: name})
		}
		actions, items := recentActions(&Profile{}, session), recentItems(history(nil, r, &Profile{}, session, 0))
		if distinct := len(slices.Compact(slices.Sorted(slices.Values(names)))); actions != len(names) || items != distinct {
			t.Fatalf("%d actions with %d items, want %d with %d", actions, items, len(names), distinct)
		}
	})
}
