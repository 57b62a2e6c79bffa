package panel

import "github.com/peakday/peakday/forecast/smooth"

// keep holds parameters that take long to fit. The rehearsals of a long series
// share those of the first: they know none of the values that they are judged
// by.
type keep struct {
	simple, faded *smooth.Exponential
	theta         *smooth.DynamicTheta
	ets           family
	stl           [2]family
}

// family is what the ETS family made of a series.
type family struct {
	fits    []*smooth.ETS
	weights []float64
}

// path forecasts y by the family, fitted if it was not before. Nil if no form
// fits.
func (f *family) path(y []float64, m, h int, forms func() []smooth.Form) []float64 {
	if f.fits == nil {
		f.fits, f.weights = smooth.AutoETS(y, m, forms())
	} else {
		for _, e := range f.fits {
			e.Run(y)
		}
	}
	if len(f.fits) == 0 {
		return nil
	}
	out := make([]float64, h)
	for i, e := range f.fits {
		for k, x := range e.Forecast(h) {
			out[k] += f.weights[i] * x
		}
	}
	return out
}

func (v *view) ses() smooth.Exponential {
	if v.keep.simple == nil {
		s := smooth.SES(v.adjusted, v.ones)
		v.keep.simple = &s
	}
	return *v.keep.simple
}

func (v *view) damped() smooth.Exponential {
	if v.keep.faded == nil {
		y, w := tail(v.adjusted, dampedLength), tail(v.ones, dampedLength)
		s := smooth.Damped(y, w)
		v.keep.faded = &s
	}
	return *v.keep.faded
}
