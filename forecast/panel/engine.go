package panel

import (
	"runtime"
	"slices"
	"sync"

	"github.com/peakday/peakday/forecast"
)

// engine forecasts one panel.
type engine struct {
	panel    *Panel
	h        int
	seasons  []int
	quick    bool
	design   *design
	shared   [2]*shared // of values and of logarithms; nil if too few series teach
	lags     [2]*lagged
	pooled   map[string][]float64 // scores by segment
	spread   *spread
	additive *spread // of series that go below zero
	crowd    *crowd
	boosted  *boosted           // nil where it has no place
	lift     map[string]float64 // mean of counts over their point forecasts, by segment
	wider    float64            // variance of counts over that of their past

	experience map[string]forecast.Experience // with the distributions of counts, by segment
}

// most is how many series are looked at for what all share.
const most = 400

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

// prepare makes the tasks of the panel's series and learns from some of them.
func (e *engine) prepare() []*task {
	tasks := make([]*task, len(e.panel.Series))
	each(len(tasks), func(i int) { tasks[i] = e.newTask(e.panel.Series[i]) })
	e.crowd = newCrowd(tasks, e.seasons, e.h)
	some := evenly(tasks, most)
	e.boosted = e.learnBoosted(tasks)
	e.learnLags(some)
	if len(some) >= fewest && e.design.cols() > 0 {
		for i, log := range []bool{false, true} {
			var all []*sample
			for _, t := range some {
				if sa := t.sample(log, e.h); sa != nil {
					all = append(all, sa)
				}
			}
			if len(all) >= fewest {
				e.shared[i] = learn(all, e.design.penalty, e.slow())
			}
		}
	}
	each(len(some), func(i int) { some[i].rehearse(e.rehearsals()) })
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

// measure learns how far forecasts stray.
func (e *engine) measure(tasks []*task) {
	var plain []*task
	positive := true
	for _, t := range tasks {
		t.settle()
	}
	e.boosted.learnShares(tasks)
	for _, t := range tasks {
		t.blend()
		if !t.sparse {
			plain = append(plain, t)
			positive = positive && t.least >= 0
		}
	}
	e.lift = fitLift(tasks)
	e.wider = fitWider(tasks, e)
	e.fitExperience(tasks)
	e.additive = fitSpread(plain, e.h, false)
	e.spread = e.additive
	if positive {
		cost := e.additive.cost(plain)
		if logs := fitSpread(plain, e.h, true); logs.cost(plain) < .99*cost {
			e.spread = logs
		}
	}
	if e.evenRehearsals() {
		e.additive.fitLate(plain)
		e.spread.fitLate(plain)
	}
}

// evenRehearsals reports whether rehearsals are whole seasons apart: else one
// that strayed further may only have met other days of the week.
func (e *engine) evenRehearsals() bool {
	if len(e.seasons) == 0 {
		return true
	}
	return gapOf(e.h, e.seasons[0])%e.seasons[len(e.seasons)-1] == 0
}

func (e *engine) rehearsals() int {
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
