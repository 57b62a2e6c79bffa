package stats

import (
	"fmt"
	"math"
	"testing"
)

// The effect that a number of units can find is found by that number, with the
// power that was asked for.
func TestPowerRoundTrip(t *testing.T) {
	t.Parallel()
	for _, b := range []Baseline{{Mean: 10, Variance: 400}, {Mean: 0.05, Proportion: true}, {Mean: 0.05, Variance: 0.05 * 0.95 * 0.7, Proportion: true}} {
		for _, p := range []Plan{
			{}, {Power: 0.9, Alpha: 0.01}, {Alternative: Greater}, {Treatment: 0.1}, {Comparisons: 3}, {Margin: 0.01}, {Tuning: 20000}, {Tuning: 5000, Alternative: Greater},
		} {
			t.Run(fmt.Sprintf("%+v %+v", b, p), func(t *testing.T) {
				t.Parallel()
				const units = 60000
				effect := must[float64](t)(DetectableEffect(b, units, p))
				size := must[Size](t)(SampleSize(b, effect, p))
				if total := size.Total(); math.Abs(float64(total-units)) > 30 { // rounding of both arms, at 1 in 10
					t.Errorf("effect %v needs %d units, want %d", effect, total, units)
				}
				want := p.Power
				if want == 0 {
					want = 0.8
				}
				same(t, "power", must[float64](t)(PowerOf(b, effect, size, p)), number(want), 1e-3, 0)
			})
		}
	}
}

// Sizes that the textbooks give.
func TestSampleSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		b      Baseline
		effect float64
		p      Plan
		want   Size
	}{
		{"Cohen's medium d", Baseline{Variance: 1}, 0.5, Plan{}, Size{64, 64}},
		{"less is as hard to find as more", Baseline{Variance: 1}, -0.5, Plan{}, Size{64, 64}},
		{"CUPED with ρ² = 0.5 halves it", Baseline{Variance: 0.5}, 0.05, Plan{}, Size{3141, 3141}},
		{"12 % to 12.6 %", Baseline{Mean: 0.12, Proportion: true}, 0.006, Plan{}, Size{47034, 47034}},
		{"three times the treatment", Baseline{Variance: 1}, 0.1, Plan{Treatment: 0.75}, Size{1047, 3141}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := must[Size](t)(SampleSize(c.b, c.effect, c.p)); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
	half := must[Size](t)(SampleSize(Baseline{Mean: 10, Variance: 100}, 0, Plan{Margin: 1}))
	full := must[Size](t)(SampleSize(Baseline{Mean: 10, Variance: 100}, 1, Plan{Alternative: Greater}))
	if half != full {
		t.Errorf("a margin of 1 takes %+v, an effect of 1 %+v", half, full)
	}
}

// Looking all the time costs units, fewest at the right tuning.
func TestPowerOfLooking(t *testing.T) {
	t.Parallel()
	units := func(tuning int64) int64 {
		return must[Size](t)(SampleSize(Baseline{Mean: 10, Variance: 400}, 0.5, Plan{Tuning: tuning})).Total()
	}
	once, right, wrong := units(0), units(80_000), units(1_000)
	if !(once < right && right < wrong && right < 5*once/2) {
		t.Errorf("units: %d for one look, %d well tuned, %d badly tuned", once, right, wrong)
	}
}

func TestPowerRefuses(t *testing.T) {
	t.Parallel()
	mean := Baseline{Mean: 1, Variance: 1}
	for name, c := range map[string]struct {
		b      Baseline
		effect float64
		p      Plan
		reason Reason
	}{
		"no effect":            {mean, 0, Plan{}, OutOfRange},
		"no variance":          {Baseline{Mean: 1}, 1, Plan{}, NoVariation},
		"a proportion above 1": {Baseline{Mean: 0.9, Proportion: true}, 0.2, Plan{}, OutOfRange},
		"a certain proportion": {Baseline{Mean: 1, Proportion: true}, -0.2, Plan{}, NoVariation},
		"an impossible one":    {Baseline{Mean: 0, Variance: 0.125, Proportion: true}, 0.5, Plan{}, NoVariation},
		"nearly all treated":   {mean, 1e-9, Plan{Treatment: 1 - 1e-15}, OutOfRange},
		"power of 1":           {mean, 1, Plan{Power: 1}, OutOfRange},
		"power below alpha":    {mean, 1, Plan{Power: 0.01}, OutOfRange},
		"not a number":         {mean, math.NaN(), Plan{}, NotFinite},
		"an effect too small":  {mean, 1e-12, Plan{}, OutOfRange},
		"worse than a margin":  {mean, -2, Plan{Margin: 1}, OutOfRange},
	} {
		_, err := SampleSize(c.b, c.effect, c.p)
		hasReason(t, name, err, c.reason)
	}
	_, err := DetectableEffect(mean, 3, Plan{})
	hasReason(t, "three units", err, TooFew)
	_, err = PowerOf(mean, 1, Size{1, 10}, Plan{})
	hasReason(t, "one unit", err, TooFew)
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		units    int64
		arrivals []float64
		want     int
	}{
		{"within what is known", 250, []float64{100, 100, 100}, 3},
		{"on the day itself", 300, []float64{100, 100, 100}, 3},
		{"beyond it", 1000, []float64{100, 100, 100}, 10},
		{"the last week counts", 2000, []float64{1000, 10, 10, 10, 10, 10, 10, 10}, 8 + 93},
		{"nothing needed", 0, []float64{5}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := must[int](t)(Duration(c.units, c.arrivals)); got != c.want {
				t.Errorf("%d days, want %d", got, c.want)
			}
		})
	}
	_, err := Duration(100, []float64{0, 0})
	hasReason(t, "no traffic", err, TooFew)
	_, err = Duration(100, nil)
	hasReason(t, "no days", err, TooFew)
	_, err = Duration(100, []float64{math.NaN()})
	hasReason(t, "not a number", err, OutOfRange)
}
