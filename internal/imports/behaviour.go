package imports

import (
	"strings"

	"github.com/peakday/peakday/events"
)

// Behaviour reads one action of a visitor a row. Its type is an event type, or
// view, click, favorite, cart, remove, buy or purchase; the last two are an
// order of one line, placed and paid.
func Behaviour(s Settings) Kind { return &behaviour{s, counter{}} }

type behaviour struct {
	Settings
	seen counter
}

// Fields implements Kind.
func (*behaviour) Fields() (known, required []string) {
	return []string{"user_id", "anonymous_id", "session_id", "product_id", "sku", "type", "quantity", "price", "time", "placement", "request", "order_id", "region"},
		[]string{"product_id", "type", "time"}
}

type behaviourData struct {
	User      string `json:"user_id,omitempty"`
	Device    string `json:"anonymous_id,omitempty"`
	Session   string `json:"session_id,omitempty"`
	Product   string `json:"product_id"`
	SKU       string `json:"sku,omitempty"`
	Quantity  int64  `json:"quantity,omitempty"`
	Price     string `json:"price,omitempty"`
	Placement string `json:"placement,omitempty"`
	Request   string `json:"request,omitempty"`
}

// Event implements Kind.
func (b *behaviour) Event(row Row) (events.Event, error) {
	s := &scan{Row: row, Settings: b.Settings}
	e := events.Event{Type: string(s.action("type")), Time: s.time("time")}
	data := behaviourData{
		User: s.optionalID("user_id"), Device: s.optionalID("anonymous_id"), Session: s.optionalID("session_id"),
		Product: s.id("product_id"), SKU: s.optionalID("sku"),
		Placement: s.optionalID("placement"), Request: s.optionalID("request"),
	}
	if s.Get("quantity") != "" {
		if data.Quantity = s.pieces("quantity"); data.Quantity < 1 {
			s.fail("quantity", "must be at least 1, got %d", data.Quantity)
		}
	}
	if s.Get("price") != "" {
		price := s.amount("price", b.Currency)
		s.worth("price", price, data.Quantity)
		data.Price = b.Currency.Format(price)
	}
	order := s.optionalID("order_id")
	region := s.optionalID("region")
	if data.User == "" && data.Device == "" {
		s.fail("user_id", "or %s is required", s.column("anonymous_id"))
	}
	if s.failed != nil {
		return events.Event{}, s.failed
	}
	e.ID = b.seen.id("behaviour", e.Type, data.User, data.Device, order, data.Product, data.SKU, micros(e.Time), data.Price, decimal(data.Quantity))
	if events.Type(e.Type) == events.OrderCompleted {
		if order == "" {
			order = "import-" + e.ID
		}
		return s.event(e, data.bought(order, region))
	}
	return s.event(e, data)
}

// bought makes an order of one line of a purchase. One without an order id is
// an order of its own.
func (d behaviourData) bought(order, region string) orderData {
	line := lineData{Product: d.Product, SKU: d.SKU, Quantity: max(1, d.Quantity), Price: d.Price}
	if line.SKU == "" {
		line.SKU = line.Product
	}
	if line.Price == "" {
		line.Price = "0"
	}
	return orderData{Order: order, User: d.User, Device: d.Device, Region: region, Products: []lineData{line}}
}

// action reads what somebody did.
func (s *scan) action(field string) events.Type {
	text := s.Get(field)
	switch strings.ToLower(text) {
	case "view", string(events.ProductViewed):
		return events.ProductViewed
	case "click", string(events.ProductClicked):
		return events.ProductClicked
	case "favorite", "favourite", string(events.ProductFavorited):
		return events.ProductFavorited
	case "cart", string(events.ProductAdded):
		return events.ProductAdded
	case "remove", string(events.ProductRemoved):
		return events.ProductRemoved
	case "buy", "purchase", string(events.OrderCompleted):
		return events.OrderCompleted
	}
	s.fail(field, "must be view, click, favorite, cart, remove, buy, purchase or an event type such as product.viewed, got %q", text)
	return ""
}
