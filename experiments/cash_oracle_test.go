package experiments

import (
	"math"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// movement is what one fact moved.
type movement struct {
	at          time.Time
	order       string
	sale        bool
	fen, pieces int64
	lines       []coins // of a sale
}

// coins are what a line has brought in.
type coins struct {
	sku         events.SKU
	fen, pieces int64
}

// bookkeeper finds what a fact moved by going through the order's past anew
// each time.
type bookkeeper struct{ north bool }

func (b bookkeeper) moved(d events.Delivery, past []events.Delivery) movement {
	id := orderName(d)
	past = slices.DeleteFunc(slices.Clone(past), func(p events.Delivery) bool { return orderName(p) != id })
	m := movement{order: id}
	switch d.Type {
	case events.OrderPaid, events.OrderCompleted, events.DepositPaid, events.BalancePaid:
		m = b.sale(d, past)
	case events.OrderReturned:
		if o := d.Fact.Data.(*events.Order); !b.north || o.Region == "north" {
			m.fen = -int64(o.Total)
			for _, l := range o.Lines {
				m.pieces -= l.Quantity
			}
		}
	case events.OrderCancelled, events.OrderRefunded:
		left, _ := b.takeBack(d, past)
		was, pieces := b.held(past)
		m.fen = left - was
		m.pieces = -pieces
		for _, c := range b.linesAfter(d, past) {
			m.pieces += c.pieces
		}
	}
	return m
}

func orderName(d events.Delivery) string {
	switch data := d.Fact.Data.(type) {
	case *events.Order:
		return string(data.Order)
	case *events.Payment:
		return string(data.Order)
	}
	return ""
}

// sale is what a payment brought in, given what was paid before it.
func (b bookkeeper) sale(d events.Delivery, past []events.Delivery) movement {
	m := movement{order: orderName(d)}
	switch data := d.Fact.Data.(type) {
	case *events.Payment:
		covered := slices.ContainsFunc(past, func(p events.Delivery) bool {
			return p.Type == events.OrderPaid && p.ID == firstPaid(past) && covers(p, data.SKU)
		})
		balanced := b.balanced(data.SKU, past)
		amount := int64(data.Total)
		switch {
		case d.Type == events.DepositPaid && !balanced, d.Type == events.BalancePaid && (balanced || covered):
			return m
		case d.Type == events.BalancePaid:
			m.pieces = data.Quantity
			for _, p := range past {
				if q, ok := p.Fact.Data.(*events.Payment); ok && p.Type == events.DepositPaid && q.SKU == data.SKU {
					amount += int64(q.Total)
				}
			}
		}
		m.fen, m.sale = amount, true
		m.lines = []coins{{data.SKU, amount, m.pieces}}
		if b.north {
			return movement{order: m.order} // a payment names no region
		}
	case *events.Order:
		if d.Type == events.OrderPaid && firstPaid(past) != "" {
			return m
		}
		m = b.orderSale(d, data, past)
		if b.north && data.Region != "north" {
			return movement{order: m.order}
		}
	}
	return m
}

// covers reports whether an order names the line, or none and so all of them.
func covers(d events.Delivery, sku events.SKU) bool {
	lines := d.Fact.Data.(*events.Order).Lines
	return len(lines) == 0 || slices.ContainsFunc(lines, func(l events.Line) bool { return l.SKU == sku })
}

// firstPaid is the id of the order.paid that counts; the others repeat it.
func firstPaid(past []events.Delivery) string {
	for _, p := range past {
		if p.Type == events.OrderPaid {
			return p.ID
		}
	}
	return ""
}

// balanced reports whether a balance has paid a line, and not an order.paid
// before it.
func (b bookkeeper) balanced(sku events.SKU, past []events.Delivery) bool {
	for _, p := range past {
		switch data := p.Fact.Data.(type) {
		case *events.Order:
			if p.Type == events.OrderPaid && p.ID == firstPaid(past) && covers(p, sku) {
				return false
			}
		case *events.Payment:
			if p.Type == events.BalancePaid && data.SKU == sku {
				return true
			}
		}
	}
	return false
}

func (b bookkeeper) orderSale(d events.Delivery, o *events.Order, past []events.Delivery) movement {
	m := movement{order: string(o.Order), sale: true, fen: int64(o.Total)}
	anyBalance, dropped, price := false, int64(0), int64(0)
	for _, p := range past {
		if q, ok := p.Fact.Data.(*events.Payment); ok && d.Type == events.OrderPaid && b.balanced(q.SKU, past) {
			anyBalance = true
		}
	}
	for _, l := range o.Lines {
		amount := int64(l.Price) * l.Quantity
		if d.Type == events.OrderPaid && b.balanced(l.SKU, past) {
			dropped += amount
			continue
		}
		price += amount
		m.pieces += l.Quantity
		m.lines = append(m.lines, coins{l.SKU, amount, l.Quantity})
	}
	if anyBalance && len(m.lines) == 0 {
		return movement{order: m.order}
	}
	m.fen -= dropped
	if m.fen < 0 {
		m.fen = min(int64(o.Total), price)
	}
	return m
}

// held is the money and the pieces that are left of the past.
func (b bookkeeper) held(past []events.Delivery) (fen, pieces int64) {
	fen, lines := b.stand(past)
	for _, c := range lines {
		pieces += c.pieces
	}
	return fen, pieces
}

// stand goes through the past: what is left in all, and of each line.
func (b bookkeeper) stand(past []events.Delivery) (fen int64, lines map[events.SKU]coins) {
	lines = map[events.SKU]coins{}
	for i, p := range past {
		switch p.Type {
		case events.OrderPaid, events.OrderCompleted, events.DepositPaid, events.BalancePaid:
			m := b.sale(p, past[:i])
			fen += m.fen
			for _, c := range m.lines {
				had := lines[c.sku]
				lines[c.sku] = coins{c.sku, had.fen + c.fen, had.pieces + c.pieces}
			}
		case events.OrderCancelled, events.OrderRefunded:
			fen = refund(p.Fact.Data.(*events.Order), fen, lines)
		}
	}
	return fen, lines
}

func (b bookkeeper) takeBack(d events.Delivery, past []events.Delivery) (left int64, lines map[events.SKU]coins) {
	fen, lines := b.stand(past)
	return refund(d.Fact.Data.(*events.Order), fen, lines), lines
}

func (b bookkeeper) linesAfter(d events.Delivery, past []events.Delivery) map[events.SKU]coins {
	_, lines := b.takeBack(d, past)
	return lines
}

// refund takes lines, or all of them, and gives the money that is left: no
// less than nothing.
func refund(o *events.Order, fen int64, lines map[events.SKU]coins) int64 {
	if len(o.Lines) == 0 {
		clear(lines)
		return 0
	}
	for _, l := range o.Lines {
		had := lines[l.SKU]
		n := min(l.Quantity, had.pieces)
		if n == 0 {
			continue
		}
		amount := int64(math.Floor(float64(had.fen) * float64(n) / float64(had.pieces)))
		if l.Price > 0 {
			amount = min(int64(l.Price)*n, had.fen)
		}
		lines[l.SKU] = coins{l.SKU, had.fen - amount, had.pieces - n}
		fen -= min(amount, fen)
	}
	return fen
}
