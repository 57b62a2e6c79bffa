package sim

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
)

// message is one event on its way to the service.
type message struct {
	at     time.Time // when it happened
	source string
	id     string
	typ    events.Type
	data   any
}

// The systems of the shop that send events.
const (
	website   = "shop/web"
	cashier   = "shop/orders"
	warehouse = "shop/warehouse"
	office    = "shop/catalogue"
)

// cny is the shop's currency.
const cny events.Currency = "CNY"

// line is the message as a line of NDJSON.
func (m *message) line() []byte {
	return append(mustJSON(struct {
		SpecVersion string      `json:"specversion"`
		ID          string      `json:"id"`
		Source      string      `json:"source"`
		Type        events.Type `json:"type"`
		Time        string      `json:"time"`
		Data        any         `json:"data"`
	}{"1.0", m.id, m.source, m.typ, m.at.Format(time.RFC3339Nano), m.data}), '\n')
}

// mustJSON cannot fail: what it gets is plain data.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sim: %v", err))
	}
	return b
}

// The data of the events, as docs/events.md names it.
type (
	orderData struct {
		Order    string       `json:"order_id"`
		User     string       `json:"user_id"`
		Currency string       `json:"currency"`
		Region   string       `json:"region,omitempty"`
		Total    string       `json:"total,omitempty"`
		Coupon   string       `json:"coupon,omitempty"`
		Products []lineData   `json:"products,omitempty"`
		Reason   string       `json:"reason,omitempty"`
		Presale  *presaleData `json:"presale,omitempty"`
	}
	presaleData struct {
		Event   string `json:"event"`
		Deposit string `json:"deposit"`
	}
	lineData struct {
		Product  events.ItemID `json:"product_id"`
		SKU      events.SKU    `json:"sku"`
		Quantity int           `json:"quantity"`
		Price    string        `json:"price"`
	}
	paymentData struct {
		Order    string     `json:"order_id"`
		User     string     `json:"user_id"`
		Event    string     `json:"event"`
		SKU      events.SKU `json:"sku"`
		Quantity int        `json:"quantity"`
		Total    string     `json:"total"`
	}
	behaviourData struct {
		User    string        `json:"user_id,omitempty"`
		Device  string        `json:"anonymous_id,omitempty"`
		Session string        `json:"session_id,omitempty"`
		Product events.ItemID `json:"product_id"`
		Price   string        `json:"price,omitempty"`
	}
	stockData struct {
		SKU       events.SKU `json:"sku"`
		Location  string     `json:"location_id"`
		Available *int       `json:"available,omitempty"`
		Delta     *int       `json:"delta,omitempty"`
		UpdatedAt string     `json:"updated_at"`
		Reason    string     `json:"reason,omitempty"`
	}
	productData struct {
		Product    events.ItemID  `json:"product_id"`
		SKU        events.SKU     `json:"sku,omitempty"`
		Title      string         `json:"title"`
		Category   string         `json:"category,omitempty"`
		Brand      string         `json:"brand,omitempty"`
		Price      string         `json:"price"`
		Attributes map[string]any `json:"attributes,omitempty"`
		Published  bool           `json:"published"`
	}
	userData struct {
		User       string            `json:"user_id"`
		Attributes map[string]string `json:"attributes"`
	}
	identityData struct {
		Device string `json:"anonymous_id"`
		User   string `json:"user_id"`
	}
	couponData struct {
		User   string `json:"user_id"`
		Coupon string `json:"coupon"`
		Value  string `json:"value"`
	}
	observationData struct {
		Units  map[string]string `json:"units"`
		Metric string            `json:"metric"`
		Value  float64           `json:"value"`
	}
	exposureData struct {
		Experiment string            `json:"experiment"`
		Variant    string            `json:"variant"`
		Unit       string            `json:"unit"`
		Version    int               `json:"version,omitempty"`
		Attributes map[string]string `json:"attributes"`
	}
)
