package experiments

import (
	"errors"
	"math"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/stats"
)

// Planning is what the calculators are asked: what is known of a metric, how it
// is to be judged, and what is to be found.
type Planning struct {
	Kind     MetricKind `json:"kind,omitempty"`     // proportion or mean (default: mean if there is a std_dev)
	Baseline float64    `json:"baseline,omitempty"` // the control's proportion or mean
	StdDev   float64    `json:"std_dev,omitempty"`  // of one unit, for a mean
	// Correlation is that of the covariate with the metric: CUPED takes its
	// square out of the variance.
	Correlation float64 `json:"correlation,omitempty"`

	Alpha          float64 `json:"alpha,omitempty"`           // 0: .05
	Power          float64 `json:"power,omitempty"`           // 0: .8
	Alternative    string  `json:"alternative,omitempty"`     // two-sided (default) or one-sided
	TreatmentShare float64 `json:"treatment_share,omitempty"` // of the two arms' units; 0: .5
	Comparisons    int     `json:"comparisons,omitempty"`     // tests that share alpha; 0: 1
	Margin         float64 `json:"margin,omitempty"`          // relative: plan a test of non-inferiority
	Sequential     bool    `json:"sequential,omitempty"`      // looked at all the time, by the always-valid test

	RelativeEffect float64 `json:"relative_effect,omitempty"` // .05 is 5 % more
	AbsoluteEffect float64 `json:"absolute_effect,omitempty"` // in the metric's unit
	Units          int64   `json:"units,omitempty"`           // in both arms
	// Arrivals are the new units of each day, as far as they are known; after
	// the last, each day brings the mean of the last seven.
	Arrivals []float64 `json:"arrivals,omitempty"`
}

// PlannedSize is an answer of Planning.Size.
type PlannedSize struct {
	Control   int64            `json:"control"`
	Treatment int64            `json:"treatment"`
	Total     int64            `json:"total"`
	Effect    DetectableEffect `json:"effect"`
}

// Found is an effect, absolute and as a share of the baseline (null at a
// baseline of zero).
type DetectableEffect struct {
	Absolute Number `json:"absolute"`
	Relative Number `json:"relative"`
}

// PlannedDuration is an answer of Planning.Duration.
type PlannedDuration struct {
	Units int64 `json:"units"`
	Days  int   `json:"days"`
}

// Size is the number of units that finds the effect.
func (p Planning) Size() (PlannedSize, error) {
	b, plan, err := p.resolve()
	if err != nil {
		return PlannedSize{}, err
	}
	effect, err := p.effect()
	if err != nil {
		return PlannedSize{}, err
	}
	s, err := stats.SampleSize(b, effect, plan)
	if err != nil {
		return PlannedSize{}, asInvalid(err)
	}
	return PlannedSize{s.Control, s.Treatment, s.Total(), p.found(effect)}, nil
}

// Detectable is the smallest effect that Units find.
func (p Planning) Detectable() (DetectableEffect, error) {
	b, plan, err := p.resolve()
	if err != nil {
		return DetectableEffect{}, err
	}
	if p.Units <= 0 {
		return DetectableEffect{}, wrong("units", "must be above 0, got %d", p.Units)
	}
	effect, err := stats.DetectableEffect(b, p.Units, plan)
	if err != nil {
		return DetectableEffect{}, asInvalid(err)
	}
	return p.found(effect), nil
}

// Duration is how many days the arrivals take to bring Units, or, if there are
// none, those that find the effect.
func (p Planning) Duration() (PlannedDuration, error) {
	units := p.Units
	if units <= 0 {
		size, err := p.Size()
		if err != nil {
			return PlannedDuration{}, err
		}
		units = size.Total
	}
	days, err := stats.Duration(units, p.Arrivals)
	if err != nil {
		return PlannedDuration{}, asInvalid(err)
	}
	return PlannedDuration{units, days}, nil
}

func (p Planning) resolve() (stats.Baseline, stats.Plan, error) {
	b := stats.Baseline{Mean: p.Baseline, Variance: p.StdDev * p.StdDev}
	plan := stats.Plan{Alpha: p.Alpha, Power: p.Power, Treatment: p.TreatmentShare, Comparisons: p.Comparisons}
	kind := p.Kind
	if kind == "" {
		kind = Mean
		if p.StdDev == 0 {
			kind = Proportion
		}
	}
	switch kind {
	case Proportion:
		if p.StdDev != 0 {
			return b, plan, wrong("std_dev", "is for a mean: that of a proportion follows from it")
		}
		if !(p.Baseline > 0 && p.Baseline < 1) {
			return b, plan, wrong("baseline", "must be a proportion above 0 and below 1, got %g", p.Baseline)
		}
		b.Proportion, b.Variance = true, p.Baseline*(1-p.Baseline)
	case Mean:
		if !(p.StdDev > 0) {
			return b, plan, wrong("std_dev", "must be above 0 for a mean, got %g", p.StdDev)
		}
	default:
		return b, plan, wrong("kind", "must be proportion or mean, got %q", p.Kind)
	}
	if !(p.Correlation > -1 && p.Correlation < 1) {
		return b, plan, wrong("correlation", "must be above -1 and below 1, got %g", p.Correlation)
	}
	b.Variance *= 1 - p.Correlation*p.Correlation
	switch p.Alternative {
	case "", "two-sided":
	case "one-sided":
		plan.Alternative = stats.Greater
	default:
		return b, plan, wrong("alternative", "must be two-sided or one-sided, got %q", p.Alternative)
	}
	if p.Margin != 0 {
		if !(p.Margin > 0 && p.Margin < 1) || p.Baseline == 0 {
			return b, plan, wrong("margin", "must be above 0 and below 1, a share of a baseline that is not 0; got %g", p.Margin)
		}
		plan.Margin = p.Margin * math.Abs(p.Baseline)
	}
	if p.Sequential {
		plan.Tuning = stats.DefaultTuning
	}
	return b, plan, nil
}

// effect is the one to be found, in the metric's unit.
func (p Planning) effect() (float64, error) {
	switch {
	case p.RelativeEffect != 0 && p.AbsoluteEffect != 0:
		return 0, wrong("absolute_effect", "and relative_effect are two ways to say one thing: give one of them")
	case p.RelativeEffect != 0 && p.Baseline == 0:
		return 0, wrong("relative_effect", "of a baseline of 0 is nothing: give absolute_effect")
	case p.RelativeEffect != 0:
		return p.RelativeEffect * math.Abs(p.Baseline), nil
	case p.AbsoluteEffect == 0 && p.Margin == 0:
		return 0, wrong("relative_effect", "or absolute_effect is required: the effect to be found")
	}
	return p.AbsoluteEffect, nil
}

func (p Planning) found(effect float64) DetectableEffect {
	return DetectableEffect{Number(effect), Number(effect / math.Abs(p.Baseline))}
}

// asInvalid turns a refusal of the statistics into one of the request.
func asInvalid(err error) error {
	var e *stats.Error
	if errors.As(err, &e) {
		return &events.Invalid{Field: e.Input, Problem: e.Problem}
	}
	return err
}
