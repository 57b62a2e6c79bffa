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

	at           []float64 // where the search ended, as knobs takes it
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

// enough is how well the likelihood's maximum is searched for: what changes
// AICc by less decides nothing.
const enough = 5e-3

// search looks for the parameters around e.at.
func (e *ETS) search(y []float64, size float64, evals int) {
	e.n = len(y)
	e.begin(y)
	e.endSeason = slices.Clone(e.season)
	set := e.knobs(y)
	e.at = Minimize(func(x []float64) float64 {
		set(x)
		return e.run(y, e.endSeason)
	}, e.at, size, enough, evals)
	set(e.at)
	twice := e.run(y, e.endSeason)
	k := float64(e.free() + 1)
	if e.Season != 'N' {
		k += float64(e.M - 1)
	}
	n := float64(len(y))
	e.AICc = math.Inf(1)
	if n-k-1 > 0 && !math.IsNaN(twice) {
		e.AICc = twice + 2*k + 2*k*(k+1)/(n-k-1)
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

// knobs maps unbounded numbers, 0 at the start, to the parameters.
func (e *ETS) knobs(y []float64) func([]float64) {
	level, trend := e.level, e.trend
	unit := 0.
	for i := 1; i < len(y); i++ {
		unit += math.Abs(y[i]-y[i-1]) / float64(len(y)-1)
	}
	return func(x []float64) {
		e.Alpha = squash(x[0]-.8, 1e-4, .9999)
		e.level = level + unit*x[1]
		i := 2
		if e.Form.Trend != 'N' {
			e.Beta = squash(x[i]-2.2, 1e-4, .9999) * e.Alpha
			e.trend = trend + .2*unit*x[i+1]
			i += 2
			if e.Form.Trend == 'D' {
				e.Phi = squash(x[i]+2, .8, .98)
				i++
			}
		}
		if e.Season != 'N' {
			e.Gamma = squash(x[i]-2.2, 1e-4, .9999) * (1 - e.Alpha)
		}
	}
}

// run filters y and gives −2·log-likelihood up to a constant; season is
// overwritten with the last states.
func (e *ETS) run(y []float64, season []float64) float64 {
	copy(season, e.season)
	var squares, logs float64
	switch e.Season {
	case 'A':
		squares, logs = e.runAdded(y, season)
	case 'M':
		squares, logs = e.runMultiplied(y, season)
	default:
		squares, logs = e.runFlat(y)
	}
	n := float64(len(y))
	e.Variance = squares / max(n, 1)
	return n*math.Log(squares+1e-12*n) + 2*logs
}

// The three runs give the sum of squared errors, and that of the logarithms of
// the means if errors are relative. They differ by where the season enters.
func (e *ETS) runFlat(y []float64) (squares, logs float64) {
	alpha, beta, phi, relative := e.Alpha, e.Beta, e.Phi, e.Error == 'M'
	l, b, means := e.level, e.trend, product{1, 0}
	for _, v := range y {
		drift := phi * b
		q := l + drift
		miss := v - q
		l, b = q+alpha*miss, drift+beta*miss
		if relative {
			if !(q > tiny) {
				return math.Inf(1), 0
			}
			miss /= q
			means.times(q)
		}
		squares += miss * miss
	}
	e.endLevel, e.endTrend = l, b
	return squares, means.log()
}

func (e *ETS) runAdded(y, season []float64) (squares, logs float64) {
	alpha, beta, gamma, phi, relative := e.Alpha, e.Beta, e.Gamma, e.Phi, e.Error == 'M'
	l, b, means, j := e.level, e.trend, product{1, 0}, 0
	for _, v := range y {
		drift := phi * b
		q := l + drift
		mean := q + season[j]
		miss := v - mean
		l, b = q+alpha*miss, drift+beta*miss
		season[j] += gamma * miss
		if relative {
			if !(mean > tiny) {
				return math.Inf(1), 0
			}
			miss /= mean
			means.times(mean)
		}
		squares += miss * miss
		if j++; j >= len(season) {
			j = 0
		}
	}
	e.endLevel, e.endTrend = l, b
	return squares, means.log()
}

func (e *ETS) runMultiplied(y, season []float64) (squares, logs float64) {
	alpha, beta, gamma, phi, relative := e.Alpha, e.Beta, e.Gamma, e.Phi, e.Error == 'M'
	l, b, means, j := e.level, e.trend, product{1, 0}, 0
	for _, v := range y {
		drift := phi * b
		q := l + drift
		s := season[j]
		mean := q * s
		if !(mean > tiny && q > tiny) {
			return math.Inf(1), 0
		}
		miss, plain := v-mean, v/s-q
		l, b = q+alpha*plain, drift+beta*plain
		season[j] = max(s+gamma*(v/q-s), 1e-3)
		if relative {
			miss /= mean
			means.times(mean)
		}
		squares += miss * miss
		if j++; j >= len(season) {
			j = 0
		}
	}
	e.endLevel, e.endTrend = l, b
	return squares, means.log()
}

// tiny is what means must exceed where errors are relative to them.
const tiny = 1e-10

// product is a product of positive numbers, as the logarithm of most of them
// and the rest: logarithms are slow.
type product struct{ rest, logs float64 }

func (p *product) times(x float64) {
	if p.rest *= x; p.rest > 1e100 || p.rest < 1e-100 {
		p.logs += math.Log(p.rest)
		p.rest = 1
	}
}

func (p *product) log() float64 { return p.logs + math.Log(p.rest) }

// Forecast is the path of the next h values' means.
func (e *ETS) Forecast(h int) []float64 {
	out := make([]float64, h)
	b, sum, damp := e.endTrend, 0., 1.
	for k := range out {
		damp *= e.Phi
		sum += damp
		v := e.endLevel
		if e.Form.Trend != 'N' {
			v += sum * b
		}
		switch e.Season {
		case 'A':
			v += e.endSeason[(e.n+k)%e.M]
		case 'M':
			v *= e.endSeason[(e.n+k)%e.M]
		}
		out[k] = v
	}
	return out
}

// Family is what several forms make of one series. Its forecast is their mean
// by Akaike weights, which is steadier than the best.
type Family struct {
	fits    []*ETS
	weights []float64
}

// Forms that are further from the best AICc than this weigh nothing, and are
// not tried again on a series that differs little.
const (
	negligible = 6
	hopeless   = 15
)

// FitFamily fits the forms to y.
func FitFamily(y []float64, m int, forms []Form) *Family {
	f := &Family{}
	for _, form := range forms {
		if form.Season == 'N' || m >= 2 && len(y) >= 2*m {
			f.fits = append(f.fits, FitETS(y, m, form))
		}
	}
	f.weigh()
	return f
}

// Refit fits the forms that are not hopeless anew, from the parameters that
// they had.
func (f *Family) Refit(y []float64) {
	for _, e := range f.fits {
		e.Refit(y)
	}
	f.weigh()
}

// Run carries the fitted parameters over to y, see ETS.Run.
func (f *Family) Run(y []float64) {
	for i, e := range f.fits {
		if f.weights[i] > 0 {
			e.Run(y)
		}
	}
}

func (f *Family) weigh() {
	best := math.Inf(1)
	for _, e := range f.fits {
		if !math.IsNaN(e.AICc) {
			best = min(best, e.AICc)
		}
	}
	// What could not be fitted may be when there are more values.
	f.fits = slices.DeleteFunc(f.fits, func(e *ETS) bool { return e.AICc > best+hopeless && !math.IsInf(e.AICc, 1) })
	f.weights = make([]float64, len(f.fits))
	sum := 0.
	for i, e := range f.fits {
		if e.AICc <= best+negligible && !math.IsInf(e.AICc, 1) {
			f.weights[i] = math.Exp((best - e.AICc) / 2)
			sum += f.weights[i]
		}
	}
	for i := range f.weights {
		f.weights[i] /= max(sum, 1e-300)
	}
}

// Forecast is the path of the next h values' means; nil if no form fits.
func (f *Family) Forecast(h int) []float64 {
	var out []float64
	for i, e := range f.fits {
		if w := f.weights[i]; w > 0 {
			if out == nil {
				out = make([]float64, h)
			}
			for k, x := range e.Forecast(h) {
				out[k] += w * x
			}
		}
	}
	return out
}
