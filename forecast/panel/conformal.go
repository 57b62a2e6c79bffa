package panel

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// conformal makes the prediction intervals of a panel's continuous series:
// split-conformal quantiles of the backtest errors, pooled over series. An error
// counts relative to its series' own scale, to how errors grow with the horizon,
// and to whether an event was on; on values, or on logarithms where those cost
// at least a hundredth less pinball loss in the backtest. Where the newest
// window's errors differ from the others', the intervals ahead follow it.
type conformal struct {
	log    bool
	ratio  float64   // of squared errors to the squared typical change
	growth []float64 // by step ahead
	event  float64   // how much wider on steps of events
	recent float64   // ratio of the newest window's errors to those of all
	z      []float64 // sorted relative errors
}

// fitConformal learns from tasks that were backtested and weighed.
func fitConformal(tasks []*task, h int, log bool) *conformal {
	sp := &conformal{log: log, growth: slices.Repeat([]float64{1}, h), event: 1, recent: 1, ratio: 1}
	sp.fitRatio(tasks)
	for range 2 {
		sp.fitGrowth(tasks)
		sp.fitEvent(tasks)
	}
	sp.each(tasks, func(t *task, k, at int, f, e float64) {
		sp.z = append(sp.z, e/(t.scale*sp.width(t, k, at, f)))
	})
	slices.Sort(sp.z)
	return sp
}

// each visits the errors of all backtest windows; at is the step in the series.
// The task's scale is then that of its other windows: errors that had set their
// own scale would look smaller than those to come.
func (sp *conformal) each(tasks []*task, visit func(t *task, k, at int, f, e float64)) {
	for _, t := range tasks {
		for i, win := range t.windows {
			t.scale = sp.scaleOf(t, i)
			for k, y := range win.truth {
				if e := sp.residual(y, win.combined[k], t); !math.IsNaN(e) {
					visit(t, k, win.origin+k, win.combined[k], e)
				}
			}
		}
	}
}

// smallest is the value, in units of the series' size, below which logarithms do
// not tell values apart.
const smallest = .01

// residual is the error of forecasting f when y came; NaN if it does not count.
func (sp *conformal) residual(y, f float64, t *task) float64 {
	if sp.log {
		least := smallest * t.size
		return math.Log(max(y, least)) - math.Log(max(f, least))
	}
	return y - f
}

// typicalChange is the series' mean change from step to step or season to season.
func (sp *conformal) typicalChange(t *task) float64 {
	if sp.log {
		return max(t.base/t.size, .002)
	}
	return t.base
}

func (sp *conformal) fitRatio(tasks []*task) {
	var all []float64
	sp.ratio = 1
	sp.each(tasks, func(t *task, k, at int, f, e float64) {
		u := sp.typicalChange(t)
		all = append(all, e*e/(u*u))
	})
	if len(all) == 0 {
		return
	}
	slices.Sort(all)
	limit := all[int(.98*float64(len(all)-1))]
	sum := 0.
	for _, v := range all {
		sum += min(v, limit)
	}
	sp.ratio = max(sum/float64(len(all)), 1e-6)
}

// scaleOf is the root mean square of a series' own backtest errors without those
// of one window (−1: of all), shrunk to what its typical change suggests, a prior
// worth two windows. Errors within a window are correlated, so a window counts as
// two errors.
func (sp *conformal) scaleOf(t *task, except int) float64 {
	sum, n := 0., 0.
	for i, win := range t.windows {
		if i == except {
			continue
		}
		squares, count := 0., 0.
		for k, y := range win.truth {
			if e := sp.residual(y, win.combined[k], t); !math.IsNaN(e) {
				squares += e * e
				count++
			}
		}
		if count > 0 {
			sum += min(2, count) * squares / count
			n += min(2, count)
		}
	}
	u := sp.typicalChange(t)
	const priorCount = 4
	return math.Sqrt((sum+priorCount*sp.ratio*u*u)/(n+priorCount)) + 1e-12
}

// width is the relative size of the errors of forecast f, k steps ahead (from 0),
// at a step of the series.
func (sp *conformal) width(t *task, k, at int, f float64) float64 {
	g := sp.growth[min(k, len(sp.growth)-1)]
	if t.nearEvent(at) {
		g *= sp.event * sp.peak(t, at, f)
	}
	return g
}

// peak is how many times the series' usual size forecast f is, near an event. A
// day that sells twenty times as much is not known to the piece that ordinary days
// are known to; logarithms have that in them.
func (sp *conformal) peak(t *task, at int, f float64) float64 {
	if sp.log || !t.nearEvent(at) {
		return 1
	}
	return max(1, math.Abs(f)/t.size)
}

// fitGrowth measures errors by step ahead, smoothed over neighbours and never
// falling, with mean square 1 over the steps that were backtested. Beyond them, in
// panels of short histories, errors grow as those of a random walk.
func (sp *conformal) fitGrowth(tasks []*task) {
	h := len(sp.growth)
	sum, count := make([]float64, h), make([]float64, h)
	sp.each(tasks, func(t *task, k, at int, f, e float64) {
		wide := t.scale * sp.width(t, k, at, f) / sp.growth[k]
		sum[k] += min(e*e/(wide*wide), 30)
		count[k]++
	})
	raw := make([]float64, h)
	for k := range raw {
		s, n := 6., 6. // a prior of six errors of the usual size
		reach := 1 + k/3
		for j := max(0, k-reach); j <= min(h-1, k+reach); j++ {
			s += sum[j]
			n += count[j]
		}
		raw[k] = s / n
	}
	seen := h
	for seen > 1 && count[seen-1] == 0 {
		seen--
	}
	total := 0.
	for k := range raw {
		switch {
		case k >= seen:
			raw[k] = raw[seen-1] * float64(k+1) / float64(seen)
			continue
		case k > 0:
			raw[k] = max(raw[k], raw[k-1])
		}
		total += raw[k] / float64(seen)
	}
	for k := range raw {
		sp.growth[k] = math.Sqrt(raw[k] / total)
	}
}

// fitEvent measures how much wider errors are on steps of events.
func (sp *conformal) fitEvent(tasks []*task) {
	sum, n := 20., 20.
	sp.each(tasks, func(t *task, k, at int, f, e float64) {
		if t.nearEvent(at) {
			wide := t.scale * sp.growth[k] * sp.peak(t, at, f)
			sum += min(e*e/(wide*wide), 30)
			n++
		}
	})
	sp.event = math.Sqrt(max(sum/n, .25))
}

// fitRecent measures how much larger errors were in the newest window than in
// all, as far as that is more than windows differ anyway: a change of volatility
// is followed from the first values that show it. It is what an adaptive step of
// conformal inference (Gibbs and Candès, 2021) would find if it went through the
// windows.
func (sp *conformal) fitRecent(tasks []*task) {
	var squares, count []float64 // by how many windows were newer
	for _, t := range tasks {
		for len(squares) < len(t.windows) {
			squares, count = append(squares, 1e-9), append(count, 1e-9)
		}
	}
	if len(squares) < 3 {
		return
	}
	all, n := 1e-9, 1e-9
	sp.each(tasks, func(t *task, k, at int, f, e float64) {
		newer := 0
		for t.windows[len(t.windows)-1-newer].origin+k != at {
			newer++
		}
		wide := t.scale * sp.width(t, k, at, f)
		square := min(e*e/(wide*wide), 30)
		squares[newer], count[newer] = squares[newer]+square, count[newer]+1
		all, n = all+square, n+1
	})
	levels := make([]float64, len(squares))
	for i := range levels {
		levels[i] = math.Log(squares[i] / count[i])
	}
	usual, chance := moments(levels[1:])
	chance += 2 / float64(len(tasks))
	surprise := (levels[0] - usual) * (levels[0] - usual)
	more := levels[0] - math.Log(all/n)
	sp.recent = math.Exp(surprise / (surprise + 4*chance) * min(max(more, -1), 2) / 2)
}

// quantile is the relative error that is not exceeded with probability p, by
// the rule ⌈(n+1)p⌉ above the middle and ⌊(n+1)p⌋ below; few errors are
// completed by a normal.
func (sp *conformal) quantile(p float64) float64 {
	const priorCount = 30
	n := float64(len(sp.z))
	normal := mathext.NormalQuantile(p)
	if n == 0 {
		return 1.2 * normal
	}
	at := (n + 1) * p
	i := int(math.Ceil(at)) - 1
	if p < .5 {
		i = int(math.Floor(at)) - 1
	}
	edge := sp.z[min(max(i, 0), len(sp.z)-1)]
	if i < 0 || i >= len(sp.z) { // beyond what was seen
		edge = math.Copysign(max(math.Abs(edge), math.Abs(normal)), normal)
	}
	return (n*edge + priorCount*normal) / (n + priorCount)
}

// value is the forecast f moved by relative error z, k steps ahead.
func (sp *conformal) value(t *task, f float64, k, at int, z float64) float64 {
	move := z * t.scale * sp.width(t, k, at, f)
	if at >= len(t.s.Y) {
		move *= sp.recent
	}
	if !sp.log {
		return f + move
	}
	if move == 0 {
		return max(f, 0)
	}
	least := smallest * t.size
	if q := max(f, least) * math.Exp(min(move, 20)); q > least {
		return q
	}
	return 0 // such values are not told apart
}

// cost is the mean pinball loss of the intervals in the backtest, relative to the
// series' sizes.
func (sp *conformal) cost(tasks []*task) float64 {
	probabilities := []float64{.025, .1, .5, .9, .975}
	z := make([]float64, len(probabilities))
	for i, p := range probabilities {
		z[i] = sp.quantile(p)
	}
	sum, n := 0., 0.
	for _, t := range tasks {
		for i, win := range t.windows {
			t.scale = sp.scaleOf(t, i)
			for k, y := range win.truth {
				if math.IsNaN(y) {
					continue
				}
				for i, p := range probabilities {
					q := sp.value(t, win.combined[k], k, win.origin+k, z[i])
					sum += pinball(p, y, max(q, t.floor())) / t.size
					n++
				}
			}
		}
	}
	return sum / max(n, 1)
}

// pinball is the quantile loss of forecast q at probability p when y came.
func pinball(p, y, q float64) float64 {
	if y >= q {
		return p * (y - q)
	}
	return (1 - p) * (q - y)
}
