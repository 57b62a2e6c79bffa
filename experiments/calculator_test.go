package experiments

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/peakday/peakday/events"
)

// Reference numbers: statsmodels 0.14 NormalIndPower and TTestIndPower for the
// sizes; the duration by hand.
func TestPlanning(t *testing.T) {
	t.Parallel()
	size, err := Planning{Baseline: 0.1, RelativeEffect: 0.1}.Size()
	mustDo(t, err)
	// (1.959964 + 0.841621)²·(0.1·0.9 + 0.11·0.89)/0.01² = 14748.5
	if size.Control != 14749 || size.Total != 2*14749 || math.Abs(float64(size.Effect.Absolute)-0.01) > 1e-15 {
		t.Errorf("10 %% plus a tenth needs %+v", size)
	}
	mean, err := Planning{Baseline: 50, StdDev: 10, AbsoluteEffect: 5}.Size()
	mustDo(t, err)
	if mean.Control != 64 { // TTestIndPower().solve_power(0.5, power=.8) = 63.77
		t.Errorf("half a standard deviation needs %+v", mean)
	}
	sharper, err := Planning{Baseline: 50, StdDev: 10, AbsoluteEffect: 5, Correlation: 0.8}.Size()
	mustDo(t, err)
	if sharper.Control >= 30 {
		t.Errorf("a correlation of 0.8 leaves %+v", sharper)
	}
	peeking, err := Planning{Baseline: 0.1, RelativeEffect: 0.1, Sequential: true}.Size()
	mustDo(t, err)
	if peeking.Total <= size.Total {
		t.Errorf("looking all the time needs no more: %+v beside %+v", peeking, size)
	}
	back, err := Planning{Baseline: 0.1, Units: size.Total}.Detectable()
	mustDo(t, err)
	if math.Abs(float64(back.Relative)-0.1) > 1e-4 {
		t.Errorf("%d units find %+v", size.Total, back)
	}
	days, err := Planning{Baseline: 0.1, RelativeEffect: 0.1, Arrivals: []float64{1000, 3000}}.Duration()
	mustDo(t, err)
	if days.Days != 2+13 { // 29498 − 4000 at 2000 a day
		t.Errorf("it takes %+v", days)
	}
	guarded, err := Planning{Baseline: 0.1, Margin: 0.05}.Size()
	mustDo(t, err)
	if guarded.Control < 40000 || guarded.Control > 50000 { // 6.1826·2·0.09/0.005² = 44515
		t.Errorf("non-inferiority by 5 %% needs %+v", guarded)
	}
}

func TestPlanningRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		p     Planning
		field string
	}{
		"nothing":           {Planning{}, "baseline"},
		"no effect":         {Planning{Baseline: 0.1}, "relative_effect"},
		"two effects":       {Planning{Baseline: 0.1, RelativeEffect: 0.1, AbsoluteEffect: 0.1}, "absolute_effect"},
		"share of nothing":  {Planning{StdDev: 1, RelativeEffect: 0.1}, "relative_effect"},
		"kind":              {Planning{Kind: Ratio, Baseline: 1, StdDev: 1, RelativeEffect: 0.1}, "kind"},
		"beyond a share":    {Planning{Baseline: 0.9, RelativeEffect: 0.5}, "effect"},
		"power":             {Planning{Baseline: 0.9, RelativeEffect: 0.05, Power: 2}, "power"},
		"alternative":       {Planning{Baseline: 0.9, RelativeEffect: 0.05, Alternative: "up"}, "alternative"},
		"correlation":       {Planning{Baseline: 0.9, RelativeEffect: 0.05, Correlation: 1}, "correlation"},
		"deviation of none": {Planning{Kind: Proportion, Baseline: 0.9, StdDev: 1}, "std_dev"},
	} {
		var invalid *events.Invalid
		if _, err := c.p.Size(); !errors.As(err, &invalid) || invalid.Field != c.field {
			t.Errorf("%s: %v, want a word on %s", name, err, c.field)
		}
	}
	if _, err := (Planning{Baseline: 0.1, RelativeEffect: 0.1}).Duration(); err == nil {
		t.Error("there is a duration without arrivals")
	}
}

// TestPasted: cookie cats' day-7 retention (research of 2017, 44,700 and 45,489
// players): z −3.164, p .00155.
func TestPasted(t *testing.T) {
	t.Parallel()
	r, err := SummaryStatistics{Kind: Proportion, Control: SummaryArm{Units: 44700, Successes: 8502}, Treatment: SummaryArm{Units: 45489, Successes: 8279}}.Test()
	mustDo(t, err)
	if math.Abs(float64(r.Result.Statistic)+3.164) > 5e-4 || math.Abs(float64(r.Result.PValue)-0.00155) > 5e-6 || math.Abs(r.SRM.PValue-0.0086) > 5e-5 {
		t.Errorf("z = %v, p = %v, sample ratio p = %v", r.Result.Statistic, r.Result.PValue, r.SRM.PValue)
	}
	for name, p := range map[string]SummaryStatistics{
		"no kind":          {},
		"no units":         {Kind: Mean},
		"more than all":    {Kind: Proportion, Control: SummaryArm{Units: 1, Successes: 2}},
		"alpha":            {Kind: Mean, Alpha: 1},
		"a single weight":  {Kind: Proportion, Control: SummaryArm{Units: 9}, Treatment: SummaryArm{Units: 9}, Weights: []float64{1}},
		"negative spread":  {Kind: Mean, Control: SummaryArm{Units: 9, StdDev: -1}},
		"sideways":         {Kind: Mean, Direction: "left"},
		"margin above all": {Kind: Mean, Margin: new(float64(3))},
	} {
		var invalid *events.Invalid
		if _, err := p.Test(); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	same, err := SummaryStatistics{Kind: Mean, Control: SummaryArm{Units: 9}, Treatment: SummaryArm{Units: 9}}.Test()
	mustDo(t, err)
	if same.Result.Problem == "" {
		t.Errorf("nothing varies, and it says %+v", same.Result)
	}
	if _, err := json.Marshal(same); err != nil {
		t.Error(err)
	}
}
