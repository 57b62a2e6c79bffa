package forecast

import (
	"math"

	"github.com/peakday/peakday/forecast/smooth"
)

// member is one of the methods that a forecast is weighted from. Each
// forecasts the base of a series: what is left when the effects of weekday
// and events are divided out.
type member int

const (
	seasonalNaive member = iota // the last value of the same weekday
	recentMean                  // the mean of the last eight weeks
	longMean                    // that of the last half year, for what sells rarely
	simpleSmoothing
	linearTrend // Holt
	dampedTrend
	thetaMethod
	lastYear // the level now, moved as it moved at this time last year
	members
)

func (m member) String() string {
	return [...]string{"seasonal_naive", "recent_mean", "long_mean", "ses", "holt", "damped", "theta", "last_year"}[m]
}

// How many days the means look back on.
const (
	recentDays = 56
	longDays   = 182
)

// ensemble runs all members over one decomposed series.
type ensemble struct {
	t             *decomposition
	a, w          []float64 // the series without its effects, and its weights
	ses           smooth.Exponential
	trend, damped smooth.Exponential
	sums          []moments // of a over the index, before each index
}

// moments are the weighted sums from which means and slopes follow.
type moments struct{ w, wt, wtt, wa, wta float64 }

// newEnsemble fits the parameters of smoothing on the values before index fitted.
func newEnsemble(t *decomposition, fitted int) *ensemble {
	n := len(t.y)
	f := &ensemble{t: t, a: make([]float64, n), w: make([]float64, n), sums: make([]moments, n+1)}
	for i := range t.y {
		if factor := t.factor(i); factor > 0 {
			f.a[i], f.w[i] = t.clipped[i]/factor, t.w[i]*ordinariness(t.uplift[i])
		}
		m, w, x := f.sums[i], f.w[i], float64(i)
		f.sums[i+1] = moments{m.w + w, m.wt + w*x, m.wtt + w*x*x, m.wa + w*f.a[i], m.wta + w*x*f.a[i]}
	}
	a, w := f.a[:fitted], f.w[:fitted]
	f.ses, f.trend, f.damped = smooth.SES(a, w), smooth.Holt(a, w), smooth.Damped(a, w)
	return f
}

// memberStates is where the members stand after origin values.
type memberStates struct {
	origin             int
	ses, trend, damped smooth.State
}

// statesAt gives the members' states at rising origins, in one pass.
func (f *ensemble) statesAt(origins []int) []memberStates {
	ses, trend, damped := f.ses.States(f.a, f.w, origins), f.trend.States(f.a, f.w, origins), f.damped.States(f.a, f.w, origins)
	out := make([]memberStates, len(origins))
	for i, o := range origins {
		out[i] = memberStates{o, ses[i], trend[i], damped[i]}
	}
	return out
}

// paths forecasts h values from a stand, by member; nil for one that cannot.
func (f *ensemble) paths(at memberStates, h int) [members][]float64 {
	o := at.origin
	mean, long := f.mean(o-recentDays, o), f.mean(o-longDays, o)
	limit := 4*max(mean, at.ses.Level, f.mean(0, o)) + 1e-12
	th := smooth.Theta{SES: f.ses, Slope: f.slope(o)}
	all := make([]float64, int(members)*h)
	var out [members][]float64
	for m := range members {
		out[m] = all[int(m)*h : int(m+1)*h : int(m+1)*h]
	}
	for k := range h {
		out[seasonalNaive][k] = f.sameWeekday(o, k, mean)
		out[recentMean][k] = mean
		out[longMean][k] = long
		out[simpleSmoothing][k] = at.ses.Level
		out[linearTrend][k] = f.trend.Path(at.trend, k+1)
		out[dampedTrend][k] = f.damped.Path(at.damped, k+1)
		out[thetaMethod][k] = th.Path(at.ses.Level, o, k+1)
		for m := range lastYear {
			out[m][k] = min(max(out[m][k], 0), limit)
		}
	}
	if !f.sellsRarely() {
		out[longMean] = nil
	}
	if !f.lastYear(out[lastYear], at.ses.Level, o, limit) {
		out[lastYear] = nil
	}
	return out
}

// sellsRarely reports that the last eight weeks hold so few pieces that half a year
// says more of the level, wherever it has moved since.
func (f *ensemble) sellsRarely() bool {
	const few = 40
	n := len(f.a)
	return f.mean(n-recentDays, n)*recentDays < few
}

// mean is the weighted mean of values from lo up to before hi.
func (f *ensemble) mean(lo, hi int) float64 {
	a, b := f.sums[max(lo, 0)], f.sums[hi]
	if w := b.w - a.w; w > 1e-9 {
		return max(0, (b.wa-a.wa)/w)
	}
	if lo > 0 {
		return f.mean(0, hi)
	}
	return 0
}

// slope is that of the line through the values before hi.
func (f *ensemble) slope(hi int) float64 {
	m := f.sums[hi]
	if d := m.w*m.wtt - m.wt*m.wt; m.w > 2 && d > 1e-9*m.wtt {
		return (m.w*m.wta - m.wt*m.wa) / d
	}
	return 0
}

// sameWeekday is the last known value of the weekday k days after origin.
func (f *ensemble) sameWeekday(origin, k int, otherwise float64) float64 {
	for back := 1; back <= 4; back++ {
		if i := origin - 7*back + k%7; i >= 0 && i < origin && f.w[i] > .5 {
			return f.a[i]
		}
	}
	return otherwise
}

const year = 364 // days: whole weeks, so that weekdays meet

// lastYear fills path with the level, moved as the base moved a year ago; the
// movement is shrunk by taking its 0.7th power.
func (f *ensemble) lastYear(path []float64, level float64, origin int, limit float64) bool {
	then := origin - year
	if then < 0 || f.t.depth[then] < 4 || !(f.t.base[then] > 0) {
		return false
	}
	for k := range path {
		i := min(then+k, len(f.t.base)-1)
		path[k] = min(level*math.Pow(f.t.base[i]/f.t.base[then], .7), limit)
	}
	return true
}
