package events

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// Observation is one number measured for a unit: a latency, a rating …
type Observation struct {
	Of     []Unit
	Metric string
	Value  float64 // finite, at most 1e12 in size
}

func (o *Observation) units() []Unit { return o.Of }

// maxObserved keeps a value in millionths within 64 bits.
const maxObserved = 1e12

func readObservation(data json.RawMessage, _ Type, _ Currency) (Data, error) {
	var w struct {
		Unit   string    `json:"unit"`
		Units  wireUnits `json:"units"`
		Metric string    `json:"metric"`
		Value  *float64  `json:"value"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	who, err := wireWho{Units: w.Units}.who()
	if err != nil {
		return nil, err
	}
	units := who.units()
	if w.Unit != "" {
		if err := CheckID("unit", w.Unit); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(units, func(u Unit) bool { return string(u.ID) == w.Unit }) {
			return nil, &Invalid{Field: "unit", Problem: "must not repeat an id of units: it would count twice"}
		}
		units = append(units, Unit{AnyUnit, UnitID(w.Unit)})
	}
	if len(units) == 0 {
		return nil, &Invalid{Field: "unit", Problem: "or units is required"}
	}
	if err := CheckKey("metric", w.Metric); err != nil {
		return nil, err
	}
	if w.Value == nil {
		return nil, &Invalid{Field: "value", Problem: "is required"}
	}
	if math.Abs(*w.Value) > maxObserved {
		return nil, &Invalid{Field: "value", Problem: fmt.Sprintf("must be within ±%g, got %g", maxObserved, *w.Value)}
	}
	return &Observation{units, w.Metric, *w.Value}, nil
}
