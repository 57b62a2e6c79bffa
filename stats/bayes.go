package stats

import "math"

// Prior is what was believed of an effect before the experiment: a normal
// distribution. The zero value is flat: nothing was.
type Prior struct {
	Mean     float64
	StdDev   float64 // 0 means flat, and then Mean must be 0
	Relative bool    // Mean and StdDev are shares of the control's mean, not in the metric's unit
}

// Posterior is what is to be believed of an effect after the experiment.
type Posterior struct {
	Prior    Prior
	Absolute Belief // in the metric's unit
	Relative Belief // as a share of the control's mean; zero if Problem is set
	Problem  string // why there is no relative belief
}

// Belief is a normal distribution of an effect, and what follows from it.
type Belief struct {
	Mean, StdDev float64
	Interval     Interval // credible, equal tails of alpha/2
	ChanceToWin  float64  // that the treatment is better
	LossIfShip   float64  // expected loss of shipping the treatment: E max(0, control better by)
	LossIfKeep   float64  // expected loss of keeping the control: E max(0, treatment better by)
}

// Believe updates a prior by an effect, both normal:
//
//	precision = 1/StdErr² + 1/prior²,   mean = (Estimate/StdErr² + prior mean/prior²)/precision
//
// With the flat prior the credible interval is the z interval, and the chance to
// win is 1 minus the one-sided p-value; a chance to win is not honest under
// peeking. With X the improvement of mean μ and standard deviation σ, the
// expected loss of keeping the control is E max(0,X) = σφ(μ/σ) + μΦ(μ/σ), and
// that of shipping is E max(0,−X).
//
// A relative prior is turned into an absolute one, and the other way round, by
// the control's mean.
func Believe(e Effect, prior Prior, better Direction) (Posterior, error) {
	if err := finite("prior.mean", prior.Mean); err != nil {
		return Posterior{}, err
	}
	if !(prior.StdDev >= 0) || math.IsInf(prior.StdDev, 1) {
		return Posterior{}, refuse(OutOfRange, "prior.std_dev", "must be 0 (flat) or more, got %v", prior.StdDev)
	}
	if prior.StdDev == 0 && prior.Mean != 0 {
		return Posterior{}, refuse(Mismatch, "prior.mean", "must be 0 when the prior is flat; give it a std_dev")
	}
	if !(e.StdErr > 0) {
		return Posterior{}, refuse(NoVariation, "arms", "have no variation to learn from; BetaBinomial takes proportions without any")
	}
	size, _ := e.base()
	if prior.Relative && prior.StdDev > 0 && size == 0 {
		return Posterior{}, refuse(ZeroDenominator, "prior", "is relative, but the control's mean is 0")
	}
	p := Posterior{Prior: prior, Problem: e.Relative.Problem}
	p.Absolute = believe(e.Estimate, e.StdErr, prior.scaled(size, prior.Relative), e.Options.Alpha, better)
	if p.Problem == "" && e.Relative.StdErr > 0 {
		p.Relative = believe(e.Relative.Estimate, e.Relative.StdErr, prior.scaled(1/size, !prior.Relative), e.Options.Alpha, better)
	}
	if !p.Absolute.finite() || !p.Relative.finite() {
		return Posterior{}, errBeyondFloats()
	}
	return p, nil
}

func (b Belief) finite() bool {
	return allFinite(b.Mean, b.StdDev, b.Interval.Low, b.Interval.High, b.ChanceToWin, b.LossIfShip, b.LossIfKeep)
}

// scaled is the prior times factor, if it is to be scaled at all.
func (p Prior) scaled(factor float64, scale bool) Prior {
	if scale && p.StdDev > 0 {
		p.Mean *= factor
		p.StdDev *= factor
	}
	return p
}

func believe(estimate, stdErr float64, prior Prior, alpha float64, better Direction) Belief {
	b := Belief{Mean: estimate, StdDev: stdErr}
	if prior.StdDev > 0 {
		// The weights of the data and of the prior, without squares that overflow.
		ratio := stdErr / prior.StdDev
		weight := 1 / (1 + ratio*ratio)
		b.Mean = weight*estimate + (1-weight)*prior.Mean
		b.StdDev = stdErr * math.Sqrt(weight)
	}
	half := normalQuantile(alpha/2) * b.StdDev
	b.Interval = Interval{Low: b.Mean - half, High: b.Mean + half}
	z := better.sign() * b.Mean / b.StdDev
	b.ChanceToWin = normalTail(-z)
	b.LossIfKeep = b.StdDev * excess(-z)
	b.LossIfShip = b.StdDev * excess(z)
	return b
}

// excess is E max(0, Z − z) = φ(z) − z·P(Z > z) of a standard normal Z, with
// full relative accuracy in the upper tail.
func excess(z float64) float64 {
	if z < 2 {
		return math.Exp(logNormalDensity(z)) - z*normalTail(z)
	}
	rest := laplace(z)
	return math.Exp(logNormalDensity(z)) * rest / (z + rest)
}
