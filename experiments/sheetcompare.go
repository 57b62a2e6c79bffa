package experiments

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/peakday/peakday/stats"
)

// compare compares the variants over the units of a segment; "" takes all.
func (rs *sheetRows) compare(variants []string, weights []float64, segment string) SegmentReport {
	out := SegmentReport{Segment: segment, Units: map[string]int64{}}
	arms := map[string][]*sheetUnit{}
	for _, u := range rs.units {
		if segment == "" || rs.Sheet.Segment+"="+u.segment == segment {
			arms[u.variant] = append(arms[u.variant], u)
		}
	}
	var observed []int64
	for _, v := range variants {
		out.Units[v] = int64(len(arms[v]))
		observed = append(observed, int64(len(arms[v])))
	}
	out.SRM = checkRatio(observed, weights)
	for i := range rs.Metrics {
		m := rs.Metrics[i].metric()
		control, problem := rs.arm(i, variants[0], arms[variants[0]])
		report := MetricReport{Name: m.Key, Kind: m.Kind, Control: control.ArmReport, direction: Increase}
		for _, v := range variants[1:] {
			treatment, alsoWrong := rs.arm(i, v, arms[v])
			res := compare(m, control, treatment, rs.Alpha)
			if why := cmp.Or(problem, alsoWrong); why != "" {
				res = unanswered(treatment, why)
			}
			res.addInference(m, rs.Alpha, nil)
			res.atLook(rs.Looks, rs.bounds)
			report.Results = append(report.Results, res)
		}
		out.Metrics = append(out.Metrics, report)
	}
	return out
}

// metric is the part of a Metric that a comparison reads.
func (m *SheetMetric) metric() *Metric {
	return &Metric{Key: m.Name, Kind: m.Kind, Direction: Increase}
}

// arm is what the units of a variant did in a metric. problem says why a
// quantile cannot be had.
func (rs *sheetRows) arm(i int, variant string, units []*sheetUnit) (a arm, problem string) {
	m := &rs.Metrics[i]
	a.Variant, a.Units = variant, int64(len(units))
	if m.Kind == Quantile {
		return a, a.readQuantile(m.Quantile, len(units), func(k int) []float64 { return units[k].all[i] })
	}
	data := make([][]float64, len(units))
	for k, u := range units {
		y := u.values[i]
		row := make([]float64, 0, len(y)+1)
		row = append(row, y[0])
		if m.Denominator == "" {
			row = append(row, 1)
		}
		data[k] = append(row, y[1:]...)
		if y[0] != 0 {
			a.successes++
		}
	}
	var err error
	if a.moments, err = stats.MomentsOf(data); err != nil {
		problem = fmt.Sprintf("%s: %v", variant, err)
		a.moments = stats.Moments{N: a.Units, Mean: make([]float64, 2), Cov: [][]float64{{0, 0}, {0, 0}}}
		if len(data) == 1 {
			problem = fmt.Sprintf("%s has one unit, and a comparison takes two or more", variant)
			a.moments.Mean = data[0][:2]
		}
	}
	if d := a.moments.Mean[1]; d != 0 {
		a.Mean = a.moments.Mean[0] / d
	}
	return a, problem
}

// readQuantile takes the quantile of the units' values.
func (a *arm) readQuantile(level float64, units int, valuesOf func(int) []float64) (problem string) {
	var values []float64
	var owners []int
	for k := range units {
		for _, v := range valuesOf(k) {
			values, owners = append(values, v), append(owners, k)
		}
	}
	qs, err := stats.Quantiles(values, owners, []float64{level})
	if err != nil {
		return fmt.Sprintf("%s: %v", a.Variant, err)
	}
	a.quantile, a.Mean = &qs[0], qs[0].Value
	return ""
}

// cap bounds units' sums at a quantile over all of them.
func (rs *sheetRows) cap(a *Analysis) {
	for i := range rs.Metrics {
		m := &rs.Metrics[i]
		if m.Cap == 0 {
			continue
		}
		values := make([]float64, len(rs.units))
		for k, u := range rs.units {
			values[k] = u.values[i][0]
		}
		limit, err := stats.CapAt(values, m.Cap)
		if err != nil {
			a.Warnings = append(a.Warnings, fmt.Sprintf("%s is not capped: %v", m.Name, err))
			continue
		}
		capped, above := stats.Cap(values, limit)
		for k, u := range rs.units {
			u.values[i][0] = capped[k]
		}
		a.Warnings = append(a.Warnings, fmt.Sprintf("%s is capped at %g, its %g quantile over all units: %d units are above it", m.Name, limit, m.Cap, above))
	}
}

// warnings tells what was left out.
func (rs *sheetRows) warnings(a *Analysis) {
	if rs.Unit == "" {
		a.Warnings = append(a.Warnings, "no column of units was named, so every row counts as a unit: if units have several rows, the intervals are too narrow")
	}
	if rs.crossed > 0 {
		a.Warnings = append(a.Warnings, fmt.Sprintf("%d units were seen in more than one variant; they are left out", rs.crossed))
	}
	if rs.mixed > 0 {
		a.Warnings = append(a.Warnings, fmt.Sprintf("%d units were seen in more than one %s; each is in its first", rs.mixed, rs.Sheet.Segment))
	}
}

// warnOfRows says that rows of one unit were summed, and what a test over rows
// would have claimed.
func (rs *sheetRows) warnOfRows(a *Analysis) {
	if rs.repeated == 0 {
		return
	}
	a.Warnings = append(a.Warnings, fmt.Sprintf("%d units have several rows (%d rows in all): rows of one unit are not independent, so they are summed by unit and the test is over units", rs.repeated, rs.rows))
	for i := range a.Metrics {
		m := &a.Metrics[i]
		if m.Kind != Mean {
			continue
		}
		c := rs.tallies[m.Control.Variant][i]
		for _, res := range m.Results {
			t := rs.tallies[res.Variant][i]
			e, err := stats.Welch(c.sample(), t.sample(), stats.Options{Alpha: rs.Alpha})
			if err == nil && res.effect != nil {
				a.Warnings = append(a.Warnings, fmt.Sprintf("a test of %s over rows would claim p = %.2g for %s; over units it is %.2g", m.Name, e.P, res.Variant, res.effect.P))
			}
		}
	}
}

func (t tally) sample() stats.Sample {
	s := stats.Sample{N: int64(t.n), Mean: t.mean}
	if t.n > 1 {
		s.Variance = t.squares / (t.n - 1)
	}
	return s
}

// outlierShare is the share of a metric's whole variance that makes one unit
// worth a word: its presence, and not the variant, then decides.
const outlierShare = 0.1

// warnOfOutliers points out single units that make up much of a variance.
func (rs *sheetRows) warnOfOutliers(a *Analysis) {
	const fewest = 100
	for i := range rs.Metrics {
		m := &rs.Metrics[i]
		if m.Kind != Mean || len(rs.units) < fewest {
			continue
		}
		var all tally
		extreme := rs.units[0]
		for _, u := range rs.units {
			all.add(u.values[i][0])
		}
		for _, u := range rs.units {
			if math.Abs(u.values[i][0]-all.mean) > math.Abs(extreme.values[i][0]-all.mean) {
				extreme = u
			}
		}
		off := extreme.values[i][0] - all.mean
		if share := off * off / all.squares; share > outlierShare {
			a.Warnings = append(a.Warnings, fmt.Sprintf("one unit (%s, in %s) has %s = %g, where the mean is %.4g: it alone makes up %.0f %% of the variance; cap the metric, such as with --cap %s=0.999",
				extreme.id, extreme.variant, m.Name, extreme.values[i][0], all.mean, 100*share, m.Name))
		}
	}
}

// maxSheetSegments is how many values of a segment are shown, the largest first.
const maxSheetSegments = 20

// bySegment repeats the analysis in each segment.
func (rs *sheetRows) bySegment(a *Analysis, variants []string, weights []float64) {
	sizes := map[string]int{}
	for _, u := range rs.units {
		sizes[u.segment]++
	}
	values := slices.SortedFunc(maps.Keys(sizes), func(x, y string) int { return cmp.Or(sizes[y]-sizes[x], cmp.Compare(x, y)) })
	if len(values) > maxSheetSegments {
		a.Warnings = append(a.Warnings, fmt.Sprintf("%s has %d values; the %d largest are shown", rs.Sheet.Segment, len(values), maxSheetSegments))
		values = values[:maxSheetSegments]
	}
	for _, v := range values {
		a.Segments = append(a.Segments, rs.compare(variants, weights, rs.Sheet.Segment+"="+v))
	}
	a.Heterogeneity = adjustHeterogeneity(heterogeneity(rs.Sheet.Segment, a.Segments))
	stratify(a.Metrics, a.Segments, rs.Alpha)
}
