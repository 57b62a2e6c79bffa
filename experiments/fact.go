package experiments

import (
	"encoding/json"
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
		TooLate: !d.Fact.Imported && d.Fact.Appended.Sub(d.Fact.Time) > lateness,
	}
	f.know(d.Fact.Data, shop)
	return f
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

// sortFacts orders facts by time, and facts of one moment by id, so that every
// computation over a unit's facts sees them in one order.
func sortFacts(facts []UnitFact) {
	slices.SortFunc(facts, func(a, b UnitFact) int {
		switch {
		case !a.At.Equal(b.At):
			return a.At.Compare(b.At)
		case a.ID.Hi != b.ID.Hi:
			return cmpInt(a.ID.Hi, b.ID.Hi)
		}
		return cmpInt(a.ID.Lo, b.ID.Lo)
	})
}

func cmpInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
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
