package stats

import "math"

// Effect is what the treatment changed against the control. Every test of
// means, proportions and ratios in this package gives one.
type Effect struct {
	Control, Treatment Arm

	Estimate  float64  // treatment minus control, in the metric's unit
	StdErr    float64  // of Estimate
	Interval  Interval // for Estimate, at 1−Options.Alpha
	Statistic float64  // t or z of the test of no difference
	P         float64  // of no difference, against Options.Alternative
	LogP      float64  // ln P, which keeps its digits when P is 0 to a float64
	DF        float64  // degrees of freedom of Student's t; 0 where the normal distribution is used

	Relative Relative

	Covariance float64 // of Estimate with the control's mean: −Control.StdErr² for plain arms
	Reduction  float64 // share of the variance of Estimate that covariates or strata took away
	Scheme     Scheme  // when the data may be looked at, and how the intervals are made
	Tuning     int64   // of a confidence sequence: units at which it is tightest
	Options    Options // those asked for, defaults filled in
	Test       string  // such as "welch t"
	Method     string  // Test and how Relative was made: "welch t, delta-method relative"
}

// Scheme is the way in which intervals and p-values are made.
type Scheme int

// The schemes.
const (
	FixedHorizon     Scheme = iota // one look, at a size fixed beforehand
	ScoreInterval                  // as FixedHorizon, for proportions with few successes or failures
	AsymptoticAlways               // any number of looks, for samples that are large enough: AlwaysValid
	ExactAlways                    // any number of looks, from the first unit on: ExactProportions
)

// Arm is one side of an effect, before any adjustment.
type Arm struct {
	N      int64   // units
	Mean   float64 // a proportion, a mean, a ratio or a quantile
	StdErr float64 // of Mean
}

// Relative is the effect as a share of the control's mean: 0.05 is 5 % more.
// It is taken of the mean's size, so that more is positive below zero too.
type Relative struct {
	Estimate float64
	StdErr   float64  // by the delta method
	Interval Interval // may be infinite: Fieller's is when the control's mean could be 0
	P, LogP  float64  // of no relative difference by the delta method; Effect.P is the test to report
	Method   string   // "delta-method", "fieller", "score" or "exact"; empty when there is none
	Problem  string   // why there is no relative effect; empty when there is one
}

// Interval is a confidence interval, from Low to High. A one-sided one, and a
// Fieller one that the data do not bound, has infinite ends, which JSON has no
// numbers for.
type Interval struct {
	Low, High float64
}

// Contains reports whether v lies in the interval, ends included.
func (i Interval) Contains(v float64) bool {
	return i.Low <= v && v <= i.High
}

// Bounded reports whether both ends are finite.
func (i Interval) Bounded() bool {
	return !math.IsInf(i.Low, 0) && !math.IsInf(i.High, 0)
}

// At is the same effect with its intervals at another alpha, as multiple
// comparisons need them. The p-values stay.
func (e Effect) At(alpha float64) (Effect, error) {
	if err := probability("alpha", alpha); err != nil {
		return Effect{}, err
	}
	e.Options.Alpha = alpha
	e.place()
	return e, e.checkFinite()
}

// place puts the intervals around the estimates.
func (e *Effect) place() {
	switch e.Scheme {
	case ScoreInterval:
		e.placeScore()
	case ExactAlways:
		e.placeExact()
	default:
		critical := e.critical()
		e.Interval = e.Options.around(e.Estimate, critical*e.StdErr)
		e.Relative.place(*e, critical)
	}
	e.Method = e.Test
	if e.Relative.Method != "" {
		e.Method += ", " + e.Relative.Method + " relative"
	}
}

// critical is the number of standard errors from an estimate to the end of its
// interval.
func (e *Effect) critical() float64 {
	if e.Scheme == AsymptoticAlways {
		return e.mixture().critical(e.Options)
	}
	tail := e.Options.Alpha
	if e.Options.Alternative == TwoSided {
		tail /= 2
	}
	return studentQuantile(tail, e.DF)
}

// finish completes an effect of which the arms, Estimate, StdErr, DF,
// Covariance, Scheme and Test are set: p-values, intervals and the relative
// effect.
func (e Effect) finish(o Options) (Effect, error) {
	e.Options = o
	if e.StdErr == 0 {
		return Effect{}, refuse(NoVariation, "arms", "have no variation: every unit of an arm has the same value, so the difference of %v has no error to judge it by", e.Estimate)
	}
	e.test(e.Estimate / e.StdErr)
	e.Relative = e.relate()
	e.place()
	return e, e.checkFinite()
}

// test sets the statistic and the p-value that belongs to it.
func (e *Effect) test(statistic float64) {
	e.Statistic = statistic
	e.LogP = e.Options.logP(statistic, e.DF)
	e.P = math.Exp(e.LogP)
}

// checkFinite refuses a result that left the range of float64.
func (e Effect) checkFinite() error {
	if !allFinite(e.Estimate, e.StdErr, e.Statistic, e.LogP, e.DF, e.Relative.Estimate, e.Relative.StdErr, e.Relative.LogP) {
		return errBeyondFloats()
	}
	for _, i := range []Interval{e.Interval, e.Relative.Interval} {
		if !(i.Low <= i.High) || math.IsInf(i.Low, 1) || math.IsInf(i.High, -1) {
			return errBeyondFloats()
		}
	}
	return nil
}
