package experiments

import (
	"slices"
	"time"
)

// accumulator takes in a unit's readings of a metric, one by one.
type accumulator struct {
	metric *Metric
	y, d   aggregator
	x, xd  int64 // the covariates: the same numbers over the pre-period
	steps  []step
}

// step is a reading of the numerator or of the denominator.
type step struct {
	reading
	denominator bool
}

func newAccumulator(m *Metric, t0 time.Time, facts []UnitFact) *accumulator {
	w := &accumulator{metric: m, y: aggregator{aggregate: m.Aggregate}}
	w.x = w.split(m.Numerator, t0, facts, false)
	if m.Denominator != nil {
		w.d.aggregate = m.Denominator.Aggregate
		w.xd = w.split(*m.Denominator, t0, facts, true)
		slices.SortStableFunc(w.steps, func(a, b step) int { return a.at.Compare(b.at) })
	}
	return w
}

// split puts the readings of the window among the steps and gives the number
// over the pre-period.
func (w *accumulator) split(n Numerator, t0 time.Time, facts []UnitFact, denominator bool) int64 {
	end := t0.Add(time.Duration(w.metric.Window))
	preStart := t0.Add(-time.Duration(w.metric.PrePeriod))
	before := aggregator{aggregate: n.Aggregate}
	for _, r := range n.readings(facts) {
		switch {
		case r.at.Before(t0) && !r.at.Before(preStart):
			before.take(r)
		case !r.at.Before(t0) && r.at.Before(end):
			w.steps = append(w.steps, step{r, denominator})
		}
	}
	return before.y
}

func (w *accumulator) take(s step) {
	if s.denominator {
		w.d.take(s.reading)
	} else {
		w.y.take(s.reading)
	}
}

// vector is (1, y), then the denominator of a ratio, then the covariates.
func (w *accumulator) vector() []int64 {
	v := []int64{1, w.metric.capped(w.y.y)}
	if w.metric.Denominator != nil {
		v = append(v, w.d.y)
	}
	if w.metric.PrePeriod > 0 {
		v = append(v, w.metric.capped(w.x))
		if w.metric.Denominator != nil {
			v = append(v, w.xd)
		}
	}
	return v
}
