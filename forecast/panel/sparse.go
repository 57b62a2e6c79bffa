package panel

import (
	"math"
	"slices"
	"sync"

	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/forecast/smooth"
)

// counting reports whether y counts pieces and often few: then a negative
// binomial describes it, and not a curve with errors around it.
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

// sparseMembers lists the methods for counts. Those that are near the median
// suit counts of which less than half are zero.
func sparseMembers(seldom bool) []member {
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
		{name: "share", fit: func(v *view) []float64 { return share(v, 26) }},
		{name: "share_fast", fit: func(v *view) []float64 { return share(v, 8) }},
	}
	if !seldom {
		out = append(out,
			member{name: "ses_log", fit: sesLog},
			member{name: "recent_median", fit: func(v *view) []float64 { return constant(v, middle(slices.Clone(tail(v.y, 13)))) }},
			member{name: "theta", fit: theta},
			member{name: "ar", fit: func(v *view) []float64 { return continueAR(v.y, false, v.h) }})
	}
	return out
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

// pooledMean is the mean of the last two years of months, or as many steps,
// shrunk to that of all series as their spread suggests.
func pooledMean(v *view) []float64 {
	c := v.crowd
	if c == nil {
		return nil
	}
	n := float64(min(24, len(v.y)))
	own := recentMean(v, 24)
	w := n * c.between / (n*c.between + c.ratio*c.mean + 1e-12)
	return constant(v, w*own+(1-w)*c.mean)
}

// share forecasts the sum of the panel's counts and gives a series the part of
// it that it had over the last steps.
func share(v *view, back int) []float64 {
	c := v.crowd
	if c == nil {
		return nil
	}
	n := len(v.y)
	total := c.total[:v.at+n]
	path := c.ahead(v.at+n, v.h)
	own, all := 0., 0.
	for i := max(0, n-back); i < n; i++ {
		if v.w[i] > 0 {
			own += v.y[i]
			all += total[v.at+i]
		}
	}
	if !(all > 0) {
		return nil
	}
	out := make([]float64, v.h)
	for k := range out {
		out[k] = max(path[k], 0) * own / all
	}
	return out
}

// crowd is what the counting series of a panel have in common.
type crowd struct {
	total   []float64 // their sum, by step of the panel
	seasons []int
	mean    float64 // of a step of a series
	between float64 // variance of the series' means
	ratio   float64 // variance of a step over its mean

	mu   sync.Mutex
	made map[int][]float64
}

// newCrowd gathers the counting tasks.
func newCrowd(tasks []*task, seasons []int, h int) *crowd {
	c := &crowd{seasons: seasons, made: map[int][]float64{}}
	var means, ratios []float64
	for _, t := range tasks {
		if !t.sparse {
			continue
		}
		last := tail(t.s.Y[:max(len(t.s.Y)-h, min(len(t.s.Y), 3))], 24)
		mean, variance := moments(last)
		means = append(means, mean)
		if mean > 0 {
			ratios = append(ratios, variance/mean)
		}
		for len(c.total) < t.at+len(t.s.Y) {
			c.total = append(c.total, 0)
		}
		for i, y := range t.s.Y {
			if !math.IsNaN(y) {
				c.total[t.at+i] += y
			}
		}
	}
	if len(means) < fewest {
		return nil
	}
	var variance float64
	c.mean, variance = moments(means)
	c.ratio, _ = moments(ratios)
	c.ratio = max(c.ratio, 1)
	c.between = max(variance-c.ratio*c.mean/24, .05*variance)
	return c
}

// ahead forecasts the sum as it was known at a step of the panel.
func (c *crowd) ahead(at, h int) []float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.made[at]; p != nil {
		return p
	}
	v := newView(c.total[:at], c.seasons, h)
	v.keep = &keep{}
	sum := make([]float64, h)
	for _, p := range [][]float64{theta(v), v.level(v.damped()), v.level(v.ses())} {
		for k, x := range v.guard(p) {
			sum[k] += x / 3
		}
	}
	c.made[at] = sum
	return sum
}

// moments are the mean and the variance of what is known of y.
func moments(y []float64) (mean, variance float64) {
	n := 0.
	for _, v := range y {
		if !math.IsNaN(v) {
			mean += v
			n++
		}
	}
	mean /= max(n, 1)
	for _, v := range y {
		if !math.IsNaN(v) {
			variance += (v - mean) * (v - mean)
		}
	}
	return mean, variance / max(n-1, 1)
}

// dispersion is a counting series' variance over its mean, shrunk to that of
// all as if six more steps had shown it.
func (e *engine) dispersion(t *task) float64 {
	last := tail(t.s.Y, 36)
	mean, variance := moments(last)
	pooled := 1.5
	if e.crowd != nil {
		pooled = e.crowd.ratio
	}
	if !(mean > 0) {
		return pooled
	}
	n := float64(len(last))
	return max((n*max(variance/mean, 1)+6*pooled)/(n+6), 1)
}

// finishSparse gives the quantiles of counts. The point forecast of what seldom
// sells is the distribution's mean: it is judged by squared error.
func (e *engine) finishSparse(t *task, center, probabilities []float64, f *Forecast) {
	f.Mean = center
	if t.seldom {
		f.Mean = scaled(center, e.lift[t.segment])
	}
	for _, at := range center {
		d := e.experience[t.segment].Correct(e.counts(t, at))
		f.counts = append(f.counts, d)
		q := make([]float64, len(probabilities))
		for i, p := range probabilities {
			q[i] = d.Quantile(p)
		}
		f.Quantiles = append(f.Quantiles, q)
	}
}

// counts is the negative binomial around a point forecast.
func (e *engine) counts(t *task, at float64) forecast.Distribution {
	mean := at * e.lift[t.segment]
	return forecast.Distribution{Mean: mean, Variance: e.dispersion(t) * mean * e.wider, Pieces: true}
}

// fitExperience learns what the probabilities of the negative binomials were
// worth in the rehearsals, by segment.
func (e *engine) fitExperience(tasks []*task) {
	pits, ticket := map[string][]float64{}, 0.
	for _, t := range tasks {
		for _, win := range t.windows {
			for k, y := range win.truth {
				if !t.sparse || math.IsNaN(y) {
					continue
				}
				ticket += .6180339887498949 // fills [0, 1) evenly
				ticket -= math.Floor(ticket)
				d := e.counts(t, win.center[k])
				below := d.CDF(y - 1)
				pits[t.segment] = append(pits[t.segment], below+ticket*(d.CDF(y)-below))
			}
		}
	}
	e.experience = map[string]forecast.Experience{}
	for segment, of := range pits {
		e.experience[segment] = forecast.Learn(of, .6)
	}
}

// newer is what a rehearsal's part in the lift is of that of the one after it:
// demand that grows or fades shows in the newest.
const newer = .6

// fitLift is how much more came in the rehearsals of counts than was forecast,
// by segment: methods that are good by the absolute error lie below the mean.
func fitLift(tasks []*task) map[string]float64 {
	came, said := map[string]float64{}, map[string]float64{}
	for _, t := range tasks {
		for i, win := range t.windows {
			part := math.Pow(newer, float64(len(t.windows)-1-i)) / t.size
			for k, y := range win.truth {
				if t.sparse && !math.IsNaN(y) {
					came[t.segment] += part * y
					said[t.segment] += part * win.center[k]
				}
			}
		}
	}
	out := map[string]float64{"counts": 1, "seldom": 1}
	for segment := range said {
		out[segment] = liftOf(came[segment], said[segment])
	}
	return out
}

// liftOf is how much more came than was said, in steps of the series' usual
// size.
func liftOf(came, said float64) float64 {
	const belief = 100
	return min(max((came+belief)/(said+belief), .7), 1.6)
}

// fitWider scales the variance of counts to what the rehearsals showed.
func fitWider(tasks []*task, e *engine) float64 {
	over, scale := 200., 200.
	for _, t := range tasks {
		if !t.sparse {
			continue
		}
		ratio := e.dispersion(t)
		for _, win := range t.windows {
			for k, y := range win.truth {
				if m := win.center[k] * e.lift[t.segment]; m > .02 && !math.IsNaN(y) {
					over += min((y-m)*(y-m)/(ratio*m), 40)
					scale++
				}
			}
		}
	}
	return min(max(over/scale, .7), 4)
}
