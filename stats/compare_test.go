package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// Day-7 retention of the Cookie Cats experiment: 8502 of 44700 players with the
// gate at level 30, 8279 of 45489 at level 40. z and p by statsmodels 0.15.0,
// proportions_ztest.
func TestTwoProportionsCookieCats(t *testing.T) {
	t.Parallel()
	control := must[Sample](t)(Bernoulli(8502, 44700))
	treatment := must[Sample](t)(Bernoulli(8279, 45489))
	e := must[Effect](t)(TwoProportions(control, treatment, Options{}))
	same(t, "z", e.Statistic, -3.164358912748191, 1e-12, 0)
	same(t, "p", e.P, 0.001554249975614329, 1e-12, 0)
	if e.Scheme != FixedHorizon || e.Method != "two-proportion z, pooled p-value, delta-method relative" {
		t.Errorf("scheme %v, method %q", e.Scheme, e.Method)
	}
}

// Newcombe's intervals by statsmodels 0.15.0, confint_proportions_2indep; the
// first is his own example, 0.0524 to 0.3339.
func TestTwoProportionsScore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                                         string
		control, controlUnits, treatment, treatUnits int64
		scheme                                       Scheme
		low, high                                    number
	}{
		{"enough of both is Wald's (mpmath 1.4.1)", 48, 80, 56, 70, FixedHorizon, 0.05750489914903707, 0.34249510085096292},
		{"no success in an arm", 0, 20, 3, 20, ScoreInterval, -0.0383963331262675, 0.36041886474075696},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := must[Effect](t)(TwoProportions(must[Sample](t)(Bernoulli(c.control, c.controlUnits)), must[Sample](t)(Bernoulli(c.treatment, c.treatUnits)), Options{}))
			if e.Scheme != c.scheme {
				t.Fatalf("scheme %v, want %v", e.Scheme, c.scheme)
			}
			same(t, "low", e.Interval.Low, c.low, 1e-9, 0)
			same(t, "high", e.Interval.High, c.high, 1e-9, 0)
		})
	}
	e := Effect{Control: Arm{N: 80, Mean: 48.0 / 80}, Treatment: Arm{N: 70, Mean: 56.0 / 70}, Estimate: 0.2, Scheme: ScoreInterval, Options: Options{Alpha: 0.05}}
	e.place()
	same(t, "Newcombe's low", e.Interval.Low, 0.05243147240236498, 1e-12, 0)
	same(t, "Newcombe's high", e.Interval.High, 0.33387265403690614, 1e-12, 0)
}

// rowsOf simulates rows (y, denominator, x₁, x₂) that hang together.
func rowsOf(r *rand.Rand, n int, lift float64) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		x1, x2 := r.NormFloat64(), r.ExpFloat64()
		d := float64(1 + r.IntN(5))
		rows[i] = []float64{d*(2+lift) + x1 - x2 + 0.3*x1*x2 + r.NormFloat64(), d, x1, x2}
	}
	return rows
}

// sandwich is the cluster-robust variance of the mean of all rows, by its
// definition: the squared sums of the residuals of each cluster, with G/(G−1).
func sandwich(rows [][]float64) (mean, variance float64) {
	y, n := 0.0, 0.0
	for _, r := range rows {
		y, n = y+r[0], n+r[1]
	}
	mean = y / n
	for _, r := range rows {
		residual := r[0] - mean*r[1]
		variance += residual * residual
	}
	g := float64(len(rows))
	return mean, variance / n / n * g / (g - 1)
}

func TestRatioIsClusterRobust(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	control, treatment := rowsOf(r, 300, 0), rowsOf(r, 250, 0.2)
	e := must[Effect](t)(Ratio(must[Moments](t)(MomentsOf(control)), must[Moments](t)(MomentsOf(treatment)), Options{}))
	c, vc := sandwich(control)
	x, vx := sandwich(treatment)
	same(t, "estimate", e.Estimate, number(x-c), 1e-12, 0)
	same(t, "standard error", e.StdErr, number(math.Sqrt(vc+vx)), 1e-12, 0)
}

// Adjusting every row by hand gives what CUPED gives from moments alone.
func TestCUPEDFromRows(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	control, treatment := rowsOf(r, 300, 0), rowsOf(r, 250, 0.2)
	c, x := must[Moments](t)(MomentsOf(control)), must[Moments](t)(MomentsOf(treatment))
	e := must[Effect](t)(CUPED(c, x, Options{}))

	both := must[Moments](t)(MomentsOf(append(append([][]float64{}, control...), treatment...)))
	ratio := both.Mean[0] / both.Mean[1]
	cov := func(k int) float64 { return (both.Cov[0][k] - ratio*both.Cov[1][k]) / both.Mean[1] }
	det := both.Cov[2][2]*both.Cov[3][3] - both.Cov[2][3]*both.Cov[2][3]
	theta := []float64{
		(both.Cov[3][3]*cov(2) - both.Cov[2][3]*cov(3)) / det,
		(both.Cov[2][2]*cov(3) - both.Cov[2][3]*cov(2)) / det,
	}
	adjust := func(rows [][]float64, m Moments) []float64 {
		own := m.Mean[0] / m.Mean[1]
		values := make([]float64, len(rows))
		for i, row := range rows {
			values[i] = own + (row[0]-own*row[1])/m.Mean[1] - theta[0]*row[2] - theta[1]*row[3]
		}
		return values
	}
	want := must[Effect](t)(Welch(must[Sample](t)(SampleOf(adjust(control, c))), must[Sample](t)(SampleOf(adjust(treatment, x))), Options{}))
	same(t, "estimate", e.Estimate, number(want.Estimate), 1e-10, 0)
	same(t, "standard error", e.StdErr, number(want.StdErr), 1e-10, 0)
	same(t, "df", e.DF, number(want.DF), 1e-10, 0)
	same(t, "p", e.P, number(want.P), 1e-9, 0)
	if plain := must[Effect](t)(Ratio(c, x, Options{})); plain.StdErr <= e.StdErr || e.Reduction <= 0 {
		t.Errorf("CUPED's error %v is not below the plain %v", e.StdErr, plain.StdErr)
	}
}

// A covariate that says nothing new changes nothing.
func TestCUPEDLeavesOut(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	widen := func(rows [][]float64, extra func(row []float64) float64) Moments {
		wide := make([][]float64, len(rows))
		for i, row := range rows {
			wide[i] = append(append([]float64{}, row...), extra(row))
		}
		return must[Moments](t)(MomentsOf(wide))
	}
	control, treatment := rowsOf(r, 200, 0), rowsOf(r, 200, 0.1)
	plain := must[Effect](t)(CUPED(must[Moments](t)(MomentsOf(control)), must[Moments](t)(MomentsOf(treatment)), Options{}))
	for name, extra := range map[string]func([]float64) float64{
		"constant":     func([]float64) float64 { return 7 },
		"copy":         func(row []float64) float64 { return row[2] },
		"linear in it": func(row []float64) float64 { return 3*row[2] - 2*row[3] + 1 },
	} {
		e := must[Effect](t)(CUPED(widen(control, extra), widen(treatment, extra), Options{}))
		same(t, name+": estimate", e.Estimate, number(plain.Estimate), 1e-8, 0)
		same(t, name+": standard error", e.StdErr, number(plain.StdErr), 1e-8, 0)
	}
}

// Fieller's ends are where the test of Δ − ρ·c is just refused.
func TestFiellerEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ control, treatment Sample }{
		{Sample{N: 40, Mean: 1, Variance: 8}, Sample{N: 50, Mean: 1.5, Variance: 9}},
		{Sample{N: 40, Mean: -1, Variance: 4}, Sample{N: 50, Mean: -1.5, Variance: 5}},
		{Sample{N: 1000, Mean: 10, Variance: 8}, Sample{N: 1000, Mean: 10.1, Variance: 8}},
	} {
		e := must[Effect](t)(Welch(c.control, c.treatment, Options{Relative: Fieller}))
		base := math.Abs(c.control.Mean)
		for _, rho := range []float64{e.Relative.Interval.Low, e.Relative.Interval.High} {
			// Δ − ρ·|c| = t − (1 + sign·ρ)·c
			k := 1 + math.Copysign(rho, rho*c.control.Mean)
			stdErr := math.Hypot(c.treatment.StdErr(), k*c.control.StdErr())
			same(t, "distance in standard errors", math.Abs(e.Estimate-rho*base)/stdErr, number(e.critical()), 1e-10, 0)
		}
	}
	vague := must[Effect](t)(Welch(Sample{N: 20, Mean: 0.1, Variance: 9}, Sample{N: 20, Mean: 3, Variance: 9}, Options{}))
	if vague.Relative.Interval.Bounded() || vague.Relative.Method != "fieller" {
		t.Errorf("a control mean that may be 0 gives %v by %s", vague.Relative.Interval, vague.Relative.Method)
	}
}

func TestRelativeWithoutBase(t *testing.T) {
	t.Parallel()
	e := must[Effect](t)(Welch(Sample{N: 20, Mean: 0, Variance: 1}, Sample{N: 20, Mean: 1, Variance: 1}, Options{}))
	if e.Relative.Problem == "" || e.Relative.Estimate != 0 || e.Method != "welch t" {
		t.Errorf("relative effect %+v, method %q", e.Relative, e.Method)
	}
}

// A p-value of 1e-300 keeps six digits: the t of a Welch test whose tail mpmath
// gives (see testdata/tails.json) comes back.
func TestDeepTails(t *testing.T) {
	t.Parallel()
	control := Sample{N: 1_000_000, Mean: 0, Variance: 1}
	for _, c := range []struct{ z, log number }{ // mpmath 1.4.1: log(2·tail of t, df 1999998)
		{37, -688.10293287870205},
		{60, -1802.7014541961131},
	} {
		treatment := Sample{N: 1_000_000, Mean: float64(c.z) * math.Sqrt(2e-6), Variance: 1}
		e := must[Effect](t)(Welch(control, treatment, Options{}))
		same(t, "ln p", e.LogP, c.log, 1e-6, 0)
		if c.z == 37 {
			same(t, "p", e.P, number(math.Exp(float64(c.log))), 1e-6, 0)
		}
	}
}

// What Correct reports of each effect agrees with the adjusted p-values.
func TestCorrect(t *testing.T) {
	t.Parallel()
	var effects []Effect
	for _, z := range []float64{0.5, 2.2, 2.6, 3.5, 1.2} {
		effects = append(effects, must[Effect](t)(Z(Sample{N: 100, Mean: 1, Variance: 1}, Sample{N: 100, Mean: 1 + z*math.Sqrt(0.02), Variance: 1}, Options{})))
	}
	for _, c := range []struct {
		correction Correction
		rejected   int
		alpha      float64 // of each interval
	}{
		{NoCorrection, 3, 0.05},
		{HolmBonferroni, 2, 0.01},
		{FalseDiscovery, 3, 0.03},
	} {
		corrected := must[[]Corrected](t)(Correct(effects, c.correction, 0.05))
		rejected := 0
		for i, x := range corrected {
			if x.Rejected {
				rejected++
			}
			half := normalQuantile(c.alpha/2) * effects[i].StdErr
			same(t, fmt.Sprintf("%s: high of %d", c.correction, i), x.Interval.High, number(effects[i].Estimate+half), 1e-12, 0)
		}
		if rejected != c.rejected {
			t.Errorf("%s rejects %d, want %d", c.correction, rejected, c.rejected)
		}
	}
	if _, err := Correct(effects, "hommel", 0.05); err == nil {
		t.Error("an unknown correction passed")
	}
	if none, err := Correct(nil, HolmBonferroni, 0.05); err != nil || len(none) != 0 {
		t.Errorf("no effects gave %v, %v", none, err)
	}
}
