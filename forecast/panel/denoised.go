package panel

import "github.com/peakday/peakday/forecast/smooth"

// The denoised series is the trend and the seasons of STL, without its remainder.
// A method that is fitted to the series and then continues the denoised one
// forecasts what bagging tends to: the mean over histories of the same trend and
// seasons with other remainders, as block bootstraps draw them (Bergmeir, Hyndman
// and Benítez, 2016). Noise in the last values then moves the level less.

// denoised is y without STL's remainder; y itself where no season can be shown.
func (v *view) denoised() []float64 {
	if v.m < 2 {
		return v.y
	}
	if v.denoisedY == nil {
		v.denoisedY = back(v.decomposed(v.positive).Fitted(), v.positive)
	}
	return v.denoisedY
}

// denoisedAdjusted is the denoised series without the season of v.adjusted.
func (v *view) denoisedAdjusted() []float64 {
	if !v.seasonal() {
		return v.denoised()
	}
	return v.season.Remove(v.denoised())
}

func denoisedTheta(v *view) []float64 {
	return v.season.Add(thetaLine(v.ses(), v.denoisedAdjusted(), v.ones, v.h), len(v.y))
}

func denoisedDynamicTheta(v *view) []float64 {
	switch {
	case v.warmStart.theta == nil:
		v.warmStart.theta = smooth.FitDynamicTheta(v.adjusted)
	case !v.warmStart.frozen:
		v.warmStart.theta.Refit(v.adjusted)
	}
	v.warmStart.theta.Run(v.denoisedAdjusted())
	return v.season.Add(v.warmStart.theta.Forecast(v.h), len(v.y))
}

// trendTheta continues the trend that loess finds by the Theta method, with the
// smoothing that suits the series without its season.
func trendTheta(v *view, log bool) []float64 {
	if v.m < 2 {
		return nil
	}
	d := v.decomposed(log)
	if v.warmStart.trendSES == nil || !v.warmStart.frozen {
		s := smooth.SES(d.Adjusted(v.values(log)), v.ones)
		v.warmStart.trendSES = &s
	}
	out := thetaLine(*v.warmStart.trendSES, d.Trend, v.ones, v.h)
	for k := range out {
		out[k] += d.SeasonAhead(k)
	}
	return back(out, log)
}

// denoisedETS continues the denoised series by the family of ETS that was fitted to the
// series itself.
func denoisedETS(v *view) []float64 {
	if v.m < 2 || v.warmStart.ets == nil {
		return nil
	}
	v.warmStart.ets.Run(tail(v.denoised(), etsLength/v.m*v.m))
	return v.warmStart.ets.Forecast(v.h)
}

// denoisedLags continues the denoised series by the regression on lags that was fitted
// to the series itself, nearer to that of all series.
func denoisedLags(v *view) []float64 {
	l, beta := v.lags[at(v.positive)], v.warmStart.lags[at(v.positive)][1]
	if v.m < 2 || l == nil || beta == nil {
		return nil
	}
	return back(l.forecast(v.decomposed(v.positive).Fitted(), beta, v.h), v.positive)
}
