package offline

import (
	"cmp"
	"slices"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// Row is one interaction as a file has it.
type Row struct {
	User   string
	Item   events.ItemID
	At     int64 // µs, or any rising number; rows of equal times keep their order
	Action recommend.Action
	Target bool // it is what is to be predicted; other rows are history only
	Test   bool // with ByMark: kept for the test
}

// Split says how the test part is chosen.
type Split int

// The ways to split.
const (
	LeaveOneOut Split = iota // each user's last target row
	ByTime                   // what comes after Protocol.Share of the rows
	ByMark                   // the rows that say so
)

// Protocol says what is predicted from what.
type Protocol struct {
	Split   Split
	Share   float64 // with ByTime: of the rows, by time, that are for training
	Session bool    // users are sessions: each next item of a test session is a case, nothing is masked
	Clock   bool    // times are those of a clock, and not only an order
	Ordered bool    // rows have times; without, the order of the file stands for them
}

// Data is training and test.
type Data struct {
	Train    *Set
	Cases    []Case
	Protocol Protocol

	Users, Items, Interactions int // of the whole file
	Dropped                    int // users or steps of the test that cannot be a case
}

// Set is what models learn from.
type Set struct {
	Items      []events.ItemID // sorted; an item's index is its number
	Visitors   []Visitor       // by id
	Attributes [][]Attribute   // of each item; nil without
	TargetOnly bool            // there is no other behaviour
}

// Attribute is a value of a field of an item, such as a brand.
type Attribute struct{ Field, Value string }

// Visitor is one user's or session's rows, oldest first.
type Visitor struct {
	ID    string
	Steps []Step
}

// Step is one row of a visitor.
type Step struct {
	recommend.IndexedStep
	Target bool
	test   bool
}

// Case is one question: after History, what came next?
type Case struct {
	Visitor  int    // in the set's Visitors; -1 for a session of its own
	History  []Step // oldest first
	Relevant []int32
	Masked   []int32 // items that are not ranked, sorted
}

// NewData reads rows and splits them. attributes may be nil. It keeps no row.
func NewData(rows []Row, attributes map[events.ItemID][]Attribute, p Protocol) *Data {
	all := &Set{TargetOnly: true}
	for _, r := range rows {
		all.Items = append(all.Items, r.Item)
	}
	slices.Sort(all.Items)
	all.Items = slices.Clip(slices.Compact(all.Items))
	if attributes != nil {
		all.Attributes = make([][]Attribute, len(all.Items))
		for i, item := range all.Items {
			all.Attributes[i] = attributes[item]
		}
	}
	times := timesOf(rows, p.Clock)
	order := make([]int32, len(rows))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(rows[a].User, rows[b].User), cmp.Compare(times[a], times[b]))
	})
	for _, row := range order {
		r := &rows[row]
		if n := len(all.Visitors); n == 0 || all.Visitors[n-1].ID != r.User {
			all.Visitors = append(all.Visitors, Visitor{ID: r.User})
		}
		number, _ := slices.BinarySearch(all.Items, r.Item)
		v := &all.Visitors[len(all.Visitors)-1]
		v.Steps = append(v.Steps, Step{recommend.IndexedStep{Item: int32(number), Action: r.Action, At: times[row]}, r.Target, r.Test})
		all.TargetOnly = all.TargetOnly && r.Target
	}
	d := &Data{Protocol: p, Users: len(all.Visitors), Items: len(all.Items), Interactions: len(rows)}
	d.Train, d.Cases, d.Dropped = all.split(p)
	return d
}

// timesOf are the rows' times; where they are no clock's, their ranks: only the
// order of such numbers means anything.
func timesOf(rows []Row, clock bool) []int64 {
	times := make([]int64, len(rows))
	for i := range rows {
		times[i] = rows[i].At
	}
	if clock {
		return times
	}
	ranks := slices.Compact(slices.Sorted(slices.Values(times)))
	for i, at := range times {
		rank, _ := slices.BinarySearch(ranks, at)
		times[i] = int64(rank)
	}
	return times
}
