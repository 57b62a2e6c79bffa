package events

import (
	"encoding/json"
	"fmt"
)

// Exposure says that a unit met its variant. The unit's kind is that of the
// experiment.
type Exposure struct {
	Experiment string
	Variant    string
	Unit       UnitID
	Version    int            // of the experiment; 0 if the sender did not know
	Attributes map[string]any // at this moment; the report's segments come from them
}

func (x *Exposure) units() []Unit { return []Unit{{AnyUnit, x.Unit}} }

func readExposure(data json.RawMessage, _ Type, _ Currency) (Data, error) {
	var w struct {
		Experiment string         `json:"experiment"`
		Variant    string         `json:"variant"`
		Unit       string         `json:"unit"`
		Version    int            `json:"version"`
		Attributes map[string]any `json:"attributes"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	if err := CheckKey("experiment", w.Experiment); err != nil {
		return nil, err
	}
	if err := CheckKey("variant", w.Variant); err != nil {
		return nil, err
	}
	if err := CheckID("unit", w.Unit); err != nil {
		return nil, err
	}
	if w.Version < 0 {
		return nil, &Invalid{Field: "version", Problem: fmt.Sprintf("must not be negative, got %d", w.Version)}
	}
	return &Exposure{w.Experiment, w.Variant, UnitID(w.Unit), w.Version, w.Attributes}, nil
}
