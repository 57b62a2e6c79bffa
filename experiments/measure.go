package experiments

import (
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// reading is one change of a unit's number: at a time, by an amount, in the
// whole units that the ledger sums (fen, pieces, millionths).
type reading struct {
	at    time.Time
	value int64
	order events.OrderID // for counts of distinct orders
	who   string         // for counts of people
}

// readings picks from a unit's facts, which must be sorted, those that n
// counts.
func (n *Numerator) readings(facts []UnitFact) []reading {
	if n.Event == events.OrderPaid {
		return n.cashReadings(facts)
	}
	var out []reading
	for i := range facts {
		f := &facts[i]
		if !f.TooLate && n.picks(f) {
			out = append(out, reading{f.At, n.valueOf(f), orderOf(f), personOf(f)})
		}
	}
	return out
}

// picks reports whether f is of the event, the observed metric and the
// condition that n names. An order that was placed and paid at once has been
// placed.
func (n *Numerator) picks(f *UnitFact) bool {
	if n.Event == someEvent {
		return slices.Contains(peopleTypes(), f.Type)
	}
	if f.Type != n.Event && (n.Event != events.OrderPlaced || f.Type != events.OrderCompleted) {
		return false
	}
	if o, ok := f.data.(*events.Observation); ok && o.Metric != n.Metric {
		return false
	}
	if f.foreign && n.isMoney() {
		return false
	}
	return n.Where == nil || n.Where.Matches(f.attributes())
}

// isMoney reports whether n sums amounts.
func (n *Numerator) isMoney() bool {
	return (n.Aggregate == Sum || n.Aggregate == Last) && n.Value != "quantity" && n.Event != events.MetricObserved
}

func (n *Numerator) valueOf(f *UnitFact) int64 {
	switch d := f.data.(type) {
	case *events.Order:
		if n.Value == "quantity" {
			return pieces(d.Lines)
		}
		return int64(d.Total)
	case *events.Payment:
		if n.Value == "quantity" {
			return d.Quantity
		}
		return int64(d.Total)
	case *events.Behaviour:
		if n.Value == "quantity" {
			return d.Quantity
		}
		return int64(d.Price)
	case *events.Coupon:
		return int64(d.Value)
	case *events.Observation:
		return millionths(d.Value)
	}
	return 0
}

func orderOf(f *UnitFact) events.OrderID {
	switch d := f.data.(type) {
	case *events.Order:
		return d.Order
	case *events.Payment:
		return d.Order
	}
	return ""
}

// types lists the event types whose facts n needs.
func (n *Numerator) types() []events.Type {
	switch n.Event {
	case events.OrderPlaced:
		return []events.Type{events.OrderPlaced, events.OrderCompleted}
	case events.OrderPaid:
		return cashTypes()
	case someEvent:
		return peopleTypes()
	}
	return []events.Type{n.Event}
}

// aggregator is a unit's number as its readings come in.
type aggregator struct {
	aggregate Aggregate
	y         int64
	orders    map[events.OrderID]bool
	people    map[string]bool
}

func (g *aggregator) take(r reading) {
	switch g.aggregate {
	case Sum:
		g.y += r.value
	case Last:
		g.y = r.value
	case Any:
		g.y = 1
	case Tally:
		if r.order != "" && g.orders[r.order] {
			return
		}
		if g.orders == nil {
			g.orders = map[events.OrderID]bool{}
		}
		g.orders[r.order] = true
		g.y++
	case People:
		if r.who == "" || g.people[r.who] {
			return
		}
		if g.people == nil {
			g.people = map[string]bool{}
		}
		g.people[r.who] = true
		g.y++
	}
}
