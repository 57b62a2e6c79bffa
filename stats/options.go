package stats

import "math"

// Options say how a comparison is made. The zero value is a two-sided one at
// 95 %.
type Options struct {
	Alpha       float64        // 1 − confidence level; 0 means 0.05
	Alternative Alternative    // what counts against "no difference"
	Relative    RelativeMethod // how the relative interval is made
}

// Alternative is the side on which a difference counts.
type Alternative int

// The alternatives. One-sided ones have one-sided intervals at 1−alpha.
const (
	TwoSided Alternative = iota
	Greater              // treatment above control; the interval is [low, ∞)
	Less                 // treatment below control; the interval is (−∞, high]
)

// RelativeMethod is a way to make the interval of a relative effect.
type RelativeMethod int

// The ways. The delta method treats the control's mean as far from 0 and gives
// a symmetric interval. Fieller's is exact for normal means, and excludes 0
// exactly when the test of the difference rejects; it is unbounded when the
// control's mean is not distinguishable from 0.
const (
	DeltaOrFieller RelativeMethod = iota // delta method, and Fieller where it breaks
	DeltaMethod
	Fieller
)

// around is the interval whose ends lie half away from the estimate.
func (o Options) around(estimate, half float64) Interval {
	return o.side(Interval{Low: estimate - half, High: estimate + half})
}

// side opens the end of i that a one-sided alternative does not bound.
func (o Options) side(i Interval) Interval {
	switch o.Alternative {
	case Greater:
		i.High = math.Inf(1)
	case Less:
		i.Low = math.Inf(-1)
	}
	return i
}

// logP is the logarithm of the p-value of a statistic that is Student's t with
// df degrees of freedom (0: normal) if there is no difference.
func (o Options) logP(statistic, df float64) float64 {
	switch o.Alternative {
	case Greater:
		return logStudentTail(statistic, df)
	case Less:
		return logStudentTail(-statistic, df)
	}
	return math.Min(0, math.Ln2+logStudentTail(math.Abs(statistic), df))
}

// resolve fills in the defaults and refuses what is out of range.
func (o Options) resolve() (Options, error) {
	if o.Alpha == 0 {
		o.Alpha = 0.05
	}
	if err := probability("alpha", o.Alpha); err != nil {
		return o, err
	}
	if o.Alternative < TwoSided || o.Alternative > Less {
		return o, refuse(OutOfRange, "alternative", "must be TwoSided, Greater or Less, got %d", o.Alternative)
	}
	if o.Relative < DeltaOrFieller || o.Relative > Fieller {
		return o, refuse(OutOfRange, "relative", "must be DeltaOrFieller, DeltaMethod or Fieller, got %d", o.Relative)
	}
	return o, nil
}
