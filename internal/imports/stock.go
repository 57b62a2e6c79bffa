package imports

import (
	"github.com/peakday/peakday/events"
)

// Stock reads one level of stock (available) or one change of it (delta) a
// row. Without a version, the row's time orders the rows of a location.
func Stock(s Settings) Kind { return &stock{s, counter{}} }

type stock struct {
	Settings
	seen counter
}

// Fields implements Kind.
func (*stock) Fields() (known, required []string) {
	return []string{"sku", "location_id", "region", "available", "delta", "version", "updated_at", "time", "reason"}, []string{"sku"}
}

type stockData struct {
	SKU       string `json:"sku"`
	Location  string `json:"location_id,omitempty"`
	Region    string `json:"region,omitempty"`
	Available *int64 `json:"available,omitempty"`
	Delta     *int64 `json:"delta,omitempty"`
	Version   int64  `json:"version"`
	Reason    string `json:"reason,omitempty"`
}

// Event implements Kind.
func (k *stock) Event(row Row) (events.Event, error) {
	s := &scan{Row: row, Settings: k.Settings}
	updated := s.timeOr("updated_at", s.timeOr("time", k.Now))
	e := events.Event{Type: string(events.StockLevelled), Time: s.timeOr("time", updated)}
	data := stockData{
		SKU: s.id("sku"), Location: s.optionalID("location_id"), Region: s.optionalID("region"),
		Version: events.Micros(updated), Reason: s.text("reason"),
	}
	if s.Get("version") != "" {
		if data.Version = s.whole("version"); data.Version < 0 {
			s.fail("version", "must not be negative, got %d", data.Version)
		}
	}
	switch hasLevel, hasDelta := s.Get("available") != "", s.Get("delta") != ""; {
	case hasLevel == hasDelta:
		s.fail("available", "or %s is required, and only one of them", s.column("delta"))
	case hasLevel:
		level := s.pieces("available")
		data.Available = &level
	default:
		delta := s.pieces("delta")
		data.Delta, e.Type = &delta, string(events.StockAdjusted)
	}
	if s.failed != nil {
		return events.Event{}, s.failed
	}
	// A row without any time or version tells what holds now: its id must not
	// contain the time, so that the same row again is a duplicate.
	identity := data
	if row.Get("version") == "" && row.Get("updated_at") == "" && row.Get("time") == "" {
		identity.Version = 0
	}
	e.ID = k.seen.id("stock", row.Get("time"), string(mustJSON(identity)))
	return s.event(e, data)
}
