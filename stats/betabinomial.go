package stats

import "math"

// BetaPrior is what was believed of both arms' proportions: a Beta(Successes,
// Failures), as if so many had been seen. The zero value is the uniform one,
// Beta(1,1).
type BetaPrior struct {
	Successes, Failures float64
}

// BetaBinomial is the posterior of a difference of two proportions, given as
// samples by Bernoulli, when each proportion has the prior on its own. It is
// exact for any number of units, where Believe is approximate: the posteriors
// are Beta(prior + successes, prior + failures), and
//
//	chance to win = ∫ f_t(x)·F_c(x) dx,   expected loss = ∫ F_t(x)·(1 − F_c(x)) dx
//
// by quadrature. Belief.Mean and StdDev are of the difference; the relative
// belief is of the ratio minus 1, with its median for a mean.
func BetaBinomial(control, treatment Sample, prior BetaPrior, better Direction, alpha float64) (Posterior, error) {
	if prior == (BetaPrior{}) {
		prior = BetaPrior{1, 1}
	}
	if !(prior.Successes >= 0.1 && prior.Failures >= 0.1) || math.IsInf(prior.Successes+prior.Failures, 1) {
		return Posterior{}, refuse(OutOfRange, "prior", "must have 0.1 successes and failures or more, got %v and %v", prior.Successes, prior.Failures)
	}
	if err := probability("alpha", alpha); err != nil {
		return Posterior{}, err
	}
	if err := control.checkProportion("control"); err != nil {
		return Posterior{}, err
	}
	if err := treatment.checkProportion("treatment"); err != nil {
		return Posterior{}, err
	}
	c, t := prior.update(control), prior.update(treatment)
	p := Posterior{Absolute: differenceBelief(c, t, better, alpha)}
	p.Relative = ratioBelief(c, t, p.Absolute, alpha)
	return p, nil
}

// differenceBelief is the belief in the difference of two proportions.
func differenceBelief(c, t beta, better Direction, alpha float64) Belief {
	if better == LowerIsBetter {
		b := differenceBelief(t, c, HigherIsBetter, alpha)
		b.Mean, b.Interval = -b.Mean, Interval{Low: -b.Interval.High, High: -b.Interval.Low}
		return b
	}
	below := func(d float64) float64 { // chance of the difference to be below d
		return chance(c, t, func(x float64) float64 { return x + d }, func(y float64) float64 { return y - d })
	}
	mean, stdDev := t.mean()-c.mean(), math.Hypot(t.stdDev(), c.stdDev())
	quantile := func(p float64) float64 {
		return root(func(d float64) float64 { return below(d) - p }, math.Max(-1, mean-10*stdDev), math.Min(1, mean+10*stdDev))
	}
	same := func(x float64) float64 { return x }
	return Belief{
		Mean:        mean,
		StdDev:      stdDev,
		ChanceToWin: chance(t, c, same, same),
		LossIfKeep:  between(c, t),
		LossIfShip:  between(t, c),
		Interval:    Interval{Low: quantile(alpha / 2), High: quantile(1 - alpha/2)},
	}
}

// ratioBelief is the belief in the ratio of two proportions, minus 1. Who wins
// does not depend on the scale; the losses are shares of the control's mean.
func ratioBelief(c, t beta, absolute Belief, alpha float64) Belief {
	// The logarithm of a proportion is about 1/√successes wide, with a tail to
	// the left that falls like e^(a·log).
	middle, far := math.Log(t.mean()/c.mean()), 40/math.Sqrt(math.Min(c.a, t.a))+40/math.Min(c.a, t.a)
	quantile := func(p float64) float64 {
		log := root(func(log float64) float64 {
			r := math.Exp(log)
			return chance(c, t, func(x float64) float64 { return r * x }, func(y float64) float64 { return y / r }) - p
		}, middle-far, middle+far)
		return math.Expm1(log)
	}
	r := Belief{Mean: quantile(0.5), ChanceToWin: absolute.ChanceToWin}
	r.Interval = Interval{Low: quantile(alpha / 2), High: quantile(1 - alpha/2)}
	r.StdDev = (r.Interval.High - r.Interval.Low) / (2 * normalQuantile(alpha/2))
	r.LossIfKeep, r.LossIfShip = absolute.LossIfKeep/c.mean(), absolute.LossIfShip/c.mean()
	return r
}

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

func (p BetaPrior) update(s Sample) beta {
	t := s.arm().tally()
	d := beta{a: p.Successes + t.successes, b: p.Failures + t.failures}
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
	switch logit := math.Log(x / (1 - x)); {
	case !(x > 0):
		return 0
	case x >= 1:
		return 1
	case logit > d.centre:
		return 1 - d.outward(logit, 1)/d.mass
	default:
		return d.outward(logit, -1) / d.mass
	}
}

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

// chance is P(y < g(x)) for a rising g with the inverse h, integrated over the
// narrower of the two.
func chance(x, y beta, g, h func(float64) float64) float64 {
	if x.stdDev() < y.stdDev() {
		return x.against(func(s float64) float64 { return y.below(g(s)) })
	}
	return y.against(func(s float64) float64 { return x.above(h(s)) })
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

// between is E max(0, y − x) of independent x and y: ∫ P(x < s < y) ds.
func between(x, y beta) float64 {
	nodes, weights := around([]distributed{x, y}, 0, 1)
	sum := 0.0
	for i, s := range nodes {
		sum += weights[i] * x.below(s) * y.above(s)
	}
	return sum
}
