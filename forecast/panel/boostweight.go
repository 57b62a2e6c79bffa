package panel

import (
	"math"
	"slices"
)

// weightSteps is how finely the trees' weights are searched: in tenths.
const weightSteps = 10

// maxSquaredRatio is the most by which the trees may raise the squared error of
// the mean: a median of zero is good by the absolute error, but no distribution
// of demand can be made of it.
const maxSquaredRatio = 1.02

// learnWeights finds, by segment, the trees' weight that would have been best
// in the backtest windows.
func (b *boosted) learnWeights(tasks []*task) {
	if b == nil {
		return
	}
	trials := map[string]*[weightSteps + 1]trial{}
	for _, t := range tasks {
		for _, win := range t.windows {
			if win.boosted == nil {
				continue
			}
			if trials[t.segment] == nil {
				trials[t.segment] = &[weightSteps + 1]trial{}
			}
			for step := range weightSteps + 1 {
				trials[t.segment][step].add(win.truth, blend(win.combined, win.boosted, float64(step)/weightSteps), t.size)
			}
		}
	}
	for segment, of := range trials {
		best := 0
		for step := range of {
			if of[step].absolute < of[best].absolute && of[step].squaredError() <= maxSquaredRatio*of[0].squaredError() {
				best = step
			}
		}
		b.weights[segment] = float64(best) / weightSteps
	}
}

// trial is how a weight would have done in the backtest windows: the sum of
// absolute errors, and sums and products of forecasts and actuals, all relative
// to the series' sizes.
type trial struct{ absolute, forecast, actual, forecast2, product, actual2 float64 }

func (r *trial) add(truth, path []float64, size float64) {
	for k, y := range truth {
		if math.IsNaN(y) {
			continue
		}
		y, f := y/size, path[k]/size
		r.absolute += math.Abs(y - f)
		r.forecast, r.actual = r.forecast+f, r.actual+y
		r.forecast2, r.product, r.actual2 = r.forecast2+f*f, r.product+f*y, r.actual2+y*y
	}
}

// squaredError is the sum of squared errors of the forecasts after correction
// of their bias.
func (r *trial) squaredError() float64 {
	bias := meanRatio(r.actual, r.forecast)
	return bias*bias*r.forecast2 - 2*bias*r.product + r.actual2
}

// weight is that of the trees in the forecasts of a segment.
func (b *boosted) weight(segment string) float64 {
	if b == nil {
		return 0
	}
	return b.weights[segment]
}

// blend is the weighted mean of two paths; a missing second weighs nothing.
func blend(path, other []float64, weight float64) []float64 {
	if other == nil || weight == 0 {
		return path
	}
	out := slices.Clone(path)
	for k := range out {
		out[k] += weight * (other[k] - out[k])
	}
	return out
}
