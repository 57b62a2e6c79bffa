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
	rel := 1e-9
	if want.P < 1e-12 {
		rel = 1e-6
	}
	same(t, "p", p, number(want.P), rel, abs)
}
