package forecast

import "math"

// scaleWeeks is over how many weeks a series' spread is estimated.
const scaleWeeks = 26

// scaleSD is how much series of a shop differ in steadiness: the standard
// deviation of the logarithm of their scales.
const scaleSD = .8

// scale is the mean squared deviation of a series' weeks over what the
// pool's spreads expect of one like it. It is taken of weeks and not of days, because
// stock must last for weeks: where one customer buys a dozen at once, weeks show
// it. Among series it is lognormal with a mean of one; given a scale s, the mean
// square q of n steps between weeks has the mean s and the relative variance
//
//	(2 + κ) / n,  κ the excess kurtosis of such weeks
//
// and is taken for lognormal, too. What is returned is the mean of s given q.
// Large steady series show what they are within weeks, whose kurtosis is small;
// a wild one, or one of a piece or two, remains near one.
func (t *decomposition) scale(p *Pool) float64 {
	const width, step = 4., .25 // in standard deviations
	x := t.steps(&p.spreads)
	if x.n == 0 {
		return 1
	}
	var scales, logs []float64
	most := math.Inf(-1)
	for z := -width; z <= width; z += step {
		s := math.Exp(scaleSD*z - scaleSD*scaleSD/2)
		l := x.likelihood(s, p.meanStep) - z*z/2
		scales, logs = append(scales, s), append(logs, l)
		most = max(most, l)
	}
	sum, total := 0., 0.
	for i, s := range scales {
		w := math.Exp(logs[i] - most)
		sum += w * s
		total += w
	}
	return sum / total
}

// steps are how far each of the last weeks lies from the one before. A level
// that wanders moves them less than distances from a mean, and forecasts follow
// it, too.
type steps struct {
	square   float64 // mean square over what the spreads expect
	n        float64 // independent ones: of steps, which share weeks, two thirds
	relative float64 // variance of a week that the spreads expect, over its mean squared
	single   float64 // one over the mean of a week; 0 if it has no pieces
}

// likelihood is the logarithm of that of the steps if the series has scale s,
// where usual is the mean square of all series.
func (x *steps) likelihood(s, usual float64) float64 {
	const least = .01 // series of always the same have no likelihood
	q, v := max(x.square/usual, least), s*usual*x.relative
	kurtosis := 6*max(0, v-x.single) + x.single*x.single/v // of a negative binomial
	spread := math.Log1p((2 + kurtosis) / x.n)
	off := math.Log(q/s) + spread/2
	return -(off*off/spread + math.Log(spread)) / 2
}

// week is one week's demand, and what is usual of its open days.
type week struct{ sold, usual, squares, open float64 }

// ordinaryWeeks sums up the last weeks, the newest first, without days that an
// event lifts or sinks by half. level is what an average day of them sold.
func (t *decomposition) ordinaryWeeks() (weeks []week, level float64) {
	sold, usual := 0., 0.
	for end := len(t.y); end >= 7 && len(weeks) < scaleWeeks; end -= 7 {
		var x week
		for i := end - 7; i < end; i++ {
			if u := t.uplift[i]; t.w[i] > .3 && u > 2./3 && u < 1.5 {
				x.sold += t.w[i] * t.clipped[i]
				x.usual += t.w[i] * t.factor(i)
				x.squares += t.w[i] * t.factor(i) * t.factor(i)
				x.open += t.w[i]
			}
		}
		weeks = append(weeks, x)
		sold, usual = sold+x.sold, usual+x.usual
	}
	if usual > 0 {
		level = sold / usual
	}
	return weeks, level
}

// steps between the last weeks that were open for three days or more.
func (t *decomposition) steps(s *spreads) (x steps) {
	weeks, level := t.ordinaryWeeks()
	if !(level > 0) {
		return steps{}
	}
	seen, before, beforeExpected := 0., 0., 0.
	for _, w := range weeks {
		mean := level * w.usual
		if w.open < 3 || !(mean > 1e-9) { // squares of hardly anything are nothing
			continue
		}
		expected := s.day*level*level*w.squares + s.drift[0]*mean*mean
		if t.pieces {
			expected += s.batch * mean
			x.single += 1 / mean
		}
		x.relative += expected / (mean * mean)
		off := w.sold - mean
		if seen++; seen > 1 {
			x.square += min((off-before)*(off-before)/(expected+beforeExpected), 25) // one strange week does not stretch all others
		}
		before, beforeExpected = off, expected
	}
	if seen < 2 {
		return steps{}
	}
	return steps{square: x.square / (seen - 1), n: 2. / 3 * (seen - 1), relative: x.relative / seen, single: x.single / seen}
}

// meanStep averages the squared steps of a pool's series, so that their scales
// average to one: the spreads were learned from forecasts, not from steps.
func meanStep(fits []*fit, s *spreads) float64 {
	const belief = 5
	sum, n := float64(belief), float64(belief)
	for _, f := range fits {
		if x := f.t.steps(s); x.n >= 2 {
			sum += x.square
			n++
		}
	}
	return max(sum/n, .05)
}
