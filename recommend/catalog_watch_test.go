package recommend

import (
	"testing"

	"github.com/peakday/peakday/events"
)

// TestWatchersHearOfTheirSKUs, once for all that came before they looked, and
// not after they have stopped.
func TestWatchersHearOfTheirSKUs(t *testing.T) {
	t.Parallel()
	c := NewCatalog(NewInterner(), "log", "CNY")
	changed, stop := c.WatchStock([]events.SKU{"a", "b", "a"})
	other, stopOther := c.WatchStock([]events.SKU{"a"})
	defer stopOther()
	heard := func(ch <-chan struct{}) bool {
		select {
		case <-ch:
			return true
		default:
			return false
		}
	}
	level := func(sku, n string) fact {
		return fact{events.StockLevelled, noon, `{"sku":"` + sku + `","available":` + n + `,"updated_at":"2026-11-11T12:00:00Z"}`}
	}
	feed(t, c, deliveries(t, level("c", "5")))
	if heard(changed) {
		t.Error("heard of another SKU")
	}
	feed(t, c, deliveries(t, level("a", "5"), level("b", "0")))
	if !heard(changed) || heard(changed) || !heard(other) {
		t.Error("two changes are not one value")
	}
	feed(t, c, deliveries(t, fact{events.ProductChanged, noon, `{"product_id":"p","sku":"b","published":false}`}))
	if !heard(changed) || heard(other) {
		t.Error("what is not sold any more is not heard of by who watches it, and only by them")
	}
	stop()
	feed(t, c, deliveries(t, level("b", "9")))
	if heard(changed) || len(c.watchers.bySKU) != 1 {
		t.Errorf("watched on after the end: %v", c.watchers.bySKU)
	}
}
