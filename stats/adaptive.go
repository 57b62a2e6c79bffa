package stats

import (
	"fmt"
	"math"
)

// Period is a stretch of time over which the shares of traffic stayed the
// same, such as the time between two updates of a bandit.
type Period struct {
	Shares []float64 // of traffic, one an arm; decided from earlier periods only
	Arms   []Sample  // what each arm's units of the period did; N may be 0 or 1
}

// Adaptive compares two arms whose shares of traffic were moved by what had
// been seen, as a bandit moves them. The plain means are biased then: an arm
// that starts unlucky gets little traffic and stays low. Each unit's value is
// instead weighted by the inverse of its chance to get its arm, and stands for
// those who did not,
//
//	Γ = m̂ + 1{arm}/share·(y − m̂)
//
// with m̂ the arm's mean over earlier periods (in its first, its own). The mean
// of Γ over all units is unbiased whatever the bandit did: augmented inverse
// propensity weighting, as in Hadad, Hirshberg, Zhan, Wager and Athey, PNAS 118,
// 2021. Their weights by √share give intervals a tenth narrower, but leave half of
// the bias when there are few periods, so all units weigh the same here. With
// shares that never changed it agrees with Z up to terms in 1/N.
//
// Every share of both arms must be above 0: see AtLeast.
func Adaptive(periods []Period, control, treatment int, o Options) (Effect, error) {
	o, err := o.resolve()
	if err != nil {
		return Effect{}, err
	}
	for i, p := range periods {
		if err := p.check(fmt.Sprintf("periods[%d]", i), control, treatment); err != nil {
			return Effect{}, err
		}
	}
	c, err := weigh(periods, control, "control")
	if err != nil {
		return Effect{}, err
	}
	t, err := weigh(periods, treatment, "treatment")
	if err != nil {
		return Effect{}, err
	}
	cov := 0.0
	for i, p := range periods {
		cov += p.products(control, treatment, c, t, i) / c.all / t.all
	}
	e := Effect{
		Control:    Arm{N: c.n, Mean: c.mean, StdErr: math.Sqrt(c.variance)},
		Treatment:  Arm{N: t.n, Mean: t.mean, StdErr: math.Sqrt(t.variance)},
		Estimate:   t.mean - c.mean,
		StdErr:     math.Sqrt(math.Max(0, c.variance+t.variance-2*cov)),
		Covariance: cov - c.variance,
		Test:       "augmented inverse propensity weighting, z",
	}
	return e.finish(o)
}

// weighed is an arm's mean over periods, inverse-propensity weighted.
type weighed struct {
	n              int64   // units in the arm
	all            float64 // units in all arms
	mean, variance float64
	guesses        []float64 // m̂ of the periods
}

// weigh estimates an arm's mean.
func weigh(periods []Period, arm int, input string) (weighed, error) {
	w := weighed{guesses: make([]float64, len(periods))}
	seen := Sample{}
	total := 0.0
	for i, p := range periods {
		n, s, guess := p.units(), p.Arms[arm], seen.Mean
		if seen.N == 0 {
			guess = s.Mean
		}
		w.guesses[i] = guess
		total += n*guess + float64(s.N)/p.Shares[arm]*(s.Mean-guess) // Σ Γ
		w.all += n
		seen = seen.Merge(s)
	}
	w.n = seen.N
	if seen.N < 2 {
		return w, refuse(TooFew, input, "has %s over all periods; at least 2 are needed", units(seen.N))
	}
	w.mean = total / w.all
	for i, p := range periods {
		w.variance += p.squares(arm, w.guesses[i], w.mean) / w.all / w.all
	}
	return w, nil
}

// units is the number of the period's units, in all arms.
func (p Period) units() float64 {
	n := 0.0
	for _, s := range p.Arms {
		n += float64(s.N)
	}
	return n
}

// squares is Σ (Γ − mean)² over the period's units.
func (p Period) squares(arm int, guess, mean float64) float64 {
	s, share, off := p.Arms[arm], p.Shares[arm], guess-mean
	n := float64(s.N)
	shift := (s.Mean-guess)/share + off // mean of Γ − mean in the arm
	within := math.Max(0, n-1) * s.Variance / (share * share)
	return within + n*shift*shift + (p.units()-n)*off*off
}

// products is Σ (Γ_c − mean_c)·(Γ_t − mean_t) over the units of period i.
func (p Period) products(control, treatment int, c, t weighed, i int) float64 {
	sc, st := p.Arms[control], p.Arms[treatment]
	offC, offT := c.guesses[i]-c.mean, t.guesses[i]-t.mean
	inC := float64(sc.N) * ((sc.Mean-c.guesses[i])/p.Shares[control] + offC) * offT
	inT := float64(st.N) * ((st.Mean-t.guesses[i])/p.Shares[treatment] + offT) * offC
	rest := (p.units() - float64(sc.N) - float64(st.N)) * offC * offT
	return inC + inT + rest
}

// check refuses a period that cannot be weighted.
func (p Period) check(input string, control, treatment int) error {
	if len(p.Shares) != len(p.Arms) {
		return refuse(Mismatch, input, "must have a share for each of its %d arms, got %d", len(p.Arms), len(p.Shares))
	}
	if control < 0 || treatment < 0 || control >= len(p.Arms) || treatment >= len(p.Arms) || control == treatment {
		return refuse(OutOfRange, "arms", "%d and %d must be two different ones of the %d in %s", control, treatment, len(p.Arms), input)
	}
	if err := checkShares(input+".shares", p.Shares); err != nil {
		return err
	}
	for _, arm := range []int{control, treatment} {
		if p.Shares[arm] == 0 {
			return refuse(OutOfRange, fmt.Sprintf("%s.shares[%d]", input, arm), "must be above 0: an arm without traffic cannot be weighted")
		}
	}
	for i, s := range p.Arms {
		if err := s.check(fmt.Sprintf("%s.arms[%d]", input, i), 0); err != nil {
			return err
		}
	}
	return nil
}
