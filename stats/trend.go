package stats

import (
	"fmt"
	"math"
)

// Trend is how an effect changes with the days since exposure: novelty that
// wears off, or a habit that is learned.
type Trend struct {
	Slope, StdErr float64  // change of the effect a day
	Interval      Interval // of Slope at 95 %
	P, LogP       float64  // of no change
	First, Last   float64  // the fitted effect on the first and on the last day
}

// DayEffect is the effect on one day since exposure (0: the day of it), in the
// metric's unit or relative.
type DayEffect struct {
	Day              float64
	Estimate, StdErr float64
}

// EffectTrend fits a straight line to the effect by days since exposure, by
// weighted least squares with the weights 1/StdErr², and tests its slope
// against 0. It needs three days or more.
//
// The days' effects share units. Where a unit's days resemble each other, as
// they do, their errors rise and fall together, which the slope does not feel:
// its true error is below the one given, and the test is conservative. Compare
// only units that have been exposed for all of the days, or the change of the
// mix will look like a trend.
func EffectTrend(days []DayEffect) (Trend, error) {
	if len(days) < 3 {
		return Trend{}, refuse(TooFew, "days", "must be at least 3 to show a trend, got %d", len(days))
	}
	scale := math.Inf(1) // the smallest error, so that weights do not overflow
	for i, d := range days {
		if err := d.check(fmt.Sprintf("days[%d]", i)); err != nil {
			return Trend{}, err
		}
		scale = math.Min(scale, d.StdErr)
	}
	var sum, day, effect float64
	for _, d := range days {
		w := d.weight(scale)
		sum += w
		day += w * d.Day
		effect += w * d.Estimate
	}
	day, effect = day/sum, effect/sum
	var squares, products float64
	first, last := math.Inf(1), math.Inf(-1)
	for _, d := range days {
		w := d.weight(scale)
		squares += w * (d.Day - day) * (d.Day - day)
		products += w * (d.Day - day) * (d.Estimate - effect)
		first, last = math.Min(first, d.Day), math.Max(last, d.Day)
	}
	if squares == 0 {
		return Trend{}, refuse(NoVariation, "days", "are all the same day")
	}
	t := Trend{Slope: products / squares, StdErr: scale / math.Sqrt(squares)}
	half := normalQuantile(0.025) * t.StdErr
	t.Interval = Interval{Low: t.Slope - half, High: t.Slope + half}
	t.LogP = Options{}.logP(t.Slope/t.StdErr, 0)
	t.P = math.Exp(t.LogP)
	t.First, t.Last = effect+t.Slope*(first-day), effect+t.Slope*(last-day)
	return t, finite("days", t.Slope+t.StdErr+t.LogP+t.First+t.Last)
}

func (d DayEffect) check(input string) error {
	if err := finite(input+".day", d.Day); err != nil {
		return err
	}
	if err := finite(input+".estimate", d.Estimate); err != nil {
		return err
	}
	if !(d.StdErr > 0) || math.IsInf(d.StdErr, 1) {
		return refuse(OutOfRange, input+".std_err", "must be above 0, got %v", d.StdErr)
	}
	return nil
}

// weight is 1/StdErr², with StdErr in units of scale.
func (d DayEffect) weight(scale float64) float64 {
	return (scale / d.StdErr) * (scale / d.StdErr)
}
