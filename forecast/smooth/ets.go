package smooth

import (
	"math"
	"slices"
)

// Form names a member of the ETS family (Hyndman, Koehler, Ord and Snyder,
// Forecasting with Exponential Smoothing, 2008).
type Form struct {
	Error  byte // 'A' additive, 'M' multiplicative
	Trend  byte // 'N' none, 'A' additive, 'D' additive and damped
	Season byte // 'N' none, 'A' additive, 'M' multiplicative
}

// String writes the form as R does: AAdN.
func (f Form) String() string {
	trend := string(f.Trend)
	if f.Trend == 'D' {
		trend = "Ad"
	}
	return string(f.Error) + trend + string(f.Season)
}

// Forms lists those that R's ets tries by default: no multiplicative trend, no
// multiplicative season on additive errors; those with a season only if m > 1
// and multiplicative ones only for positive values.
func Forms(positive, seasonal bool) []Form {
	var out []Form
	for _, trend := range []byte{'N', 'A', 'D'} {
		out = append(out, Form{'A', trend, 'N'})
		if seasonal {
			out = append(out, Form{'A', trend, 'A'})
		}
		if positive {
			out = append(out, Form{'M', trend, 'N'})
			if seasonal {
				out = append(out, Form{'M', trend, 'A'}, Form{'M', trend, 'M'})
			}
		}
	}
	return out
}

// ETS is a fitted member of the family.
type ETS struct {
	Form
	M                       int
	Alpha, Beta, Gamma, Phi float64
	AICc                    float64
	Variance                float64 // of the one-step errors, relative ones if Error is 'M'

	at           []float64 // where the search ended, as parameters takes it
	level, trend float64   // before the first value
	season       []float64 // before the first value, by index mod M

	endLevel, endTrend float64
	endSeason          []float64
	n                  int
}

// FitETS fits a form by maximum likelihood: its smoothing parameters within the
// limits of R's ets, and its first level and trend. The first season is that of
// a classical decomposition. m is the period, 1 without a season.
func FitETS(y []float64, m int, form Form) *ETS {
	e := &ETS{Form: form, M: m, Phi: 1}
	e.at = make([]float64, e.free())
	e.search(y, .6, 45*e.free())
	return e
}

// Refit fits the form to y, a series that differs little from the one before,
// from the parameters that it had.
func (e *ETS) Refit(y []float64) { e.search(y, .15, 12*e.free()) }

// tolerance is how well the likelihood's maximum is searched for: what changes
// AICc by less decides nothing.
const tolerance = 5e-3

// search looks for the parameters around e.at.
func (e *ETS) search(y []float64, size float64, evals int) {
	e.n = len(y)
	e.begin(y)
	e.endSeason = slices.Clone(e.season)
	set := e.parameters(y)
	e.at = Minimize(func(x []float64) float64 {
		set(x)
		return e.run(y, e.endSeason)
	}, e.at, size, tolerance, evals)
	set(e.at)
	deviance := e.run(y, e.endSeason)
	k := float64(e.free() + 1)
	if e.Season != 'N' {
		k += float64(e.M - 1)
	}
	n := float64(len(y))
	e.AICc = math.Inf(1)
	if n-k-1 > 0 && !math.IsNaN(deviance) {
		e.AICc = deviance + 2*k + 2*k*(k+1)/(n-k-1)
	}
}

// Run carries the fitted parameters over to y, a series that differs from the
// one they were fitted to by its beginning or end. The first states are taken
// anew from y.
func (e *ETS) Run(y []float64) {
	e.n = len(y)
	e.begin(y)
	e.endSeason = slices.Clone(e.season)
	e.run(y, e.endSeason)
}

// free counts the parameters that are searched for.
func (e *ETS) free() int {
	k := 2 // α and the first level
	switch e.Form.Trend {
	case 'A':
		k += 2
	case 'D':
		k += 3
	}
	if e.Season != 'N' {
		k++
	}
	return k
}

// begin sets the first states as R's initstate does.
func (e *ETS) begin(y []float64) {
	flat := y
	if e.Season != 'N' {
		s := Decompose(y, e.M, e.Season == 'M')
		e.season = s.Pattern
		flat = s.Remove(y)
	}
	n := min(max(10, 2*e.M), len(y))
	if n == 0 {
		return
	}
	e.trend = 0
	w := make([]float64, n)
	for i := range w {
		w[i] = 1
	}
	if e.level = WeightedMean(flat[:n], w, 0); e.Form.Trend != 'N' {
		e.trend = Slope(flat[:n], w)
		e.level -= e.trend * float64(n+1) / 2
	}
}

// parameters maps unbounded numbers, 0 at the start, to the parameters.
func (e *ETS) parameters(y []float64) func([]float64) {
	level, trend := e.level, e.trend
	unit := 0.
	for i := 1; i < len(y); i++ {
		unit += math.Abs(y[i]-y[i-1]) / float64(len(y)-1)
	}
	return func(x []float64) {
		e.Alpha = logistic(x[0]-.8, 1e-4, .9999)
		e.level = level + unit*x[1]
		i := 2
		if e.Form.Trend != 'N' {
			e.Beta = logistic(x[i]-2.2, 1e-4, .9999) * e.Alpha
			e.trend = trend + .2*unit*x[i+1]
			i += 2
			if e.Form.Trend == 'D' {
				e.Phi = logistic(x[i]+2, .8, .98)
				i++
			}
		}
		if e.Season != 'N' {
			e.Gamma = logistic(x[i]-2.2, 1e-4, .9999) * (1 - e.Alpha)
		}
	}
}
