package panel

import (
	"math"
	"slices"

	"github.com/peakday/peakday/forecast/smooth"
)

// decomposition is y = level + x·β + rest, of values or of their logarithms:
// a ridge regression on the columns of a design, and a level that moves
// slowly, fitted by turns. Outliers weigh less, but never those on events.
type decomposition struct {
	beta        []float64
	fit         []float64 // of the columns, and of last year's event residuals, at each row
	eventEffect []float64 // the events' part of it, behind the rows that were fitted
	level       []float64 // two-sided
	w           []float64 // of each row

	ses, damped *smooth.Exponential // that continue the level
}

// priors are what a series' coefficients are shrunk to, and how much.
type priors struct {
	beta    []float64 // nil for none
	penalty []float64
	scaled  bool // in units of the noise's variance
}

// decompose fits z, of which w says what is known, on the first len(z) rows.
func decompose(z, w []float64, of *columns, prior priors, slow float64) *decomposition {
	n := len(z)
	d := &decomposition{beta: slices.Clone(prior.beta), w: slices.Clone(w), fit: make([]float64, len(of.x))}
	if d.beta == nil {
		d.beta = make([]float64, len(prior.penalty))
	}
	d.explain(of.x[:n])
	rest, weight, penalty := make([]float64, n), make([]float64, n), prior.penalty
	for round := range 2 {
		g := of.gram(d.w)
		var f *smooth.Factor
		for range 2 {
			for i := range z {
				rest[i] = z[i] - d.fit[i]
				weight[i] = d.w[i]
				if !of.noEvent[i] {
					weight[i] *= .2
				}
			}
			d.level = twoSided(rest, weight, slow)
			clear(g.XY)
			for i := range z {
				if d.w[i] > 0 {
					g.AddTarget(of.x[i], z[i]-d.level[i], d.w[i])
				}
			}
			if f == nil {
				if prior.scaled {
					penalty = scaled(prior.penalty, d.noise(z))
				}
				f = g.Factor(penalty)
			}
			d.beta = f.Solve(prior.beta)
			d.explain(of.x[:n])
		}
		if round == 0 {
			d.downweightOutliers(z, w, of.noEvent)
		}
	}
	d.explain(of.x)
	d.eventEffect = d.yearAgoResiduals(z, w, of)
	for i := n; i < len(of.x); i++ {
		d.fit[i] += d.eventEffect[i]
		d.eventEffect[i] += of.x[i].Between(d.beta, of.events[0], of.events[1])
	}
	return d
}

// explain sets the columns' part of each row.
func (d *decomposition) explain(x []smooth.Row) {
	for i, row := range x {
		d.fit[i] = row.Dot(d.beta)
	}
}

// noise is the variance of what neither level nor columns explain.
func (d *decomposition) noise(z []float64) float64 {
	squares, n := 1e-6, 1.
	for i := range z {
		if d.w[i] > 0 {
			e := z[i] - d.level[i] - d.fit[i]
			squares += d.w[i] * e * e
			n += d.w[i]
		}
	}
	return squares / n
}

// downweightOutliers gives Huber's weights to steps without an event.
func (d *decomposition) downweightOutliers(z, w []float64, noEvent []bool) {
	distances := make([]float64, 0, len(z))
	for i := range z {
		if w[i] > 0 {
			distances = append(distances, math.Abs(z[i]-d.level[i]-d.fit[i]))
		}
	}
	if len(distances) == 0 {
		return
	}
	limit := 3*1.4826*middle(distances) + 1e-12
	for i := range z {
		d.w[i] = w[i]
		if e := math.Abs(z[i] - d.level[i] - d.fit[i]); noEvent[i] && e > limit {
			d.w[i] *= limit / e
		}
	}
}

// twoSided smooths r exponentially from both ends and takes the mean.
func twoSided(r, w []float64, alpha float64) []float64 {
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

// remainder is what the columns leave of a series at an origin, and how much
// each value counts. For autoregression, what is unknown or outlying is as the
// level was.
type remainder struct {
	of           *decomposition
	rest, weight []float64
	filled       []float64
}

func (d *decomposition) remainder(z, w []float64, noEvent []bool) *remainder {
	r := &remainder{of: d, rest: make([]float64, len(z)), weight: make([]float64, len(z))}
	r.filled = make([]float64, len(z))
	for i := range z {
		r.rest[i] = z[i] - d.fit[i]
		r.weight[i] = w[i]
		if i < len(d.w) {
			r.weight[i] = d.w[i]
		}
		if !noEvent[i] {
			r.weight[i] *= .2
		}
		if r.filled[i] = r.rest[i]; i < len(d.level) {
			r.filled[i] = r.weight[i]*r.rest[i] + (1-r.weight[i])*d.level[i]
		}
	}
	return r
}

// ahead continues the series by h steps: the level in one of several ways, and
// the columns' effect. With frozen, smoothing is as it was fitted before.
func (r *remainder) ahead(h int, how string, frozen bool) []float64 {
	n, d := len(r.rest), r.of
	out := make([]float64, h)
	switch how {
	case "ses":
		if d.ses == nil || !frozen {
			s := smooth.SES(r.rest, r.weight)
			d.ses = &s
		}
		level := d.ses.States(r.rest, r.weight, []int{n})[0].Level
		for k := range out {
			out[k] = level
		}
	case "damped":
		recent, weights := tail(r.rest, dampedLength), tail(r.weight, dampedLength)
		switch {
		case d.damped == nil:
			s := smooth.Damped(recent, weights)
			d.damped = &s
		case !frozen:
			s := d.damped.Refit(recent, weights)
			d.damped = &s
		}
		end := d.damped.States(recent, weights, []int{len(recent)})[0]
		for k := range out {
			out[k] = d.damped.Path(end, k+1)
		}
	case "ar":
		copy(out, continueAR(tail(r.filled, 730), false, h))
	}
	for k := range out {
		out[k] += d.fit[n+k]
	}
	return out
}
