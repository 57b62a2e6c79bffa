package experiments

import (
	"fmt"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/stats"
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

// NewReport computes the report of e from its cells. segment picks the units
// of a segment such as "tier=gold"; "" takes all.
func NewReport(e *Experiment, cells Cells, segment string, asOf time.Time) *Report {
	return View{Segment: segment, AsOf: asOf}.Report(e, cells)
}

// daily are the triangles of one metric and variant, day by day.
type daily map[Day]Triangle

type sumKey struct {
	metric, variant string
	phase           int // or allPhases
}

// lastDay is behind every day.
const lastDay Day = 1<<31 - 1

// allPhases is where the sums of all phases together stand.
const allPhases = 0

// sumUp sorts the cells of a segment by metric, variant and phase, and adds up
// the phases. The triangles may be those of cells: nobody may change them.
func sumUp(cells Cells, segment string) map[sumKey]daily {
	sums := map[sumKey]daily{}
	for c, t := range cells {
		if c.Segment == segment {
			put(sums, c, t)
		}
	}
	return withAllPhases(sums)
}

// sumSegments is sumUp of every segment at once.
func sumSegments(cells Cells) map[string]map[sumKey]daily {
	segments := map[string]map[sumKey]daily{"": {}}
	for c, t := range cells {
		sums := segments[c.Segment]
		if sums == nil {
			sums = map[sumKey]daily{}
			segments[c.Segment] = sums
		}
		put(sums, c, t)
	}
	for segment, sums := range segments {
		segments[segment] = withAllPhases(sums)
	}
	return segments
}

func put(sums map[sumKey]daily, c Cell, t Triangle) {
	k := sumKey{c.Metric, c.Variant, c.Phase}
	days := sums[k]
	if days == nil {
		days = daily{}
		sums[k] = days
	}
	days[c.Day] = t
}

func withAllPhases(sums map[sumKey]daily) map[sumKey]daily {
	phases := map[sumKey][]daily{}
	for k, d := range sums {
		k.phase = allPhases
		phases[k] = append(phases[k], d)
	}
	for k, ds := range phases {
		if len(ds) == 1 { // as nearly always: nothing is to be added
			sums[k] = ds[0]
			continue
		}
		sums[k] = daily{}
		for _, d := range ds {
			for day, t := range d {
				sums[k].add(day, t)
			}
		}
	}
	return sums
}

func (d daily) add(day Day, t Triangle) {
	before, there := d[day]
	if !there {
		before = NewTriangle(t.Dim())
		d[day] = before
	}
	before.Add(t)
}

// upTo adds up the days to last, in vectors of length dim.
func (d daily) upTo(last Day, dim int) Triangle {
	sum := NewTriangle(dim)
	for day, t := range d {
		if day <= last {
			sum.Add(t)
		}
	}
	return sum
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

// daysOf lists the days on which anything of the metric changed.
func daysOf(sums map[sumKey]daily, metric string) []Day {
	var days []Day
	for k, d := range sums {
		if k.metric == metric {
			for day := range d {
				days = append(days, day)
			}
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// compareAll compares every treatment with control as things stood at the end
// of a day.
func compareAll(e *Experiment, m *Metric, sums map[sumKey]daily, last Day) (ArmReport, []Result) {
	arms := make([]arm, len(e.Variants))
	for i, v := range e.Variants {
		arms[i] = newArm(m, v.Key, sums[sumKey{m.row(), v.Key, allPhases}].upTo(last, m.dim()))
	}
	c := e.controlAt()
	phases := e.phaseArms(m, sums, last)
	var results []Result
	for i := range arms {
		switch {
		case i == c:
		case len(phases) < 2:
			results = append(results, compare(m, arms[c], arms[i], e.Alpha))
		default:
			effect, err := e.compareOver(m, phases, c, i, stats.Options{Alpha: e.Alpha})
			results = append(results, resultOf(arms[c], arms[i], effect, err))
		}
	}
	return arms[c].ArmReport, results
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
