package stats

import "math"

// relate computes the relative effect by the delta method, without its
// interval: with R = Δ/c,
//
//	Var R ≈ (Var Δ − 2R·Cov(Δ,c) + R²·Var c)/c²
//
// (Deng, Knoblich and Lu, KDD 2018, section 2). For plain arms, Cov(Δ,c) is
// −Var c. In the variance R is that of the unadjusted arms.
func (e Effect) relate() Relative {
	base, cov := e.base()
	if base == 0 {
		return Relative{Problem: "the control's mean is 0, so there is nothing to be relative to"}
	}
	r := Relative{Estimate: e.Estimate / base}
	own, control := e.StdErr/base, e.Control.StdErr/base
	plain := (e.Treatment.Mean - e.Control.Mean) / base
	r.StdErr = math.Sqrt(math.Max(0, own*own+plain*(plain*control*control-2*cov/base/base)))
	switch {
	case math.IsInf(r.Estimate, 0), math.IsInf(r.StdErr, 0), math.IsNaN(r.StdErr):
		return Relative{Problem: "the control's mean is too close to 0 to be relative to"}
	case r.StdErr > 0:
		r.LogP = e.Options.logP(r.Estimate/r.StdErr, e.DF)
		r.P = math.Exp(r.LogP)
	case e.Scheme == FixedHorizon:
		return Relative{Problem: "the relative effect has no variation to judge it by"}
	}
	return r
}

// base is the size of the control's mean and its covariance with the estimate.
func (e Effect) base() (size, cov float64) {
	return math.Abs(e.Control.Mean), math.Copysign(1, e.Control.Mean) * e.Covariance
}

// deltaBreaks reports whether the control's mean is known too badly for the
// delta method. g = (critical·StdErr/mean)² of the control is the usual
// measure: below 0.05 the two intervals hardly differ (Finney, Statistical
// Method in Biological Assay, 1978).
func (e Effect) deltaBreaks(critical float64) bool {
	const limit = 0.05
	return critical*critical*e.Control.StdErr*e.Control.StdErr > limit*e.Control.Mean*e.Control.Mean
}

// place chooses the method of the interval around the relative estimate of e,
// critical standard errors wide, and makes it.
func (r *Relative) place(e Effect, critical float64) {
	switch {
	case r.Problem != "":
	case e.Options.Relative == Fieller, e.Options.Relative == DeltaOrFieller && e.deltaBreaks(critical):
		r.Method = "fieller"
		r.Interval = e.Options.side(e.fieller(critical))
	default:
		r.Method = "delta-method"
		r.Interval = e.Options.around(r.Estimate, critical*r.StdErr)
	}
}

// fieller is the set of ratios ρ that |Δ − ρ·c| ≤ critical·StdErr(Δ − ρ·c) does
// not refuse (Fieller, Some Problems in Interval Estimation, JRSS B 16, 1954).
// With A = c² − k²Var c, B = Δc − k²Cov and C = Δ² − k²Var Δ it is where
// Aρ² − 2Bρ + C ≤ 0. If A ≤ 0 the control's mean is not distinguishable from 0
// and the set is unbounded: the whole line is given.
func (e Effect) fieller(critical float64) Interval {
	base, cov := e.base()
	k2 := critical * critical
	a := 1 - k2*(e.Control.StdErr/base)*(e.Control.StdErr/base)
	ratio := e.Estimate / base
	b := ratio - k2*cov/base/base
	c := ratio*ratio - k2*(e.StdErr/base)*(e.StdErr/base)
	everything := Interval{Low: math.Inf(-1), High: math.Inf(1)}
	if !(a > 0) {
		return everything
	}
	root := math.Sqrt(math.Max(0, b*b-a*c))
	return Interval{Low: (b - root) / a, High: (b + root) / a}
}
