package stats

import (
	"math"
	"testing"
)

// A proper prior pulls the estimate as the precisions say.
func TestBelieve(t *testing.T) {
	t.Parallel()
	e := must[Effect](t)(Z(Sample{N: 100, Mean: 10, Variance: 50}, Sample{N: 100, Mean: 12, Variance: 50}, Options{})) // error 1
	p := must[Posterior](t)(Believe(e, Prior{StdDev: 0.5}, HigherIsBetter))
	same(t, "mean", p.Absolute.Mean, 2*0.2, 1e-12, 0)
	same(t, "standard deviation", p.Absolute.StdDev, number(math.Sqrt(0.2)), 1e-12, 0)
	same(t, "relative prior", p.Relative.StdDev, number(1/math.Sqrt(1/(e.Relative.StdErr*e.Relative.StdErr)+1/(0.05*0.05))), 1e-12, 0)
	relative := must[Posterior](t)(Believe(e, Prior{StdDev: 0.05, Relative: true}, HigherIsBetter))
	same(t, "the same prior, relative", relative.Absolute.Mean, number(p.Absolute.Mean), 1e-12, 0)

	worse := must[Posterior](t)(Believe(e, Prior{}, LowerIsBetter))
	better := must[Posterior](t)(Believe(e, Prior{}, HigherIsBetter))
	same(t, "chances", worse.Absolute.ChanceToWin+better.Absolute.ChanceToWin, 1, 1e-12, 0)
	same(t, "loss", worse.Absolute.LossIfShip, number(better.Absolute.LossIfKeep), 1e-12, 0)
	for name, prior := range map[string]Prior{"mean without spread": {Mean: 1}, "negative": {StdDev: -1}, "not a number": {Mean: math.NaN(), StdDev: 1}} {
		if _, err := Believe(e, prior, HigherIsBetter); err == nil {
			t.Errorf("%s passed", name)
		}
	}
}

// Expected losses far out, by mpmath 1.4.1: φ(z) − z·P(Z > z).
func TestExcess(t *testing.T) {
	t.Parallel()
	for z, want := range map[float64]number{-3: 3.00038215431704772, 0: 0.398942280401432678, 1: 0.0833154705876862984, 1.99: 0.00872092154920424318, 2.01: 0.00826588291608302207, 5: 5.34616553383281495e-8, 14: 5.51140470197927064e-46, 36: 1.16005393337263289e-285} {
		same(t, "excess", excess(z), want, 1e-12, 0)
	}
}

// Chances, losses and intervals by quadrature with scipy 1.17.1 (40 panels of
// 2000 points).
func TestBetaBinomial(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		control, controlUnits, treatment, treatmentUnits int64
		chance, keep, ship, low, high                    number
	}{
		{5, 40, 11, 44, 0.9220295476120153, 0.12105755203694397, 0.00304512967669552, -0.04656606494478342, 0.2814389784455653},
		{4000, 50000, 4180, 50500, 0.9459667896204871, 0.0028114489242004673, 3.944780868055581e-05, -0.0006090394901343244, 0.006153113055704245},
		{1200000, 10000000, 1203000, 10000000, 0.9804528867137742, 0.00030104052211030955, 1.0405821103392307e-06, 1.5010184812821805e-05, 0.000584989793488615},
		{10, 1000, 900, 100000, 0.2963028063394673, 0.0004869394214479052, 0.0024551635300195974, -0.009305752759335316, 0.003548440471494535},
	} {
		control, treatment := must[Sample](t)(Bernoulli(c.control, c.controlUnits)), must[Sample](t)(Bernoulli(c.treatment, c.treatmentUnits))
		p := must[Posterior](t)(BetaBinomial(control, treatment, BetaPrior{}, HigherIsBetter, 0.05))
		b := p.Absolute
		same(t, "chance to win", b.ChanceToWin, c.chance, 1e-8, 0)
		same(t, "loss if kept", b.LossIfKeep, c.keep, 1e-6, 0)
		same(t, "loss if shipped", b.LossIfShip, c.ship, 1e-6, 0)
		same(t, "low", b.Interval.Low, c.low, 1e-6, 0)
		same(t, "high", b.Interval.High, c.high, 1e-6, 0)
		if r := p.Relative; !(r.Interval.Low < r.Mean && r.Mean < r.Interval.High) || (r.Interval.Low > 0) != (b.Interval.Low > 0) {
			t.Errorf("relative belief %+v beside %+v", r, b)
		}
		other := must[Posterior](t)(BetaBinomial(control, treatment, BetaPrior{}, LowerIsBetter, 0.05)).Absolute
		same(t, "chance to win if less is better", other.ChanceToWin, 1-c.chance, 1e-7, 0)
		for better, want := range map[Direction]Belief{HigherIsBetter: b, LowerIsBetter: other} {
			chance, loss, err := BetaBinomialOdds(control, treatment, BetaPrior{}, better)
			if err != nil || math.Abs(chance-want.ChanceToWin) > 1e-7 || math.Abs(loss-want.LossIfShip) > 1e-9 {
				t.Errorf("the odds are %v, %v (%v), want those of %+v", chance, loss, err, want)
			}
		}
		same(t, "low if less is better", other.Interval.Low, number(b.Interval.Low), 1e-9, 0)
	}
	if _, err := BetaBinomial(Sample{N: 10, Mean: 0.5}, Sample{N: 10, Mean: 1.5}, BetaPrior{}, HigherIsBetter, 0.05); err == nil {
		t.Error("a proportion of 1.5 passed")
	}
}
