package forecast

import "math"

// smoothing is exponential smoothing with additive errors, in the error-
// correction form of Hyndman, Koehler, Ord and Snyder (2008):
//
//	e = y − (level + φ·trend)
//	level ← level + φ·trend + α·w·e
//	trend ← φ·trend + β·w·e
//
// w is the weight of y from 0 to 1: what weighs nothing changes nothing.
// β = 0 with trend 0 is simple smoothing, φ = 1 Holt's, φ < 1 the damped trend.
type smoothing struct {
	alpha, beta, phi float64
	level, trend     float64 // before the first value
}

// state is where smoothing stands after some values.
type state struct{ level, trend float64 }

// path is the forecast of the h-th value from a state, h from 1.
func (s *smoothing) path(at state, h int) float64 {
	if s.phi == 1 {
		return at.level + float64(h)*at.trend
	}
	return at.level + at.trend*s.phi*(1-math.Pow(s.phi, float64(h)))/(1-s.phi)
}

// states runs over y and returns the state after each of the given numbers of
// values, which rise.
func (s *smoothing) states(y, w []float64, after []int) []state {
	out := make([]state, 0, len(after))
	at := state{s.level, s.trend}
	for t := 0; ; t++ {
		for len(out) < len(after) && after[len(out)] == t {
			out = append(out, at)
		}
		if len(out) == len(after) || t == len(y) {
			return out
		}
		at = s.step(at, y[t], w[t])
	}
}

func (s *smoothing) step(at state, y, w float64) state {
	drift := s.phi * at.trend
	e := w * (y - at.level - drift)
	return state{at.level + drift + s.alpha*e, drift + s.beta*e}
}

// loss is the weighted sum of squared one-step errors from the initial state
// that makes it smallest, which it sets. The errors are linear in the initial
// state, so that state solves a system of one or two normal equations.
func (s *smoothing) loss(y, w []float64, start float64) float64 {
	var (
		level, trend       = start, 0.
		dl0, db0, dl1, db1 = 1., 0., 0., 1. // of level and trend by the initial ones
		sse, g0, g1        float64
		h00, h01, h11      float64
	)
	for t, yt := range y {
		drift := s.phi * trend
		e := yt - level - drift
		j0, j1 := -(dl0 + s.phi*db0), -(dl1 + s.phi*db1)
		wt := w[t]
		sse += wt * e * e
		g0 += wt * j0 * e
		g1 += wt * j1 * e
		h00 += wt * j0 * j0
		h01 += wt * j0 * j1
		h11 += wt * j1 * j1
		ka, kb := s.alpha*wt, s.beta*wt
		level, trend = level+drift+ka*e, drift+kb*e
		dl0, db0 = flush(-j0+ka*j0), flush(s.phi*db0+kb*j0)
		dl1, db1 = flush(-j1+ka*j1), flush(s.phi*db1+kb*j1)
	}
	ridge := 1e-9 * (1 + h00 + h11)
	h00, h11 = h00+ridge, h11+ridge
	det := h00*h11 - h01*h01
	d0, d1 := -(h11*g0-h01*g1)/det, -(h00*g1-h01*g0)/det
	s.level, s.trend = start+d0, d1
	return max(0, sse+g0*d0+g1*d1)
}

// simple fits simple exponential smoothing: α by the least loss.
func simple(y, w []float64) smoothing {
	start := weightedMean(y, w, 0)
	loss := func(alpha float64) float64 { _, l := simpleLoss(y, w, start, alpha); return l }
	grid := [...]float64{1e-4, .02, .06, .12, .2, .3, .45, .6, .8, .9999}
	at, least := 0, math.Inf(1)
	for i, a := range grid {
		if l := loss(a); l < least*(1-1e-9) {
			at, least = i, l
		}
	}
	alpha := golden(loss, grid[max(at-1, 0)], grid[min(at+1, len(grid)-1)])
	if loss(alpha) > least {
		alpha = grid[at]
	}
	level, _ := simpleLoss(y, w, start, alpha)
	return smoothing{alpha: alpha, phi: 1, level: level}
}

// simpleLoss is loss for a level alone.
func simpleLoss(y, w []float64, start, alpha float64) (level, least float64) {
	level = start
	d := 1. // of the level by the initial one
	var sse, g, h float64
	for t, yt := range y {
		wt := w[t]
		e := yt - level
		wd := wt * d
		sse += wt * e * e
		g += wd * e
		h += wd * d
		level += alpha * wt * e
		d = flush(d - alpha*wd)
	}
	if !(h > 0) {
		return start, sse
	}
	return start + g/h, max(0, sse-g*g/h)
}

// flush turns what has faded away into 0: arithmetic on subnormal numbers is
// a hundred times slower.
func flush(x float64) float64 {
	if -1e-100 < x && x < 1e-100 {
		return 0
	}
	return x
}

// golden is the minimum of f between lo and hi by golden-section search.
func golden(f func(float64) float64, lo, hi float64) float64 {
	const ratio = .6180339887498949
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := f(a), f(b)
	for range 12 {
		if fa <= fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = f(b)
		}
	}
	return (lo + hi) / 2
}

// holt fits a linear trend, or a damped one: α, β (and φ) by the least loss,
// within 0 < β < α < 1 and .8 ≤ φ ≤ .98, the limits of R's forecast::holt.
func holt(y, w []float64, damped bool) smoothing {
	start := weightedMean(y, w, 0)
	at := func(x []float64) smoothing {
		s := smoothing{alpha: squash(x[0], 1e-4, .9999), phi: 1}
		s.beta = s.alpha * squash(x[1], 1e-4, .9999)
		if damped {
			s.phi = squash(x[2], .8, .98)
		}
		return s
	}
	begin := []float64{-1.5, -2.5}
	if damped {
		begin = append(begin, 1)
	}
	found := minimize(func(x []float64) float64 {
		s := at(x)
		return math.Log(s.loss(y, w, start) + 1e-12)
	}, begin, 1.5, 30+30*len(begin))
	best := at(found)
	best.loss(y, w, start) // sets the initial state
	return best
}

// squash maps any number into (lo, hi).
func squash(x, lo, hi float64) float64 { return lo + (hi-lo)/(1+math.Exp(-x)) }

// weightedMean is Σwy/Σw, or otherwise if nothing has weight.
func weightedMean(y, w []float64, otherwise float64) float64 {
	var sum, weight float64
	for i := range y {
		sum += w[i] * y[i]
		weight += w[i]
	}
	if !(weight > 0) {
		return otherwise
	}
	return sum / weight
}

// theta is the Theta method of Assimakopoulos and Nikolopoulos (2000), which
// is simple smoothing with a drift of half the linear trend (Hyndman and
// Billah, 2003).
type theta struct {
	ses   smoothing
	slope float64 // of the linear trend, by weighted least squares
}

// path forecasts the h-th value after n values that led to level.
func (m *theta) path(level float64, n, h int) float64 {
	a := m.ses.alpha
	return level + m.slope/2*(float64(h-1)+(1-math.Pow(1-a, float64(n)))/a)
}

// slope is the weighted least-squares slope of y over its index.
func slope(y, w []float64) float64 {
	var n, st, sy float64
	for t := range y {
		n += w[t]
		st += w[t] * float64(t)
		sy += w[t] * y[t]
	}
	if !(n > 0) {
		return 0
	}
	mt, my := st/n, sy/n
	var stt, sty float64
	for t := range y {
		d := float64(t) - mt
		stt += w[t] * d * d
		sty += w[t] * d * (y[t] - my)
	}
	if !(stt > 0) {
		return 0
	}
	return sty / stt
}
