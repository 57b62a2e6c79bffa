package stats

import "math"

// Welch compares two means without assuming equal variances:
//
//	t = (m_t − m_c)/√(s_t²/n_t + s_c²/n_c)
//
// is Student's t with the degrees of freedom of Welch and Satterthwaite
// (Welch, Biometrika 34, 1947). It is the test for revenue, counts, latencies
// and every other mean of one value a unit. Each arm needs two units or more;
// skewed values need more for the level to hold, about 355·skewness² an arm
// (Kohavi et al., KDD 2014).
func Welch(control, treatment Sample, o Options) (Effect, error) {
	o, err := o.resolve()
	if err != nil {
		return Effect{}, err
	}
	e, err := difference(control, treatment, 2)
	if err != nil {
		return Effect{}, err
	}
	e.DF = welchDF(control, treatment)
	e.Test = "welch t"
	return e.finish(o)
}

// Z is Welch's test with the normal distribution for Student's t: what Welch
// tends to in large samples, and the unpooled two-proportion z test for
// samples by Bernoulli.
func Z(control, treatment Sample, o Options) (Effect, error) {
	o, err := o.resolve()
	if err != nil {
		return Effect{}, err
	}
	e, err := difference(control, treatment, 1)
	if err != nil {
		return Effect{}, err
	}
	e.Test = "z"
	return e.finish(o)
}

// difference starts the effect of two independent, unadjusted arms of at least
// least units each.
func difference(control, treatment Sample, least int64) (Effect, error) {
	if err := control.check("control", least); err != nil {
		return Effect{}, err
	}
	if err := treatment.check("treatment", least); err != nil {
		return Effect{}, err
	}
	c, t := control.arm(), treatment.arm()
	return Effect{
		Control:    c,
		Treatment:  t,
		Estimate:   t.Mean - c.Mean,
		StdErr:     math.Hypot(c.StdErr, t.StdErr),
		Covariance: -c.StdErr * c.StdErr,
	}, nil
}

// arm is the sample as a side of an effect.
func (s Sample) arm() Arm {
	return Arm{N: s.N, Mean: s.Mean, StdErr: s.StdErr()}
}

// welchDF is the degrees of freedom of Welch and Satterthwaite. It divides by
// the larger variance first, so that nothing overflows.
func welchDF(control, treatment Sample) float64 {
	c := control.Variance / float64(control.N)
	t := treatment.Variance / float64(treatment.N)
	largest := math.Max(c, t)
	if largest == 0 {
		return 0
	}
	c, t = c/largest, t/largest
	return (c + t) * (c + t) / (c*c/float64(control.N-1) + t*t/float64(treatment.N-1))
}
