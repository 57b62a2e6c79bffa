package stats

import (
	"fmt"
	"math"
	"testing"
)

// An e-value has the mean 1 if there is no difference, one- and two-sided: the
// whole claim of a mixture.
func TestMixtureIsAMartingale(t *testing.T) {
	t.Parallel()
	nodes, weights := quadrature(-40, 40, 400)
	for _, v := range []float64{0.01, 0.5, 3, 40} {
		for _, a := range []Alternative{TwoSided, Greater, Less} {
			sum := 0.0
			for i, z := range nodes {
				sum += weights[i] * math.Exp(logNormalDensity(z)+mixture{v}.logE(z, a))
			}
			same(t, fmt.Sprintf("mean of the e-value, v %v, alternative %v", v, a), sum, 1, 1e-9, 0)
		}
	}
}

// The interval ends where the p-value is alpha, on every side and at every size.
func TestSequenceDuality(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{20, 3000, 5_000_000} {
		for _, alpha := range []float64{0.3, 0.05, 0.001} {
			for _, a := range []Alternative{TwoSided, Greater, Less} {
				fixed := must[Effect](t)(Z(Sample{N: n, Mean: 1, Variance: 1}, Sample{N: n, Mean: 1, Variance: 1}, Options{Alpha: alpha, Alternative: a}))
				e := must[Effect](t)(AlwaysValid(fixed, Sequence{Tuning: 4000}))
				z := e.critical()
				if a == Less {
					z = -z
				}
				same(t, fmt.Sprintf("p at the end, n %d, alternative %v", n, a), math.Exp(e.mixture().logP(z, e.Options)), number(alpha), 1e-9, 0)
			}
		}
	}
}

// One side alone is sharper than two, and the sequence wider than one look.
func TestSequenceWidths(t *testing.T) {
	t.Parallel()
	width := func(o Options, tuning int64) float64 {
		e := must[Effect](t)(Z(Sample{N: 5000, Mean: 1, Variance: 1}, Sample{N: 5000, Mean: 1, Variance: 1}, o))
		if tuning > 0 {
			e = must[Effect](t)(AlwaysValid(e, Sequence{Tuning: tuning}))
		}
		return e.Estimate - e.Interval.Low
	}
	one, two := width(Options{Alternative: Greater}, 10000), width(Options{}, 10000)
	fixed := width(Options{}, 0)
	if !(fixed < one && one < two) {
		t.Errorf("half-widths: one look %v, one-sided %v, two-sided %v", fixed, one, two)
	}
	if early, late := width(Options{}, 100), width(Options{}, 1e8); early < two || late < two {
		t.Errorf("half-width %v at its tuning, %v and %v away from it", two, early, late)
	}
}

func TestAlwaysValidRefuses(t *testing.T) {
	t.Parallel()
	few := must[Effect](t)(Welch(Sample{N: 9, Mean: 1, Variance: 1}, Sample{N: 90, Mean: 1, Variance: 1}, Options{}))
	if _, err := AlwaysValid(few, Sequence{}); err == nil || err.Error() != "arms must have 10 units or more each to be looked at all the time; the smaller has 9 units" {
		t.Errorf("nine units: %v", err)
	}
	e := must[Effect](t)(Welch(Sample{N: 90, Mean: 1, Variance: 1}, Sample{N: 90, Mean: 1, Variance: 1}, Options{}))
	always := must[Effect](t)(AlwaysValid(e, Sequence{}))
	if _, err := AlwaysValid(always, Sequence{}); err == nil {
		t.Error("an effect became always valid twice")
	}
	if _, err := AlwaysValid(e, Sequence{Tuning: -1}); err == nil {
		t.Error("a negative tuning passed")
	}
	// All of one arm and none of the other: the errors of the arms are 0, that
	// of both together is not.
	split := must[Effect](t)(TwoProportions(must[Sample](t)(Bernoulli(0, 100)), must[Sample](t)(Bernoulli(100, 100)), Options{}))
	if e := must[Effect](t)(AlwaysValid(split, Sequence{})); !(e.P < 1e-5 && e.StdErr > 0) {
		t.Errorf("0 of 100 against 100 of 100: p %v, error %v", e.P, e.StdErr)
	}
}

// The e-value of exact proportions has a mean of at most 1 under every
// proportion, by adding up all outcomes of small arms.
func TestExactIsAnEValue(t *testing.T) {
	t.Parallel()
	const nc, nt = 7, 12
	for _, p := range []float64{0.01, 0.2, 0.5, 0.93} {
		for _, a := range []Alternative{TwoSided, Greater, Less} {
			mean := 0.0
			for c := int64(0); c <= nc; c++ {
				for x := int64(0); x <= nt; x++ {
					e := must[Effect](t)(ExactProportions(must[Sample](t)(Bernoulli(c, nc)), must[Sample](t)(Bernoulli(x, nt)), Options{Alternative: a}))
					pair := e.pair()
					chance := math.Exp(logChoose(nc, c) + logChoose(nt, x) + float64(c+x)*math.Log(p) + float64(nc+nt-c-x)*math.Log1p(-p))
					mean += chance * math.Exp(pair.mixed-pair.null(a))
				}
			}
			if mean > 1+1e-12 {
				t.Errorf("mean e-value %v at p %v, alternative %v", mean, p, a)
			}
		}
	}
}

// The interval of exact proportions is the range of the pairs that are not
// refused, by trying a million of them.
func TestExactIntervalByGrid(t *testing.T) {
	t.Parallel()
	for _, c := range [][4]int64{{3, 20, 9, 25}, {0, 12, 2, 9}, {5, 5, 1, 8}} {
		e := must[Effect](t)(ExactProportions(must[Sample](t)(Bernoulli(c[0], c[1])), must[Sample](t)(Bernoulli(c[2], c[3])), Options{Alpha: 0.1}))
		pair := e.pair()
		least := pair.mixed + math.Log(0.1)
		const steps = 1000
		low, high, lowRatio, highRatio := 1.0, -1.0, math.Inf(1), 0.0
		for i := range steps + 1 {
			for j := range steps + 1 {
				pc, pt := float64(i)/steps, float64(j)/steps
				if l := pair.control.log(pc) + pair.treatment.log(pt); l >= least {
					low, high = math.Min(low, pt-pc), math.Max(high, pt-pc)
					lowRatio, highRatio = math.Min(lowRatio, pt/pc), math.Max(highRatio, pt/pc)
				}
			}
		}
		same(t, "low", e.Interval.Low, number(low), 0, 0.003)
		same(t, "high", e.Interval.High, number(high), 0, 0.003)
		if c[0] > 0 {
			same(t, "lowest ratio", 1+e.Relative.Interval.Low, number(lowRatio), 0.05, 0.003)
			same(t, "highest ratio", 1+e.Relative.Interval.High, number(highRatio), 0.05, 0.003)
		} else if e.Relative.Problem == "" {
			t.Error("no success in the control, but a relative effect")
		}
	}
}

// Bounds by a Gauss–Legendre rule of 3000 points a look in numpy 2.4.6, roots by
// scipy 1.17.1.
func TestBoundsByQuadrature(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		times []float64
		alpha float64
		spend Spending
		side  Alternative
		want  []number
	}{
		{[]float64{.25, .5, .75, 1}, .05, PowerSpending(2), TwoSided, []number{2.955166847497838, 2.5593501561223917, 2.300855297779897, 2.091966391823459}},
		{[]float64{.1, .3, .35, .9}, .01, PowerSpending(2), TwoSided, []number{3.8905918864130933, 3.348655161193248, 3.3978163621589474, 2.689387110710484}},
		{[]float64{.2, .4, .6, .8, 1}, .05, OBrienFlemingSpending, TwoSided, []number{4.876884948790762, 3.3570119215746117, 2.6802800645449456, 2.289816767711906, 2.031032043310001}},
		{[]float64{.2, .4, .6, .8, 1}, .05, PocockSpending, TwoSided, []number{2.4379766880500116, 2.426813858150124, 2.410193840271338, 2.396645400648751, 2.385984571622567}},
		{[]float64{.3, .7, 1}, .05, PowerSpending(3), Greater, []number{2.999976992703393, 2.132446789546318, 1.6936692454808169}},
	} {
		bounds := must[[]Bound](t)(SpendingBounds(c.times, c.alpha, c.spend, c.side))
		for i, b := range bounds {
			same(t, fmt.Sprintf("bound at %v of %v", b.Time, c.times), b.Z, c.want[i], 1e-9, 0)
		}
	}
}

// Constants of Jennison and Turnbull, Group Sequential Methods, 2000, tables 2.1
// and 2.3 (alpha 0.05, two-sided), which have three decimals.
func TestClassicalBounds(t *testing.T) {
	t.Parallel()
	for looks, want := range map[int][2]number{1: {1.960, 1.960}, 2: {2.178, 1.977}, 5: {2.413, 2.040}, 10: {2.555, 2.087}} {
		pocock := must[[]Bound](t)(PocockBounds(looks, 0.05, TwoSided))
		same(t, "Pocock's constant", pocock[looks-1].Z, want[0], 0, 6e-4)
		obf := must[[]Bound](t)(OBrienFlemingBounds(looks, 0.05, TwoSided))
		same(t, "O'Brien and Fleming's constant", obf[looks-1].Z, want[1], 0, 6e-4)
		same(t, "alpha spent", obf[looks-1].Spent, 0.05, 1e-9, 0)
		same(t, "first bound", obf[0].Z, number(obf[looks-1].Z*math.Sqrt(float64(looks))), 1e-12, 0)
	}
}

func TestBoundsRefuse(t *testing.T) {
	t.Parallel()
	for name, times := range map[string][]float64{
		"none": nil, "falling": {0.5, 0.4}, "beyond the plan": {0.5, 1.1}, "not a number": {math.NaN()}, "zero": {0},
	} {
		if _, err := SpendingBounds(times, 0.05, PocockSpending, TwoSided); err == nil {
			t.Errorf("times %s passed", name)
		}
	}
	if _, err := SpendingBounds([]float64{0.5, 1}, 0.05, func(t, alpha float64) float64 { return 2 * alpha * t }, TwoSided); err == nil {
		t.Error("a spending function that overspends passed")
	}
	if _, err := PocockBounds(0, 0.05, TwoSided); err == nil {
		t.Error("no looks passed")
	}
}
