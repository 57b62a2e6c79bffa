package sim

import (
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
)

// orderEvents lists all events of an order, now and later, as the shop's cashier
// sends them. Without steps an order that was placed and paid is one event, as
// in an import.
func (s *shop) orderEvents(o *order, steps bool) []message {
	switch {
	case o.presale:
		return o.presaleEvents()
	case !steps:
		return o.withReturns([]message{o.message("completed", events.OrderCompleted, o.at, o.data())})
	}
	out := []message{o.message("placed", events.OrderPlaced, o.at, o.data())}
	if at := o.fulfilment.failed; !at.IsZero() {
		data := o.short("card declined")
		data.Total = cny.Format(o.total())
		out = append(out, o.message("failed", events.OrderPaymentFailed, at, data))
	}
	if at := o.fulfilment.paid; !at.IsZero() {
		data := o.short("")
		data.Total = cny.Format(o.total())
		out = append(out, o.message("paid", events.OrderPaid, at, data))
	}
	if o.coupon > 0 {
		data := couponData{o.user.id, couponName, cny.Format(o.coupon)}
		out = append(out, o.message("coupon", events.CouponRedeemed, o.at, data))
	}
	return o.withReturns(out)
}

// withReturns adds what is taken back. It names its products: the service need
// not ask what was in the order.
func (o *order) withReturns(out []message) []message {
	if at := o.fulfilment.cancelled; !at.IsZero() {
		data := o.short("changed their mind")
		if o.fulfilment.paid.IsZero() {
			data.Reason = "never paid"
		}
		data.Products = o.products()
		out = append(out, o.message("cancelled", events.OrderCancelled, at, data))
	}
	if at := o.fulfilment.refunded; !at.IsZero() {
		data := o.short("sent back")
		data.Products = o.products()[:1]
		out = append(out, o.message("refunded", events.OrderRefunded, at, data))
	}
	return out
}

// presaleEvents is a presale's order, deposit and balance. It has one line.
func (o *order) presaleEvents() []message {
	data := o.data()
	data.Presale = &presaleData{eventKey, cny.Format(o.deposit())}
	l := o.lines[0]
	payment := paymentData{o.id, o.user.id, eventKey, l.got.code, l.quantity, cny.Format(o.deposit())}
	out := []message{
		o.message("placed", events.OrderPlaced, o.at, data),
		o.message("deposit", events.DepositPaid, o.at.Add(30*time.Second), payment),
	}
	if at := o.fulfilment.paid; !at.IsZero() {
		payment.Total = cny.Format(o.total() - o.deposit())
		out = append(out, o.message("balance", events.BalancePaid, at, payment))
	}
	return o.withReturns(out)
}

func (o *order) message(step string, t events.Type, at time.Time, data any) message {
	return message{at, cashier, o.id + "/" + step, t, data}
}

// data is the whole order.
func (o *order) data() orderData {
	d := o.short("")
	d.Region, d.Products = o.user.region, o.products()
	if o.coupon > 0 {
		d.Coupon, d.Total = couponName, cny.Format(o.total())
	}
	return d
}

// short names the order, not its products.
func (o *order) short(reason string) orderData {
	return orderData{Order: o.id, User: o.user.id, Currency: string(cny), Reason: reason}
}

func (o *order) products() []lineData {
	out := make([]lineData, len(o.lines))
	for i, l := range o.lines {
		out[i] = lineData{l.got.product.id, l.got.code, l.quantity, cny.Format(o.prices[i])}
	}
	return out
}

// stockEvent is a level, or with adjust a change, of a SKU's stock.
func (k *sku) stockEvent(at time.Time, pieces int, adjust bool, reason string) message {
	data := stockData{SKU: k.code, Location: "hangzhou", UpdatedAt: at.Format(time.RFC3339Nano), Reason: reason}
	if adjust {
		data.Delta = &pieces
		return message{at, warehouse, fmt.Sprintf("%s/%s/%d", k.code, reason, at.UnixMilli()), events.StockAdjusted, data}
	}
	data.Available = &pieces
	return message{at, warehouse, fmt.Sprintf("%s/level/%d", k.code, at.UnixMilli()), events.StockLevelled, data}
}

// stockEvents are the changes of stock that an order makes: when it is placed, a
// presale's when its balance is paid.
func (o *order) stockEvents() []message {
	at := o.at
	if o.presale {
		at = o.fulfilment.paid
	}
	if at.IsZero() {
		return nil
	}
	var out []message
	for _, l := range o.lines {
		m := l.got.stockEvent(at, -l.quantity, true, "sold")
		m.id = fmt.Sprintf("%s/%s", o.id, l.got.code)
		out = append(out, m)
	}
	return out
}

// changes puts a product into the catalogue: itself, then its SKUs if it
// has several.
func (p *product) changes(at time.Time, of *category) []message {
	data := productData{
		Product: p.id, Title: p.title, Category: of.key, Brand: brandName(p.category, p.brand), Price: cny.Format(p.price),
		Attributes: map[string]any{"series": p.brand + 1}, Published: true,
	}
	out := []message{{at, office, string(p.id), events.ProductChanged, data}}
	if len(p.skus) == 1 {
		return out
	}
	for _, k := range p.skus {
		data := productData{Product: p.id, SKU: k.code, Title: p.title + k.variant, Price: cny.Format(p.price), Published: true}
		out = append(out, message{at, office, "sku/" + string(k.code), events.ProductChanged, data})
	}
	return out
}

// couponName is that of the coupon which good customers get for Double 11.
const couponName = "double11-30"

// couponValue is what it takes off an order of at least four times as much.
const couponValue events.Money = 30_00
