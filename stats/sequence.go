package stats

import "math"

// LeastUnits is the number of units an arm that AlwaysValid needs.
const LeastUnits = 10

// DefaultTuning is the number of units at which AlwaysValid is tightest unless
// told otherwise.
const DefaultTuning = 10_000

// Sequence says how an effect becomes one of a confidence sequence.
type Sequence struct {
	// Tuning is the number of units in both arms at which the sequence is
	// tightest; 0 means DefaultTuning. It must be fixed before the first look:
	// half of the units that the experiment may reach is a good choice.
	Tuning int64
	// Unguarded trusts the effect's standard error as it is. See AlwaysValid.
	Unguarded bool
}

// AlwaysValid turns an effect at a fixed horizon into one that may be looked
// at as often as one likes and stopped on whatever it shows: its interval is
// one of a confidence sequence, its p-value is always valid.
//
// With n units in both arms, z = Estimate/StdErr, and λ ~ Normal(0, ρ²) mixed
// over,
//
//	1/p = exp(nρ²z²/(2(nρ²+1)))/√(nρ²+1)
//	Estimate ± StdErr·√((nρ²+1)/(nρ²)·2·ln(√(nρ²+1)/alpha))
//	ρ² = (−2 ln alpha + ln(1 − 2 ln alpha))/tuning
//
// (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, Time-uniform central limit
// theory and asymptotic confidence sequences, Annals of Statistics 2024:
// equations 9, 155 and 161 of arXiv 2103.06476v7). One-sided effects mix over
// half of the normal distribution.
//
// That theory is for large samples, and early looks at unequal arms break it: a
// small arm of skewed values has not met its large ones yet, so its variance
// and its mean are both too low. With nine units in the control for one in the
// treatment, revenue of which 99 % are 0 gives false alarms in 27 % of A/A
// tests that are looked at all the time, and a 5 % proportion in 13 %. So
// StdErr is guarded: it is never less than if both arms had their pooled
// variance. What is honest from which number of units an arm on, by simulation
// with looks at every unit, splits from 1:1 to 99:1 and tunings from 1000 on:
//
//	proportions, means and counts, however skewed    LeastUnits, 10
//	ratios                                           10
//	CUPED                                            10; 30 if the tuning is below 5000
//	quantiles                                        as soon as Quantiles gives them
//
// Their error was at most 2.6 %, and 4 % for CUPED and one-sided tests, at alpha
// 0.05. The p-value of Relative is of the delta method and wants 50 units.
//
// The smallest p-value so far is always valid too, and so is the intersection
// of the intervals so far, as long as the effect itself does not drift. For
// proportions, ExactProportions needs no large sample at all, and is the
// sharper word while an arm has no success or no failure.
func AlwaysValid(e Effect, s Sequence) (Effect, error) {
	if s.Tuning == 0 {
		s.Tuning = DefaultTuning
	}
	switch {
	case s.Tuning < 0:
		return Effect{}, refuse(OutOfRange, "tuning", "must be a number of units above 0, got %d", s.Tuning)
	case e.Scheme == AsymptoticAlways || e.Scheme == ExactAlways:
		return Effect{}, refuse(Mismatch, "effect", "is valid at every look already")
	case min(e.Control.N, e.Treatment.N) < LeastUnits:
		return Effect{}, refuse(TooFew, "arms", "must have %d units or more each to be looked at all the time; the smaller has %s",
			LeastUnits, units(min(e.Control.N, e.Treatment.N)))
	}
	e.Scheme, e.Tuning, e.DF = AsymptoticAlways, s.Tuning, 0
	if !s.Unguarded {
		e.StdErr = e.guarded()
	}
	if e.StdErr == 0 {
		return Effect{}, refuse(NoVariation, "arms", "have no variation: every unit of an arm has the same value")
	}
	e.Relative = e.relate()
	e.Test += ", asymptotic confidence sequence"
	e.Statistic = e.Estimate / e.StdErr
	m := e.mixture()
	e.LogP = m.logP(e.Statistic, e.Options)
	e.P = math.Exp(e.LogP)
	if e.Relative.StdErr > 0 {
		e.Relative.LogP = m.logP(e.Relative.Estimate/e.Relative.StdErr, e.Options)
		e.Relative.P = math.Exp(e.Relative.LogP)
	}
	e.place()
	return e, e.checkFinite()
}

// guarded is the standard error, or what it would be if both arms had the
// variance of their units together, whichever is larger.
func (e Effect) guarded() float64 {
	c, t := float64(e.Control.N), float64(e.Treatment.N)
	own := e.Control.StdErr*e.Control.StdErr + e.Treatment.StdErr*e.Treatment.StdErr
	apart := e.Treatment.Mean - e.Control.Mean
	squares := (c-1)*c*e.Control.StdErr*e.Control.StdErr + (t-1)*t*e.Treatment.StdErr*e.Treatment.StdErr + apart*apart*c*t/(c+t)
	pooled := squares / (c + t - 1) * (1/c + 1/t)
	switch {
	case own == 0:
		return math.Sqrt(pooled)
	case pooled > own: // scaled, as covariates may have taken out a part
		return e.StdErr * math.Sqrt(pooled/own)
	}
	return e.StdErr
}

// mixture is the normal mixture of a confidence sequence: v = nρ².
type mixture struct {
	v float64
}

// mixture is that of the effect's units, tuning and alpha.
func (e Effect) mixture() mixture {
	return newMixture(e.Options, e.Tuning, float64(e.Control.N)+float64(e.Treatment.N))
}

func newMixture(o Options, tuning int64, units float64) mixture {
	alpha := o.Alpha
	if o.Alternative != TwoSided {
		alpha *= 2
	}
	fall := -2 * math.Log(math.Min(alpha, 0.5))
	rho2 := (fall + math.Log1p(fall)) / float64(tuning)
	return mixture{v: rho2 * units}
}

// logE is the logarithm of the evidence against no difference, the e-value, of
// a statistic z.
func (m mixture) logE(z float64, a Alternative) float64 {
	e := m.v/(m.v+1)*z*z/2 - math.Log1p(m.v)/2
	if a == Less {
		z = -z
	}
	if a != TwoSided {
		e += math.Ln2 + logNormalTail(-z*math.Sqrt(m.v/(m.v+1)))
	}
	return e
}

// logP is the logarithm of the always-valid p-value.
func (m mixture) logP(z float64, o Options) float64 {
	return math.Min(0, -m.logE(z, o.Alternative))
}

// critical is the z at which the e-value reaches 1/alpha.
func (m mixture) critical(o Options) float64 {
	target := -math.Log(o.Alpha)
	z := math.Sqrt((m.v + 1) / m.v * (2*target + math.Log1p(m.v)))
	if o.Alternative == TwoSided {
		return z
	}
	// The e-value rises with z, and the two-sided z is beyond the one-sided one.
	low := -1.0
	for m.logE(low, Greater) > target {
		low *= 2
	}
	return root(func(z float64) float64 { return m.logE(z, Greater) - target }, low, z)
}
