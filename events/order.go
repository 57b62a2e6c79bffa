package events

import (
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
)

// Order is a stage in the life of an order; the fact's type says which.
type Order struct {
	Who
	Order    OrderID
	Currency Currency // the shop's, unless the event says otherwise
	Region   string
	Total    Money // as sent; the sum of the lines if the sender gave none
	Coupon   string
	Lines    []Line
	Reason   string
	Presale  *Presale // set for an order that waits for its balance
}

// Line is one product of an order.
type Line struct {
	Item     ItemID
	SKU      SKU
	Title    string
	Quantity int64
	Price    Money  // of one piece
	Request  string // the recommendation request that led to it
}

// Amount is the line's price times its quantity.
func (l Line) Amount() Money { return l.Price * Money(l.Quantity) }

// Presale marks an order as part of a presale event.
type Presale struct {
	Event   string // of the calendar
	Deposit Money
}

type wireOrder struct {
	wireWho
	Order    string      `json:"order_id"`
	Currency string      `json:"currency"`
	Region   string      `json:"region"`
	Total    *wireAmount `json:"total"`
	Coupon   string      `json:"coupon"`
	Products wireLines   `json:"products"`
	Reason   string      `json:"reason"`
	Presale  *struct {
		Event   string      `json:"event"`
		Deposit *wireAmount `json:"deposit"`
	} `json:"presale"`
}

type wireLine struct {
	Product  string      `json:"product_id"`
	SKU      string      `json:"sku"`
	Title    string      `json:"title"`
	Quantity *int64      `json:"quantity"`
	Price    *wireAmount `json:"price"`
	Request  string      `json:"request"`
}

// wireLines reads products so that what is wrong names its place in the list.
type wireLines []wireLine

// UnmarshalJSON implements json.Unmarshaler.
func (w *wireLines) UnmarshalJSON(b []byte) error {
	if *w != nil {
		// encoding/json would mix the two lists, and routing would take the second.
		return &Invalid{Field: "products", Problem: "must be there once"}
	}
	if json.Unmarshal(b, (*[]wireLine)(w)) == nil {
		return nil
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return InvalidJSON("products", err)
	}
	for i, r := range raw {
		if err := json.Unmarshal(r, &wireLine{}); err != nil {
			return InvalidJSON(fmt.Sprintf("products[%d]", i), err)
		}
	}
	return nil
}

// maxLines bounds the products of one order.
const maxLines = 10_000

func readOrder(data json.RawMessage, t Type, shop Currency) (Data, error) {
	var w wireOrder
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	who, err := w.who()
	if err != nil {
		return nil, err
	}
	o := &Order{Who: who, Order: OrderID(w.Order), Currency: shop, Region: w.Region, Coupon: w.Coupon, Reason: w.Reason}
	if w.Currency != "" {
		o.Currency = Currency(w.Currency)
	}
	if err := w.checkNames(o.Currency); err != nil {
		return nil, err
	}
	if o.Lines, err = w.lines(t, o.Currency); err != nil {
		return nil, err
	}
	if err := o.readTotal(w.Total); err != nil {
		return nil, err
	}
	if p := w.Presale; p != nil {
		if err := CheckKey("presale.event", p.Event); err != nil {
			return nil, err
		}
		deposit, err := price("presale.deposit", p.Deposit, o.Currency)
		if err != nil {
			return nil, err
		}
		o.Presale = &Presale{Event: p.Event, Deposit: deposit}
	}
	return o, nil
}

func (w *wireOrder) checkNames(c Currency) error {
	if err := CheckID("order_id", w.Order); err != nil {
		return err
	}
	if !c.Valid() {
		return &Invalid{Field: "currency", Problem: "must be an ISO 4217 code such as CNY, got " + quote(string(c))}
	}
	return checkOptionalIDs("region", w.Region, "coupon", w.Coupon)
}

// lines checks the products. A sale must name some and price them; what takes
// a sale back may name none (the whole order) and need not price them.
func (w *wireOrder) lines(t Type, c Currency) ([]Line, error) {
	sale := t == OrderPlaced || t == OrderCompleted || t == OrderReturned
	if n := len(w.Products); n > maxLines || n == 0 && sale {
		return nil, &Invalid{Field: "products", Problem: fmt.Sprintf("must name 1 to %d products, got %d", maxLines, n)}
	}
	if len(w.Products) == 0 {
		return nil, nil
	}
	lines := make([]Line, len(w.Products))
	for i, p := range w.Products {
		l, err := p.line(sale, c)
		if err != nil {
			return nil, within(fmt.Sprintf("products[%d]", i), err)
		}
		lines[i] = l
	}
	return lines, nil
}

// line reads one product; a shop that does not tell products from SKUs may
// give either id for both.
func (p wireLine) line(sale bool, c Currency) (Line, error) {
	if p.Product == "" {
		p.Product = p.SKU
	}
	if p.SKU == "" {
		p.SKU = p.Product
	}
	if err := CheckID("product_id", p.Product); err != nil {
		return Line{}, err
	}
	if err := CheckID("sku", p.SKU); err != nil {
		return Line{}, err
	}
	if p.Quantity == nil {
		return Line{}, &Invalid{Field: "quantity", Problem: "is required"}
	}
	quantity, err := checkQuantity("quantity", *p.Quantity)
	if err != nil {
		return Line{}, err
	}
	if p.Price == nil && sale {
		return Line{}, &Invalid{Field: "price", Problem: "is required"}
	}
	each, err := price("price", p.Price, c)
	if err != nil {
		return Line{}, err
	}
	if hi, lo := bits.Mul64(uint64(each), uint64(quantity)); hi != 0 || lo > math.MaxInt64 {
		return Line{}, &Invalid{Field: "price", Problem: "times quantity is too large"}
	}
	if err := checkOptionalIDs("request", p.Request); err != nil {
		return Line{}, err
	}
	return Line{ItemID(p.Product), SKU(p.SKU), p.Title, quantity, each, p.Request}, nil
}

// readTotal takes the sender's total, else the sum of the lines.
func (o *Order) readTotal(sent *wireAmount) (err error) {
	if sent != nil {
		o.Total, err = price("total", sent, o.Currency)
		return err
	}
	for _, l := range o.Lines {
		if o.Total > math.MaxInt64-l.Amount() {
			return &Invalid{Field: "products", Problem: "add up to more than 64 bits of the currency's minor unit"}
		}
		o.Total += l.Amount()
	}
	return nil
}

// Payment is one of the two payments of a presale order.
type Payment struct {
	Who
	Order    OrderID
	Event    string // of the calendar
	SKU      SKU
	Quantity int64
	Total    Money // of this payment
}

func readPayment(data json.RawMessage, _ Type, shop Currency) (Data, error) {
	var w struct {
		wireWho
		Order    string      `json:"order_id"`
		Event    string      `json:"event"`
		SKU      string      `json:"sku"`
		Quantity int64       `json:"quantity"`
		Total    *wireAmount `json:"total"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	if err := CheckID("user_id", w.User); err != nil {
		return nil, err
	}
	who, err := w.who()
	if err != nil {
		return nil, err
	}
	if err := CheckID("order_id", w.Order); err != nil {
		return nil, err
	}
	if err := CheckKey("event", w.Event); err != nil {
		return nil, err
	}
	if err := CheckID("sku", w.SKU); err != nil {
		return nil, err
	}
	if _, err := checkQuantity("quantity", w.Quantity); err != nil {
		return nil, err
	}
	if w.Total == nil {
		return nil, &Invalid{Field: "total", Problem: "is required"}
	}
	total, err := price("total", w.Total, shop)
	if err != nil {
		return nil, err
	}
	return &Payment{who, OrderID(w.Order), w.Event, SKU(w.SKU), w.Quantity, total}, nil
}
