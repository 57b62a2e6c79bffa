package experiments

import (
	"cmp"
	"math"

	"github.com/peakday/peakday/stats"
)

// SummaryStatistics are the numbers of two arms, as somebody copies them from
// elsewhere.
type SummaryStatistics struct {
	Kind      MetricKind `json:"kind"` // proportion or mean
	Control   SummaryArm `json:"control"`
	Treatment SummaryArm `json:"treatment"`
	Alpha     float64    `json:"alpha,omitempty"` // 0: .05
	Direction Direction  `json:"direction,omitempty"`
	Margin    *float64   `json:"margin,omitempty"`  // of a guardrail, relative
	Weights   []float64  `json:"weights,omitempty"` // planned, of control and treatment; none: equal
}

// SummaryArm is one arm.
type SummaryArm struct {
	Units     int64   `json:"units"`
	Successes int64   `json:"successes,omitempty"` // of a proportion
	Mean      float64 `json:"mean,omitempty"`      // of a mean, with its standard deviation
	StdDev    float64 `json:"std_dev,omitempty"`
}

// SummaryResult is what the numbers say.
type SummaryResult struct {
	Control ArmReport   `json:"control"`
	Result  Result      `json:"result"`
	SRM     SampleRatio `json:"srm"`
}

// Test compares the two arms as a report would.
func (p SummaryStatistics) Test() (SummaryResult, error) {
	if p.Alpha = cmp.Or(p.Alpha, 0.05); !(p.Alpha > 0 && p.Alpha < 0.5) {
		return SummaryResult{}, wrong("alpha", "must be above 0 and below 0.5, got %g", p.Alpha)
	}
	if p.Direction = cmp.Or(p.Direction, Increase); p.Direction != Increase && p.Direction != Decrease {
		return SummaryResult{}, wrong("direction", "must be increase or decrease, got %q", p.Direction)
	}
	if p.Margin != nil && !(*p.Margin >= 0 && *p.Margin < 1) {
		return SummaryResult{}, wrong("margin", "must be 0 or more and below 1 (0.02 is 2 %%), got %g", *p.Margin)
	}
	control, err := p.Control.arm(p.Kind, "control")
	if err != nil {
		return SummaryResult{}, err
	}
	treatment, err := p.Treatment.arm(p.Kind, "treatment")
	if err != nil {
		return SummaryResult{}, err
	}
	weights := p.Weights
	if weights == nil {
		weights = []float64{1, 1}
	}
	if len(weights) != 2 || !(weights[0] > 0 && weights[1] > 0) {
		return SummaryResult{}, wrong("weights", "must be two numbers above 0, of control and treatment")
	}
	m := &Metric{Kind: p.Kind, Direction: p.Direction}
	res := compare(m, control, treatment, p.Alpha)
	res.addInference(m, p.Alpha, p.Margin)
	return SummaryResult{control.ArmReport, res, checkRatio([]int64{control.Units, treatment.Units}, weights)}, nil
}

func (a SummaryArm) arm(kind MetricKind, name string) (arm, error) {
	out := arm{ArmReport: ArmReport{Variant: name, Units: a.Units}}
	if a.Units <= 0 || a.Units > 1e15 {
		return out, wrong(name+".units", "must be above 0, got %d", a.Units)
	}
	switch kind {
	case Proportion:
		if a.Successes < 0 || a.Successes > a.Units {
			return out, wrong(name+".successes", "must be 0 to %d, got %d", a.Units, a.Successes)
		}
		out.successes, out.Mean = a.Successes, float64(a.Successes)/float64(a.Units)
	case Mean:
		if !(a.StdDev >= 0) || math.IsInf(a.StdDev, 0) {
			return out, wrong(name+".std_dev", "must be 0 or more, got %g", a.StdDev)
		}
		out.Mean = a.Mean
	default:
		return out, wrong("kind", "must be proportion or mean, got %q", kind)
	}
	out.moments = stats.Moments{N: a.Units, Mean: []float64{out.Mean, 1}, Cov: [][]float64{{a.StdDev * a.StdDev, 0}, {0, 0}}}
	return out, nil
}
