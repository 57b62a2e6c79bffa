package stats

import "math"

// beta is a Beta(a,b) distribution, seen through its logit ln(x/(1−x)), in
// which its density is smooth and falls exponentially on both sides. gonum's
// incomplete beta function is 1e-7 off, and slow, at the ten million units of
// a large experiment.
type beta struct {
	a, b   float64
	centre float64 // logit of the peak
	peak   float64 // logDensity there
	mass   float64 // integral of exp(logDensity − peak)

	nodes, weights []float64 // of a rule on [0, 1] that is fine near 0
}

func newBeta(a, b float64) beta {
	d := beta{a: a, b: b}
	d.nodes, d.weights = graded(0, 1, 3)
	d.centre = math.Log(d.a / d.b)
	d.peak = d.logDensity(d.centre)
	d.mass = d.outward(d.centre, -1) + d.outward(d.centre, 1)
	return d
}

func (d beta) mean() float64 { return d.a / (d.a + d.b) }

func (d beta) stdDev() float64 {
	return math.Sqrt(d.a*d.b/(d.a+d.b+1)) / (d.a + d.b)
}

func (d beta) density(x float64) float64 {
	if !(x > 0 && x < 1) {
		return 0
	}
	return math.Exp(d.logDensity(math.Log(x/(1-x)))-d.peak) / d.mass / (x * (1 - x))
}

// below is the chance to lie below x, and above the chance to lie above it.
func (d beta) below(x float64) float64 {
	switch {
	case !(x > 0):
		return 0
	case x >= 1:
		return 1
	}
	return d.belowLogit(math.Log(x / (1 - x)))
}

func (d beta) belowLogit(logit float64) float64 {
	if logit > d.centre {
		return 1 - d.outward(logit, 1)/d.mass
	}
	return d.outward(logit, -1) / d.mass
}

// quantile is the logit below which it lies with chance p, for 0 < p < 1.
func (d beta) quantile(p float64) float64 {
	off := func(logit float64) float64 { return math.Log(d.belowLogit(logit)) - math.Log(p) }
	far := d.reach(d.centre, -1)
	low := d.centre - far
	for ; off(low) > 0; low -= far {
		far *= 2
	}
	return root(off, low, d.centre+d.reach(d.centre, 1))
}

// logistic is the number with this logit.
func logistic(logit float64) float64 { return 1 / (1 + math.Exp(-logit)) }

func (d beta) above(x float64) float64 {
	d.a, d.b, d.centre = d.b, d.a, -d.centre
	return d.below(1 - x)
}

// logDensity is the logarithm of the density of the logit, but for a constant:
// that of x^a·(1−x)^b, written so that neither end overflows.
func (d beta) logDensity(logit float64) float64 {
	if logit > 0 {
		e := math.Exp(-logit)
		return -(d.a+d.b)*math.Log1p(e) - d.b*logit
	}
	e := math.Exp(logit)
	return -(d.a+d.b)*math.Log1p(e) + d.a*logit
}

// outward integrates the density from a logit towards −∞ or +∞, relative to
// the peak's.
func (d beta) outward(logit, sign float64) float64 {
	start := d.logDensity(logit)
	far := d.reach(logit, sign)
	sum := 0.0
	for i, at := range d.nodes {
		sum += d.weights[i] * math.Exp(d.logDensity(logit+sign*far*at)-start)
	}
	return sum * far * math.Exp(start-d.peak)
}

// reach is how far from a logit the density has fallen to nothing, e^-38 of
// what it is there.
func (d beta) reach(logit, sign float64) float64 {
	const nothing = 38
	start := d.logDensity(logit)
	x := 1 / (1 + math.Exp(-logit))
	slope := math.Abs(d.a*(1-x) - d.b*x)
	curve := (d.a + d.b) * x * (1 - x)
	// The distance if the curvature stayed, then what it takes.
	far := 2 * nothing / (slope + math.Sqrt(slope*slope+2*nothing*curve))
	for start-d.logDensity(logit+sign*far) < nothing {
		far *= 1.3
	}
	return far
}

// against is the mean of f over the distribution.
func (d beta) against(f func(x float64) float64) float64 {
	sum, mass := 0.0, 0.0
	for _, sign := range []float64{-1, 1} {
		nodes, weights := graded(d.centre, d.centre+sign*d.reach(d.centre, sign), 4)
		for i, logit := range nodes {
			m := weights[i] * math.Exp(d.logDensity(logit)-d.peak)
			mass += m
			sum += m * f(1/(1+math.Exp(-logit)))
		}
	}
	return sum / mass
}
