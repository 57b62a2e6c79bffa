package experiments

import (
	"math"
	"slices"
	"time"
)

// View says which units a report is about, and as of when.
type View struct {
	Segment string    // such as "tier=gold"; empty for all
	Bots    string    // empty: all units; exclude: without suspected bots; only: those alone
	Mature  bool      // only units whose window was over at the last background pass
	AsOf    time.Time // event time of the newest record that was applied
	Zone    *time.Location
	// Looks are those of a group-sequential plan; nil: there is none.
	Looks *Looks
	// Stratify is the segment by which differences are post-stratified; empty:
	// the experiment's first.
	Stratify string
	// Findings are those of the last background pass; nil: there was none.
	Findings *Findings

	bounds []LookBound
}

// The values of View.Bots.
const (
	WithoutBots = "exclude"
	OnlyBots    = "only"
)

// Report computes the report of e from its cells.
func (v View) Report(e *Experiment, cells Cells) *Report {
	r := &Report{
		Experiment: e.Key, Status: e.Status, Segment: v.Segment, Bots: v.Bots, Mature: v.Mature,
		Units: map[string]int64{}, Warnings: []string{}, Metrics: []MetricReport{},
	}
	if !v.AsOf.IsZero() {
		r.AsOf = &v.AsOf
	}
	v.bounds, _ = v.Looks.at(e.Alpha) // whoever asks for looks has checked them
	segments := sumSegments(v.pick(cells))
	sums := segments[v.Segment]
	r.countUnits(e, sums)
	v.warnOfMissingData(r, e, sums)
	for i := range e.Metrics {
		r.Metrics = append(r.Metrics, v.metric(e, &e.Metrics[i], sums))
	}
	correct(r.Metrics, e.Correction, e.Alpha)
	if v.Segment == "" {
		v.bySegment(r, e, segments)
		r.traceRatio(e, segments)
	}
	r.checkPreExposure(e)
	v.addFindings(r, e)
	v.withoutBots(r, e, sums)
	r.Power = e.power(r, v.arrivals(e, sums))
	if e.Breach != nil {
		r.warn("a guardrail stopped the experiment (%s of %s): the intervals are the always-valid ones", e.Breach.Metric, e.Breach.Variant)
	}
	r.Decision = Decide(e, r)
	return r
}

// pick gives the cells of the units that the view is about.
func (v View) pick(cells Cells) Cells {
	switch {
	case v.Findings == nil:
	case v.Mature:
		return v.Findings.Mature.All()
	case v.Bots == OnlyBots:
		return v.Findings.Bots.All()
	case v.Bots == WithoutBots:
		return cells.with(v.Findings.Rebuilt.All()).without(v.Findings.Bots.All())
	case !v.Findings.Rebuilt.Empty():
		return cells.with(v.Findings.Rebuilt.All())
	}
	return cells
}

// without is cs minus o, whose cells are of the same dimensions.
func (cs Cells) without(o Cells) Cells {
	out := make(Cells, len(cs))
	for c, t := range cs {
		out[c] = t
		if less, there := o[c]; there && less.Dim() == t.Dim() {
			left := NewTriangle(t.Dim())
			left.Add(t)
			left.subtract(less)
			out[c] = left
		}
	}
	return out
}

// today is the day of the shop as of which the report is.
func (v View) today() Day {
	zone := v.Zone
	if zone == nil {
		zone = time.UTC
	}
	return DayOf(v.AsOf, zone)
}

// last is the last day that counts for a metric: a unit enters retention on the
// day on which its days are over, and that day must be over too.
func (v View) last(m *Metric) Day {
	if m.Kind == Retention {
		return v.today() - 1
	}
	return math.MaxInt32
}

// The states of a metric.
const (
	Fresh      = "fresh"
	Rebuilding = "rebuilding"
	AsOfState  = "as_of"
)

func (v View) metric(e *Experiment, m *Metric, sums map[sumKey]daily) MetricReport {
	out := MetricReport{Name: m.Key, Kind: m.Kind, Role: e.role(m.Key), Per: m.Per, State: Fresh, Series: []DayPoint{}, direction: m.Direction}
	out.MatureUnits = v.matureUnits(e, m, sums)
	switch {
	case m.Kind == Quantile:
		v.quantiles(&out, e, m)
	default:
		if m.Pending != 0 || slices.Contains(e.PendingSegments, attributeOf(v.Segment)) {
			out.State = Rebuilding
			if v.Findings != nil && v.Findings.Version >= m.Pending {
				out.State, out.AsOf = AsOfState, &v.Findings.AsOf
			}
		}
		out.Control, out.Results = compareAll(e, m, sums, v.last(m))
	}
	for i := range out.Results {
		out.Results[i].addInference(m, e.Alpha, e.margin(m.Key))
		out.Results[i].atLook(v.Looks, v.bounds)
		e.showStopped(&out.Results[i])
	}
	if m.Kind == Funnel {
		out.Steps = funnelOf(e, m, sums)
	}
	for _, day := range daysOf(sums, m.row()) {
		if day > v.last(m) {
			break
		}
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

// matureUnits counts the units whose window was over when the day began.
func (v View) matureUnits(e *Experiment, m *Metric, sums map[sumKey]daily) int64 {
	days := Day(math.Ceil(time.Duration(m.Window).Hours() / 24))
	n := int64(0)
	for _, variant := range e.Variants {
		n += sums[sumKey{UnitsCell, variant.Key, allPhases}].upTo(v.today()-days-1, unitsDim).count(0)
	}
	return n
}

func funnelOf(e *Experiment, m *Metric, sums map[sumKey]daily) []StepReport {
	counts := map[string][]int64{}
	var treatments []string
	for i, variant := range e.Variants {
		counts[variant.Key] = m.reached(sums[sumKey{m.row(), variant.Key, allPhases}].upTo(math.MaxInt32, m.dim()))
		if i != e.controlAt() {
			treatments = append(treatments, variant.Key)
		}
	}
	return m.steps(e.Control().Key, counts, treatments, e.Alpha)
}

// arrivals are the new units of each day from the first on, of those that are
// over.
func (v View) arrivals(e *Experiment, sums map[sumKey]daily) []float64 {
	days := daysOf(sums, UnitsCell)
	if len(days) == 0 {
		return nil
	}
	first, last := days[0], min(days[len(days)-1], v.today()-1)
	if last < first {
		return nil
	}
	out := make([]float64, last-first+1)
	for _, variant := range e.Variants {
		for day, t := range sums[sumKey{UnitsCell, variant.Key, allPhases}] {
			if day <= last {
				out[day-first] += float64(t.count(0))
			}
		}
	}
	return out
}
