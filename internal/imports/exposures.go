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
	data := exposureData{Experiment: s.key("experiment"), Variant: s.key("variant"), Unit: s.id("unit")}
	if s.Get("version") != "" {
		data.Version = s.whole("version")
	}
	if text := s.Get("attributes"); text != "" {
		var object map[string]any
		if json.Unmarshal([]byte(text), &object) != nil {
			s.fail("attributes", "must be a JSON object such as {\"tier\":\"gold\"}, got %q", text)
		}
		data.Attributes = json.RawMessage(text)
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
