package panel

import (
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// Spec says what to forecast.
type Spec struct {
	Horizon   int       // steps ahead, at least 1
	Seasons   []int     // periods in steps, rising; nil: those that the step suggests
	Quantiles []float64 // probabilities, rising
	Quick     bool      // fewer methods and backtest origins
}

// Result is the forecast of a panel.
type Result struct {
	Forecasts []Forecast         // as the panel's series
	Members   map[string]float64 // mean weight of each method over all series
}

// Forecast is that of one series.
type Forecast struct {
	Series    string
	Times     []time.Time
	Quantiles [][]float64 // by step, as Spec.Quantiles

	// Mean is the point forecast. Where the methods work on logarithms, it is
	// nearer to the middle of the distribution than to its mean: the absolute
	// error is least there, and the sum over many steps somewhat low.
	Mean []float64

	counts []forecast.Distribution // of a series of counts, by step
}

// check says what is wrong with a spec.
func (s Spec) check() error {
	if s.Horizon < 1 || s.Horizon > 10_000 {
		return &events.Invalid{Field: "horizon", Problem: "must be 1 to 10000 steps"}
	}
	for i, p := range s.Quantiles {
		if !(p > 0 && p < 1) || i > 0 && p <= s.Quantiles[i-1] {
			return &events.Invalid{Field: "quantiles", Problem: "must be between 0 and 1 and rise"}
		}
	}
	for i, m := range s.Seasons {
		if m < 2 || i > 0 && m <= s.Seasons[i-1] {
			return &events.Invalid{Field: "season", Problem: "must be steps of 2 or more that rise, such as 24,168"}
		}
	}
	return nil
}

// Forecast forecasts every series of the panel. The same panel and spec give
// the same result on every machine. The error is an *events.Invalid about spec.
func (p *Panel) Forecast(spec Spec) (*Result, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	if spec.Seasons == nil {
		spec.Seasons = p.Step.Seasons()
	}
	e := newEngine(p, spec.Horizon, spec.Seasons, spec.Quick)
	tasks := e.prepare()
	out := &Result{Forecasts: make([]Forecast, len(tasks)), Members: map[string]float64{}}
	weights := make([]map[string]float64, len(tasks))
	each(len(tasks), func(i int) {
		out.Forecasts[i], weights[i] = e.finish(tasks[i], spec.Quantiles)
		tasks[i] = nil
	})
	for _, own := range weights {
		for name, w := range own {
			out.Members[name] += w / float64(len(weights))
		}
	}
	return out, nil
}

// finish forecasts one series from its end.
func (e *engine) finish(t *task, probabilities []float64) (Forecast, map[string]float64) {
	n := len(t.s.Y)
	f := Forecast{Series: t.s.Name, Times: make([]time.Time, e.h)}
	for k := range f.Times {
		f.Times[k] = e.panel.Step.At(t.s.Start, n+k)
	}
	if t.windows == nil {
		t.backtest(e.windowCount())
	}
	if t.weights == nil {
		t.weighMembers()
		t.blend()
	}
	paths, trees := t.paths(n, n), e.boosted.path(t, n)
	boostWeight := e.boosted.weight(t.segment)
	center := blend(e.combination().combine(paths, t.weights, e.h), trees, boostWeight)
	if t.counts {
		e.finishCounts(t, center, probabilities, &f)
	} else {
		e.finishContinuous(t, center, probabilities, &f)
	}
	members := map[string]float64{}
	if trees != nil && boostWeight > 0 {
		members["boosted"] = boostWeight
	}
	for m, w := range t.weights {
		if w > 0 && paths[m] != nil {
			members[t.members[m].name] = w * (1 - members["boosted"])
		}
	}
	return f, members
}

// weighMembers weighs the members, and combines their paths in each backtest
// window by weights from the other windows.
func (t *task) weighMembers() {
	pooled := t.e.pooled[t.segment]
	if pooled == nil { // no series of the segment was among those that all learn from
		pooled = unknown(len(t.members))
	}
	driverAware, by := t.driverAware(), t.e.combination()
	t.weights = by.weigh(t.own, t.seen, pooled, driverAware)
	for i := range t.windows {
		win := &t.windows[i]
		own, seen := t.scores(i)
		win.combined = by.combine(win.paths, by.weigh(own, seen, pooled, driverAware), len(win.truth))
	}
}

// blend adds the trees to the combinations of the backtest windows.
func (t *task) blend() {
	for i := range t.windows {
		win := &t.windows[i]
		win.combined = blend(win.combined, win.boosted, t.e.boosted.weight(t.segment))
	}
}

// driverAware says which members know regressors and events; nil if there are
// none.
func (t *task) driverAware() []bool {
	if !t.e.design.driven() || t.counts {
		return nil
	}
	out := make([]bool, len(t.members))
	for m, member := range t.members {
		out[m] = member.fit == nil
	}
	return out
}

func (e *engine) finishContinuous(t *task, center, probabilities []float64, f *Forecast) {
	n, sp := len(t.s.Y), e.conformal
	if t.least < 0 && sp.log {
		sp = e.additiveConformal
	}
	t.scale = sp.scaleOf(t, -1)
	z := make([]float64, len(probabilities))
	for i, p := range probabilities {
		z[i] = sp.quantile(p)
	}
	middle := 0.
	if len(e.seasons) == 0 && e.design.cols() == 0 {
		middle = sp.quantile(.5) // sales of which nothing explains the peaks are skewed
	}
	f.Mean = make([]float64, len(center))
	for k, c := range center {
		f.Mean[k] = max(sp.value(t, c, k, n+k, middle), t.floor())
		q := make([]float64, len(z))
		for i := range z {
			q[i] = max(sp.value(t, c, k, n+k, z[i]), t.floor())
			if i > 0 {
				q[i] = max(q[i], q[i-1])
			}
		}
		f.Quantiles = append(f.Quantiles, q)
	}
}

// Place is the randomised PIT of a count that came k steps ahead (from 0): the
// probability below it, and u (0 to 1) of its own. ok is false for a series
// that does not count.
func (f *Forecast) Place(k int, y, u float64) (p float64, ok bool) {
	if f.counts == nil {
		return 0, false
	}
	below, upTo := f.counts[k].CDF(y-1), f.counts[k].CDF(y)
	return below + u*(upTo-below), true
}
