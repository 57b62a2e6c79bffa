package experiments

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/peakday/peakday/stats"
)

// RatioPart is the sample ratio among the units of a segment, or of those first
// exposed on one day.
type RatioPart struct {
	Part   string           `json:"part"` // tier=gold, or day=2026-11-11
	Units  map[string]int64 `json:"units"`
	PValue float64          `json:"p_value"` // times the number of parts
	Status stats.Status     `json:"status"`
}

// ratioIn checks the units in sums against the weights; over several phases
// against what each phase's weights made of its own units. keep is told the
// units of each variant; on picks days, nil takes all.
func (e *Experiment) ratioIn(sums map[sumKey]daily, keep func(variant string, n int64), on func(Day) bool) SampleRatio {
	observed, expected := make([]int64, len(e.Variants)), make([]float64, len(e.Variants))
	for phase := 1; phase <= max(1, len(e.Phases)); phase++ {
		weights, all := e.Weights(phase), 0.0
		for i, v := range e.Variants {
			for day, t := range sums[sumKey{UnitsCell, v.Key, phase}] {
				if weights[i] > 0 && (on == nil || on(day)) {
					n := t.count(0)
					observed[i] += n
					all += float64(n)
				}
			}
		}
		for i, w := range sharesOf(weights) {
			expected[i] += w * all
		}
	}
	for i, v := range e.Variants {
		keep(v.Key, observed[i])
	}
	return checkRatio(observed, expected)
}

// maxRatioParts is how many parts a report shows.
const maxRatioParts = 10

// traceRatio looks for the segment or the day that the sample ratio breaks in.
func (r *Report) traceRatio(e *Experiment, segments map[string]map[sumKey]daily) {
	whole := segments[""]
	type part struct {
		RatioPart
		without SampleRatio
		rest    bool // there are enough units without it to say
	}
	var parts []part
	consider := func(name string, sums map[sumKey]daily, on func(Day) bool) {
		p := part{RatioPart: RatioPart{Part: name, Units: map[string]int64{}}}
		check := e.ratioIn(sums, func(v string, n int64) { p.Units[v] = n }, on)
		p.PValue, p.Status = check.PValue, check.Status
		here, all := int64(0), int64(0)
		for v, n := range p.Units {
			here, all = here+n, all+r.Units[v]
		}
		p.without, p.rest = e.ratioWithout(whole, sums, on), 2*here < all
		parts = append(parts, p)
	}
	for _, s := range r.Segments {
		consider(s.Segment, segments[s.Segment], nil)
	}
	for _, day := range daysOf(whole, UnitsCell) {
		consider("day="+day.Date().Format(time.DateOnly), whole, func(d Day) bool { return d == day })
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(a.PValue, b.PValue) })
	for _, p := range parts {
		p.PValue = math.Min(1, p.PValue*float64(len(parts)))
		if p.Status = statusOf(p.PValue, p.Status); p.Status == stats.OK {
			continue
		}
		if r.RatioUnhealthy() && r.Health.RatioCause == "" && p.rest && p.without.Status == stats.OK {
			r.Health.RatioCause = p.Part
			r.warn("the units of %s do not come in the shares of the weights; without them the sample ratio is all right (p = %.2g)", p.Part, p.without.PValue)
		}
		if len(r.Health.RatioParts) < maxRatioParts {
			r.Health.RatioParts = append(r.Health.RatioParts, p.RatioPart)
		}
	}
	if !r.RatioUnhealthy() && len(r.Health.RatioParts) > 0 {
		r.warn("%s", fmt.Sprintf("the units of %s do not come in the shares of the weights (p = %.2g), although all units together do", r.Health.RatioParts[0].Part, r.Health.RatioParts[0].PValue))
	}
}

// RatioUnhealthy reports whether the sample ratio of all units is suspicious.
func (r *Report) RatioUnhealthy() bool { return r.SRM.Status != stats.OK }

// ratioWithout checks all units but those of a part.
func (e *Experiment) ratioWithout(whole, part map[sumKey]daily, on func(Day) bool) SampleRatio {
	rest := map[sumKey]daily{}
	for k, d := range whole {
		if k.metric != UnitsCell {
			continue
		}
		rest[k] = daily{}
		for day, t := range d {
			rest[k].add(day, t)
			if p, there := part[k][day]; there && (on == nil || on(day)) {
				rest[k][day].subtract(p)
			}
		}
	}
	return e.ratioIn(rest, func(string, int64) {}, nil)
}
