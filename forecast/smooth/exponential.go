package smooth

import "math"

// Exponential is exponential smoothing with additive errors, in the error-
// correction form of Hyndman, Koehler, Ord and Snyder (2008):
//
//	e = y − (level + φ·trend)
//	level ← level + φ·trend + α·w·e
//	trend ← φ·trend + β·w·e
//
// w is the weight of y from 0 to 1: what weighs nothing changes nothing.
// β = 0 with trend 0 is simple smoothing, φ = 1 Holt's, φ < 1 the damped trend.
type Exponential struct {
	Alpha, Beta, Phi float64
	Level, Trend     float64 // before the first value
}

// State is where smoothing stands after some values.
type State struct{ Level, Trend float64 }

// Path is the forecast of the h-th value from a state, h from 1.
func (s *Exponential) Path(at State, h int) float64 {
	if s.Phi == 1 {
		return at.Level + float64(h)*at.Trend
	}
	return at.Level + at.Trend*s.Phi*(1-math.Pow(s.Phi, float64(h)))/(1-s.Phi)
}

// States runs over y and returns the state after each of the given numbers of
// values, which rise.
func (s *Exponential) States(y, w []float64, after []int) []State {
	out := make([]State, 0, len(after))
	at := State{s.Level, s.Trend}
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

func (s *Exponential) step(at State, y, w float64) State {
	drift := s.Phi * at.Trend
	e := w * (y - at.Level - drift)
	return State{at.Level + drift + s.Alpha*e, drift + s.Beta*e}
}

// loss is the weighted sum of squared one-step errors from the initial state
// that makes it smallest, which it sets. The errors are linear in the initial
// state, so that state solves a system of one or two normal equations.
func (s *Exponential) loss(y, w []float64, start float64) float64 {
	var (
		level, trend       = start, 0.
		dl0, db0, dl1, db1 = 1., 0., 0., 1. // of level and trend by the initial ones
		sse, g0, g1        float64
		h00, h01, h11      float64
	)
	for t, yt := range y {
		drift := s.Phi * trend
		e := yt - level - drift
		j0, j1 := -(dl0 + s.Phi*db0), -(dl1 + s.Phi*db1)
		wt := w[t]
		sse += wt * e * e
		g0 += wt * j0 * e
		g1 += wt * j1 * e
		h00 += wt * j0 * j0
		h01 += wt * j0 * j1
		h11 += wt * j1 * j1
		ka, kb := s.Alpha*wt, s.Beta*wt
		level, trend = level+drift+ka*e, drift+kb*e
		dl0, db0 = flush(-j0+ka*j0), flush(s.Phi*db0+kb*j0)
		dl1, db1 = flush(-j1+ka*j1), flush(s.Phi*db1+kb*j1)
	}
	ridge := 1e-9 * (1 + h00 + h11)
	h00, h11 = h00+ridge, h11+ridge
	det := h00*h11 - h01*h01
	d0, d1 := -(h11*g0-h01*g1)/det, -(h00*g1-h01*g0)/det
	s.Level, s.Trend = start+d0, d1
	return max(0, sse+g0*d0+g1*d1)
}

// SES fits simple exponential smoothing: α by the least loss.
func SES(y, w []float64) Exponential {
	start := WeightedMean(y, w, 0)
	loss := func(alpha float64) float64 { _, l := simpleLoss(y, w, start, alpha); return l }
	grid := [...]float64{1e-4, .02, .06, .12, .2, .3, .45, .6, .8, .9999}
	at, least := 0, math.Inf(1)
	for i, a := range grid {
		if l := loss(a); l < least*(1-1e-9) {
			at, least = i, l
		}
	}
	alpha := Golden(loss, grid[max(at-1, 0)], grid[min(at+1, len(grid)-1)])
	if loss(alpha) > least {
		alpha = grid[at]
	}
	level, _ := simpleLoss(y, w, start, alpha)
	return Exponential{Alpha: alpha, Phi: 1, Level: level}
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

// Holt fits a linear trend: α, β by the least loss, within 0 < β < α < 1, the
// limits of R's forecast::holt.
func Holt(y, w []float64) Exponential {
	return holt(y, w, []float64{-1.5, -2.5}, 1.5, 90)
}

// Damped fits a trend that fades: as Holt, and .8 ≤ φ ≤ .98.
func Damped(y, w []float64) Exponential {
	return holt(y, w, []float64{-1.5, -2.5, 1}, 1.5, 120)
}

// Refit fits a trend anew to a series that differs little from the one that it
// was fitted to.
func (s Exponential) Refit(y, w []float64) Exponential {
	begin := []float64{logit(s.Alpha, 1e-4, .9999), logit(s.Beta/s.Alpha, 1e-4, .9999)}
	if s.Phi < 1 {
		begin = append(begin, logit(s.Phi, .8, .98))
	}
	return holt(y, w, begin, .3, 15*len(begin))
}

// holt looks for the parameters around begin; three of them damp the trend.
func holt(y, w, begin []float64, size float64, evals int) Exponential {
	damped := len(begin) > 2
	start := WeightedMean(y, w, 0)
	at := func(x []float64) Exponential {
		s := Exponential{Alpha: logistic(x[0], 1e-4, .9999), Phi: 1}
		s.Beta = s.Alpha * logistic(x[1], 1e-4, .9999)
		if damped {
			s.Phi = logistic(x[2], .8, .98)
		}
		return s
	}
	found := Minimize(func(x []float64) float64 {
		s := at(x)
		return math.Log(s.loss(y, w, start) + 1e-12)
	}, begin, size, 1e-6, evals)
	best := at(found)
	best.loss(y, w, start) // sets the initial state
	return best
}

// WeightedMean is Σwy/Σw, or otherwise if nothing has weight.
func WeightedMean(y, w []float64, otherwise float64) float64 {
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
