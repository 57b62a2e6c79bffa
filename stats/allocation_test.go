package stats

import (
	"math"
	"testing"
)

// Chances to be best by scipy 1.17.1, integrate.quad.
func TestThompson(t *testing.T) {
	t.Parallel()
	arms := []Sample{}
	for _, c := range [][2]int64{{5, 40}, {11, 44}, {2, 11}} { // Beta(6,36), Beta(12,34), Beta(3,10)
		arms = append(arms, must[Sample](t)(Bernoulli(c[0], c[1])))
	}
	chances := must[[]float64](t)(ThompsonProportions(arms))
	for i, want := range []number{0.0403608619574696, 0.5873394217480091, 0.372299716294521} {
		same(t, "chance to be best", chances[i], want, 1e-9, 0)
	}
	chances = must[[]float64](t)(ThompsonMeans([]Sample{{N: 100, Mean: 1, Variance: 1}, {N: 100, Mean: 1.1, Variance: 4}, {N: 100, Mean: 0.7, Variance: 9}}))
	for i, want := range []number{0.2838496729158206, 0.6262367875420013, 0.08991353954217839} {
		same(t, "chance to have the highest mean", chances[i], want, 1e-9, 0)
	}
	even := must[[]float64](t)(ThompsonProportions(make([]Sample, 4)))
	for _, c := range even {
		same(t, "chance of an arm without units", c, 0.25, 1e-12, 0)
	}
	// Arms of very different sizes: the small one is not to be lost between nodes.
	apart := must[[]float64](t)(ThompsonMeans([]Sample{{N: 100, Mean: 0, Variance: 100}, {N: 1e12, Mean: 0.5, Variance: 1}}))
	same(t, "chance of a vague arm", apart[0], number(normalTail(0.5)), 1e-6, 0)
	_, err := ThompsonMeans([]Sample{{N: 5, Mean: 1, Variance: 1}})
	hasReason(t, "one arm", err, TooFew)
	_, err = ThompsonMeans([]Sample{{N: 5, Mean: 1, Variance: 1}, {N: 5, Mean: 1}})
	hasReason(t, "no variation", err, NoVariation)
}

func TestTopTwo(t *testing.T) {
	t.Parallel()
	chances := []float64{0.9, 0.08, 0.02}
	shares := must[[]float64](t)(TopTwo(chances, 0.5))
	want := []number{
		number(0.9 * (0.5 + 0.5*(0.08/0.92+0.02/0.98))),
		number(0.08 * (0.5 + 0.5*(0.9/0.1+0.02/0.98))),
		number(0.02 * (0.5 + 0.5*(0.9/0.1+0.08/0.92))),
	}
	for i := range shares {
		same(t, "share", shares[i], want[i], 1e-12, 0)
	}
	all := must[[]float64](t)(TopTwo(chances, 1))
	certain := must[[]float64](t)(TopTwo([]float64{1, 0, 0}, 0.6))
	for i := range all {
		same(t, "lead of 1 is Thompson's", all[i], number(chances[i]), 1e-12, 0)
		same(t, "a certain leader", certain[i], []number{0.6, 0.2, 0.2}[i], 1e-12, 0)
	}
	raised := must[[]float64](t)(AtLeast([]float64{0.95, 0.05, 0}, 0.1))
	for i, want := range []number{0.8, 0.1, 0.1} {
		same(t, "raised share", raised[i], want, 1e-12, 0)
	}
	for name, c := range map[string][]float64{"not of 1": {0.5, 0.4}, "negative": {-0.5, 1.5}, "no number": {math.NaN(), 1}, "alone": {1}} {
		if _, err := TopTwo(c, 0.5); err == nil {
			t.Errorf("chances %s passed", name)
		}
	}
	_, err := AtLeast([]float64{0.5, 0.5}, 0.6)
	hasReason(t, "a floor above an even share", err, OutOfRange)
}

// With shares that never change, the adaptive estimate is the plain one.
func TestAdaptiveAgreesWithZ(t *testing.T) {
	t.Parallel()
	control, treatment := Sample{N: 50000, Mean: 4, Variance: 9}, Sample{N: 150000, Mean: 4.05, Variance: 8}
	want := must[Effect](t)(Z(control, treatment, Options{}))
	got := must[Effect](t)(Adaptive([]Period{{Shares: []float64{0.25, 0.75}, Arms: []Sample{control, treatment}}}, 0, 1, Options{}))
	same(t, "estimate", got.Estimate, number(want.Estimate), 1e-9, 0)
	same(t, "standard error", got.StdErr, number(want.StdErr), 1e-4, 0)
	same(t, "relative error", got.Relative.StdErr, number(want.Relative.StdErr), 1e-4, 0)
}

func TestAdaptiveRefuses(t *testing.T) {
	t.Parallel()
	arms := []Sample{{N: 5, Mean: 1, Variance: 1}, {N: 5, Mean: 1, Variance: 1}}
	for name, c := range map[string]struct {
		periods            []Period
		control, treatment int
		reason             Reason
	}{
		"no periods":            {nil, 0, 1, TooFew},
		"an arm without chance": {[]Period{{Shares: []float64{1, 0}, Arms: arms}}, 0, 1, OutOfRange},
		"shares missing":        {[]Period{{Shares: []float64{1}, Arms: arms}}, 0, 1, Mismatch},
		"the same arm":          {[]Period{{Shares: []float64{.5, .5}, Arms: arms}}, 1, 1, OutOfRange},
		"an arm that is not":    {[]Period{{Shares: []float64{.5, .5}, Arms: arms}}, 0, 2, OutOfRange},
		"a negative variance":   {[]Period{{Shares: []float64{.5, .5}, Arms: []Sample{arms[0], {N: 4, Variance: -1}}}}, 0, 1, OutOfRange},
	} {
		_, err := Adaptive(c.periods, c.control, c.treatment, Options{})
		hasReason(t, name, err, c.reason)
	}
}
