package panel

import (
	"slices"

	"github.com/peakday/peakday/forecast/smooth"
)

// member is one of the methods that a forecast is combined from.
type member struct {
	name string
	fit  func(*view) []float64 // a path of view.h values, nil if it cannot; nil for a regression

	log  bool   // a regression of logarithms
	rest string // how it continues what the columns leave
}

// short lists the members for series with one season of up to 24 steps or none.
func short() []member {
	return []member{
		{name: "seasonal_naive", fit: func(v *view) []float64 { return seasonalNaive(v, v.m) }},
		{name: "denoised_theta", fit: denoisedTheta},
		{name: "denoised_dynamic_theta", fit: denoisedDynamicTheta},
		{name: "trend_theta", fit: func(v *view) []float64 { return trendTheta(v, v.positive) }},
		{name: "ets", fit: ets},
		{name: "denoised_ets", fit: denoisedETS},
		{name: "stl_ets", fit: func(v *view) []float64 { return stlETS(v, v.positive) }},
		{name: "stl_ar", fit: func(v *view) []float64 { return stlAR(v, false, false) }},
		{name: "stl_ar_diff", fit: func(v *view) []float64 { return stlAR(v, true, v.positive) }},
		{name: "lags", fit: func(v *view) []float64 { return lagRidge(v, false, false) }},
		{name: "lags_log", fit: func(v *view) []float64 { return lagRidge(v, true, false) }},
		{name: "ses_log", fit: func(v *view) []float64 {
			if v.m > 1 || v.negative { // a level knows no season
				return nil
			}
			return sesLog(v)
		}},
		{name: "lags_shared", fit: func(v *view) []float64 { return lagRidge(v, v.positive, true) }},
		{name: "denoised_lags", fit: denoisedLags},
	}
}

// long lists the members for series with several seasons, or with one of more
// than 24 steps.
func long() []member {
	out := []member{
		{name: "theta", fit: theta},
		{name: "stl_ar", fit: func(v *view) []float64 { return stlAR(v, false, false) }},
		{name: "stl_ar_log", fit: func(v *view) []float64 { return stlAR(v, false, true) }},
		{name: "stl_ar_diff", fit: func(v *view) []float64 { return stlAR(v, true, false) }},
		{name: "stl_ar_diff_log", fit: func(v *view) []float64 { return stlAR(v, true, true) }},
		{name: "profile", fit: func(v *view) []float64 { return profile(v, false, .8) }},
		{name: "profile_log", fit: func(v *view) []float64 { return profile(v, true, .8) }},
		{name: "profile_fast", fit: func(v *view) []float64 { return profile(v, false, .5) }},
		{name: "profile_fast_log", fit: func(v *view) []float64 { return profile(v, true, .5) }},
		{name: "lags", fit: func(v *view) []float64 { return lagRidge(v, false, false) }},
		{name: "lags_log", fit: func(v *view) []float64 { return lagRidge(v, true, false) }},
	}
	out = append(out,
		member{name: "seasonal_naive", fit: func(v *view) []float64 { return seasonalNaive(v, v.m) }},
		member{name: "seasonal_naive_long", fit: func(v *view) []float64 {
			if len(v.seasons) < 2 {
				return nil
			}
			return seasonalNaive(v, v.seasons[len(v.seasons)-1])
		}})
	return out
}

// seasonalNaive repeats the last m values.
func seasonalNaive(v *view, m int) []float64 {
	out := make([]float64, v.h)
	n := len(v.y)
	for k := range out {
		out[k] = v.y[max(0, n-m)+k%min(m, n)]
	}
	return out
}

// level forecasts the adjusted series by smoothing and puts the season back.
func (v *view) level(s smooth.Exponential) []float64 {
	at := s.States(v.adjusted, v.ones, []int{len(v.y)})[0]
	out := make([]float64, v.h)
	for k := range out {
		out[k] = s.Path(at, k+1)
	}
	return v.season.Add(out, len(v.y))
}

func theta(v *view) []float64 {
	return v.season.Add(thetaLine(v.ses(), v.adjusted, v.ones, v.h), len(v.y))
}

// thetaLine continues y by the Theta method.
func thetaLine(ses smooth.Exponential, y, w []float64, h int) []float64 {
	th := smooth.Theta{SES: ses, Slope: smooth.Slope(y, w)}
	level := ses.States(y, w, []int{len(y)})[0].Level
	out := make([]float64, h)
	for k := range out {
		out[k] = th.Path(level, len(y), k+1)
	}
	return out
}

// etsLength is how many values the ETS family looks back at most.
const etsLength = 400

func ets(v *view) []float64 {
	y := tail(v.y, etsLength/v.m*v.m)
	if seasonal := v.seasonal() && v.m <= 24; seasonal != v.warmStart.seasonal {
		v.warmStart.ets, v.warmStart.seasonal = nil, seasonal
	}
	return v.warmStart.path(&v.warmStart.ets, y, v.m, v.h, func() []smooth.Form {
		forms := smooth.Forms(v.positive, v.warmStart.seasonal)
		if v.seasonal() {
			forms = slices.DeleteFunc(forms, func(f smooth.Form) bool { return f.Season == 'N' || f.Error == 'M' && f.Season == 'A' })
		}
		return v.few(forms)
	})
}

// few leaves out the forms that long histories need not try: trends that last,
// and multiplicative errors of which there is a twin.
func (v *view) few(forms []smooth.Form) []smooth.Form {
	if len(v.y) <= longHistory {
		return forms
	}
	return slices.DeleteFunc(forms, func(f smooth.Form) bool {
		return f.Trend == 'A' || f.Error == 'M' && (f.Season != 'M' || f.Trend != 'N')
	})
}

// stlETS smooths what loess leaves of the season, by ETS without a season.
func stlETS(v *view, log bool) []float64 {
	if v.m < 2 || log && !v.positive {
		return nil
	}
	d := v.decomposed(log)
	y := tail(d.Adjusted(v.values(log)), etsLength)
	out := v.warmStart.path(&v.warmStart.stl[at(log)], y, 1, v.h, func() []smooth.Form { return v.few(smooth.Forms(false, false)) })
	if out == nil {
		return nil
	}
	for k := range out {
		out[k] += d.SeasonAhead(k)
	}
	return back(out, log)
}

// stlAR continues what loess leaves of the season by autoregression, of its
// levels or of its differences.
func stlAR(v *view, diff, log bool) []float64 {
	if log && !v.positive {
		return nil
	}
	y := v.values(log)
	var d *smooth.STL
	if v.m > 1 {
		d = v.decomposed(log)
		y = d.Adjusted(y)
	}
	out := continueAR(y, diff, v.h)
	if d != nil {
		for k := range out {
			out[k] += d.SeasonAhead(k)
		}
	}
	return back(out, log)
}

// continueAR continues y by autoregression of its levels, or of its
// differences, whose mean fades.
func continueAR(y []float64, diff bool, h int) []float64 {
	if !diff {
		return smooth.FitAR(y, 30).Forecast(y, h)
	}
	if len(y) < 3 {
		return nil
	}
	d := make([]float64, len(y)-1)
	for i := range d {
		d[i] = y[i+1] - y[i]
	}
	a := smooth.FitAR(d, 12)
	drift := a.Mean
	out := a.Forecast(d, h)
	level, damp := y[len(y)-1], 1.
	for k := range out {
		damp *= .95
		level += out[k] - drift*(1-damp)
		out[k] = level
	}
	return out
}
