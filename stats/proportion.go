package stats

import "math"

// TwoProportions compares two proportions, given as samples by Bernoulli:
// conversion, retention on a day, a step of a funnel.
//
// The p-value is that of the pooled z test, whose standard error
// √(p(1−p)(1/n_c + 1/n_t)) is the one that holds if there is no difference, so
// that it keeps its level also with unequal arms; it is the score test, and
// its square is Pearson's chi-square. The interval has the unpooled error
// √(p_c(1−p_c)/n_c + p_t(1−p_t)/n_t), which holds whatever the difference is.
// The two may disagree when P is within a hair of alpha; Z gives the unpooled
// p-value.
//
// Where an arm has fewer than 10 successes or failures the unpooled error is
// not to be trusted (it is 0 for an arm without a success), and the intervals
// are made of the arms' Wilson intervals instead: Newcombe's for the
// difference (Statistics in Medicine 17, 1998, method 10) and the one of Donner
// and Zou for the ratio (Statistical Methods in Medical Research 21, 2012).
// Effect.Scheme says so.
func TwoProportions(control, treatment Sample, o Options) (Effect, error) {
	e, err := differenceOfProportions(control, treatment, o)
	if err != nil {
		return Effect{}, err
	}
	n := float64(control.N) + float64(treatment.N)
	share := float64(control.N) / n
	pooled := control.Mean*share + treatment.Mean*(1-share)
	stdErr := math.Sqrt(pooled * (1 - pooled) * (1/float64(control.N) + 1/float64(treatment.N)))
	if stdErr == 0 {
		return Effect{}, refuse(NoVariation, "arms", "have no variation: every unit of both has the same outcome")
	}
	e.Test = "two-proportion z, pooled p-value"
	if min(control.scarcer(), treatment.scarcer()) < 10 {
		e.Scheme = ScoreInterval
		e.Test += ", score interval"
	}
	e.Relative = e.relate()
	e.test(e.Estimate / stdErr)
	e.place()
	return e, e.checkFinite()
}

// differenceOfProportions is the effect before any test: estimate and unpooled
// error.
func differenceOfProportions(control, treatment Sample, o Options) (Effect, error) {
	o, err := o.resolve()
	if err != nil {
		return Effect{}, err
	}
	if err := control.checkProportion("control"); err != nil {
		return Effect{}, err
	}
	if err := treatment.checkProportion("treatment"); err != nil {
		return Effect{}, err
	}
	control, treatment = control.whole(), treatment.whole()
	control.Variance = control.Mean * (1 - control.Mean)
	treatment.Variance = treatment.Mean * (1 - treatment.Mean)
	e, err := difference(control, treatment, 1)
	e.Options = o
	return e, err
}

// whole is the sample with a mean that is a whole number of successes to the
// last bit.
func (s Sample) whole() Sample {
	s.Mean = math.Round(s.Mean*float64(s.N)) / float64(s.N)
	return s
}

// scarcer is the number of successes or of failures, whichever is smaller.
func (s Sample) scarcer() float64 {
	return math.Round(math.Min(s.Mean, 1-s.Mean) * float64(s.N))
}

// placeScore makes the intervals of an effect on proportions from the Wilson
// intervals of its arms.
func (e *Effect) placeScore() {
	z := e.critical()
	c, t := e.Control.wilson(z), e.Treatment.wilson(z)
	pc, pt := e.Control.Mean, e.Treatment.Mean
	e.Interval = e.Options.side(Interval{
		Low:  e.Estimate - math.Hypot(pt-t.Low, c.High-pc),
		High: e.Estimate + math.Hypot(t.High-pt, pc-c.Low),
	})
	if e.Relative.Problem != "" {
		return
	}
	e.Relative.Method = "score"
	// Limits of the ratio pt/pc, written so that no difference of nearly equal
	// numbers is divided by.
	product := pt * pc
	low := t.Low * (2*pt - t.Low) /
		(product + math.Sqrt(math.Max(0, product*product-t.Low*c.High*(2*pt-t.Low)*(2*pc-c.High))))
	if t.Low == 0 || math.IsNaN(low) {
		low = 0
	}
	high := (product + math.Sqrt(math.Max(0, product*product-t.High*c.Low*(2*pt-t.High)*(2*pc-c.Low)))) /
		(c.Low * (2*pc - c.Low))
	e.Relative.Interval = e.Options.side(Interval{Low: low - 1, High: high - 1})
}

// wilson is the Wilson score interval of a proportion, z standard errors wide.
func (a Arm) wilson(z float64) Interval {
	n, p := float64(a.N), a.Mean
	centre := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	i := Interval{Low: math.Max(0, centre-half), High: math.Min(1, centre+half)}
	if p == 0 {
		i.Low = 0
	}
	if p == 1 {
		i.High = 1
	}
	return i
}
