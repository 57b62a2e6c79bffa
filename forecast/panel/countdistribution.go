package panel

import (
	"math"

	"github.com/peakday/peakday/forecast"
)

// dispersion is the variance of a series of counts over its mean, shrunk to that
// of all series by a prior worth six steps.
func (e *engine) dispersion(t *task) float64 {
	mean, variance := t.countMoments(t.s.Y, 36)
	pooled := 1.5
	if e.countPool != nil {
		pooled = e.countPool.ratio
	}
	if !(mean > 0) {
		return pooled
	}
	n := float64(min(len(t.s.Y), 36))
	return max((n*max(variance/mean, 1)+6*pooled)/(n+6), 1)
}

// countMoments are the mean and the variance of the last n counts of y, or of
// the last four seasons, around their season.
func (t *task) countMoments(y []float64, n int) (mean, variance float64) {
	if m := t.period; m > 0 {
		last := tail(y, max(n, 4*m))
		mean, _ = moments(last)
		return mean, seasonalVariance(last, m)
	}
	return moments(tail(y, n))
}

// finishCounts gives the quantiles of counts. The point forecast of intermittent
// ones is the distribution's mean: they are evaluated by squared error.
func (e *engine) finishCounts(t *task, center, probabilities []float64, f *Forecast) {
	f.Mean = center
	if t.intermittent {
		f.Mean = scaled(center, e.biasOf(t))
	}
	for _, at := range center {
		d := e.calibration[t.segment].Correct(e.countDistribution(t, at))
		f.counts = append(f.counts, d)
		q := make([]float64, len(probabilities))
		for i, p := range probabilities {
			q[i] = d.Quantile(p)
		}
		f.Quantiles = append(f.Quantiles, q)
	}
}

// countDistribution is the negative binomial around a point forecast.
func (e *engine) countDistribution(t *task, at float64) forecast.Distribution {
	mean := at * e.biasOf(t)
	return forecast.Distribution{Mean: mean, Variance: e.dispersion(t) * mean * e.overdispersion, Pieces: true}
}

// calibrateCounts learns how often the negative binomials' probabilities came
// true in the backtest windows, by segment.
func (e *engine) calibrateCounts(tasks []*task) {
	pits, u := map[string][]float64{}, 0.
	for _, t := range tasks {
		for _, win := range t.windows {
			for k, y := range win.truth {
				if !t.counts || math.IsNaN(y) {
					continue
				}
				u += .6180339887498949 // fills [0, 1) evenly
				u -= math.Floor(u)
				d := e.countDistribution(t, win.combined[k])
				below := d.CDF(y - 1)
				pits[t.segment] = append(pits[t.segment], below+u*(d.CDF(y)-below))
			}
		}
	}
	e.calibration = map[string]forecast.Calibration{}
	for segment, of := range pits {
		e.calibration[segment] = forecast.Calibrate(of, .6)
	}
}

// windowDecay is the weight of a window in the bias over that of the next newer:
// demand that grows or fades shows in the newest.
const windowDecay = .6

// fitBias is the ratio of actuals to forecasts in the backtest windows of counts,
// by segment: methods that are good by the absolute error lie below the mean.
func fitBias(tasks []*task) map[string]float64 {
	actual, forecastSum := map[string]float64{}, map[string]float64{}
	for _, t := range tasks {
		for i, win := range t.windows {
			weight := math.Pow(windowDecay, float64(len(t.windows)-1-i)) / t.size
			for k, y := range win.truth {
				if t.counts && !math.IsNaN(y) {
					actual[t.segment] += weight * y
					forecastSum[t.segment] += weight * win.combined[k]
				}
			}
		}
	}
	out := map[string]float64{}
	for segment := range forecastSum {
		out[segment] = meanRatio(actual[segment], forecastSum[segment])
	}
	return out
}

// biasOf is the factor of a series' forecasts: 1 in a segment that was not
// backtested.
func (e *engine) biasOf(t *task) float64 {
	if b, ok := e.bias[t.segment]; ok {
		return b
	}
	return 1
}

// meanRatio is the ratio of actuals to forecasts, which are sums in units of the
// series' size, shrunk to 1 as by a prior of a hundred steps.
func meanRatio(actual, forecastSum float64) float64 {
	const priorSteps = 100
	return min(max((actual+priorSteps)/(forecastSum+priorSteps), .7), 1.6)
}

// fitOverdispersion is the ratio of squared backtest errors of counts to the
// variances that their dispersion predicts.
func fitOverdispersion(tasks []*task, e *engine) float64 {
	over, scale := 200., 200.
	for _, t := range tasks {
		if !t.counts {
			continue
		}
		ratio := e.dispersion(t)
		for _, win := range t.windows {
			for k, y := range win.truth {
				if m := win.combined[k] * e.biasOf(t); m > .02 && !math.IsNaN(y) {
					over += min((y-m)*(y-m)/(ratio*m), 40)
					scale++
				}
			}
		}
	}
	return min(max(over/scale, .7), 4)
}
