package panel

import (
	"math"
	"slices"

	"github.com/peakday/peakday/forecast/smooth"
)

// view is a series as it was known at an origin, with what the members have in
// common.
type view struct {
	y, w     []float64 // filled, and 0 where it was a gap
	h        int
	m        int   // the shortest season, 1 without one
	seasons  []int // those that the history can show
	positive bool
	negative bool // some value is below zero
	low, top float64
	limited  bool // some values were too far off to be believed

	season    smooth.Season // by classical decomposition; flat if a test finds none
	adjusted  []float64     // y without it
	ones      []float64
	stl       [2]*smooth.STL // of y and of its logarithm
	logs      []float64
	denoisedY []float64  // y without STL's remainder
	lags      [2]*lagged // for y and for its logarithm; nil without
	warmStart *warmStart
	sesFitted bool       // warmStart.ses was fitted to this view
	countPool *countPool // of counting series
	at        int        // step of the panel at which y begins
}

func newView(y []float64, seasons []int, h int) *view {
	v := &view{h: h, m: 1, low: math.Inf(1), top: math.Inf(-1), positive: true}
	for _, m := range seasons {
		if len(y) >= 2*m+1 {
			v.seasons = append(v.seasons, m)
		}
	}
	if len(v.seasons) > 0 {
		v.m = v.seasons[0]
	}
	v.y, v.w = filled(y, v.m)
	v.limited = winsorize(v.y)
	v.ones = make([]float64, len(y))
	for i, x := range v.y {
		v.ones[i] = 1
		v.positive = v.positive && x > 0
		v.negative = v.negative || x < 0
		v.low, v.top = min(v.low, x), max(v.top, x)
	}
	v.season = smooth.Season{Pattern: []float64{0}}
	v.adjusted = v.y
	if v.m > 1 && smooth.Seasonal(v.y, v.m) {
		v.season = smooth.Decompose(v.y, v.m, v.positive)
		v.adjusted = v.season.Remove(v.y)
	}
	return v
}

// winsorize limits values to thirty times the usual distance from the median: a
// typing error must not set a level. It reports whether it changed any. Where
// more than one in a hundred lie so far off, they are what the series does.
func winsorize(y []float64) bool {
	if len(y) < 20 {
		return false
	}
	distances := slices.Clone(y)
	center := middle(distances)
	for i, v := range distances {
		distances[i] = math.Abs(v - center)
	}
	limit, beyond := 30*1.4826*middle(distances), 0
	for _, v := range y {
		if math.Abs(v-center) > limit {
			beyond++
		}
	}
	if limit == 0 || beyond == 0 || beyond > max(1, len(y)/100) {
		return false
	}
	for i, v := range y {
		y[i] = min(max(v, center-limit), center+limit)
	}
	return true
}

// seasonal reports whether the test found a season.
func (v *view) seasonal() bool { return len(v.season.Pattern) > 1 }

// tail is the last n values of y at most.
func tail(y []float64, n int) []float64 { return y[max(0, len(y)-n):] }

// bound keeps a path within reason: finite, not below zero if the history
// never was, and no further from the history than four times its range.
func (v *view) bound(path []float64) []float64 {
	reach := v.top - v.low
	lo, hi := v.low-4*reach, v.top+4*reach
	if !v.negative {
		lo = max(lo, 0)
	}
	for k, x := range path {
		if math.IsNaN(x) {
			x = v.y[len(v.y)-1]
		}
		path[k] = min(max(x, lo), hi)
	}
	return path
}

// log is the logarithm of y; only for positive series.
func (v *view) log() []float64 {
	if v.logs == nil {
		v.logs = make([]float64, len(v.y))
		for i, x := range v.y {
			v.logs[i] = math.Log(x)
		}
	}
	return v.logs
}

// values gives y, or its logarithm.
func (v *view) values(log bool) []float64 {
	if log {
		return v.log()
	}
	return v.y
}

// decomposed is the STL decomposition of y or of its logarithm.
func (v *view) decomposed(log bool) *smooth.STL {
	at := at(log)
	if v.stl[at] == nil {
		v.stl[at] = smooth.FitSTL(v.values(log), v.seasons, 11)
	}
	return v.stl[at]
}

// back turns a path of logarithms into one of values.
func back(path []float64, log bool) []float64 {
	if log {
		for k, x := range path {
			path[k] = math.Exp(min(x, 600))
		}
	}
	return path
}
