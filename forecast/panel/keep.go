package panel

import "github.com/peakday/peakday/forecast/smooth"

// keep holds what takes long to fit from one origin to the next. At a later
// origin it is fitted anew from where it was; rehearsals of a long series share
// the parameters of the first, so that they know none of the values that they
// are judged by.
type keep struct {
	frozen   bool // nothing is fitted anew
	seasonal bool // the family of ETS has a season

	simple, faded *smooth.Exponential
	flat          *smooth.Exponential // of what loess leaves of the season
	theta         *smooth.DynamicTheta
	ets           *smooth.Family
	stl           [2]*smooth.Family
	lags          [2][2][]float64 // coefficients, own and shared
}

// path forecasts y by a family of forms.
func (k *keep) path(f **smooth.Family, y []float64, m, h int, forms func() []smooth.Form) []float64 {
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
	if v.keep.simple == nil || !v.keep.frozen && !v.simple {
		s := smooth.SES(v.adjusted, v.ones)
		v.keep.simple, v.simple = &s, true
	}
	return *v.keep.simple
}

func (v *view) damped() smooth.Exponential {
	y, w := tail(v.adjusted, dampedLength), tail(v.ones, dampedLength)
	switch {
	case v.keep.faded == nil:
		s := smooth.Damped(y, w)
		v.keep.faded = &s
	case !v.keep.frozen:
		s := v.keep.faded.Refit(y, w)
		v.keep.faded = &s
	}
	return *v.keep.faded
}
