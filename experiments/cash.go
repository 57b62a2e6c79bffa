package experiments

import (
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
func (n *Numerator) cashReadings(facts []UnitFact) []reading {
	var out []reading
	tills := map[events.OrderID]*till{}
	for i := range facts {
		f := &facts[i]
		if f.TooLate || !slices.Contains(cashTypes(), f.Type) || f.foreign && n.isMoney() {
			continue
		}
		id := orderOf(f)
		if tills[id] == nil {
			tills[id] = newTill()
		}
		moved := tills[id].take(f)
		if moved == (flow{}) || moved.back() && n.Aggregate != Sum {
			continue
		}
		if n.Where != nil && !n.Where.Matches(f.attributes()) {
			continue
		}
		value := moved.amount
		if n.Value == "quantity" {
			value = moved.pieces
		}
		out = append(out, reading{f.At, value, id})
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

// flow is money and pieces that came in or, negative, went back.
type flow struct {
	amount, pieces int64
	orders         int64 // 1 when an order of whatever amount was paid, such as one of 0
}

func (f flow) back() bool { return f.orders == 0 }

// till is what one order has brought in so far.
type till struct {
	lines    map[events.SKU]flow
	rest     int64 // paid beyond the lines: shipping, less discounts
	deposits map[events.SKU]int64
	balanced map[events.SKU]bool // lines that a balance has paid
	paid     *events.Order       // the order.paid: another one is a repetition
}

func newTill() *till {
	return &till{lines: map[events.SKU]flow{}, deposits: map[events.SKU]int64{}, balanced: map[events.SKU]bool{}}
}

// take books one fact and gives what it moved: nothing when it is a repetition.
func (t *till) take(f *UnitFact) flow {
	switch d := f.data.(type) {
	case *events.Payment:
		return t.takePayment(f.Type, d)
	case *events.Order:
		switch f.Type {
		case events.OrderCompleted:
			return t.receive(d, d.Lines)
		case events.OrderPaid:
			return t.receiveOnce(d)
		case events.OrderReturned:
			return flow{amount: -int64(d.Total), pieces: -pieces(d.Lines)}
		}
		return t.giveBack(d)
	}
	return flow{}
}

func (t *till) takePayment(typ events.Type, p *events.Payment) flow {
	if typ == events.DepositPaid {
		t.deposits[p.SKU] += int64(p.Total)
		return flow{}
	}
	if t.balanced[p.SKU] || t.paidFor(p.SKU) {
		return flow{}
	}
	t.balanced[p.SKU] = true
	moved := flow{t.deposits[p.SKU] + int64(p.Total), p.Quantity, 1}
	had := t.lines[p.SKU]
	t.lines[p.SKU] = flow{had.amount + moved.amount, had.pieces + moved.pieces, 1}
	return moved
}

// paidFor reports whether the order.paid covers a line: one that names no
// lines covers them all.
func (t *till) paidFor(sku events.SKU) bool {
	if t.paid == nil {
		return false
	}
	return len(t.paid.Lines) == 0 || slices.ContainsFunc(t.paid.Lines, func(l events.Line) bool { return l.SKU == sku })
}

// receiveOnce books an order.paid: the first one, without the lines that
// balances have paid already.
func (t *till) receiveOnce(o *events.Order) flow {
	if t.paid != nil {
		return flow{}
	}
	t.paid = o
	if len(t.balanced) == 0 {
		return t.receive(o, o.Lines)
	}
	total := o.Total
	var open []events.Line
	for _, l := range o.Lines {
		if t.balanced[l.SKU] {
			total -= l.Amount()
		} else {
			open = append(open, l)
		}
	}
	if len(open) == 0 {
		return flow{}
	}
	return t.receive(&events.Order{Total: total}, open)
}

func (t *till) receive(o *events.Order, lines []events.Line) flow {
	t.rest += int64(o.Total)
	for _, l := range lines {
		t.rest -= int64(l.Amount())
		had := t.lines[l.SKU]
		t.lines[l.SKU] = flow{had.amount + int64(l.Amount()), had.pieces + l.Quantity, 1}
	}
	return flow{int64(o.Total), pieces(lines), 1}
}

// giveBack takes the named lines, or everything, out of the till.
func (t *till) giveBack(o *events.Order) flow {
	var back flow
	if len(o.Lines) == 0 {
		back.amount, t.rest = -t.rest, 0
		for sku, had := range t.lines {
			back.amount -= had.amount
			back.pieces -= had.pieces
			t.lines[sku] = flow{}
		}
		return back
	}
	for _, l := range o.Lines {
		had := t.lines[l.SKU]
		n := min(l.Quantity, had.pieces)
		if n == 0 {
			continue
		}
		amount := had.amount * n / had.pieces
		if l.Price > 0 {
			amount = min(int64(l.Price)*n, had.amount)
		}
		t.lines[l.SKU] = flow{had.amount - amount, had.pieces - n, 1}
		back.amount -= amount
		back.pieces -= n
	}
	return back
}
