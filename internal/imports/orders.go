package imports

import (
	"github.com/peakday/peakday/events"
)

// Orders reads one line of an order a row. A line counts as placed and paid;
// one of negative quantity is a return, or, at price 0, a correction of the
// stock.
func Orders(s Settings) Kind { return &orders{s, counter{}} }

type orders struct {
	Settings
	seen counter
}

// Fields implements Kind.
func (*orders) Fields() (known, required []string) {
	return []string{"order_id", "user_id", "anonymous_id", "product_id", "sku", "title", "quantity", "price", "time", "region", "currency", "coupon"},
		[]string{"order_id", "quantity", "price", "time"}
}

// orderData is an order of one line, in the words of the contract.
type orderData struct {
	Order    string     `json:"order_id"`
	User     string     `json:"user_id,omitempty"`
	Device   string     `json:"anonymous_id,omitempty"`
	Currency string     `json:"currency,omitempty"`
	Region   string     `json:"region,omitempty"`
	Coupon   string     `json:"coupon,omitempty"`
	Products []lineData `json:"products"`
}

type lineData struct {
	Product  string `json:"product_id"`
	SKU      string `json:"sku"`
	Title    string `json:"title,omitempty"`
	Quantity int64  `json:"quantity"`
	Price    string `json:"price"`
}

// Event implements Kind.
func (o *orders) Event(row Row) (events.Event, error) {
	s := &scan{Row: row, Settings: o.Settings}
	at, quantity, currency := s.time("time"), s.pieces("quantity"), s.currency("currency")
	price := s.amount("price", currency)
	product, sku := s.either("product_id", "sku")
	data := orderData{
		Order: s.id("order_id"), User: s.optionalID("user_id"), Device: s.optionalID("anonymous_id"),
		Region: s.optionalID("region"), Coupon: s.optionalID("coupon"),
		Products: []lineData{{product, sku, s.text("title"), quantity, currency.Format(price)}},
	}
	if currency != o.Currency {
		data.Currency = string(currency)
	}
	if quantity == 0 {
		s.fail("quantity", "must not be 0")
	}
	s.worth("price", price, quantity)
	if s.failed != nil {
		return events.Event{}, s.failed
	}
	e := events.Event{
		Type: string(events.OrderCompleted), Time: at,
		ID: o.seen.id("order", data.Order, product, sku, micros(at), data.Products[0].Price, decimal(quantity)),
	}
	switch {
	case quantity < 0 && price == 0:
		e.Type = string(events.StockAdjusted)
		return s.event(e, correction{sku, quantity, events.Micros(at), "correction " + data.Order})
	case quantity < 0:
		e.Type = string(events.OrderReturned)
		data.Products[0].Quantity = -quantity
	}
	return s.event(e, data)
}

// correction is a stock.adjusted that an order file tells of.
type correction struct {
	SKU     string `json:"sku"`
	Delta   int64  `json:"delta"`
	Version int64  `json:"version"`
	Reason  string `json:"reason"`
}
