package sim

import (
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// Standalone is the shop without a service beside it: its orders, presales and
// stock as they happen, everybody under control, and its truth. Whoever wants
// to know what forecasts and plans are worth lets it run and looks at it from
// moment to moment.
type Standalone struct {
	history *history
	sale    *sale
	day     forecast.Day // the next day of the history to unfold
	hour    int          // of the sale: the next
	visits  []*visit
}

// NewStandalone is the shop of a seed; it is the first day's midnight.
func NewStandalone(seed uint64, users int) *Standalone {
	return &Standalone{history: newHistory(newShop(seed, users)), day: historyStart()}
}

// Zone is the shop's.
func (s *Standalone) Zone() *time.Location { return s.history.zone }

// End is the first day after the sale.
func (s *Standalone) End() forecast.Day { return saleEnd() }

// Until lets happen what happens before t, and tells what has arrived by then
// of orders, presales and stock. Times must not go back.
func (s *Standalone) Until(t time.Time, tell func(events.Event) error) error {
	for s.day < saleStart() && s.history.begin(s.day).Before(t) {
		s.history.simulateDay(s.day)
		s.day++
	}
	if s.day == saleStart() && !s.history.begin(saleStart()).After(t) {
		s.simulateSale(t)
	}
	for {
		p, ok := s.history.outbox.next(t)
		if !ok {
			return nil
		}
		if !ofSales(p.typ) {
			continue
		}
		if err := tell(p.event()); err != nil {
			return fmt.Errorf("event %s: %w", p.id, err)
		}
	}
}

// simulateSale lets the hours of the sale happen that begin before t.
func (s *Standalone) simulateSale(t time.Time) {
	if s.sale == nil {
		s.sale = newSale(s.history)
		s.visits = s.sale.visits
	}
	var control [trials]assignment
	for i := range control {
		control[i] = assignment{variant: "control", version: 1}
	}
	hours := int(saleEnd()-saleStart()) * 24
	for ; s.hour < hours; s.hour++ {
		from := s.history.begin(saleStart()).Add(time.Duration(s.hour) * time.Hour)
		if !from.Before(t) {
			return
		}
		s.sale.opening(from)
		for ; len(s.visits) > 0 && s.visits[0].at.Before(from.Add(time.Hour)); s.visits = s.visits[1:] {
			s.sale.receive(s.visits[0], control)
		}
	}
}

// ofSales reports whether forecasts read events of the type.
func ofSales(t events.Type) bool { return forecast.Sales{}.Wants(events.ForSKU, t) }

// event is the message as the consumer sees it.
func (m *message) event() events.Event {
	return events.Event{ID: m.id, Source: m.source, Type: string(m.typ), Time: m.at, Data: mustJSON(m.data)}
}

// Calendar is what the shop says of its sale.
func (s *Standalone) Calendar() forecast.Event { return calendar() }

// Category is that of a product.
func (s *Standalone) Category(item events.ItemID) string {
	for _, p := range s.history.products {
		if p.id == item {
			return s.history.categories[p.category].key
		}
	}
	return ""
}

// SKUs lists all.
func (s *Standalone) SKUs() []events.SKU {
	var out []events.SKU
	for _, k := range s.history.skus {
		out = append(out, k.code)
	}
	return out
}

// Sold is how many pieces of the i-th SKU were sold from one day to another,
// Wanted how many would have been with stock for all. Both are known to the
// end of the day before which the shop has run.
func (s *Standalone) Sold(i int, from, to forecast.Day) float64 {
	return s.history.tally.soldIn(s.history.skus[i], from, to)
}

// Wanted is what Sold is, whatever the stock.
func (s *Standalone) Wanted(i int, from, to forecast.Day) float64 {
	return s.history.tally.wantedIn(s.history.skus[i], from, to)
}

// Left is what is left of a SKU right now; it is counted from the first day of
// the sale on.
func (s *Standalone) Left(sku events.SKU) (pieces int64, known bool) {
	if s.sale == nil {
		return 0, false
	}
	for i, k := range s.history.skus {
		if k.code == sku {
			return int64(s.history.stock.left[i] + s.history.stock.promise[i]), true
		}
	}
	return 0, false
}
