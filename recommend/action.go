package recommend

import (
	"time"

	"github.com/peakday/peakday/events"
)

// Action is what somebody did with an item.
type Action uint8

// The actions, weakest first. A click is a view.
const (
	View Action = iota
	Favorite
	Cart
	Buy
)

func (a Action) String() string {
	switch a {
	case View:
		return "view"
	case Favorite:
		return "favorite"
	case Cart:
		return "cart"
	case Buy:
		return "buy"
	}
	return "unknown"
}

// weight is how much interest an action shows, a view being 1. The steps are
// those that shops use by custom; a learned ranker replaces them.
func (a Action) weight() float64 {
	switch a {
	case Favorite:
		return 2
	case Cart:
		return 3
	case Buy:
		return 4
	}
	return 1
}

// Interaction is one visitor's action on one item: what models learn from.
type Interaction struct {
	Visitor events.Unit
	Item    events.ItemID
	Action  Action
	Time    time.Time
	Region  string // of an order; empty if not known
}

// Interactions lists what the fact's visitor did, an order line by line. A
// fact with neither user nor device has the zero Unit as its visitor. Facts
// that show no interest (removals, impressions, payments of an order that was
// placed before) give none.
func Interactions(f events.Fact) []Interaction {
	switch d := f.Data.(type) {
	case *events.Behaviour:
		action, ok := ActionOf(f.Type)
		if !ok {
			return nil
		}
		visitor, _ := d.Visitor()
		return []Interaction{{Visitor: visitor, Item: d.Item, Action: action, Time: f.Time}}
	case *events.Order:
		if !bought(f.Type) {
			return nil
		}
		visitor, _ := d.Visitor()
		out := make([]Interaction, len(d.Lines))
		for i, l := range d.Lines {
			out[i] = Interaction{Visitor: visitor, Item: l.Item, Action: Buy, Time: f.Time, Region: d.Region}
		}
		return out
	}
	return nil
}

// ActionOf is the action that an event of this type tells of; ok is false for
// one that shows no interest.
func ActionOf(t events.Type) (Action, bool) {
	switch t {
	case events.ProductViewed, events.ProductClicked:
		return View, true
	case events.ProductFavorited:
		return Favorite, true
	case events.ProductAdded:
		return Cart, true
	}
	return 0, false
}

// bought reports whether an order of this type says for the first time that
// its lines are wanted: a presale order counts here, with its deposit.
func bought(t events.Type) bool { return t == events.OrderPlaced || t == events.OrderCompleted }

// primary reports whether a record is the one copy of its fact that counts a
// visitor's action: that of the user, else of the device; and for a fact of
// nobody that of each SKU.
func primary(d *events.Delivery) bool {
	visitor, known := visitorOf(d.Fact)
	if !known {
		return d.Kind == events.ForSKU
	}
	return d.Kind == events.Kind(visitor.Kind) && d.Key == string(visitor.ID)
}

func visitorOf(f events.Fact) (events.Unit, bool) {
	switch d := f.Data.(type) {
	case *events.Behaviour:
		return d.Visitor()
	case *events.Shown:
		return d.Visitor()
	case *events.Order:
		return d.Visitor()
	}
	return events.Unit{}, false
}
