package scenarios_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/peakday/peakday/api"
)

// left is what a stream says of a SKU.
type left struct {
	SKU, Item string
	Available bool
	Remaining *int64
}

// stock waits for the next change of stock.
func (s *stream) stock() (l left) {
	s.t.Helper()
	kind := ""
	for s.body.Scan() {
		switch name, value, _ := strings.Cut(s.body.Text(), ": "); name {
		case "event":
			kind = value
		case "data":
			if err := json.Unmarshal([]byte(value), &l); err != nil || kind != "stock" {
				s.t.Fatalf("%s of kind %q: %v", value, kind, err)
			}
			return l
		}
	}
	s.t.Fatalf("the stream ended: %v", s.body.Err())
	return l
}

func (l left) String() string {
	if l.Remaining == nil {
		return fmt.Sprintf("%s of %s %t unknown", l.SKU, l.Item, l.Available)
	}
	return fmt.Sprintf("%s of %s %t %d", l.SKU, l.Item, l.Available, *l.Remaining)
}

// TestAShopsPageHearsWhatSellsOut: the level, a sale, the end of the stock, a
// restock; of what it asked for and nothing else.
func TestAShopsPageHearsWhatSellsOut(t *testing.T) {
	t.Parallel()
	s := open(t)
	n := 0
	send := func(kind, sku string, data fields) {
		n++
		data["sku"], data["version"] = sku, n
		s.ndjson("/v1/events", event(fmt.Sprint("st", n), kind, began.Add(time.Duration(n)*time.Second), data))
		s.settle()
	}
	send("stock.level", "s1", fields{"available": 3})
	page := s.watch("/v1/stock/stream?sku=s1,s2&sku=s1", "")
	sleepy := s.watch("/v1/stock/stream?sku=s1", "") // and never reads on
	hears := func(want string) {
		t.Helper()
		if got := page.stock(); got.String() != want {
			t.Errorf("heard %s, want %s", got, want)
		}
	}
	hears("s1 of s1 true 3") // once, though it was named twice
	send("stock.level", "s3", fields{"available": 9})
	send("stock.adjusted", "s1", fields{"delta": -1})
	hears("s1 of s1 true 2")
	send("stock.adjusted", "s1", fields{"delta": -2})
	hears("s1 of s1 false 0")
	s.ndjson("/v1/events", event("p2", "product.changed", began, fields{"product_id": "p2", "sku": "s2"}))
	s.settle()
	hears("s2 of p2 true unknown")
	send("stock.level", "s1", fields{"available": 7})
	hears("s1 of s1 true 7")
	s.ndjson("/v1/events", event("gone", "product.changed", began.Add(time.Minute), fields{"product_id": "p2", "published": false}))
	s.settle()
	hears("s2 of p2 false unknown")
	if got := sleepy.stock(); got.SKU != "s1" {
		t.Errorf("the slow reader hears %s", got)
	}
}

func TestTheStockStreamIsGuarded(t *testing.T) {
	t.Parallel()
	s := open(t, withKeys(key("public", api.Evaluate, api.EventsBehaviour), key("server", api.Evaluate, api.Manage), key("reader", api.Read), key("sender", api.EventsTrusted)))
	s.must("POST", "/v1/events", event("st", "stock.level", began, fields{"sku": "s1", "available": 3, "version": 1}), nil, "Content-Type: application/cloudevents+json", "X-API-Key: sender")
	s.settle()
	if got := s.watch("/v1/stock/stream?sku=s1&key=public", "").stock(); got.String() != "s1 of s1 true 3" {
		t.Errorf("%s", got)
	}
	for _, c := range []struct {
		path, key string
		status    int
	}{
		{"?sku=s1", "", 401},
		{"?sku=s1", "reader", 403},
		{"?sku=s1&key=server", "", 403},
		{"", "public", 422},
		{"?sku=" + strings.Repeat("a,", 101), "public", 422},
		{"?sku=%00", "public", 422},
		{"?sku=s1&region=%00", "public", 422},
		{"?skus=s1", "public", 422},
	} {
		r := request{method: "GET", path: "/v1/stock/stream" + c.path}
		if c.key != "" {
			r.headers = []string{"X-API-Key: " + c.key}
		}
		if a := s.send(r); a.status != c.status {
			t.Errorf("%s with key %q: %d %s", c.path, c.key, a.status, a.body)
		}
	}
}
