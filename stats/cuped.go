package stats

import (
	"math"
)

// CUPED compares two means or ratios after taking out what covariates known
// before the experiment predict (Deng, Xu, Kohavi and Walker, WSDM 2013):
//
//	Δ = (R_t − R_c) − θ·(x̄_t − x̄_c),   θ = Cov(x)⁻¹·Cov(x, L)
//
// L is a unit's share in the ratio (y itself if there is no denominator) and θ
// comes from both arms together. With one covariate the variance falls by the
// factor 1 − ρ². Covariates that do not vary, or that the ones before them
// explain, are left out. The estimate is unbiased for any θ; the interval takes
// θ as known, which wants 20 units or more for each covariate.
//
// The relative effect divides by the control's unadjusted mean, and its error
// has the covariance of the two.
func CUPED(control, treatment Moments, o Options) (Effect, error) {
	o, err := o.resolve()
	if err != nil {
		return Effect{}, err
	}
	c, t, theta, err := regress(control, treatment)
	if err != nil {
		return Effect{}, err
	}
	cs, ts := c.adjusted(theta), t.adjusted(theta)
	e, err := difference(c.sample, t.sample, 2)
	if err != nil {
		return Effect{}, err
	}
	plain := e.StdErr
	e.StdErr = math.Hypot(cs.StdErr(), ts.StdErr())
	for i, slope := range theta {
		e.Estimate -= slope * (treatment.Mean[2+i] - control.Mean[2+i])
	}
	e.DF = welchDF(cs, ts)
	e.Covariance = -c.moments.variance(c.weights(theta), c.weights(nil)) / float64(control.N)
	if plain > 0 {
		e.Reduction = 1 - (e.StdErr/plain)*(e.StdErr/plain)
	}
	e.Test = "CUPED, welch t"
	return e.finish(o)
}

// shares is an arm whose units' shares in its mean or ratio can be adjusted.
type shares struct {
	moments Moments
	share   []float64 // weights that make a unit's share from the variables
	sample  Sample    // of the unadjusted shares
}

// regress checks both arms and finds the slopes of a unit's share on the
// covariates over both.
func regress(control, treatment Moments) (c, t shares, theta []float64, err error) {
	if c, err = newShares("control", control); err != nil {
		return c, t, nil, err
	}
	if t, err = newShares("treatment", treatment); err != nil {
		return c, t, nil, err
	}
	both, err := control.Merge(treatment)
	if err != nil {
		return c, t, nil, err
	}
	if least := int64(both.Covariates() + 3); both.N < least {
		return c, t, nil, refuse(TooFew, "arms", "have %d units; %d covariates need at least %d", both.N, both.Covariates(), least)
	}
	_, share, err := both.share("arms")
	if err != nil {
		return c, t, nil, err
	}
	return c, t, both.slopes(share), nil
}

func newShares(input string, m Moments) (shares, error) {
	s, err := m.sample(input)
	if err != nil {
		return shares{}, err
	}
	_, share, err := m.share(input)
	return shares{moments: m, share: share, sample: s}, err
}

// weights makes a unit's adjusted share from the variables; theta nil leaves
// it unadjusted.
func (s shares) weights(theta []float64) []float64 {
	w := make([]float64, len(s.share))
	copy(w, s.share)
	for i, slope := range theta {
		w[2+i] = -slope
	}
	return w
}

// adjusted is the sample of the adjusted shares about their own mean.
func (s shares) adjusted(theta []float64) Sample {
	w := s.weights(theta)
	return Sample{N: s.sample.N, Mean: s.sample.Mean, Variance: s.moments.variance(w, w)}
}

// slopes regresses the weighted sum of y and the denominator on the covariates.
func (m Moments) slopes(share []float64) []float64 {
	k := m.Covariates()
	x, target := make([][]float64, k), make([]float64, k)
	for i := range k {
		x[i] = m.Cov[2+i][2:]
		for j := range share {
			target[i] += share[j] * m.Cov[j][2+i]
		}
	}
	return solvePositive(x, target)
}
