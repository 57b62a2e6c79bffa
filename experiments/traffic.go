package experiments

import (
	"fmt"
	"math"

	"github.com/peakday/peakday/events"
)

// Traffic is what an experiment has seen, as far as planning reads it.
type Traffic struct {
	Arrivals []float64 // new units of both arms on each day from the first on
	Planning Planning  // kind, baseline and spread of the metric
}

// TrafficOf reads arrivals and the control's figures of a metric off the cells
// of an experiment: "" leaves the metric out. The last day is not over yet.
func TrafficOf(e *Experiment, cells Cells, metric string) (Traffic, error) {
	sums := sumUp(cells, "")
	var t Traffic
	days := daysOf(sums, UnitsCell)
	if len(days) > 0 {
		t.Arrivals = make([]float64, days[len(days)-1]-days[0]+1)
		for _, v := range e.Variants {
			for day, units := range sums[sumKey{UnitsCell, v.Key, allPhases}] {
				t.Arrivals[day-days[0]] += float64(units.count(0))
			}
		}
	}
	if metric == "" {
		return t, nil
	}
	m := e.metric(metric)
	if m == nil {
		return t, wrong("metric", "must be one that %s has started with, got %q", e.Key, metric)
	}
	control := newArm(m, e.Control().Key, sums[sumKey{m.row(), e.Control().Key, allPhases}].upTo(lastDay, m.dim()))
	s, err := control.moments.Sample()
	if err != nil {
		return t, &events.Invalid{Field: "metric", Problem: fmt.Sprintf("%s has no figures to plan with yet: %v", metric, err)}
	}
	t.Planning = Planning{Kind: Mean, Baseline: s.Mean, StdDev: math.Sqrt(s.Variance)}
	if m.isShare() {
		t.Planning = Planning{Kind: Proportion, Baseline: s.Mean}
	}
	return t, nil
}
