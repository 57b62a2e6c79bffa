package panel

import (
	"runtime"
	"slices"
	"sync"

	"github.com/peakday/peakday/forecast"
)

// engine forecasts one panel.
type engine struct {
	panel             *Panel
	h                 int
	seasons           []int
	quick             bool
	design            *design
	shared            [2]*shared // of values and of logarithms; nil if there are too few series
	lags              [2]*lagged
	pooled            map[string][]float64 // scores by segment
	conformal         *conformal
	additiveConformal *conformal // of series that go below zero
	countPool         *countPool
	boosted           *boosted           // nil where it has no place
	bias              map[string]float64 // mean of counts over their point forecasts, by segment
	overdispersion    float64            // variance of counts over that of their past

	calibration map[string]forecast.Calibration // with the distributions of counts, by segment
}

// pooledSeries is how many series what all share is learned from at most.
const pooledSeries = 400

func newEngine(p *Panel, h int, seasons []int, quick bool) *engine {
	e := &engine{panel: p, h: h, quick: quick, pooled: map[string][]float64{}}
	for _, m := range seasons { // those that some history can show
		if slices.ContainsFunc(p.Series, func(s *Series) bool { return len(s.Y) > 2*m }) {
			e.seasons = append(e.seasons, m)
		}
	}
	e.design = newDesign(p, h)
	return e
}

// members lists the methods for the panel's series.
func (e *engine) members() []member {
	out := short()
	if e.several() {
		out = long()
	}
	if e.design.cols() > 0 {
		for _, log := range []bool{false, true} {
			for _, rest := range []string{"ses", "damped", "ar"} {
				name := "regression_" + rest
				if log {
					name += "_log"
				}
				out = append(out, member{name: name, log: log, rest: rest})
			}
		}
	}
	return out
}

// several reports whether there are several seasons, or a long one.
func (e *engine) several() bool {
	return len(e.seasons) > 1 || len(e.seasons) == 1 && e.seasons[0] > 24
}

// prepare makes the tasks of the panel's series and learns what they share from
// some of them.
func (e *engine) prepare() []*task {
	tasks := make([]*task, len(e.panel.Series))
	each(len(tasks), func(i int) { tasks[i] = e.newTask(e.panel.Series[i]) })
	e.countPool = newCountPool(tasks, e.seasons, e.h)
	some := evenly(tasks, pooledSeries)
	e.boosted = e.learnBoosted(tasks)
	e.learnLags(some)
	if len(some) >= minSeries && e.design.cols() > 0 {
		for i, log := range []bool{false, true} {
			var all []*sample
			for _, t := range some {
				if sa := t.sample(log, e.h); sa != nil {
					all = append(all, sa)
				}
			}
			if len(all) >= minSeries {
				e.shared[i] = learn(all, e.design.penalty, e.slow())
			}
		}
	}
	each(len(some), func(i int) { some[i].backtest(e.windowCount()) })
	segments := map[string][]*task{}
	for _, t := range some {
		segments[t.segment] = append(segments[t.segment], t)
	}
	for name, of := range segments {
		e.pooled[name] = pooledScores(of, len(of[0].members))
	}
	e.measure(some)
	return tasks
}

// measure learns the errors of the combined forecasts in the backtest windows.
func (e *engine) measure(tasks []*task) {
	var plain []*task
	positive := true
	for _, t := range tasks {
		t.weighMembers()
	}
	e.boosted.learnWeights(tasks)
	for _, t := range tasks {
		t.blend()
		if !t.counts {
			plain = append(plain, t)
			positive = positive && t.least >= 0
		}
	}
	e.bias = fitBias(tasks)
	e.overdispersion = fitOverdispersion(tasks, e)
	e.calibrateCounts(tasks)
	e.additiveConformal = fitConformal(plain, e.h, false)
	e.conformal = e.additiveConformal
	if positive {
		cost := e.additiveConformal.cost(plain)
		if logs := fitConformal(plain, e.h, true); logs.cost(plain) < .99*cost {
			e.conformal = logs
		}
	}
	if e.wholeSeasonsApart() {
		e.additiveConformal.fitRecent(plain)
		e.conformal.fitRecent(plain)
	}
}

// wholeSeasonsApart reports whether windows are whole seasons apart: else one
// with larger errors may only have met other days of the week.
func (e *engine) wholeSeasonsApart() bool {
	if len(e.seasons) == 0 {
		return true
	}
	return originGap(e.h, e.seasons[0])%e.seasons[len(e.seasons)-1] == 0
}

func (e *engine) windowCount() int {
	if e.quick {
		return 3
	}
	return 6
}

// each runs f for 0 to n−1 on all processors.
func each(n int, f func(i int)) {
	var running sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		running.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	running.Wait()
}

// evenly picks up to n of all, evenly spaced.
func evenly(all []*task, n int) []*task {
	if len(all) <= n {
		return slices.Clone(all)
	}
	out := make([]*task, n)
	for i := range out {
		out[i] = all[i*len(all)/n]
	}
	return out
}
