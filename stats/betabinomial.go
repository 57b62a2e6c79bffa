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
	if err := probability("alpha", alpha); err != nil {
		return Posterior{}, err
	}
	c, t, err := prior.both(control, treatment)
	if err != nil {
		return Posterior{}, err
	}
	p := Posterior{Absolute: differenceBelief(c, t, better, alpha)}
	p.Relative = ratioBelief(c, t, p.Absolute, alpha)
	return p, nil
}

// BetaBinomialOdds is the ChanceToWin and the LossIfShip of BetaBinomial without
// its intervals, which take a hundred times as long.
func BetaBinomialOdds(control, treatment Sample, prior BetaPrior, better Direction) (chanceToWin, lossIfShip float64, err error) {
	c, t, err := prior.both(control, treatment)
	if err != nil {
		return 0, 0, err
	}
	if better == LowerIsBetter {
		c, t = t, c
	}
	same := func(x float64) float64 { return x }
	return chance(t, c, same, same), between(t, c), nil
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

// both are the posteriors of two arms.
func (p BetaPrior) both(control, treatment Sample) (c, t beta, err error) {
	if p == (BetaPrior{}) {
		p = BetaPrior{1, 1}
	}
	if !(p.Successes >= 0.1 && p.Failures >= 0.1) || math.IsInf(p.Successes+p.Failures, 1) {
		return c, t, refuse(OutOfRange, "prior", "must have 0.1 successes and failures or more, got %v and %v", p.Successes, p.Failures)
	}
	if err := control.checkProportion("control"); err != nil {
		return c, t, err
	}
	if err := treatment.checkProportion("treatment"); err != nil {
		return c, t, err
	}
	return p.update(control), p.update(treatment), nil
}

// update is the posterior of an arm's proportion.
func (p BetaPrior) update(s Sample) beta {
	t := s.arm().tally()
	return newBeta(p.Successes+t.successes, p.Failures+t.failures)
}

// chance is P(y < g(x)) for a rising g with the inverse h, integrated over the
// narrower of the two.
func chance(x, y beta, g, h func(float64) float64) float64 {
	if x.stdDev() < y.stdDev() {
		return x.against(func(s float64) float64 { return y.below(g(s)) })
	}
	return y.against(func(s float64) float64 { return x.above(h(s)) })
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
