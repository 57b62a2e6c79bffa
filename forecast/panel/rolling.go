package panel

import (
	"math"
	"slices"
)

// window is one rolling-origin window of the backtest: what each member
// forecast from an origin in the past, and what the actuals were.
type window struct {
	origin   int
	truth    []float64   // the actuals; NaN where nothing is known
	paths    [][]float64 // by member; nil for one that cannot forecast from here
	weight   float64     // older windows weigh less
	combined []float64   // the members' combination
	boosted  []float64   // the trees' path, if there is one
}

// origins are where the backtest windows of a series of n values begin at
// horizon h, the oldest first: up to most of them, originGap apart, each with
// enough history before it. A short series is backtested on as much as it has.
func origins(n, h, m, most int) []int {
	least := max(2*m+4, 10)
	if n <= least+3*h { // rather three windows than two seasons before each
		least = max(n/2, min(least, n-3*h), 3)
	}
	gap := originGap(h, m)
	first := n - h
	if first < least {
		first = max(least, n-max(h/2, 1))
	}
	var out []int
	for o := first; o >= least && o < n && len(out) < most; o -= gap {
		out = append([]int{o}, out...)
	}
	return out
}

// originGap is the distance of origins at horizon h: whole seasons of m steps
// if it is longer than one.
func originGap(h, m int) int {
	gap := max(1, h/2)
	if m > 1 && gap > m {
		gap = gap / m * m
	}
	return gap
}

// longHistory is how many values make refitting at each origin a waste.
const longHistory = 250

// backtest runs the members of a task from its rolling origins.
func (t *task) backtest(most int) {
	n := len(t.s.Y)
	t.buildColumns()
	t.windows = nil
	starts := origins(n, t.e.h, t.firstSeason(), most)
	for i, o := range starts {
		h := min(t.e.h, n-o)
		win := window{origin: o, truth: t.s.Y[o : o+h], weight: math.Pow(.9, float64(len(starts)-1-i))}
		win.paths = t.paths(o, starts[0])
		win.boosted = t.e.boosted.path(t, o)
		t.windows = append(t.windows, win)
		if i == 0 && t.e.quick && n > longHistory && !t.counts {
			t.screen()
		}
	}
	t.own, t.seen = t.scores(-1)
}

// screen leaves out the members that did much worse than the best in the first
// window, but for a few, and those without regressors and events where members
// with them are as good.
func (t *task) screen() {
	scores, _ := t.scores(-1)
	known := slices.DeleteFunc(slices.Clone(scores), math.IsNaN)
	if len(known) <= minMembers {
		return
	}
	slices.Sort(known)
	limit := max(known[minMembers-1], 1.25*known[0])
	driverAware := t.driverAware()
	enough := driverAwareSuffice(scores, driverAware, known[0])
	t.screened = make([]bool, len(scores))
	for m, s := range scores {
		t.screened[m] = !(s <= limit) || enough && !driverAware[m]
	}
}

// minMembers is how many the quick mode keeps at least.
const minMembers = 5

// loss is the mean absolute error of a path, and the values behind it.
func loss(truth, path []float64) (mean, n float64) {
	for k, y := range truth {
		if !math.IsNaN(y) {
			mean += math.Abs(y - path[k])
			n++
		}
	}
	if n > 0 {
		mean /= n
	}
	return mean, n
}

// loss is a path's error: the mean absolute one, but the root mean square for
// intermittent counts, of which the absolute error would prefer a path of zeros.
func (t *task) loss(truth, path []float64) (mean, n float64) {
	if !t.intermittent {
		return loss(truth, path)
	}
	for k, y := range truth {
		if !math.IsNaN(y) {
			mean += (y - path[k]) * (y - path[k])
			n++
		}
	}
	return math.Sqrt(mean/max(n, 1)) + .05*t.size, n
}

// scores gives each member's loss over the windows but one (−1: over all),
// relative to the geometric mean of all members, and the windows behind it;
// NaN for one without any.
func (t *task) scores(except int) (relative []float64, weight float64) {
	sum, known := make([]float64, len(t.members)), make([]float64, len(t.members))
	for i, win := range t.windows {
		if i == except {
			continue
		}
		for m, path := range win.paths {
			if path == nil {
				continue
			}
			if l, n := t.loss(win.truth, path); n > 0 {
				share := win.weight * n / float64(t.e.h)
				sum[m] += share * l
				known[m] += share
			}
		}
	}
	logs, count := 0., 0.
	for m := range sum {
		if known[m] > 0 {
			sum[m] = sum[m]/known[m] + 1e-9*t.size
			logs += math.Log(sum[m] + 1e-300)
			count++
			weight = max(weight, known[m])
		} else {
			sum[m] = math.NaN()
		}
	}
	for m := range sum {
		sum[m] /= math.Exp(logs / max(count, 1))
	}
	return sum, weight
}
