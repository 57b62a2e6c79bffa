package sim

import (
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// Season is the shop without a service beside it: its orders, presales and
// stock as they happen, everybody under control, and its truth. Whoever wants
// to know what forecasts and plans are worth lets it run and looks at it from
// moment to moment.
type Season struct {
	past   *past
	now    *present
	day    forecast.Day // the next day of the history to unfold
	hour   int          // of the play: the next
	visits []*visit
}

// NewSeason is the shop of a seed; it is the first day's midnight.
func NewSeason(seed uint64, users int) *Season {
	return &Season{past: newPast(newShop(seed, users)), day: historyStart()}
}

// Zone is the shop's.
func (s *Season) Zone() *time.Location { return s.past.zone }

// End is the first day after the play.
func (s *Season) End() forecast.Day { return playEnd() }

// Until lets happen what happens before t, and tells what has arrived by then
// of orders, presales and stock. Times must not go back.
func (s *Season) Until(t time.Time, tell func(events.Event) error) error {
	for s.day < playStart() && s.past.begin(s.day).Before(t) {
		s.past.unfold(s.day)
		s.day++
	}
	if s.day == playStart() && !s.past.begin(playStart()).After(t) {
		s.play(t)
	}
	for {
		p, ok := s.past.mail.next(t)
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

// play lets the hours of the play happen that begin before t.
func (s *Season) play(t time.Time) {
	if s.now == nil {
		s.now = newPresent(s.past)
		s.visits = s.now.visits
	}
	var control [trials]assignment
	for i := range control {
		control[i] = assignment{variant: "control", version: 1}
	}
	hours := int(playEnd()-playStart()) * 24
	for ; s.hour < hours; s.hour++ {
		from := s.past.begin(playStart()).Add(time.Duration(s.hour) * time.Hour)
		if !from.Before(t) {
			return
		}
		s.now.opening(from)
		for ; len(s.visits) > 0 && s.visits[0].at.Before(from.Add(time.Hour)); s.visits = s.visits[1:] {
			s.now.receive(s.visits[0], control)
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
func (s *Season) Calendar() forecast.Event { return calendar() }

// Category is that of a product.
func (s *Season) Category(item events.ItemID) string {
	for _, p := range s.past.products {
		if p.id == item {
			return s.past.categories[p.category].key
		}
	}
	return ""
}

// SKUs lists all.
func (s *Season) SKUs() []events.SKU {
	var out []events.SKU
	for _, k := range s.past.skus {
		out = append(out, k.code)
	}
	return out
}

// Sold is how many pieces of the i-th SKU were sold from one day to another,
// Wanted how many would have been with stock for all. Both are known to the
// end of the day before which the shop has run.
func (s *Season) Sold(i int, from, to forecast.Day) float64 {
	return s.past.tally.soldIn(s.past.skus[i], from, to)
}

// Wanted is what Sold is, whatever the stock.
func (s *Season) Wanted(i int, from, to forecast.Day) float64 {
	return s.past.tally.wantedIn(s.past.skus[i], from, to)
}

// Left is what is left of a SKU right now; it is counted from the first day of
// the play on.
func (s *Season) Left(sku events.SKU) (pieces int64, known bool) {
	if s.now == nil {
		return 0, false
	}
	for i, k := range s.past.skus {
		if k.code == sku {
			return int64(s.past.stock.left[i] + s.past.stock.promise[i]), true
		}
	}
	return 0, false
}
