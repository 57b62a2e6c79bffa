package app

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/peakday/peakday/events"
)

// history draws what a small shop's world tells: every type of event, good and
// poison, from few users, items and moments, so that all of it meets.
type history struct {
	*rand.Rand
	now time.Time // of the service; events are of the 20 days before it
	n   int
}

func newHistory(seed uint64, now time.Time) *history {
	return &history{Rand: rand.New(rand.NewPCG(seed, 11)), now: now}
}

// of gives one of some words.
func (h *history) of(words ...string) string { return words[h.IntN(len(words))] }

func (h *history) numbered(what string, n int) string { return fmt.Sprint(what, h.IntN(n)) }

// at is a time: most often a recent one, so that it is not too late; seldom
// long ago or too far ahead.
func (h *history) at() time.Time {
	switch h.IntN(40) {
	case 0:
		return h.now.Add(2 * time.Hour)
	case 1, 2, 3:
		return h.now.Add(-time.Duration(h.IntN(20*24)) * time.Hour)
	}
	return h.now.Add(-time.Duration(h.IntN(60*60)) * time.Minute / 2).Truncate(time.Minute)
}

// event draws one event.
func (h *history) event() events.Event {
	h.n++
	typ, data := h.fact()
	if h.n%150 == 0 {
		typ, data = poison()
	}
	b, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	return events.Event{ID: fmt.Sprint("e", h.n), Source: h.of("web", "erp"), Type: string(typ), Time: h.at(), Data: b}
}

// poison is an order that a fold refuses: worth more than sales can sum.
func poison() (events.Type, object) {
	line := object{"sku": "s1", "quantity": 1, "price": "200000000000"}
	return events.OrderPlaced, object{"order_id": "o1", "user_id": "u1", "products": []object{line}}
}

type object = map[string]any

func (h *history) fact() (events.Type, object) {
	switch h.IntN(12) {
	case 0, 1:
		return events.ExperimentExposed, object{
			"experiment": h.of("checkout", "checkout", "price"), "variant": h.of("control", "b"), "unit": h.visitor(),
			"attributes": object{"tier": h.of("gold", "silver")},
		}
	case 2, 3:
		return h.behaviour()
	case 4, 5, 6:
		return h.order()
	case 7:
		return h.presale()
	case 8:
		return h.stock()
	case 9:
		return h.product()
	case 10:
		return h.people()
	}
	return h.other()
}

// visitor is a user or a device; some devices have the name of a user.
func (h *history) visitor() string {
	if h.IntN(8) == 0 {
		return h.numbered("d", 4)
	}
	return h.numbered("u", 10)
}

// who names a user, a device or both in data.
func (h *history) who(data object) object {
	which := h.IntN(4)
	if which != 0 {
		data["user_id"] = h.numbered("u", 10)
	}
	if which < 2 {
		data["anonymous_id"] = h.numbered("d", 4)
	}
	if h.IntN(6) == 0 {
		data["units"] = object{h.of("team", "session", "shop"): h.numbered("x", 3)}
	}
	return data
}

func (h *history) behaviour() (events.Type, object) {
	typ := []events.Type{events.ProductViewed, events.ProductViewed, events.ProductClicked, events.ProductFavorited, events.ProductAdded, events.ProductRemoved}[h.IntN(6)]
	data := h.who(object{"product_id": h.numbered("p", 6), "placement": "home"})
	if h.IntN(3) == 0 {
		data["sku"] = h.numbered("s", 8)
	}
	return typ, data
}

func (h *history) order() (events.Type, object) {
	types := []events.Type{
		events.OrderPlaced, events.OrderPlaced, events.OrderPaid, events.OrderPaid, events.OrderCompleted, events.OrderCompleted, events.OrderCompleted,
		events.OrderPaymentFailed, events.OrderCancelled, events.OrderRefunded, events.OrderReturned,
	}
	typ := types[h.IntN(len(types))]
	data := h.who(object{"order_id": h.numbered("o", 60), "region": h.of("east", "west", "")})
	if h.IntN(12) == 0 {
		data["currency"] = "USD"
	}
	if typ == events.OrderPlaced && h.IntN(4) == 0 {
		data["presale"] = object{"event": "double-11", "deposit": "1.00"}
	}
	if (typ == events.OrderCancelled || typ == events.OrderRefunded) && h.IntN(2) == 0 {
		return typ, data // the whole order
	}
	var lines []object
	for range 1 + h.IntN(3) {
		sku := h.IntN(8)
		price := fmt.Sprintf("%d.%02d", h.IntN(30), h.IntN(100))
		lines = append(lines, object{"product_id": fmt.Sprint("p", sku%6), "sku": fmt.Sprint("s", sku), "title": "Thing", "quantity": 1 + h.IntN(3), "price": price})
	}
	data["products"] = lines
	return typ, data
}

func (h *history) presale() (events.Type, object) {
	return []events.Type{events.DepositPaid, events.BalancePaid}[h.IntN(2)], object{
		"order_id": h.numbered("o", 60), "user_id": h.numbered("u", 10), "event": "double-11",
		"sku": h.numbered("s", 8), "quantity": 1 + h.IntN(2), "total": "9.90",
	}
}

func (h *history) stock() (events.Type, object) {
	data := object{"sku": h.numbered("s", 8), "version": h.IntN(40), "location_id": h.of("", "l1", "l2")}
	if h.IntN(2) == 0 {
		data["available"] = h.IntN(20)
		return events.StockLevelled, data
	}
	data["delta"] = h.IntN(9) - 5
	return events.StockAdjusted, data
}

func (h *history) product() (events.Type, object) {
	data := object{"product_id": h.numbered("p", 6), "title": h.numbered("Thing ", 5), "attributes": object{h.of("a", "b"): h.IntN(3)}}
	switch h.IntN(4) {
	case 0:
		data["sku"] = h.numbered("s", 8)
	case 1:
		data["published"] = h.IntN(4) > 0
	case 2:
		data["price"] = h.numbered("", 50)
		data["regions"] = []string{h.of("east", "west")}
	}
	return events.ProductChanged, data
}

func (h *history) people() (events.Type, object) {
	user := h.numbered("u", 10)
	switch h.IntN(4) {
	case 0:
		return events.UserChanged, object{"user_id": user, "attributes": object{"tier": h.of("gold", "silver")}}
	case 1:
		return events.UserIdentified, object{"user_id": user, "anonymous_id": h.numbered("d", 4)}
	case 2:
		return events.CouponIssued, object{"user_id": user, "coupon": "c1", "value": "5"}
	}
	return events.CouponRedeemed, object{"user_id": user, "coupon": "c1"}
}

func (h *history) other() (events.Type, object) {
	switch h.IntN(3) {
	case 0:
		return events.Recommended, h.who(object{"user_id": "u1", "request": "r", "placement": "home", "product_ids": []string{h.numbered("p", 6), h.numbered("p", 6)}})
	case 1:
		return events.MetricObserved, object{"unit": h.visitor(), "metric": "latency", "value": float64(h.IntN(1000)) / 8}
	}
	return "shop.opened", object{"door": h.IntN(3)}
}
