package experiments

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// UnitFact is a fact as the ledger keeps it for one of the units it names.
type UnitFact struct {
	Unit    events.Unit // Kind is events.AnyUnit where the event did not say
	ID      events.RecordID
	At      time.Time
	Type    events.Type
	TooLate bool   // came later than the allowed lateness: kept and counted, not summed
	Raw     []byte // the event's data as JSON

	data    events.Data // Raw, read; nil until then
	foreign bool        // an amount in another currency than the shop's: out of sums
}

// newUnitFact keeps a delivered record.
func newUnitFact(d events.Delivery, lateness time.Duration, shop events.Currency) UnitFact {
	f := UnitFact{
		Unit: events.Unit{Kind: events.UnitKind(d.Kind), ID: events.UnitID(d.Key)},
		ID:   d.RecordID(), At: d.Fact.Time, Type: d.Type, Raw: d.Data,
		TooLate: tooLate(d.Fact, lateness),
	}
	f.know(d.Fact.Data, shop)
	return f
}

// tooLate reports whether a live fact took longer than allowed to arrive.
func tooLate(f events.Fact, lateness time.Duration) bool {
	return !f.Imported && f.Appended.Sub(f.Time) > lateness
}

// read parses Raw, which was checked before it was stored.
func (f *UnitFact) read(shop events.Currency) error {
	fact, err := events.Parse(events.Event{Type: string(f.Type), Data: f.Raw}, shop)
	if err != nil {
		return err
	}
	f.know(fact.Data, shop)
	return nil
}

// readFacts parses all of them.
func readFacts(facts []UnitFact, shop events.Currency) error {
	for i := range facts {
		if err := facts[i].read(shop); err != nil {
			return fmt.Errorf("fact of %s %s: %w", facts[i].Unit.Kind, facts[i].Unit.ID, err)
		}
	}
	return nil
}

func (f *UnitFact) know(data events.Data, shop events.Currency) {
	f.data = data
	if o, ok := data.(*events.Order); ok {
		f.foreign = o.Currency != shop
	}
}

// attributes gives the data to a condition.
func (f *UnitFact) attributes() Attributes {
	var a Attributes
	if json.Unmarshal(f.Raw, &a) != nil {
		return nil
	}
	return a
}

// sortFacts orders facts by time, so that every computation over a unit's facts
// sees them in one order. Of facts of one moment, deposits come first and what
// takes back comes last: clocks are coarse, and nothing can be refunded before
// it was paid. The rest is settled by their ids.
func sortFacts(facts []UnitFact) {
	slices.SortFunc(facts, func(a, b UnitFact) int {
		return cmp.Or(
			a.At.Compare(b.At), cmp.Compare(turn(a.Type), turn(b.Type)),
			cmp.Compare(a.ID.Hi, b.ID.Hi), cmp.Compare(a.ID.Lo, b.ID.Lo),
		)
	})
}

// turn is the place of a type among facts of one moment.
func turn(t events.Type) int {
	switch t {
	case events.DepositPaid:
		return 0
	case events.OrderCancelled, events.OrderRefunded, events.OrderReturned:
		return 2
	}
	return 1
}

// pieces counts what the lines of an order hold.
func pieces(lines []events.Line) (n int64) {
	for _, l := range lines {
		n += l.Quantity
	}
	return n
}

// observedDecimals are what the ledger keeps of an observed number: sums of
// whole numbers are exact and do not depend on the order of arrival.
const observedDecimals = 6

// millionths rounds v, which events bounds to ±1e12, to six decimals.
func millionths(v float64) int64 { return int64(math.Round(v * 1e6)) }
