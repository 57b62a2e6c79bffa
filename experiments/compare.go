package experiments

import (
	"errors"
	"fmt"
	"math"

	"github.com/peakday/peakday/stats"
)

// compareAll compares every treatment with control as things stood at the end
// of a day.
func compareAll(e *Experiment, m *Metric, sums map[sumKey]daily, last Day) (ArmReport, []Result) {
	arms := make([]arm, len(e.Variants))
	for i, v := range e.Variants {
		arms[i] = newArm(m, v.Key, sums[sumKey{m.row(), v.Key, allPhases}].upTo(last, m.dim()))
	}
	c := e.controlAt()
	phases := e.phaseArms(m, sums, last)
	var results []Result
	for i := range arms {
		switch {
		case i == c:
		case len(phases) < 2:
			results = append(results, compare(m, arms[c], arms[i], e.Alpha))
		default:
			effect, err := e.compareOver(m, phases, c, i, stats.Options{Alpha: e.Alpha})
			results = append(results, resultOf(arms[c], arms[i], effect, err))
		}
	}
	return arms[c].ArmReport, results
}

// arm is a variant's sums of one metric.
type arm struct {
	ArmReport
	moments   stats.Moments
	successes int64 // of a proportion
	quantile  *stats.Quantile
}

var errNoQuantile = errors.New("quantiles are computed in the background; there is none yet")

// errNoUnits is what is wrong when there are no units to compare.
var errNoUnits = errors.New("no unit has met either variant yet")

func newArm(m *Metric, variant string, t Triangle) arm {
	a := arm{moments: m.moments(t)}
	a.Variant, a.Units = variant, a.moments.N
	a.successes = t.count(1)
	if d := a.moments.Mean[1]; d != 0 {
		a.Mean = a.moments.Mean[0] / d
	}
	return a
}

// compare tests a treatment against control by the method of the metric's
// kind, with the pre-period as covariate where it varies.
func compare(m *Metric, control, treatment arm, alpha float64) Result {
	e, err := test(m, control, treatment, stats.Options{Alpha: alpha})
	return resultOf(control, treatment, e, err)
}

// resultOf writes an effect, or why there is none.
func resultOf(control, treatment arm, e stats.Effect, err error) Result {
	if err != nil {
		return unanswered(treatment, err.Error())
	}
	r := Result{ArmReport: treatment.ArmReport, arms: [2]arm{control, treatment}}
	r.effect = &e
	r.Absolute, r.Relative = estimates(e)
	r.StdError, r.Statistic, r.PValue, r.AdjustedPValue = Number(e.StdErr), Number(e.Statistic), Number(e.P), Number(e.P)
	r.Method = e.Method
	return r
}

// unanswered is a result without numbers: problem says why.
func unanswered(treatment arm, problem string) Result {
	none := noNumber()
	return Result{ArmReport: treatment.ArmReport, StdError: none, Statistic: none, PValue: none, AdjustedPValue: none, Problem: problem}
}

// noNumber is what JSON writes as null.
func noNumber() Number { return Number(math.NaN()) }

// estimates are the absolute and, where there is one, the relative difference.
func estimates(e stats.Effect) (absolute, relative *Estimate) {
	absolute = &Estimate{Number(e.Estimate), Number(e.Interval.Low), Number(e.Interval.High)}
	if e.Relative.Problem == "" {
		i := e.Relative.Interval
		relative = &Estimate{Number(e.Relative.Estimate), Number(i.Low), Number(i.High)}
	}
	return absolute, relative
}

func test(m *Metric, control, treatment arm, o stats.Options) (stats.Effect, error) {
	switch {
	case control.Units == 0 && treatment.Units == 0:
		return stats.Effect{}, errNoUnits
	case control.Units == 0:
		return stats.Effect{}, fmt.Errorf("no unit has met %s yet", control.Variant)
	case treatment.Units == 0:
		return stats.Effect{}, fmt.Errorf("no unit has met %s yet", treatment.Variant)
	}
	if m.Kind == Quantile {
		if control.quantile == nil || treatment.quantile == nil {
			return stats.Effect{}, errNoQuantile
		}
		return stats.CompareQuantiles(*control.quantile, *treatment.quantile, o)
	}
	few := m.isShare() && (control.scarce() || treatment.scarce())
	if !few && varies(control.moments) && varies(treatment.moments) {
		return stats.CUPED(control.moments, treatment.moments, o)
	}
	switch m.Kind {
	case Proportion, Retention, Funnel:
		c, err := stats.Bernoulli(control.successes, control.Units)
		if err != nil {
			return stats.Effect{}, err
		}
		t, err := stats.Bernoulli(treatment.successes, treatment.Units)
		if err != nil {
			return stats.Effect{}, err
		}
		return stats.TwoProportions(c, t, o)
	case Ratio:
		return stats.Ratio(control.moments, treatment.moments, o)
	}
	return stats.Welch(plain(control), plain(treatment), o)
}

// scarce reports whether so few units of a proportion did the thing, or did
// not, that only intervals made for proportions can be believed.
func (a arm) scarce() bool { return min(a.successes, a.Units-a.successes) < 10 }

// minUnitsForCovariates is how many units an arm needs before a slope fitted to
// them may be taken as known.
const minUnitsForCovariates = 100

// varies reports whether an arm has a covariate worth using.
func varies(m stats.Moments) bool {
	if m.N < minUnitsForCovariates {
		return false
	}
	for k := 2; k < len(m.Mean); k++ {
		if m.Cov[k][k] > 0 {
			return true
		}
	}
	return false
}

func plain(a arm) stats.Sample {
	return stats.Sample{N: a.Units, Mean: a.moments.Mean[0], Variance: a.moments.Cov[0][0]}
}
