package experiments

import (
	"fmt"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// Report says what an experiment's variants did.
type Report struct {
	Experiment string           `json:"experiment"`
	Status     Status           `json:"status"`
	Segment    string           `json:"segment,omitempty"`
	Bots       string           `json:"bots,omitempty"`   // exclude or only
	Mature     bool             `json:"mature,omitempty"` // only units whose window is over
	AsOf       *time.Time       `json:"as_of"`            // event time of the newest record that was applied; null before the first
	Units      map[string]int64 `json:"units"`
	SRM        SampleRatio      `json:"srm"`
	Warnings   []string         `json:"warnings"`
	Metrics    []MetricReport   `json:"metrics"`
	// Segments repeat the comparison among the units of each value of each
	// segment; absent in the report of one segment.
	Segments      []SegmentReport `json:"segments,omitempty"`
	Heterogeneity []Heterogeneity `json:"heterogeneity,omitempty"`
	Power         *Power          `json:"power,omitempty"` // of the primary metric
	Health        Health          `json:"health"`
	Decision      Decision        `json:"decision"`
}

// Health is what may spoil the comparison.
type Health struct {
	SRM     SampleRatio `json:"srm"`
	Flicker int64       `json:"flicker"`  // units that met two variants in one phase; analysed by the first
	LeftOut int64       `json:"left_out"` // units that later phases left out: they had met another variant before
	TooLate int64       `json:"too_late"` // facts and exposures that came after the allowed lateness: not counted
	// Phases says it for each stretch between changes of weights; absent when
	// there is one only.
	Phases []PhaseHealth `json:"phases,omitempty"`
	// RatioParts say it for each segment and each day of exposure, the worst
	// first, of those that are not all right.
	RatioParts []RatioPart `json:"srm_parts,omitempty"`
	// RatioCause is the part without which the units come in the shares of the
	// weights, if there is one.
	RatioCause  string       `json:"srm_cause,omitempty"`
	PreExposure *PreExposure `json:"pre_exposure,omitempty"`
	// The following come from a background pass over units, and say as of when.
	Bots         *Bots         `json:"bots,omitempty"`
	Novelty      []Novelty     `json:"novelty,omitempty"`
	Interactions []Interaction `json:"interactions,omitempty"`
	SoldOut      []SoldOut     `json:"sold_out,omitempty"`
}

// MetricReport is one metric, each treatment against control.
type MetricReport struct {
	Name string     `json:"name"`
	Kind MetricKind `json:"kind"`
	Role Role       `json:"role,omitempty"`
	// Per is user where a metric by user is clustered by the experiment's unit.
	Per   events.UnitKind `json:"per,omitempty"`
	State string          `json:"state,omitempty"` // fresh, rebuilding or as_of
	// AsOf is when a metric of state as_of was computed.
	AsOf *time.Time `json:"as_of,omitempty"`
	// MatureUnits are those whose window is over, by days.
	MatureUnits int64        `json:"mature_units"`
	Steps       []StepReport `json:"steps,omitempty"` // of a funnel
	Control     ArmReport    `json:"control"`
	Results     []Result     `json:"results"`
	Series      []DayPoint   `json:"series,omitzero"`

	direction Direction
}

// Role is what a metric is to an experiment.
type Role string

// The roles.
const (
	PrimaryRole   Role = "primary"
	SecondaryRole Role = "secondary"
	GuardrailRole Role = "guardrail"
)

// DayPoint is how a metric stood at the end of a day, from the beginning on.
type DayPoint struct {
	Date    string      `json:"date"` // of the shop
	Control ArmReport   `json:"control"`
	Results []DayResult `json:"results"`
}

// DayResult is a treatment at the end of a day.
type DayResult struct {
	ArmReport
	Absolute *Estimate `json:"absolute,omitempty"`
}

func (r *Report) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

// role of a metric that has several is the weightiest.
func (e *Experiment) role(metric string) Role {
	switch {
	case metric == e.Primary:
		return PrimaryRole
	case slices.ContainsFunc(e.Guardrails, func(g Guardrail) bool { return g.Metric == metric }):
		return GuardrailRole
	}
	return SecondaryRole
}
