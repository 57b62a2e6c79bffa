package panel

import "github.com/peakday/peakday/forecast/smooth"

// Calm is a series without its rest: the trend and the seasons that loess finds.
// A method that is fitted to the series and continues the calm one forecasts
// what bagging would tend to: the mean over histories of the same trend and
// seasons with other rests, as block bootstraps draw them (Bergmeir, Hyndman and
// Benítez, 2016). The last values' chance then moves the level less.

// calm is y without its rest; y itself where no season can be shown.
func (v *view) calm() []float64 {
	if v.m < 2 {
		return v.y
	}
	if v.calmed == nil {
		v.calmed = back(v.decomposed(v.positive).Calm(), v.positive)
	}
	return v.calmed
}

// calmAdjusted is calm without the season of v.adjusted.
func (v *view) calmAdjusted() []float64 {
	if !v.seasonal() {
		return v.calm()
	}
	return v.season.Remove(v.calm())
}

func calmTheta(v *view) []float64 {
	return v.season.Add(thetaLine(v.ses(), v.calmAdjusted(), v.ones, v.h), len(v.y))
}

func calmDynamicTheta(v *view) []float64 {
	switch {
	case v.keep.theta == nil:
		v.keep.theta = smooth.FitDynamicTheta(v.adjusted)
	case !v.keep.frozen:
		v.keep.theta.Refit(v.adjusted)
	}
	v.keep.theta.Run(v.calmAdjusted())
	return v.season.Add(v.keep.theta.Forecast(v.h), len(v.y))
}

// trendTheta continues the trend that loess finds by the Theta method, with the
// smoothing that suits the series without its season.
func trendTheta(v *view, log bool) []float64 {
	if v.m < 2 {
		return nil
	}
	d := v.decomposed(log)
	if v.keep.flat == nil || !v.keep.frozen {
		s := smooth.SES(d.Adjusted(v.values(log)), v.ones)
		v.keep.flat = &s
	}
	out := thetaLine(*v.keep.flat, d.Trend, v.ones, v.h)
	for k := range out {
		out[k] += d.SeasonAhead(k)
	}
	return back(out, log)
}

// calmETS continues the calm series by the family of ETS that was fitted to the
// series itself.
func calmETS(v *view) []float64 {
	if v.m < 2 || v.keep.ets == nil {
		return nil
	}
	v.keep.ets.Run(tail(v.calm(), etsLength/v.m*v.m))
	return v.keep.ets.Forecast(v.h)
}

// calmLags continues the calm series by the regression on lags that was fitted
// to the series itself, nearer to that of all series.
func calmLags(v *view) []float64 {
	l, beta := v.lags[at(v.positive)], v.keep.lags[at(v.positive)][1]
	if v.m < 2 || l == nil || beta == nil {
		return nil
	}
	return back(l.forecast(v.decomposed(v.positive).Calm(), beta, v.h), v.positive)
}
