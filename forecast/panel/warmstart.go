package panel

import "github.com/peakday/peakday/forecast/smooth"

// warmStart carries fitted models from one origin to the next. At a later origin
// they are fitted anew from where they were; the backtest windows of a long series
// all use the parameters of the first, so that none knows the values that it is
// evaluated on.
type warmStart struct {
	frozen   bool // nothing is fitted anew
	seasonal bool // the family of ETS has a season

	ses, damped *smooth.Exponential
	trendSES    *smooth.Exponential // of what loess leaves of the season
	theta       *smooth.DynamicTheta
	ets         *smooth.Family
	stl         [2]*smooth.Family
	lags        [2][2][]float64 // coefficients, own and shared
}

// path forecasts y by a family of forms.
func (k *warmStart) path(f **smooth.Family, y []float64, m, h int, forms func() []smooth.Form) []float64 {
	switch {
	case *f == nil:
		*f = smooth.FitFamily(y, m, forms())
	case k.frozen:
		(*f).Run(y)
	default:
		(*f).Refit(y)
	}
	return (*f).Forecast(h)
}

func (v *view) ses() smooth.Exponential {
	if v.warmStart.ses == nil || !v.warmStart.frozen && !v.sesFitted {
		s := smooth.SES(v.adjusted, v.ones)
		v.warmStart.ses, v.sesFitted = &s, true
	}
	return *v.warmStart.ses
}

func (v *view) damped() smooth.Exponential {
	y, w := tail(v.adjusted, dampedLength), tail(v.ones, dampedLength)
	switch {
	case v.warmStart.damped == nil:
		s := smooth.Damped(y, w)
		v.warmStart.damped = &s
	case !v.warmStart.frozen:
		s := v.warmStart.damped.Refit(y, w)
		v.warmStart.damped = &s
	}
	return *v.warmStart.damped
}
