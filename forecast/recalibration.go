package forecast

import (
	"math"
	"slices"
)

// recalibration corrects stated probabilities by those that were observed. Each
// earlier forecast whose outcome is known gives the probability u at which the
// truth lay (its PIT). If forecasts were perfect, the u were uniform; what they
// are instead is what a stated probability p is really worth:
//
//	corrected quantile at p = raw quantile at the p-quantile of the u
//
// With the order statistic ⌈(n+1)p⌉ this is split-conformal prediction on the
// PIT scale (Vovk et al., Conformal predictive distributions, 2018): monotone,
// never negative, and pooled over series whatever their size. nil changes
// nothing.
type recalibration struct {
	from []float64 // p, rising from 0 to 1
	to   []float64 // the raw probability for it, rising from 0 to 1
}

// Calibration corrects distributions by the outcomes of earlier ones. The zero
// value changes nothing.
type Calibration struct{ learned *recalibration }

// Calibrate takes the probabilities at which truths lay in the distributions that
// had been forecast for them (of counts: randomised), and sorts them. Only a
// share of what they say is believed, from 0 to 1: less than all if they go
// together, as those of one time do.
func Calibrate(pits []float64, share float64) Calibration {
	w := newRecalibration(pits, nil)
	if w != nil {
		for i, p := range w.from {
			w.to[i] = p + share*(w.to[i]-p)
		}
	}
	return Calibration{w}
}

// Correct is d with its probabilities corrected.
func (c Calibration) Correct(d Distribution) Distribution {
	d.recalibration = c.learned
	return d
}

// recalibrationPrior is how many u a recalibration begins with: few
// observations change little.
const recalibrationPrior = 60

// newRecalibration learns from PITs, beginning with what is known of more of them (nil:
// that they are uniform); it sorts them.
func newRecalibration(pits []float64, before *recalibration) *recalibration {
	n := float64(len(pits))
	if n < 20 {
		return nil
	}
	slices.Sort(pits)
	w := &recalibration{from: []float64{0}, to: []float64{0}}
	for _, p := range []float64{.0025, .005, .01, .025, .05, .1, .15, .2, .3, .4, .5, .6, .7, .8, .85, .9, .95, .975, .99, .995, .9975} {
		u := conformal(pits, p)
		w.from = append(w.from, p)
		w.to = append(w.to, (n*u+recalibrationPrior*before.invert(p))/(n+recalibrationPrior))
	}
	w.from, w.to = append(w.from, 1), append(w.to, 1)
	return w
}

// conformal is the quantile of sorted values by the rule ⌈(n+1)p⌉ above the
// middle and ⌊(n+1)p⌋ below it, both on the safe side.
func conformal(sorted []float64, p float64) float64 {
	at := float64(len(sorted)+1) * p
	i := int(math.Ceil(at)) - 1
	if p < .5 {
		i = int(math.Floor(at)) - 1
	}
	switch {
	case i < 0:
		return 0
	case i >= len(sorted):
		return 1
	}
	return sorted[i]
}

// invert turns a wanted probability into the raw one.
func (w *recalibration) invert(p float64) float64 {
	if w == nil {
		return p
	}
	return interpolate(w.from, w.to, p)
}

// apply turns a raw probability into a corrected one.
func (w *recalibration) apply(u float64) float64 {
	if w == nil {
		return u
	}
	return interpolate(w.to, w.from, u)
}

// interpolate reads the line through (x, y), both rising from 0 to 1.
func interpolate(x, y []float64, at float64) float64 {
	i, _ := slices.BinarySearch(x, at)
	switch {
	case i == 0:
		return y[0]
	case i == len(x):
		return y[len(y)-1]
	case x[i] == x[i-1]:
		return y[i]
	}
	return y[i-1] + (y[i]-y[i-1])*(at-x[i-1])/(x[i]-x[i-1])
}
