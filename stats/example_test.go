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
