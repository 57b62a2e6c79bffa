package experiments

import (
	"math/bits"
	"slices"

	"github.com/peakday/peakday/events"
)

// cashReadings reads order.paid as money that came and went:
//
//   - an order counts, line by line, at whichever of order.paid and
//     presale.balance_paid comes first; a balance brings its deposits with it;
//   - a cancellation or a refund takes back on its own day what it names, or
//     the whole order, but never more than came in;
//   - goods that came back without naming their order take back their own
//     amount.
//
// What comes back lowers sums only: an order that was paid stays a paid order.
// The condition is on the payment: what it left out cannot come back either.
func (n *Numerator) cashReadings(facts []UnitFact) []reading {
	var out []reading
	tills := map[events.OrderID]*orderCash{}
	for i := range facts {
		f := &facts[i]
		if f.TooLate || !slices.Contains(cashTypes(), f.Type) || f.foreign && n.isMoney() {
			continue
		}
		id := orderOf(f)
		if tills[id] == nil {
			tills[id] = newOrderCash()
		}
		open := n.Where == nil || n.Where.Matches(f.attributes())
		moved := tills[id].take(f, open)
		if moved == (cashFlow{}) || moved.back() && n.Aggregate != Sum {
			continue
		}
		value := moved.amount
		if n.Value == "quantity" {
			value = moved.pieces
		}
		out = append(out, reading{f.At, value, id, personOf(f)})
	}
	return out
}

// cashTypes lists the event types that move money.
func cashTypes() []events.Type {
	return []events.Type{
		events.OrderPaid, events.OrderCompleted, events.OrderCancelled, events.OrderRefunded,
		events.OrderReturned, events.DepositPaid, events.BalancePaid,
	}
}

// cashFlow is money and pieces that came in or, negative, went back.
type cashFlow struct {
	amount, pieces int64
	orders         int64 // 1 when an order of whatever amount was paid, such as one of 0
}

func (f cashFlow) back() bool { return f.orders == 0 }

// orderCash is what one order has brought in so far.
type orderCash struct {
	lines    map[events.SKU]cashFlow
	rest     int64 // paid beyond the lines: shipping, less discounts
	deposits map[events.SKU]int64
	balanced map[events.SKU]bool // lines that a balance has paid
	paid     *events.Order       // the order.paid: another one is a repetition
	shut     bool
}

func newOrderCash() *orderCash {
	return &orderCash{lines: map[events.SKU]cashFlow{}, deposits: map[events.SKU]int64{}, balanced: map[events.SKU]bool{}}
}

// take books one fact and gives what it moved: nothing when it is a repetition.
// What comes while it is not open is remembered but not counted.
func (t *orderCash) take(f *UnitFact, open bool) cashFlow {
	t.shut = !open
	switch d := f.data.(type) {
	case *events.Payment:
		return t.takePayment(f.Type, d)
	case *events.Order:
		switch f.Type {
		case events.OrderCompleted:
			return t.receive(d.Total, d.Lines)
		case events.OrderPaid:
			return t.receiveOnce(d)
		case events.OrderReturned:
			return t.unless(cashFlow{amount: -int64(d.Total), pieces: -pieces(d.Lines)})
		}
		return t.giveBack(d)
	}
	return cashFlow{}
}

// unless is f, or nothing while it is not open.
func (t *orderCash) unless(f cashFlow) cashFlow {
	if t.shut {
		return cashFlow{}
	}
	return f
}

// takePayment keeps deposits until their balance. One that comes in behind it
// is late, and money all the same.
func (t *orderCash) takePayment(typ events.Type, p *events.Payment) cashFlow {
	switch deposit := typ == events.DepositPaid; {
	case deposit && t.balanced[p.SKU]:
		return t.book(p.SKU, cashFlow{int64(p.Total), 0, 1})
	case t.balanced[p.SKU] || t.paidFor(p.SKU):
		return cashFlow{}
	case deposit:
		t.deposits[p.SKU] += int64(p.Total)
		return cashFlow{}
	}
	t.balanced[p.SKU] = true
	return t.book(p.SKU, cashFlow{t.deposits[p.SKU] + int64(p.Total), p.Quantity, 1})
}

// paidFor reports whether the order.paid covers a line: one that names no
// lines covers them all.
func (t *orderCash) paidFor(sku events.SKU) bool {
	if t.paid == nil {
		return false
	}
	return len(t.paid.Lines) == 0 || slices.ContainsFunc(t.paid.Lines, func(l events.Line) bool { return l.SKU == sku })
}

// receiveOnce books an order.paid: the first one, without the lines that
// balances have paid already.
func (t *orderCash) receiveOnce(o *events.Order) cashFlow {
	if t.paid != nil {
		return cashFlow{}
	}
	t.paid = o
	if len(t.balanced) == 0 {
		return t.receive(o.Total, o.Lines)
	}
	total, price := o.Total, events.Money(0)
	var open []events.Line
	for _, l := range o.Lines {
		if t.balanced[l.SKU] {
			total -= l.Amount()
		} else {
			open = append(open, l)
			price += l.Amount()
		}
	}
	if len(open) == 0 {
		return cashFlow{}
	}
	if total < 0 { // then it did not include them
		total = min(o.Total, price)
	}
	return t.receive(total, open)
}

// receive books lines that were paid with total.
func (t *orderCash) receive(total events.Money, lines []events.Line) cashFlow {
	if t.shut {
		return cashFlow{}
	}
	t.rest += int64(total)
	for _, l := range lines {
		t.rest -= int64(l.Amount())
		t.book(l.SKU, cashFlow{int64(l.Amount()), l.Quantity, 1})
	}
	return cashFlow{int64(total), pieces(lines), 1}
}

// book adds what a line has brought in.
func (t *orderCash) book(sku events.SKU, in cashFlow) cashFlow {
	if t.shut {
		return cashFlow{}
	}
	had := t.lines[sku]
	t.lines[sku] = cashFlow{had.amount + in.amount, had.pieces + in.pieces, 1}
	return in
}

// giveBack takes the named lines, or everything, out of it.
func (t *orderCash) giveBack(o *events.Order) cashFlow {
	left := t.rest
	for _, had := range t.lines {
		left += had.amount
	}
	if len(o.Lines) == 0 {
		back := cashFlow{amount: -left}
		for sku, had := range t.lines {
			back.pieces -= had.pieces
			t.lines[sku] = cashFlow{}
		}
		t.rest = 0
		return back
	}
	var back cashFlow
	for _, l := range o.Lines {
		had := t.lines[l.SKU]
		n := min(l.Quantity, had.pieces)
		if n == 0 {
			continue
		}
		amount := share(had.amount, n, had.pieces)
		if l.Price > 0 {
			amount = min(int64(l.Price)*n, had.amount)
		}
		t.lines[l.SKU] = cashFlow{had.amount - amount, had.pieces - n, 1}
		if over := amount - (left + back.amount); over > 0 {
			// The order had a discount: its lines cost more than was paid.
			amount -= over
			t.rest += over
		}
		back.amount -= amount
		back.pieces -= n
	}
	return back
}

// share is amount·n/of for 0 ≤ n ≤ of, rounded down.
func share(amount, n, of int64) int64 {
	hi, lo := bits.Mul64(uint64(amount), uint64(n))
	q, _ := bits.Div64(hi, lo, uint64(of))
	return int64(q)
}
