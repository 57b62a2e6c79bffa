package experiments

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Report says what an experiment's variants did.
type Report struct {
	Experiment string           `json:"experiment"`
	Status     Status           `json:"status"`
	Segment    string           `json:"segment,omitempty"`
	AsOf       time.Time        `json:"as_of"` // event time of the newest record that was applied
	Units      map[string]int64 `json:"units"`
	SRM        SampleRatio      `json:"srm"`
	Warnings   []string         `json:"warnings"`
	Metrics    []MetricReport   `json:"metrics"`
	Health     Health           `json:"health"`
	Decision   Decision         `json:"decision"`
}

// Health is what may spoil the comparison.
type Health struct {
	SRM     SampleRatio `json:"srm"`
	Flicker int64       `json:"flicker"`  // units that met two variants; analysed by the first
	TooLate int64       `json:"too_late"` // facts and exposures that came after the allowed lateness: not counted
}

// MetricReport is one metric, each treatment against control.
type MetricReport struct {
	Name    string     `json:"name"`
	Kind    MetricKind `json:"kind"`
	Role    Role       `json:"role,omitempty"`
	State   string     `json:"state,omitempty"` // fresh
	Control ArmReport  `json:"control"`
	Results []Result   `json:"results"`
	Series  []DayPoint `json:"series,omitzero"`

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
	r := &Report{Experiment: e.Key, Status: e.Status, Segment: segment, AsOf: asOf, Units: map[string]int64{}, Warnings: []string{}, Metrics: []MetricReport{}}
	sums := sumUp(cells, segment)
	r.countUnits(e, sums)
	for _, m := range e.Metrics {
		r.Metrics = append(r.Metrics, reportMetric(e, &m, sums))
	}
	correct(r.Metrics, e.Correction, e.Alpha)
	r.Decision = Decide(e, r)
	return r
}

// daily are the triangles of one metric and variant, day by day.
type daily map[Day]Triangle

type sumKey struct{ metric, variant string }

// sumUp sorts the cells of a segment by metric and variant.
func sumUp(cells Cells, segment string) map[sumKey]daily {
	sums := map[sumKey]daily{}
	for c, t := range cells {
		if c.Segment != segment {
			continue
		}
		k := sumKey{c.Metric, c.Variant}
		if sums[k] == nil {
			sums[k] = daily{}
		}
		sums[k][c.Day] = t
	}
	return sums
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

// unitsDim is the length of the vectors of UnitsCell.
const unitsDim = 3

func (r *Report) countUnits(e *Experiment, sums map[sumKey]daily) {
	var observed []int64
	var weights []float64
	for _, v := range e.Variants {
		t := sums[sumKey{UnitsCell, v.Key}].upTo(math.MaxInt32, unitsDim)
		n := t.At(0, 0).Int64()
		r.Units[v.Key] = n
		r.Health.TooLate += t.At(0, 1).Int64() + sums[sumKey{LateCell, v.Key}].upTo(math.MaxInt32, 1).At(0, 0).Int64()
		r.Health.Flicker += t.At(0, 2).Int64()
		if v.Weight == 0 && n > 0 {
			r.warn("%d units met %s although its weight is 0; the sample-ratio check leaves them out", n, v.Key)
			n = 0
		}
		observed, weights = append(observed, n), append(weights, v.Weight)
	}
	r.SRM = checkRatio(observed, weights)
	r.Health.SRM = r.SRM
	if w := r.SRM.warning(); w != "" {
		r.Warnings = append(r.Warnings, w)
	}
	if n := r.Health.Flicker; n > 0 {
		r.warn("%d units met more than one variant; they are analysed by the first", n)
	}
	if n := r.Health.TooLate; n > 0 {
		r.warn("%d facts or exposures came later than allowed and are not counted", n)
	}
}

func (r *Report) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

func reportMetric(e *Experiment, m *Metric, sums map[sumKey]daily) MetricReport {
	out := MetricReport{Name: m.Key, Kind: m.Kind, Role: e.role(m.Key), State: "fresh", Series: []DayPoint{}, direction: m.Direction}
	out.Control, out.Results = compareAll(e, m, sums, math.MaxInt32)
	for i := range out.Results {
		out.Results[i].deepen(m, e.Alpha, e.margin(m.Key))
	}
	for _, day := range daysOf(sums, m.Key) {
		p := DayPoint{Date: day.Date().Format(time.DateOnly)}
		var results []Result
		p.Control, results = compareAll(e, m, sums, day)
		for _, res := range results {
			p.Results = append(p.Results, DayResult{res.ArmReport, res.Absolute})
		}
		out.Series = append(out.Series, p)
	}
	return out
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
	arm := func(v string) arm {
		return newArm(m, v, sums[sumKey{m.Key, v}].upTo(last, m.dim()))
	}
	control := arm(e.Control().Key)
	var results []Result
	for _, v := range e.Variants {
		if v.Key != control.Variant {
			results = append(results, compare(m, control, arm(v.Key), e.Alpha))
		}
	}
	return control.ArmReport, results
}

// dim is the length of the metric's vectors, the leading 1 included.
func (m *Metric) dim() int {
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
