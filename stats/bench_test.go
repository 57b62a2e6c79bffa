package stats

import (
	"math/rand/v2"
	"testing"
)

// A report makes thousands of effects: each must cost microseconds.

func BenchmarkWelch(b *testing.B) {
	control, treatment := Sample{N: 100000, Mean: 10, Variance: 400}, Sample{N: 100000, Mean: 10.1, Variance: 420}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Welch(control, treatment, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTwoProportionsAlwaysValid(b *testing.B) {
	control, _ := Bernoulli(4000, 50000)
	treatment, _ := Bernoulli(4180, 50500)
	b.ReportAllocs()
	for b.Loop() {
		e, err := TwoProportions(control, treatment, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := AlwaysValid(e, Sequence{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCUPED(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	control, treatment := withCovariates(r, 1000, 0).moments, withCovariates(r, 1000, 0.1).moments
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CUPED(control, treatment, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExactProportions(b *testing.B) {
	control, _ := Bernoulli(3, 500)
	treatment, _ := Bernoulli(9, 480)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ExactProportions(control, treatment, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBetaBinomial(b *testing.B) {
	control, _ := Bernoulli(4000, 50000)
	treatment, _ := Bernoulli(4180, 50500)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := BetaBinomial(control, treatment, BetaPrior{}, HigherIsBetter, 0.05); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkQuantiles(b *testing.B) {
	o := clusteredLatencies(rand.New(rand.NewPCG(1, 1)), 50000, 0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Quantiles(o.values, o.owners, []float64{0.5, 0.99}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSpendingBounds(b *testing.B) {
	times := make([]float64, 10)
	for i := range times {
		times[i] = float64(i+1) / 10
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := SpendingBounds(times, 0.05, OBrienFlemingSpending, TwoSided); err != nil {
			b.Fatal(err)
		}
	}
}
