package recommend

import (
	"cmp"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// Profile is what is remembered of one visitor, a user or a device. Every list
// is newest first and bounded; what a bound drops is always the oldest, so that
// within the bounds the order in which facts arrive does not matter.
//
// Times are microseconds since 1970 (events.Micros). The zero Profile is
// that of somebody who has done nothing.
type Profile struct {
	Views  []Seen   // viewed, clicked or favorited items, each once
	Carts  []Carted // items put into or taken out of the cart, each once
	Buys   []Bought // bought items, each once an order
	Undone []Undo   // orders, or items of them, that were cancelled
	Shown  []Shown  // impressions of recommendations, of the last day
	Recent []Moment // what was done lately, for counts over the last minutes
}

// Seen is the newest look at an item.
type Seen struct {
	Item   events.ItemID
	Time   int64
	Action Action // View or Favorite
}

// Carted is the newest thing that happened to an item in the cart.
type Carted struct {
	Item events.ItemID
	Time int64
	Out  bool // it was taken out
}

// Bought is an item of an order. Order is 32 bits of a hash of its id.
type Bought struct {
	Item   events.ItemID
	Time   int64
	Order  uint32
	Amount events.Money // of all its pieces
}

// Undo is the cancellation of an order: of one item, or of all if Item is empty.
type Undo struct {
	Item  events.ItemID
	Time  int64
	Order uint32
}

// Shown is one impression of an item.
type Shown struct {
	Item events.ItemID
	Time int64
}

// Moment is one action at a time, whatever the item.
type Moment struct {
	Time   int64
	Action Action
}

// The bounds. Fifty looks and carts are more than any source reads; 500 buys
// are years of a shopper, and what keeps a bought item out of sight; 600
// impressions are a day of 30 pages of 20, at most 10 of each item; a visitor
// with more than 100 actions in half an hour counts as 100. A full profile has
// about 20 KB, a usual one under 1 KB.
const (
	maxSeen    = 50
	maxCarted  = 50
	maxBought  = 500
	maxUndone  = 50
	maxShown   = 600
	maxRecent  = 100
	maxPerItem = 10 // impressions of one item; caps above it cannot be kept
)

// shownFor is how long impressions are kept behind the newest one: a day, and
// the hour that an event may be ahead of the clock, twice over.
const shownFor = 26 * time.Hour

// Kept lists the buys that no cancellation has undone, newest first.
func (p *Profile) Kept() []Bought {
	if len(p.Undone) == 0 {
		return p.Buys
	}
	kept := make([]Bought, 0, len(p.Buys))
	for _, b := range p.Buys {
		undone := slices.ContainsFunc(p.Undone, func(u Undo) bool {
			return u.Order == b.Order && (u.Item == "" || u.Item == b.Item)
		})
		if !undone {
			kept = append(kept, b)
		}
	}
	return kept
}

// ShownWithin counts the impressions of each item in the last d before now,
// which is at most a day.
func (p *Profile) ShownWithin(d time.Duration, now time.Time) map[events.ItemID]int {
	since := events.Micros(now.Add(-d))
	out := map[events.ItemID]int{}
	for _, s := range p.Shown {
		if s.Time > since {
			out[s.Item]++
		}
	}
	return out
}

// Merge joins what is known of one person under two names, such as a user and
// the device: what both know counts once.
func (p *Profile) Merge(q *Profile) {
	for _, v := range q.Views {
		p.Views = keepNewest(p.Views, v, maxSeen, compareSeen, Seen.item)
	}
	for _, c := range q.Carts {
		p.Carts = keepNewest(p.Carts, c, maxCarted, compareCarted, Carted.item)
	}
	for _, b := range q.Buys {
		p.Buys = keepNewest(p.Buys, b, maxBought, compareBought, Bought.key)
	}
	for _, u := range q.Undone {
		p.Undone = keepNewest(p.Undone, u, maxUndone, compareUndo, Undo.key)
	}
	for _, s := range q.Shown {
		if !slices.Contains(p.Shown, s) {
			p.show(s)
		}
	}
	for _, m := range q.Recent {
		if !slices.Contains(p.Recent, m) {
			p.Recent = keepAll(p.Recent, m, maxRecent, compareMoment)
		}
	}
}

// Newer comes first; of one time, the rest decides, so that order is total.
func compareSeen(a, b Seen) int {
	if a.Time != b.Time {
		return newest(a.Time, b.Time)
	}
	return cmp.Or(cmp.Compare(b.Action, a.Action), cmp.Compare(a.Item, b.Item))
}

// Of one time, out wins over in: better to show an item again than never.
func compareCarted(a, b Carted) int {
	if a.Time != b.Time {
		return newest(a.Time, b.Time)
	}
	return cmp.Or(-compareBool(a.Out, b.Out), cmp.Compare(a.Item, b.Item))
}

func compareBought(a, b Bought) int {
	if a.Time != b.Time {
		return newest(a.Time, b.Time)
	}
	return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Order, b.Order))
}

func compareUndo(a, b Undo) int {
	return compareBought(Bought{Item: a.Item, Time: a.Time, Order: a.Order}, Bought{Item: b.Item, Time: b.Time, Order: b.Order})
}

func compareShown(a, b Shown) int {
	if a.Time != b.Time {
		return newest(a.Time, b.Time)
	}
	return cmp.Compare(a.Item, b.Item)
}

func compareMoment(a, b Moment) int {
	if a.Time != b.Time {
		return newest(a.Time, b.Time)
	}
	return cmp.Compare(a.Action, b.Action)
}

// newest puts the larger of two different times first.
func newest(a, b int64) int {
	if a > b {
		return -1
	}
	return 1
}

func (s Seen) item() events.ItemID   { return s.Item }
func (c Carted) item() events.ItemID { return c.Item }

// ofOrder names an item of an order.
type ofOrder struct {
	item  events.ItemID
	order uint32
}

func (b Bought) key() ofOrder { return ofOrder{b.Item, b.Order} }
func (u Undo) key() ofOrder   { return ofOrder{u.Item, u.Order} }
