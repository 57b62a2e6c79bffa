package panel

import (
	"math"
	"slices"

	"github.com/peakday/peakday/forecast/smooth"
)

// counting reports whether y are small counts: then a negative binomial describes
// them, and not a continuous distribution around a forecast.
func counting(y []float64) bool {
	sum, zeros, n := 0., 0., 0.
	for _, v := range y {
		if math.IsNaN(v) {
			continue
		}
		if v < 0 || v != math.Floor(v) {
			return false
		}
		sum += v
		n++
		if v == 0 {
			zeros++
		}
	}
	return n > 0 && (zeros/n > .1 || sum/n < 20) && sum/n < 1000
}

// countMembers lists the methods for counts. Those that are near the median
// suit counts of which less than half are zero.
func countMembers(intermittent, seasonal bool) []member {
	out := []member{
		{name: "mean", fit: func(v *view) []float64 { return constant(v, smooth.WeightedMean(v.y, v.w, 0)) }},
		{name: "recent_mean", fit: func(v *view) []float64 { return constant(v, recentMean(v, 12)) }},
		{name: "pooled_mean", fit: pooledMean},
		{name: "ses", fit: func(v *view) []float64 {
			s := smooth.SES(v.y, v.w)
			return constant(v, s.States(v.y, v.w, []int{len(v.y)})[0].Level)
		}},
		{name: "tsb", fit: func(v *view) []float64 { return constant(v, smooth.TSB(v.y, .1, .1)) }},
		{name: "sba", fit: func(v *view) []float64 { return constant(v, smooth.SBA(v.y, .1)) }},
		{name: "top_down", fit: func(v *view) []float64 { return topDown(v, 26) }},
		{name: "top_down_fast", fit: func(v *view) []float64 { return topDown(v, 8) }},
	}
	if !intermittent {
		out = append(out,
			member{name: "ses_log", fit: sesLog},
			member{name: "recent_median", fit: func(v *view) []float64 { return constant(v, middle(slices.Clone(tail(v.y, 13)))) }},
			member{name: "theta", fit: theta},
			member{name: "ar", fit: func(v *view) []float64 { return continueAR(v.y, false, v.h) }})
	}
	if seasonal {
		out = append(out,
			member{name: "seasonal_naive", fit: func(v *view) []float64 { return seasonalNaive(v, v.m) }},
			member{name: "profile", fit: func(v *view) []float64 { return profile(v, false, .8) }},
			member{name: "profile_fast", fit: func(v *view) []float64 { return profile(v, false, .5) }},
			member{name: "lags", fit: func(v *view) []float64 { return lagRidge(v, false, false) }})
	}
	return out
}

// countPeriod is the first of the seasons that explains more than half of the
// variance of counts, as the hours of the day do of a shop that closes at night;
// 0 if none does. Fewer than six cycles of rare sales may look so by chance.
func countPeriod(y []float64, seasons []int) int {
	_, variance := moments(y)
	for _, m := range seasons {
		if len(y) >= 6*m && seasonalVariance(y, m) < variance/2 {
			return m
		}
	}
	return 0
}

// seasonalVariance is the variance of y around a season of m steps: half the mean
// squared change over m steps.
func seasonalVariance(y []float64, m int) float64 {
	squares, n := 0., 0.
	for i := m; i < len(y); i++ {
		if d := y[i] - y[i-m]; !math.IsNaN(d) {
			squares += d * d
			n++
		}
	}
	return squares / max(2*n, 1)
}

// sesLog smooths the logarithm of 1 + y: its level is near the median.
func sesLog(v *view) []float64 {
	z := make([]float64, len(v.y))
	for i, y := range v.y {
		z[i] = math.Log1p(max(y, 0))
	}
	s := smooth.SES(z, v.w)
	return constant(v, math.Expm1(s.States(z, v.w, []int{len(z)})[0].Level))
}

func constant(v *view, level float64) []float64 {
	return slices.Repeat([]float64{max(level, 0)}, v.h)
}

func recentMean(v *view, n int) float64 {
	return smooth.WeightedMean(tail(v.y, n), tail(v.w, n), smooth.WeightedMean(v.y, v.w, 0))
}
