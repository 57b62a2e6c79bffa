package experiments

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/peakday/peakday/events"
)

// Metric says what is counted for a unit and how the units' numbers become a
// figure of a variant.
type Metric struct {
	Key       string          `json:"key"`
	Name      string          `json:"name,omitempty"`
	Kind      MetricKind      `json:"kind"`
	Identity  events.UnitKind `json:"identity"` // the units whose facts count
	Numerator                 // what is counted
	// Denominator is what a ratio divides by.
	Denominator *Numerator `json:"denominator,omitempty"`
	// Window is how long after its first exposure a unit's facts count.
	Window Hours `json:"window"`
	// PrePeriod is how long before it they feed the covariate; 0 for none.
	PrePeriod Hours     `json:"pre_period"`
	Cap       *Cap      `json:"cap,omitempty"`
	Direction Direction `json:"direction"`
	// Level is which quantile a quantile is of: 0.99.
	Level float64 `json:"quantile,omitempty"`
	// Days are the first and the last day after exposure on which retention
	// looks for the event: [7,7] is the eighth 24 hours.
	Days []int `json:"days,omitempty"`
	// Steps are those of a funnel, in order.
	Steps   []Step `json:"steps,omitempty"`
	Version int64  `json:"version"`

	// Per is user where a metric by user is clustered by the experiment's unit:
	// it is a mean a person then, with the error of the units.
	Per events.UnitKind `json:"per,omitempty"`
	// Pending is the version of the experiment that added the metric, until what
	// it would have summed is rebuilt from the kept facts; 0 otherwise.
	Pending int64 `json:"pending,omitempty"`
	// Row names the metric's cells where that is not its key: a metric that was
	// taken out of an experiment and put in again has rows of its own.
	Row string `json:"row,omitempty"`
}

// Step is a step of a funnel: a unit reaches it by the event, at most Within
// after it reached the step before (after its exposure, for the first).
type Step struct {
	Numerator
	Name   string `json:"name,omitempty"`
	Within Hours  `json:"within,omitempty"` // 0: the metric's window
}

// Numerator picks facts of a unit and makes one number of them.
type Numerator struct {
	Event     events.Type `json:"event"`
	Metric    string      `json:"metric,omitempty"` // for metric.observed: which one; the metric's own key if empty
	Where     *Condition  `json:"where,omitempty"`  // on the event's data
	Aggregate Aggregate   `json:"aggregate"`
	Value     string      `json:"value,omitempty"` // total, quantity, price, value; not for count and any
	// Decimals says in which unit the ledger sums: value × 10^Decimals is whole.
	Decimals int `json:"decimals"`
}

// MetricKind says how units' numbers become a variant's figure.
type MetricKind string

// The kinds: the share of units with any, the mean a unit, the mean number of
// facts a unit, a sum over a sum, a quantile of the values of all facts, the
// share of units with any on given days after exposure, and the share of units
// that went through steps.
const (
	Proportion MetricKind = "proportion"
	Mean       MetricKind = "mean"
	Count      MetricKind = "count"
	Ratio      MetricKind = "ratio"
	Quantile   MetricKind = "quantile"
	Retention  MetricKind = "retention"
	Funnel     MetricKind = "funnel"
)

// isShare reports whether a unit's number is 0 or 1.
func (m *Metric) isShare() bool {
	return m.Kind == Proportion || m.Kind == Retention || m.Kind == Funnel
}

// Aggregate makes one number of a unit's facts.
type Aggregate string

// The aggregates.
const (
	Sum   Aggregate = "sum"
	Tally Aggregate = "count" // of facts; of distinct orders for order events
	Any   Aggregate = "any"   // 1 if there is one
	Last  Aggregate = "last"  // the newest value
	// People counts distinct users (of anonymous visitors: devices) among the facts of
	// another unit, such as a shop's.
	People Aggregate = "people"
)

// Direction says which way a metric should move.
type Direction string

// The directions.
const (
	Increase Direction = "increase"
	Decrease Direction = "decrease"
)

// Cap bounds a unit's number from above, so that one wholesale buyer does not
// decide an experiment.
type Cap struct {
	Value float64 `json:"value,omitempty"` // in the metric's own unit
	// Quantile makes the value that of a quantile of units' numbers before the
	// experiment began. It is frozen at the start, so that it cannot follow the
	// effect.
	Quantile float64 `json:"quantile,omitempty"`
	Frozen   bool    `json:"frozen,omitempty"` // there was no traffic to take it from, unless Value is there
}

// Hours is a duration that JSON writes as "168h".
type Hours time.Duration

// MarshalJSON writes whole hours, such as "168h".
func (h Hours) MarshalJSON() ([]byte, error) {
	d := time.Duration(h)
	if d%time.Hour == 0 {
		return json.Marshal(fmt.Sprintf("%dh", d/time.Hour))
	}
	return json.Marshal(d.String())
}

// UnmarshalJSON reads a duration such as "168h" or "30m".
func (h *Hours) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return &events.Invalid{Problem: fmt.Sprintf("must be a duration such as \"168h\", got %s", b)}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return &events.Invalid{Problem: fmt.Sprintf("must be a duration such as \"168h\", got %q", s)}
	}
	*h = Hours(d)
	return nil
}

// capped bounds a unit's number by the metric's cap.
func (m *Metric) capped(y int64) int64 {
	if m.Cap == nil || m.Cap.Value == 0 {
		return y
	}
	return min(y, int64(math.Round(m.Cap.Value*math.Pow10(m.Decimals))))
}

// row names the metric's cells.
func (m *Metric) row() string {
	if m.Row != "" {
		return m.Row
	}
	return m.Key
}

// dim is the length of the metric's vectors, the leading 1 included.
func (m *Metric) dim() int {
	if m.Kind == Funnel {
		return 1 + len(m.Steps)
	}
	dim := 2
	if m.Denominator != nil {
		dim++
	}
	if m.PrePeriod > 0 {
		dim *= 2
		dim--
	}
	return dim
}
