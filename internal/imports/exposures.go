package imports

import (
	"encoding/json"

	"github.com/peakday/peakday/events"
)

// Exposures reads one exposure of a unit a row.
func Exposures(s Settings) Kind { return &exposures{s, counter{}} }

type exposures struct {
	Settings
	seen counter
}

// Fields implements Kind.
func (*exposures) Fields() (known, required []string) {
	return []string{"experiment", "variant", "unit", "version", "attributes", "time"}, []string{"experiment", "variant", "unit", "time"}
}

type exposureData struct {
	Experiment string          `json:"experiment"`
	Variant    string          `json:"variant"`
	Unit       string          `json:"unit"`
	Version    int64           `json:"version,omitempty"`
	Attributes json.RawMessage `json:"attributes,omitempty"`
}

// Event implements Kind.
func (x *exposures) Event(row Row) (events.Event, error) {
	s := &scan{Row: row, Settings: x.Settings}
	e := events.Event{Type: string(events.ExperimentExposed), Time: s.time("time")}
	data := exposureData{Experiment: s.key("experiment"), Variant: s.key("variant"), Unit: s.id("unit"), Attributes: s.object("attributes", `{"tier":"gold"}`)}
	if s.Get("version") != "" {
		if data.Version = s.whole("version"); data.Version < 0 {
			s.fail("version", "must not be negative, got %d", data.Version)
		}
	}
	if s.failed != nil {
		return events.Event{}, s.failed
	}
	e.ID = x.seen.id("exposure", data.Experiment, data.Variant, data.Unit, micros(e.Time))
	return s.event(e, data)
}

// key reads a key that a user of peakday made up.
func (s *scan) key(field string) string {
	key := s.Get(field)
	if err := events.CheckKey("", key); err != nil {
		s.fail(field, "%v", err)
	}
	return key
}
