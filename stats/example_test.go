package stats_test

import (
	"errors"
	"fmt"

	"github.com/peakday/peakday/stats"
)

// Did the new checkout convert more visitors?
func ExampleTwoProportions() {
	control, _ := stats.Bernoulli(4000, 50000)
	treatment, _ := stats.Bernoulli(4300, 50500)
	e, err := stats.TwoProportions(control, treatment, stats.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+.2f points (%.2f to %.2f), p %.4f\n", 100*e.Estimate, 100*e.Interval.Low, 100*e.Interval.High, e.P)
	fmt.Printf("%+.1f %% relative (%.1f to %.1f)\n", 100*e.Relative.Estimate, 100*e.Relative.Interval.Low, 100*e.Relative.Interval.High)
	fmt.Println(e.Method)
	// Output:
	// +0.51 points (0.17 to 0.86), p 0.0030
	// +6.4 % relative (2.0 to 10.8)
	// two-proportion z, pooled p-value, delta-method relative
}

// Did revenue a visitor rise?
func ExampleWelch() {
	control := stats.Sample{N: 10000, Mean: 12.40, Variance: 900}
	treatment := stats.Sample{N: 10000, Mean: 13.61, Variance: 961}
	e, _ := stats.Welch(control, treatment, stats.Options{})
	fmt.Printf("%+.2f (%.2f to %.2f), p %.4f\n", e.Estimate, e.Interval.Low, e.Interval.High, e.P)
	// Output: +1.21 (0.36 to 2.06), p 0.0050
}

// What the last fortnight's orders predict of this week's is noise that CUPED
// takes out.
func ExampleCUPED() {
	arm := func(mean float64) stats.Moments {
		return stats.Moments{ // y, no denominator, one covariate
			N:    5000,
			Mean: []float64{mean, 1, 10},
			Cov:  [][]float64{{100, 0, 80}, {0, 0, 0}, {80, 0, 100}},
		}
	}
	plain, _ := stats.Ratio(arm(20), arm(20.3), stats.Options{})
	e, _ := stats.CUPED(arm(20), arm(20.3), stats.Options{})
	fmt.Printf("without: %+.2f ± %.2f\n", plain.Estimate, plain.Interval.High-plain.Estimate)
	fmt.Printf("with:    %+.2f ± %.2f, %.0f %% of the variance gone\n", e.Estimate, e.Interval.High-e.Estimate, 100*e.Reduction)
	// Output:
	// without: +0.30 ± 0.39
	// with:    +0.30 ± 0.24, 64 % of the variance gone
}

// Did as many units arrive in each arm as were sent?
func ExampleSampleRatio() {
	c, _ := stats.SampleRatio([]int64{44700, 45489}, []float64{1, 1})
	fmt.Printf("chi-square %.2f, p %.4f: %s\n", c.Statistic, c.P, c.Status)
	// Output: chi-square 6.90, p 0.0086: warning
}

// Many metrics, judged together.
func ExampleCorrect() {
	var effects []stats.Effect
	for _, mean := range []float64{10.5, 10.2, 10.0} {
		e, _ := stats.Welch(stats.Sample{N: 1000, Mean: 10, Variance: 9}, stats.Sample{N: 1000, Mean: mean, Variance: 9}, stats.Options{})
		effects = append(effects, e)
	}
	corrected, _ := stats.Correct(effects, stats.HolmBonferroni, 0.05)
	for _, c := range corrected {
		fmt.Printf("%+.1f (%.2f to %.2f), adjusted p %.4f, %v\n", c.Estimate, c.Interval.Low, c.Interval.High, c.AdjustedP, c.Rejected)
	}
	// Output:
	// +0.5 (0.18 to 0.82), adjusted p 0.0006, true
	// +0.2 (-0.12 to 0.52), adjusted p 0.2724, false
	// +0.0 (-0.32 to 0.32), adjusted p 1.0000, false
}

// Bad input is answered in words, with a reason to branch on.
func ExampleError() {
	_, err := stats.Welch(stats.Sample{N: 1, Mean: 3}, stats.Sample{N: 9, Mean: 4, Variance: 1}, stats.Options{})
	var problem *stats.Error
	if errors.As(err, &problem) {
		fmt.Println(problem.Reason)
	}
	fmt.Println(err)
	// Output:
	// too little data
	// control has 1 unit; at least 2 are needed
}

// An experiment that is looked at every day.
func ExampleAlwaysValid() {
	control, _ := stats.Bernoulli(2000, 20000)
	treatment, _ := stats.Bernoulli(2210, 20000)
	once, _ := stats.TwoProportions(control, treatment, stats.Options{})
	always, err := stats.AlwaysValid(once, stats.Sequence{Tuning: 50_000})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("one look: %.4f to %.4f, p %.4f\n", once.Interval.Low, once.Interval.High, once.P)
	fmt.Printf("any look: %.4f to %.4f, p %.4f\n", always.Interval.Low, always.Interval.High, always.P)
	// Output:
	// one look: 0.0045 to 0.0165, p 0.0006
	// any look: 0.0012 to 0.0198, p 0.0172
}

// Nine users, and already an honest answer.
func ExampleExactProportions() {
	control, _ := stats.Bernoulli(0, 9)
	treatment, _ := stats.Bernoulli(9, 9)
	e, _ := stats.ExactProportions(control, treatment, stats.Options{})
	fmt.Printf("%.2f to %.2f, p %.4f\n", e.Interval.Low, e.Interval.High, e.P)
	// Output: 0.40 to 1.00, p 0.0001
}

// A guardrail: latency may rise by 1 % at most.
func ExampleAgainstMargin() {
	control := stats.Sample{N: 40000, Mean: 200, Variance: 6400}
	treatment := stats.Sample{N: 40000, Mean: 206, Variance: 6400}
	e, _ := stats.Welch(control, treatment, stats.Options{Alpha: 0.01})
	e, _ = stats.AlwaysValid(e, stats.Sequence{})
	n, _ := stats.AgainstMargin(e, stats.Margin{Relative: 0.01, Better: stats.LowerIsBetter})
	fmt.Printf("%s, p %.1g\n", n.Verdict, n.HarmP)
	// Output: harmful, p 1e-10
}

// What are the odds, and what is lost if we are wrong?
func ExampleBelieve() {
	control := stats.Sample{N: 10000, Mean: 12.40, Variance: 900}
	treatment := stats.Sample{N: 10000, Mean: 13.00, Variance: 961}
	e, _ := stats.Welch(control, treatment, stats.Options{})
	flat, _ := stats.Believe(e, stats.Prior{}, stats.HigherIsBetter)
	sceptic, _ := stats.Believe(e, stats.Prior{StdDev: 0.03, Relative: true}, stats.HigherIsBetter)
	fmt.Printf("flat prior:      wins with %.3f, costs %.4f if wrong\n", flat.Absolute.ChanceToWin, flat.Absolute.LossIfShip)
	fmt.Printf("sceptical prior: wins with %.3f, costs %.4f if wrong\n", sceptic.Absolute.ChanceToWin, sceptic.Absolute.LossIfShip)
	// Output:
	// flat prior:      wins with 0.918, costs 0.0161 if wrong
	// sceptical prior: wins with 0.818, costs 0.0279 if wrong
}

// Eleven of 44 against 5 of 40: too few for a normal distribution.
func ExampleBetaBinomial() {
	control, _ := stats.Bernoulli(5, 40)
	treatment, _ := stats.Bernoulli(11, 44)
	p, _ := stats.BetaBinomial(control, treatment, stats.BetaPrior{}, stats.HigherIsBetter, 0.05)
	fmt.Printf("wins with %.3f; %.2f to %.2f\n", p.Absolute.ChanceToWin, p.Absolute.Interval.Low, p.Absolute.Interval.High)
	// Output: wins with 0.922; -0.05 to 0.28
}

// Four looks, bounds like O'Brien and Fleming's.
func ExampleSpendingBounds() {
	bounds, _ := stats.SpendingBounds([]float64{0.25, 0.5, 0.75, 1}, 0.05, stats.OBrienFlemingSpending, stats.TwoSided)
	for _, b := range bounds {
		fmt.Printf("at %.2f: |z| ≥ %.3f, alpha spent %.5f\n", b.Time, b.Z, b.Spent)
	}
	// Output:
	// at 0.25: |z| ≥ 4.333, alpha spent 0.00001
	// at 0.50: |z| ≥ 2.963, alpha spent 0.00305
	// at 0.75: |z| ≥ 2.359, alpha spent 0.01930
	// at 1.00: |z| ≥ 2.014, alpha spent 0.05000
}

// How many visitors does a lift of 5 % of a 12 % conversion take, and how long?
func ExampleSampleSize() {
	size, _ := stats.SampleSize(stats.Baseline{Mean: 0.12, Proportion: true}, 0.006, stats.Plan{})
	days, _ := stats.Duration(size.Total(), []float64{9000, 8000, 7000, 6500, 6500})
	fmt.Println(size.Control, size.Treatment, days)
	// Output: 47034 47034 13
}

// What can 20,000 visitors find?
func ExampleDetectableEffect() {
	effect, _ := stats.DetectableEffect(stats.Baseline{Mean: 0.12, Proportion: true}, 20000, stats.Plan{Power: 0.9})
	fmt.Printf("%.4f\n", effect)
	// Output: 0.0153
}

// The 90th percentile of page loads, of which a visitor has several.
func ExampleQuantiles() {
	arm := func(slower float64) stats.Quantile {
		var loads []float64
		var visitors []int
		for visitor := range 500 {
			for page := range 4 {
				loads = append(loads, slower+float64(visitor*37%500)+5*float64(page))
				visitors = append(visitors, visitor)
			}
		}
		q, _ := stats.Quantiles(loads, visitors, []float64{0.9})
		return q[0]
	}
	e, _ := stats.CompareQuantiles(arm(0), arm(25), stats.Options{})
	fmt.Printf("%+.0f ms (%.0f to %.0f)\n", e.Estimate, e.Interval.Low, e.Interval.High)
	// Output: +25 ms (7 to 43)
}

// Traffic for a bandit of three arms.
func ExampleTopTwo() {
	var arms []stats.Sample
	for _, orders := range []int64{100, 120, 90} {
		arm, _ := stats.Bernoulli(orders, 2000)
		arms = append(arms, arm)
	}
	chances, _ := stats.ThompsonProportions(arms)
	shares, _ := stats.TopTwo(chances, 0.5)
	shares, _ = stats.AtLeast(shares, 0.05)
	fmt.Printf("best with %.3f\ntraffic %.3f\n", chances, shares)
	// Output:
	// best with [0.081 0.907 0.012]
	// traffic [0.434 0.499 0.067]
}

// Two rankings in one list: 130 users gave the new one more clicks, 90 the old.
func ExampleInterleave() {
	i, _ := stats.Interleave(130, 90, 400, 0.05)
	fmt.Printf("preference %.3f, p %.4f\n", i.Preference, i.P)
	// Output: preference 0.532, p 0.0084
}

// Viewed, added, paid.
func ExampleFunnel() {
	steps, _ := stats.Funnel([]int64{20000, 6000, 900}, []int64{20000, 6300, 930}, stats.Options{})
	for i, s := range steps {
		fmt.Printf("step %d: %+.2f points of all, %+.2f of those before\n", i+1, 100*s.FromStart.Estimate, 100*s.FromPrevious.Estimate)
	}
	// Output:
	// step 1: +1.50 points of all, +1.50 of those before
	// step 2: +0.15 points of all, -0.24 of those before
}

// The effect wears off.
func ExampleEffectTrend() {
	var days []stats.DayEffect
	for day, effect := range []float64{0.10, 0.07, 0.06, 0.04, 0.03, 0.03} {
		days = append(days, stats.DayEffect{Day: float64(day), Estimate: effect, StdErr: 0.01})
	}
	t, _ := stats.EffectTrend(days)
	fmt.Printf("%+.4f a day, p %.4f: from %.3f to %.3f\n", t.Slope, t.P, t.First, t.Last)
	// Output: -0.0140 a day, p 0.0000: from 0.090 to 0.020
}

// Do new and old customers differ?
func ExampleCompareSegments() {
	h, _ := stats.CompareSegments([]stats.SegmentEffect{{Estimate: 0.08, StdErr: 0.02}, {Estimate: 0.01, StdErr: 0.015}})
	fmt.Printf("Q %.2f, p %.4f\n", h.Q, h.P)
	// Output: Q 7.84, p 0.0051
}

// Two experiments on one page.
func ExampleInteract() {
	cell := func(mean float64) stats.Sample { return stats.Sample{N: 4000, Mean: mean, Variance: 25} }
	x, _ := stats.Interact([][]stats.Sample{{cell(10), cell(10.3)}, {cell(10.2), cell(9.9)}})
	fmt.Printf("%+.2f ± %.2f, p %.4f\n", x.Estimate, x.StdErr, x.P)
	// Output: -0.60 ± 0.16, p 0.0001
}
