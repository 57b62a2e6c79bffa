package panel

import (
	"math"
	"slices"

	"github.com/peakday/peakday/forecast/smooth"
)

// decomposition is y = level + x·β + rest, of values or of their logarithms:
// a ridge regression on the columns of a design, and a level that moves
// slowly, fitted by turns. Outlying steps count less, but never those of
// events.
type decomposition struct {
	beta  []float64
	level []float64 // two-sided
	w     []float64 // of each row
}

// priors are what a series' coefficients are shrunk to, and how much.
type priors struct {
	beta    []float64 // nil for none
	penalty []float64
	scaled  bool // in units of the noise's variance
}

// decompose fits z, of which w says what is known, on the first len(z) rows.
func decompose(z, w []float64, x []smooth.Row, quiet []bool, pull priors, slow float64) *decomposition {
	n, cols := len(z), len(pull.penalty)
	d := &decomposition{beta: slices.Clone(pull.beta), w: slices.Clone(w)}
	if d.beta == nil {
		d.beta = make([]float64, cols)
	}
	rest, calm := make([]float64, n), make([]float64, n)
	for round := range 2 {
		var g *smooth.Gram
		var f *smooth.Factor
		for range 2 {
			for i := range z {
				rest[i] = z[i] - x[i].Dot(d.beta)
				calm[i] = d.w[i]
				if !quiet[i] {
					calm[i] *= .2
				}
			}
			d.level = bothSides(rest, calm, slow)
			if g == nil {
				g = smooth.NewGram(cols)
				for i := range z {
					if d.w[i] > 0 {
						g.Add(x[i], z[i]-d.level[i], d.w[i])
					}
				}
			} else {
				clear(g.XY)
				for i := range z {
					if d.w[i] > 0 {
						g.AddTarget(x[i], z[i]-d.level[i], d.w[i])
					}
				}
			}
			if f == nil {
				penalty := pull.penalty
				if pull.scaled {
					penalty = scaled(penalty, d.noise(z, x))
				}
				f = g.Factor(penalty)
			}
			d.beta = f.Solve(pull.beta)
		}
		if round == 0 {
			d.tame(z, w, x, quiet)
		}
	}
	return d
}

// noise is the variance of what neither level nor columns explain.
func (d *decomposition) noise(z []float64, x []smooth.Row) float64 {
	squares, n := 1e-6, 1.
	for i := range z {
		if d.w[i] > 0 {
			e := z[i] - d.level[i] - x[i].Dot(d.beta)
			squares += d.w[i] * e * e
			n += d.w[i]
		}
	}
	return squares / n
}

// tame gives steps that stray far less weight, as Huber does.
func (d *decomposition) tame(z, w []float64, x []smooth.Row, quiet []bool) {
	stray := make([]float64, 0, len(z))
	for i := range z {
		if w[i] > 0 {
			stray = append(stray, math.Abs(z[i]-d.level[i]-x[i].Dot(d.beta)))
		}
	}
	if len(stray) == 0 {
		return
	}
	slices.Sort(stray)
	limit := 3*1.4826*stray[len(stray)/2] + 1e-12
	for i := range z {
		d.w[i] = w[i]
		if e := math.Abs(z[i] - d.level[i] - x[i].Dot(d.beta)); quiet[i] && e > limit {
			d.w[i] *= limit / e
		}
	}
}

// bothSides smooths r exponentially from both ends and takes the mean.
func bothSides(r, w []float64, alpha float64) []float64 {
	n := len(r)
	out := make([]float64, n)
	ends := min(14, n)
	l := smooth.WeightedMean(r[:ends], w[:ends], smooth.WeightedMean(r, w, 0))
	for i := range r {
		l += alpha * w[i] * (r[i] - l)
		out[i] = l / 2
	}
	l = smooth.WeightedMean(r[n-ends:], w[n-ends:], l)
	for i := n - 1; i >= 0; i-- {
		l += alpha * w[i] * (r[i] - l)
		out[i] += l / 2
	}
	return out
}

// dampedLength is how many values a damped trend is fitted to.
const dampedLength = 300

// ahead continues the series by h steps: what is left of it without the
// columns by each way of continuing a level, and the columns' effect.
func (d *decomposition) ahead(z, w []float64, x []smooth.Row, quiet []bool, h int, how string) []float64 {
	n := len(z)
	rest, calm := make([]float64, n), make([]float64, n)
	for i := range z {
		rest[i] = z[i] - x[i].Dot(d.beta)
		calm[i] = w[i]
		if i < len(d.w) {
			calm[i] = d.w[i]
		}
		if !quiet[i] {
			calm[i] *= .2
		}
	}
	out := make([]float64, h)
	switch how {
	case "ses":
		s := smooth.SES(rest, calm)
		level := s.States(rest, calm, []int{n})[0].Level
		for k := range out {
			out[k] = level
		}
	case "damped":
		late, counts := tail(rest, dampedLength), tail(calm, dampedLength)
		s := smooth.Damped(late, counts)
		end := s.States(late, counts, []int{len(late)})[0]
		for k := range out {
			out[k] = s.Path(end, k+1)
		}
	case "ar":
		for i := range rest { // what is unknown or outlying is as the level was
			if i < len(d.level) {
				rest[i] = calm[i]*rest[i] + (1-calm[i])*d.level[i]
			}
		}
		copy(out, continueAR(tail(rest, 730), false, h))
	}
	for k := range out {
		out[k] += x[n+k].Dot(d.beta)
	}
	return out
}
