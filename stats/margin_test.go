package stats

import (
	"math"
	"testing"
)

func TestAgainstMargin(t *testing.T) {
	t.Parallel()
	latency := func(mean float64) Sample { return Sample{N: 5000, Mean: mean, Variance: 100} } // errors of 0.2
	for _, c := range []struct {
		name      string
		treatment float64 // the control's mean is 100
		margin    Margin
		verdict   MarginVerdict
	}{
		{"same, wide margin", 100, Margin{Absolute: 1, Better: LowerIsBetter}, NonInferior},
		{"same, no margin", 100, Margin{Better: LowerIsBetter}, Undecided},
		{"slower than the margin", 102, Margin{Relative: 0.01, Better: LowerIsBetter}, Harmful},
		{"slower within the margin", 100.4, Margin{Relative: 0.01, Better: LowerIsBetter}, NonInferior},
		{"faster", 99, Margin{Better: LowerIsBetter}, NonInferior},
		{"more, if more is better", 102, Margin{Relative: 0.01}, NonInferior},
		{"less, if more is better", 98, Margin{Relative: 0.01}, Harmful},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := must[Effect](t)(Welch(latency(100), latency(c.treatment), Options{}))
			n := must[NonInferiority](t)(AgainstMargin(e, c.margin))
			if n.Verdict != c.verdict {
				t.Errorf("verdict %s, want %s: %+v", n.Verdict, c.verdict, n)
			}
			same(t, "the two p-values together", n.P+n.HarmP, 1, 1e-9, 0)
			if inside := n.Bound > -n.Margin; c.margin.Relative == 0 && inside != (n.Verdict == NonInferior) {
				t.Errorf("bound %v, margin %v, verdict %s", n.Bound, n.Margin, n.Verdict)
			}
			always := must[Effect](t)(AlwaysValid(e, Sequence{}))
			if a := must[NonInferiority](t)(AgainstMargin(always, c.margin)); a.P < n.P*0.999 || a.HarmP < n.HarmP*0.999 || a.Bound > n.Bound {
				t.Errorf("looking all the time cost nothing: %+v, one look %+v", a, n)
			}
		})
	}
}

// The test of a relative margin is that of μ_t − (1−m)·μ_c, by hand.
func TestRelativeMarginByHand(t *testing.T) {
	t.Parallel()
	control, treatment := Sample{N: 300, Mean: 10, Variance: 30}, Sample{N: 400, Mean: 9.9, Variance: 25}
	e := must[Effect](t)(Z(control, treatment, Options{}))
	n := must[NonInferiority](t)(AgainstMargin(e, Margin{Relative: 0.05}))
	z := (9.9 - 0.95*10) / math.Sqrt(25.0/400+0.95*0.95*30/300)
	same(t, "p", n.P, number(normalTail(z)), 1e-12, 0)
}

func TestMarginRefuses(t *testing.T) {
	t.Parallel()
	e := must[Effect](t)(Welch(Sample{N: 30, Mean: 0, Variance: 1}, Sample{N: 30, Mean: 1, Variance: 1}, Options{}))
	for name, m := range map[string]Margin{
		"negative": {Absolute: -1}, "both": {Absolute: 1, Relative: 1}, "not a number": {Relative: math.NaN()}, "relative to 0": {Relative: 0.1},
	} {
		if n, err := AgainstMargin(e, m); err == nil {
			t.Errorf("%s passed: %+v", name, n)
		}
	}
}
