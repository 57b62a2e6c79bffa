package stats

import "math"

// Direction says which way a metric gets better.
type Direction int

// The directions.
const (
	HigherIsBetter Direction = iota // conversion, revenue
	LowerIsBetter                   // latency, refunds
)

// sign is +1 or −1.
func (d Direction) sign() float64 {
	if d == LowerIsBetter {
		return -1
	}
	return 1
}

// Margin is the worsening that is tolerated of a guardrail: one of Absolute,
// in the metric's unit, and Relative, as a share of the control's mean. Both 0
// tolerates none.
type Margin struct {
	Absolute, Relative float64
	Better             Direction
}

// NonInferiority says how the treatment stands to a margin. Improvement is the
// effect in the better direction.
type NonInferiority struct {
	Margin float64 // tolerated worsening, in the metric's unit at the control's mean

	P, LogP         float64 // of the improvement being −margin or worse: small means non-inferior
	HarmP, HarmLogP float64 // of the improvement being −margin or better: small means harmful

	Bound    float64 // improvement, in the metric's unit, that the treatment surpasses with confidence 1 − alpha
	Relative float64 // the same as a share of the control's mean; 0 if Problem says why there is none
	Problem  string
	Verdict  MarginVerdict
}

// MarginVerdict is what a test against a margin says.
type MarginVerdict string

// The verdicts.
const (
	NonInferior MarginVerdict = "non-inferior" // not worse by the margin: P ≤ alpha
	Harmful     MarginVerdict = "harmful"      // worse by more than the margin: HarmP ≤ alpha
	Undecided   MarginVerdict = "undecided"
)

// AgainstMargin tests an effect against a margin, on each side at the effect's
// alpha: whether it is non-inferior, and whether it is harmful. For a relative
// margin m the test is of the linear combination
//
//	Δ + m·c,   variance Var Δ + 2m·Cov(Δ,c) + m²·Var c
//
// which needs no division and takes into account that the margin moves with the
// control's mean c (Hauschke, Kieser and Hothorn, Biometrical Journal
// 41, 1999). An effect made by
// AlwaysValid gives a test that may be looked at all the time: a guardrail's.
func AgainstMargin(e Effect, m Margin) (NonInferiority, error) {
	if err := m.check(e); err != nil {
		return NonInferiority{}, err
	}
	e.Options.Alternative = Greater
	if m.Better == LowerIsBetter {
		e.Options.Alternative = Less
	}
	e.place()
	size, cov := e.base()
	sign := m.Better.sign()
	distance := sign*e.Estimate + m.Absolute + m.Relative*size
	stdErr := math.Sqrt(math.Max(0, e.StdErr*e.StdErr+2*sign*m.Relative*cov+m.Relative*m.Relative*e.Control.StdErr*e.Control.StdErr))
	if stdErr == 0 {
		return NonInferiority{}, refuse(NoVariation, "arms", "have no variation to judge a margin by")
	}
	n := NonInferiority{Margin: m.Absolute + m.Relative*size, Problem: e.Relative.Problem, Verdict: Undecided}
	n.LogP, n.HarmLogP = e.oneSided(distance/stdErr), e.oneSided(-distance/stdErr)
	n.P, n.HarmP = math.Exp(n.LogP), math.Exp(n.HarmLogP)
	n.Bound, n.Relative = e.Interval.Low, e.Relative.Interval.Low
	if m.Better == LowerIsBetter {
		n.Bound, n.Relative = -e.Interval.High, -e.Relative.Interval.High
	}
	if !allFinite(n.Margin, n.LogP, n.HarmLogP) || math.IsNaN(n.Bound) || math.IsNaN(n.Relative) {
		return NonInferiority{}, errBeyondFloats()
	}
	switch {
	case n.P <= e.Options.Alpha:
		n.Verdict = NonInferior
	case n.HarmP <= e.Options.Alpha:
		n.Verdict = Harmful
	}
	return n, nil
}

// check refuses a margin that cannot be, or that e cannot be tested against.
func (m Margin) check(e Effect) error {
	switch {
	case !(m.Absolute >= 0) || math.IsInf(m.Absolute, 1):
		return refuse(OutOfRange, "margin.absolute", "must be 0 or more, got %v", m.Absolute)
	case !(m.Relative >= 0) || math.IsInf(m.Relative, 1):
		return refuse(OutOfRange, "margin.relative", "must be 0 or more, got %v", m.Relative)
	case m.Absolute > 0 && m.Relative > 0:
		return refuse(Mismatch, "margin", "must be absolute or relative, not both")
	case m.Relative > 0 && e.Control.Mean == 0:
		return refuse(ZeroDenominator, "margin.relative", "has nothing to be relative to: the control's mean is 0")
	case e.Scheme == ExactAlways:
		return refuse(Mismatch, "effect", "of ExactProportions has no test against a margin; compare its interval")
	case !(e.StdErr > 0):
		return refuse(NoVariation, "arms", "have no variation to judge a margin by")
	}
	return nil
}

// oneSided is the logarithm of the p-value of a statistic being 0 or below, in
// the effect's scheme.
func (e Effect) oneSided(statistic float64) float64 {
	o := e.Options
	o.Alternative = Greater
	if e.Scheme == AsymptoticAlways {
		return e.mixture().logP(statistic, o)
	}
	return o.logP(statistic, e.DF)
}
