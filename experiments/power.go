package experiments

import (
	"math"

	"github.com/peakday/peakday/stats"
)

// Power says what the units seen so far can find of the primary metric, with the
// chance of 80 %, and when there will be enough of them.
type Power struct {
	Metric string `json:"metric"`
	// Detectable is the smallest relative effect that so many units find.
	Detectable Number `json:"detectable_relative"`
	// Target is the relative effect to be found: the experiment's min_effect, or
	// 5 % where it has none.
	Target   float64 `json:"target_relative"`
	Assumed  bool    `json:"target_assumed"` // nobody asked for this target
	Units    int64   `json:"units"`          // seen, in control and the variant with the fewest
	Needed   int64   `json:"units_needed"`   // of these two, for the target
	Daily    float64 `json:"units_a_day"`    // of these two, over the last seven days that are over
	DaysLeft *int    `json:"days_left"`      // null if they never come at that pace
	Reached  bool    `json:"reached"`
	Problem  string  `json:"problem,omitempty"`
}

// defaultMinEffect is what experiments are planned for unless they say.
const defaultMinEffect = 0.05

func (e *Experiment) power(r *Report, arrivals []float64) *Power {
	m := e.metric(e.Primary)
	i := slicesIndexMetric(r.Metrics, e.Primary)
	if m == nil || i < 0 || len(r.Metrics[i].Results) == 0 {
		return nil
	}
	p := &Power{Metric: m.Key, Target: e.MinEffect, Detectable: noNumber()}
	if p.Target == 0 {
		p.Target, p.Assumed = defaultMinEffect, true
	}
	fewest := r.Metrics[i].Results[0]
	for _, res := range r.Metrics[i].Results {
		if res.Units < fewest.Units {
			fewest = res
		}
	}
	control := fewest.arms[0]
	p.Units = control.Units + fewest.Units
	if fewest.effect == nil {
		p.Problem = fewest.Problem
		return p
	}
	// The spread of one unit, after covariates: what the standard error of the
	// difference says of it.
	c, t := float64(control.Units), float64(fewest.Units)
	b := stats.Baseline{Mean: control.Mean, Variance: fewest.effect.StdErr * fewest.effect.StdErr / (1/c + 1/t)}
	plan := stats.Plan{Alpha: e.Alpha, Treatment: t / (c + t), Comparisons: len(r.Metrics[i].Results)}
	if control.Mean == 0 {
		p.Problem = "the control is at zero: no effect is a share of it"
		return p
	}
	if found, err := stats.DetectableEffect(b, p.Units, plan); err == nil {
		p.Detectable = Number(found / math.Abs(control.Mean))
	}
	size, err := stats.SampleSize(b, p.Target*math.Abs(control.Mean), plan)
	if err != nil {
		p.Problem = err.Error()
		return p
	}
	p.Needed = size.Total()
	p.Reached = p.Units >= p.Needed
	p.finish(arrivals, p.Units, r)
	return p
}

// finish says when the rest will have come, at the pace of the last week.
func (p *Power) finish(arrivals []float64, seen int64, r *Report) {
	all := int64(0)
	for _, n := range r.Units {
		all += n
	}
	week := arrivals[max(0, len(arrivals)-7):]
	for _, n := range week {
		p.Daily += n / float64(len(week)) * float64(seen) / float64(max(1, all))
	}
	days := 0
	if !p.Reached {
		left, err := stats.Duration(p.Needed-seen, []float64{p.Daily})
		if err != nil {
			return
		}
		days = left
	}
	p.DaysLeft = &days
}

func slicesIndexMetric(metrics []MetricReport, name string) int {
	for i := range metrics {
		if metrics[i].Name == name {
			return i
		}
	}
	return -1
}
