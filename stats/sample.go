package stats

import (
	"fmt"
	"math"
)

// Sample is what an arm's units did, as far as a test of means must know it.
type Sample struct {
	N        int64   // units
	Mean     float64 // of one value a unit
	Variance float64 // of one value a unit: unbiased, or p(1−p) from Bernoulli
}

// Bernoulli is the sample of n units of which successes did the thing:
// converted, came back on day 7, reached a step of a funnel. Its variance is
// p(1−p), which is what the two-proportion z test is defined with, and not the
// unbiased p(1−p)·n/(n−1).
func Bernoulli(successes, n int64) (Sample, error) {
	if n < 1 {
		return Sample{}, refuse(TooFew, "n", "must be at least 1 unit, got %d", n)
	}
	if successes < 0 || successes > n {
		return Sample{}, refuse(OutOfRange, "successes", "must be between 0 and n = %d, got %d", n, successes)
	}
	p := float64(successes) / float64(n)
	return Sample{N: n, Mean: p, Variance: p * (1 - p)}, nil
}

// SampleOf is the sample of one value a unit. It needs two or more.
func SampleOf(values []float64) (Sample, error) {
	if len(values) < 2 {
		return Sample{}, refuse(TooFew, "values", "must be at least 2, got %d", len(values))
	}
	s := Sample{}
	squares := 0.0
	for i, v := range values {
		if err := finite(fmt.Sprintf("values[%d]", i), v); err != nil {
			return Sample{}, err
		}
		s.N++ // Welford's update: no difference of large sums
		step := v - s.Mean
		s.Mean += step / float64(s.N)
		squares += step * (v - s.Mean)
	}
	s.Variance = squares / float64(s.N-1)
	return s, s.check("values", 2)
}

// Merge is the sample of the units of both. Two samples by Bernoulli merge as
// means do, which for proportions differs from Bernoulli of the sums by less
// than 1/N of the variance.
func (s Sample) Merge(other Sample) Sample {
	if s.N == 0 {
		return other
	}
	if other.N == 0 {
		return s
	}
	a, b := float64(s.N), float64(other.N)
	apart := other.Mean - s.Mean
	squares := (a-1)*s.Variance + (b-1)*other.Variance + apart*apart*a*b/(a+b)
	return Sample{
		N:        s.N + other.N,
		Mean:     s.Mean + apart*b/(a+b),
		Variance: squares / (a + b - 1),
	}
}

// StdErr is the standard error of the mean.
func (s Sample) StdErr() float64 {
	return math.Sqrt(s.Variance / float64(s.N))
}

// check refuses a sample that no units can have, or with fewer than least.
func (s Sample) check(input string, least int64) error {
	if s.N < least {
		return refuse(TooFew, input, "has %s; at least %d are needed", units(s.N), least)
	}
	if err := finite(input+".mean", s.Mean); err != nil {
		return err
	}
	if err := finite(input+".variance", s.Variance); err != nil {
		return err
	}
	if s.Variance < 0 {
		return refuse(OutOfRange, input+".variance", "must not be negative, got %v", s.Variance)
	}
	return nil
}

// checkProportion refuses a sample that is not one of zeros and ones.
func (s Sample) checkProportion(input string) error {
	if err := s.check(input, 1); err != nil {
		return err
	}
	if s.Mean < 0 || s.Mean > 1 {
		return refuse(OutOfRange, input+".mean", "must be a proportion between 0 and 1, got %v", s.Mean)
	}
	successes := s.Mean * float64(s.N)
	if math.Abs(successes-math.Round(successes)) > 1e-6+1e-15*float64(s.N) {
		return refuse(OutOfRange, input+".mean", "must be a whole number of successes in %s, got %v", units(s.N), successes)
	}
	return nil
}
