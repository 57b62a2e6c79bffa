package forecast

import (
	"math"
	"math/bits"
	"time"

	"github.com/peakday/peakday/events"
)

// LineKind says what a line did to the sales of its SKU.
type LineKind string

// The kinds of lines. Sold and Balance are demand; Cancelled and Returned take
// it back; Presold and Deposit wait for the balance.
const (
	Sold      LineKind = "sold"      // order.placed and order.completed
	Presold   LineKind = "presold"   // order.placed of a presale: it knows the region
	Deposit   LineKind = "deposit"   // presale.deposit_paid: a signal, no demand
	Balance   LineKind = "balance"   // presale.balance_paid: the demand of a presale
	Cancelled LineKind = "cancelled" // order.cancelled and order.refunded, of this order
	Returned  LineKind = "returned"  // order.returned: of the user's newest earlier sale
)

// Line is one SKU of one order event, as the fold keeps it.
type Line struct {
	ID       events.RecordID
	SKU      events.SKU
	Item     events.ItemID // empty if the event did not say
	Kind     LineKind
	Order    events.OrderID
	User     events.UserID // empty if the buyer is not known
	Region   string        // empty if unknown
	Time     time.Time     // when it happened
	Quantity int64         // pieces, at least 1
	Amount   events.Money  // of the whole line, in the shop's currency
	Foreign  bool          // priced in another currency: then Amount is 0
	Event    string        // of the calendar, for the lines of a presale
}

// lineOf reads the fact of a SKU's record; ok is false if it says nothing
// about sales.
func lineOf(d events.Delivery, shop events.Currency) (l Line, ok bool) {
	switch data := d.Fact.Data.(type) {
	case *events.Order:
		l, ok = orderLine(d.Type, data, shop)
	case *events.Payment:
		l, ok = paymentLine(d.Type, data)
	}
	l.ID, l.SKU, l.Time = d.RecordID(), events.SKU(d.Key), d.Fact.Time
	return l, ok
}

func orderLine(t events.Type, o *events.Order, shop events.Currency) (Line, bool) {
	if len(o.Lines) == 0 {
		return Line{}, false
	}
	sold := o.Lines[0] // a record of a SKU holds only its own line
	l := Line{Item: sold.Item, Order: o.Order, User: o.User, Region: o.Region, Quantity: sold.Quantity}
	if l.Foreign = o.Currency != shop; !l.Foreign {
		l.Amount = sold.Amount()
	}
	switch t {
	case events.OrderPlaced, events.OrderCompleted:
		l.Kind = Sold
		if o.Presale != nil {
			l.Kind, l.Event = Presold, o.Presale.Event
		}
	case events.OrderCancelled, events.OrderRefunded:
		l.Kind = Cancelled
	case events.OrderReturned:
		l.Kind = Returned
		return l, sold.Price > 0 // at price 0 it corrects the stock
	default:
		return Line{}, false
	}
	return l, true
}

func paymentLine(t events.Type, p *events.Payment) (Line, bool) {
	l := Line{Order: p.Order, User: p.User, Quantity: p.Quantity, Amount: p.Total, Event: p.Event}
	switch t {
	case events.DepositPaid:
		l.Kind = Deposit
	case events.BalancePaid:
		l.Kind = Balance
	default:
		return Line{}, false
	}
	return l, true
}

func (l *Line) orderKey() OrderKey { return OrderKey{l.SKU, l.Order} }
func (l *Line) userKey() UserKey   { return UserKey{l.SKU, l.User} }

// before orders lines by time, and those of one moment by id, so that every
// result is the same whatever the order of arrival.
func (l *Line) before(m *Line) bool {
	switch {
	case !l.Time.Equal(m.Time):
		return l.Time.Before(m.Time)
	case l.ID.Hi != m.ID.Hi:
		return l.ID.Hi < m.ID.Hi
	}
	return l.ID.Lo < m.ID.Lo
}

// share is amount × part / whole, rounded down; 0 <= part <= whole.
func share(amount events.Money, part, whole int64) events.Money {
	if part <= 0 || whole <= 0 || amount <= 0 {
		return 0
	}
	if part >= whole {
		return amount
	}
	hi, lo := bits.Mul64(uint64(amount), uint64(part))
	q, _ := bits.Div64(hi, lo, uint64(whole)) // hi < whole because part < whole
	return events.Money(min(q, math.MaxInt64))
}
