package stats

import (
	"fmt"
	"testing"
)

// gbArm is an arm in the sufficient statistics of gbstats.
type gbArm struct {
	N       int64   `json:"n"`
	Sum     float64 `json:"sum"`
	Squares float64 `json:"sum_squares"`

	M, D    *gbArm  // ratio
	MD      float64 `json:"m_d_sum_of_products"`
	Post    *gbArm  // cuped
	Pre     *gbArm
	PostPre float64 `json:"post_pre_sum_of_products"`
}

type gbExpect struct {
	Estimate    float64
	CI          [2]number
	StdDev      float64
	P           float64 `json:"p_value"`
	ChanceToWin float64 `json:"chance_to_win"`
	Risk        [2]float64
}

type gbCase struct {
	Kind       string
	Difference string `json:"difference_type"`
	Alpha      float64
	A, B       gbArm
	Expect     map[string]gbExpect
}

func gbCases(t *testing.T) []gbCase {
	t.Helper()
	var file struct{ Cases []gbCase }
	readGolden(t, "gbstats.json", &file)
	if len(file.Cases) != 48 {
		t.Fatalf("%d cases, want 48", len(file.Cases))
	}
	return file.Cases
}

func (a gbArm) mean() float64 { return a.Sum / float64(a.N) }

func (a gbArm) variance() float64 {
	return (a.Squares - a.Sum*a.Sum/float64(a.N)) / float64(a.N-1)
}

func (a gbArm) moments(y, other gbArm, products float64, ratio bool) Moments {
	cov := (products - y.Sum*other.Sum/float64(a.N)) / float64(a.N-1)
	if ratio {
		return Moments{N: a.N, Mean: []float64{y.mean(), other.mean()},
			Cov: [][]float64{{y.variance(), cov}, {cov, other.variance()}}}
	}
	return Moments{N: a.N, Mean: []float64{y.mean(), 1, other.mean()},
		Cov: [][]float64{{y.variance(), 0, cov}, {0, 0, 0}, {cov, 0, other.variance()}}}
}

// effect is our result for the case.
func (c gbCase) effect(t *testing.T, o Options) Effect {
	t.Helper()
	var e Effect
	var err error
	switch c.Kind {
	case "proportion":
		control := must[Sample](t)(Bernoulli(int64(c.A.Sum), c.A.N))
		treatment := must[Sample](t)(Bernoulli(int64(c.B.Sum), c.B.N))
		e, err = Welch(control, treatment, o)
	case "mean":
		e, err = Welch(Sample{N: c.A.N, Mean: c.A.mean(), Variance: c.A.variance()},
			Sample{N: c.B.N, Mean: c.B.mean(), Variance: c.B.variance()}, o)
	case "ratio":
		e, err = Ratio(c.A.moments(*c.A.M, *c.A.D, c.A.MD, true), c.B.moments(*c.B.M, *c.B.D, c.B.MD, true), o)
	case "cuped":
		e, err = CUPED(c.A.moments(*c.A.Post, *c.A.Pre, c.A.PostPre, false),
			c.B.moments(*c.B.Post, *c.B.Pre, c.B.PostPre, false), o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestGbstatsT(t *testing.T) {
	t.Parallel()
	alternatives := map[string]Alternative{"t_two_sided": TwoSided, "t_greater": Greater, "t_lesser": Less}
	for i, c := range gbCases(t) {
		for name, alternative := range alternatives {
			t.Run(fmt.Sprintf("%d/%s/%s/%s", i, c.Kind, c.Difference, name), func(t *testing.T) {
				t.Parallel()
				e := c.effect(t, Options{Alpha: c.Alpha, Alternative: alternative, Relative: DeltaMethod})
				compareT(t, c, e, c.Expect[name])
			})
		}
	}
}

func compareT(t *testing.T, c gbCase, e Effect, want gbExpect) {
	t.Helper()
	estimate, stdErr, interval, p := e.Estimate, e.StdErr, e.Interval, e.P
	if c.Difference == "relative" {
		r := e.Relative
		estimate, stdErr, interval, p = r.Estimate, r.StdErr, r.Interval, r.P
	}
	// The inputs are raw sums of squares whose differences cancel up to six
	// digits, in gbstats as in the test: 1e-9 of the interval's scale.
	same(t, "estimate", estimate, number(want.Estimate), 1e-9, 1e-9*stdErr)
	same(t, "stddev", stdErr, number(want.StdDev), 1e-9, 0)
	same(t, "low", interval.Low, want.CI[0], 1e-9, 1e-9*stdErr)
	same(t, "high", interval.High, want.CI[1], 1e-9, 1e-9*stdErr)
	// gbstats computes upper tails as 1 − CDF, which leaves them an error of
	// 4e-16 absolute and cancels to 0 far out; its lower tails are right.
	abs := 4.5e-16
	if e.Options.Alternative == Less {
		abs = 0
	}
	same(t, "p", p, number(want.P), tailTolerance(want.P), abs)
}

// gbstats trusts the standard error as it is, which is dishonest in early looks
// at unequal arms; AlwaysValid does so when told to. It has no digits beyond a
// p-value of 1 either.
func TestGbstatsSequential(t *testing.T) {
	t.Parallel()
	for i, c := range gbCases(t) {
		for name, tuning := range map[string]int64{"sequential_two_sided_nstar5000": 5000, "sequential_two_sided_nstar100000": 100000} {
			t.Run(fmt.Sprintf("%d/%s/%s/%s", i, c.Kind, c.Difference, name), func(t *testing.T) {
				t.Parallel()
				fixed := c.effect(t, Options{Alpha: c.Alpha, Relative: DeltaMethod})
				e := must[Effect](t)(AlwaysValid(fixed, Sequence{Tuning: tuning, Unguarded: true}))
				compareT(t, c, e, c.Expect[name])
			})
		}
	}
}

func TestGbstatsBayes(t *testing.T) {
	t.Parallel()
	for i, c := range gbCases(t) {
		t.Run(fmt.Sprintf("%d/%s/%s", i, c.Kind, c.Difference), func(t *testing.T) {
			t.Parallel()
			e := c.effect(t, Options{Alpha: c.Alpha})
			p := must[Posterior](t)(Believe(e, Prior{}, HigherIsBetter))
			b, want := p.Absolute, c.Expect["bayes_flat"]
			if c.Difference == "relative" {
				b = p.Relative
			}
			same(t, "mean", b.Mean, number(want.Estimate), 1e-9, 1e-9*b.StdDev)
			same(t, "stddev", b.StdDev, number(want.StdDev), 1e-9, 0)
			same(t, "low", b.Interval.Low, want.CI[0], 1e-9, 1e-9*b.StdDev)
			same(t, "high", b.Interval.High, want.CI[1], 1e-9, 1e-9*b.StdDev)
			same(t, "chance to win", b.ChanceToWin, number(want.ChanceToWin), tailTolerance(want.ChanceToWin), 0)
			// gbstats multiplies 1 − Φ by a truncated mean, whose digits cancel:
			// a risk below 1e-15 standard deviations is 0 there and is not here.
			same(t, "loss if kept", b.LossIfKeep, number(want.Risk[0]), tailTolerance(want.Risk[0]), 1e-15*b.StdDev)
			same(t, "loss if shipped", b.LossIfShip, number(want.Risk[1]), tailTolerance(want.Risk[1]), 1e-15*b.StdDev)
		})
	}
}

// tailTolerance is 1e-9, or 1e-6 in the tails.
func tailTolerance(p float64) float64 {
	if p < 1e-12 {
		return 1e-6
	}
	return 1e-9
}
