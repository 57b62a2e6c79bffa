package stats

import (
	"fmt"
	"math"
)

// Stratum is a part of the units that was known before the experiment, such as
// new customers, and what its two arms did.
type Stratum struct {
	Control, Treatment Sample
}

// PostStratify compares two means within strata and averages over these, so
// that chance differences in the arms' mix no longer count (Miratrix, Sekhon and
// Yu, JRSS B 75, 2013):
//
//	Δ = Σ w_s·Δ_s,   Var Δ = Σ w_s²·(s²_cs/n_cs + s²_ts/n_ts) + Σ w_s·(Δ_s − Δ)²/N
//
// with w_s the stratum's share of all N units. The second sum is there because
// the mix of the strata is itself a sample. Each stratum needs two units or more
// in each arm, and 20 to gain anything: merge the small ones.
func PostStratify(strata []Stratum, o Options) (Effect, error) {
	o, err := o.resolve()
	if err != nil {
		return Effect{}, err
	}
	var control, treatment Sample
	for i, s := range strata {
		if err := s.Control.check(fmt.Sprintf("strata[%d].control", i), 2); err != nil {
			return Effect{}, err
		}
		if err := s.Treatment.check(fmt.Sprintf("strata[%d].treatment", i), 2); err != nil {
			return Effect{}, err
		}
		control, treatment = control.Merge(s.Control), treatment.Merge(s.Treatment)
	}
	if len(strata) == 0 {
		return Effect{}, refuse(TooFew, "strata", "must be at least 1")
	}
	e, err := difference(control, treatment, 2)
	if err != nil {
		return Effect{}, err
	}
	plain := e.StdErr
	n := float64(control.N + treatment.N)
	e.Estimate, e.Control.Mean, e.Treatment.Mean = 0, 0, 0
	for _, s := range strata {
		w := s.weight(n)
		e.Control.Mean += w * s.Control.Mean
		e.Treatment.Mean += w * s.Treatment.Mean
		e.Estimate += w * (s.Treatment.Mean - s.Control.Mean)
	}
	e.spread(strata, n)
	if plain > 0 {
		e.Reduction = 1 - (e.StdErr/plain)*(e.StdErr/plain)
	}
	e.Test = "post-stratified, welch t"
	return e.finish(o)
}

// weight is the stratum's share of n units.
func (s Stratum) weight(n float64) float64 {
	return (float64(s.Control.N) + float64(s.Treatment.N)) / n
}

// spread sets the errors, the covariance and the degrees of freedom of an
// effect averaged over strata of n units.
func (e *Effect) spread(strata []Stratum, n float64) {
	var control, treatment, within, between, squares, both float64
	for _, s := range strata {
		w := s.weight(n)
		c := w * w * s.Control.Variance / float64(s.Control.N)
		t := w * w * s.Treatment.Variance / float64(s.Treatment.N)
		apart, level, own := s.Treatment.Mean-s.Control.Mean-e.Estimate, s.Control.Mean-e.Control.Mean, s.Treatment.Mean-e.Treatment.Mean
		control += c + w*level*level/n
		treatment += t + w*own*own/n
		within += c + t
		between += w * apart * apart / n
		both += w*apart*level/n - c
		squares += c*c/float64(s.Control.N-1) + t*t/float64(s.Treatment.N-1)
	}
	e.StdErr = math.Sqrt(within + between)
	e.Control.StdErr, e.Treatment.StdErr = math.Sqrt(control), math.Sqrt(treatment)
	e.Covariance = both
	if squares > 0 {
		e.DF = within * within / squares
	}
}
