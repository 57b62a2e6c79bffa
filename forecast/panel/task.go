package panel

import (
	"math"
	"slices"
)

// task is one series while it is being forecast.
type task struct {
	e            *engine
	s            *Series
	members      []member
	segment      string
	counts       bool    // a series of counts, see counting
	intermittent bool    // of which half or more are zero
	period       int     // season of counts that explains most of their variance; 0 without
	at           int     // step of the panel at which it begins
	size         float64 // mean absolute value
	base         float64 // mean absolute change over the first season
	least        float64 // the smallest value

	columns *columns          // of the design; nil without one
	parts   [2]*decomposition // of values and of logarithms, at the origin that they were fitted at

	windows   []window
	screened  []bool    // members that the quick mode left out; nil if none
	own       []float64 // relative scores by member
	seen      float64   // windows behind them
	weights   []float64
	warmStart warmStart
	scale     float64 // of its errors
}

// newTask prepares a series.
func (e *engine) newTask(s *Series) *task {
	t := &task{e: e, s: s, members: e.members(), least: math.Inf(1)}
	n, zeros := 0., 0.
	for _, y := range s.Y {
		if !math.IsNaN(y) {
			zeros += indicator(y == 0)
			t.size += math.Abs(y)
			t.least = min(t.least, y)
			n++
		}
	}
	t.size /= max(n, 1)
	if t.size == 0 {
		t.size = 1
	}
	m := 1
	if len(e.seasons) > 0 && len(s.Y) > 2*e.seasons[0] {
		m = e.seasons[0]
	}
	t.base = change(s.Y, m) + 1e-6*t.size
	t.at, _ = e.panel.Step.Index(e.design.origin, s.Start)
	if t.counts = counting(s.Y) && !e.design.driven(); t.counts {
		t.segment, t.intermittent = "counts", zeros >= n/2
		if t.intermittent {
			t.segment = "intermittent"
		}
		if t.period = countPeriod(s.Y, e.seasons); t.period > 0 {
			t.segment += ", seasonal"
		}
		t.members = countMembers(t.intermittent, t.period > 0)
		return t
	}
	t.segment = "nonseasonal"
	if v := newView(s.Y, e.seasons, 1); v.seasonal() {
		t.segment = "seasonal"
	}
	return t
}

// buildColumns makes the rows of the design; they are large, and most series need
// them only while they are being forecast.
func (t *task) buildColumns() {
	if t.columns == nil && !t.counts && t.e.design.cols() > 0 && len(t.s.Y) >= 8 {
		t.columns = t.e.design.matrix(t.e.panel, t.s, t.e.h)
	}
}

// frozen reports whether nothing is fitted anew at an origin: in the backtest of
// a long series, and in the quick mode for its forecast, too.
func (t *task) frozen(origin int) bool {
	return len(t.s.Y) > longHistory && (origin < len(t.s.Y) || t.e.quick)
}

// change is the mean absolute change of y over m steps.
func change(y []float64, m int) float64 {
	sum, n := 0., 0.
	for i := m; i < len(y); i++ {
		if d := math.Abs(y[i] - y[i-m]); !math.IsNaN(d) {
			sum += d
			n++
		}
	}
	return sum / max(n, 1)
}

// paths forecasts from an origin by each member. Regressions on long histories
// are those fitted at an earlier origin.
func (t *task) paths(origin, fitted int) [][]float64 {
	v := newView(t.s.Y[:origin], t.e.seasons, t.e.h)
	v.warmStart = &t.warmStart
	v.warmStart.frozen = t.frozen(origin)
	v.lags, v.countPool, v.at = t.e.lags, t.e.countPool, t.at
	out := make([][]float64, len(t.members))
	r := regressions{t: t, v: v, fitted: fitted}
	if v.warmStart.frozen && t.parts[0] != nil {
		r.fitted = len(t.parts[0].w)
	}
	if t.columns != nil && len(t.columns.x)*t.e.design.cols() < 20000 {
		r.fitted = origin
	}
	for m, member := range t.members {
		if t.screened != nil && t.screened[m] {
			continue
		}
		var p []float64
		if member.fit != nil {
			if p = member.fit(v); p != nil && len(t.e.design.events) > 0 {
				r.addEventEffects(p)
			}
		} else {
			p = r.path(member)
		}
		if p != nil {
			out[m] = v.bound(p)
		}
	}
	return out
}

// regressions are the decompositions of one view, made when they are asked for.
type regressions struct {
	t      *task
	v      *view
	fitted int
	left   [2]*remainder
	z      [2][]float64 // what values gave
}

// path is that of a member that continues a decomposition.
func (r *regressions) path(m member) []float64 {
	left := r.remainder(m.log)
	if left == nil {
		return nil
	}
	out := left.ahead(r.v.h, m.rest, r.fitted < len(r.v.y))
	if m.log {
		return back(out, true)
	}
	return scaled(out, r.t.size)
}

// remainder is that of values or of logarithms; nil where there can be none.
func (r *regressions) remainder(log bool) *remainder {
	i, part := at(log), r.part(log)
	if part != nil && r.left[i] == nil {
		r.left[i] = part.remainder(r.values(log), r.v.w, r.t.columns.noEvent)
	}
	return r.left[i]
}

// part is the decomposition of values or of logarithms; nil where there can be
// none.
func (r *regressions) part(log bool) *decomposition {
	t, i := r.t, at(log)
	if t.columns == nil || log && !(t.least > 0) || r.fitted < 8 {
		return nil
	}
	if before := t.parts[i]; before == nil || len(before.w) != r.fitted {
		t.parts[i] = decompose(r.values(log)[:r.fitted], r.v.w[:r.fitted], t.columns, t.e.priors(log, t.s), t.e.slow())
		if before != nil {
			t.parts[i].damped = before.damped
		}
	}
	return t.parts[i]
}

// values are what is decomposed: logarithms, or values in units of the series'
// size. Where the view limited values, those near events are taken as they were.
func (r *regressions) values(log bool) []float64 {
	i := at(log)
	if r.z[i] != nil {
		return r.z[i]
	}
	y := r.v.y
	if r.v.limited {
		y = slices.Clone(y)
		for k := range y {
			if raw := r.t.s.Y[k]; r.t.nearEvent(k) && !math.IsNaN(raw) {
				y[k] = raw
			}
		}
	}
	switch {
	case !log:
		r.z[i] = scaled(y, 1/r.t.size)
	case r.v.limited:
		r.z[i] = logs(y)
	default:
		r.z[i] = r.v.values(true)
	}
	return r.z[i]
}

// addEventEffects adds the regression's effect of the events ahead to the path
// of a method that knows no events.
func (r *regressions) addEventEffects(path []float64) {
	log := r.t.least > 0
	part := r.part(log)
	if part == nil {
		return
	}
	for k, e := range part.eventEffect[len(r.v.y):][:len(path)] {
		if log {
			path[k] *= math.Exp(e)
		} else {
			path[k] += e * r.t.size
		}
	}
}

// sample is the series without its last back values, as the shared coefficients
// are learned from it.
func (t *task) sample(log bool, back int) *sample {
	n := len(t.s.Y) - back
	t.buildColumns()
	if t.columns == nil || n < 12 || log && !(t.least > 0) {
		return nil
	}
	y, w := filled(t.s.Y[:n], t.firstSeason())
	sa := &sample{s: t.s, w: w, x: t.columns.x[:n]}
	if sa.z = scaled(y, 1/t.size); log {
		sa.z = logs(y)
	}
	return sa
}

// firstSeason is the shortest period that the series may have, or 1.
func (t *task) firstSeason() int {
	if len(t.e.seasons) == 0 {
		return 1
	}
	return t.e.seasons[0]
}

// priors are what the coefficients of a series are shrunk to: those that all
// share, or else 0, by the ridge that suits noise of variance 1.
func (e *engine) priors(log bool, s *Series) priors {
	if sh := e.shared[at(log)]; sh != nil {
		return priors{sh.prior(s), sh.precision, true}
	}
	return priors{nil, e.design.penalty, false}
}

// slow is the α of the two-sided level that regressions are fitted around.
func (e *engine) slow() float64 {
	switch {
	case e.design.year > 0 && e.panel.Step.Every == day:
		return .012
	case e.panel.Step.Every == week:
		return .15
	case e.panel.Step.Every < day:
		return .01
	}
	return .05
}

// learnLags fits the lag regressions that the series have in common.
func (e *engine) learnLags(tasks []*task) {
	shortest := math.MaxInt
	for _, t := range tasks {
		if n := len(t.s.Y) - e.h; n > 0 {
			shortest = min(shortest, n)
		}
	}
	for i := range e.lags {
		l := newLagged(e.seasons, shortest)
		if l == nil {
			continue
		}
		var all [][]float64
		for _, t := range tasks {
			if n := len(t.s.Y) - e.h; n > l.reach() && (i == 0 || t.least > 0) {
				y, _ := filled(t.s.Y[:n], t.firstSeason())
				if i == 1 {
					y = logs(y)
				}
				all = append(all, y)
			}
		}
		l.share(all)
		e.lags[i] = l
	}
}

// floor is the least that the series may be forecast to be: 0, unless it was
// below that.
func (t *task) floor() float64 {
	if t.least < 0 {
		return math.Inf(-1)
	}
	return 0
}

// nearEvent reports whether an event is near a step of the series.
func (t *task) nearEvent(step int) bool {
	return t.columns != nil && step < len(t.columns.noEvent) && !t.columns.noEvent[step]
}
