package stats

import (
	"fmt"
	"math"
)

// SampleRatioCheck says whether units arrived in the arms as planned.
type SampleRatioCheck struct {
	Statistic float64   // Pearson's chi-square
	DF        int       // arms − 1, arms of weight 0 left out
	P, LogP   float64   // of a deviation as large as this from the planned weights
	Status    Status    // OK, Warning (P < 0.01) or Failed (P < 0.001)
	Expected  []float64 // units an arm should have
	Small     bool      // an arm should have fewer than 5 units: too few for chi-square, so Status stays OK
}

// Status is the verdict of a health check.
type Status string

// The verdicts.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Failed  Status = "failed"
)

// statusOf is the verdict on the p-value of a health check: many are looked at
// every day, so that 0.05 would cry wolf.
func statusOf(p float64) Status {
	switch {
	case p < 0.001:
		return Failed
	case p < 0.01:
		return Warning
	}
	return OK
}

// SampleRatio tests by Pearson's chi-square whether the units observed in the
// arms came in the proportions of the weights, which need not sum to 1:
//
//	X² = Σ (observed − expected)²/expected,   arms − 1 degrees of freedom
//
// (Fabijan et al., Diagnosing Sample Ratio Mismatch, KDD 2019). It holds for
// one look at a number of units that was fixed beforehand; SequentialSampleRatio
// may be looked at all the time.
func SampleRatio(observed []int64, weights []float64) (SampleRatioCheck, error) {
	total, shares, err := planned(observed, weights)
	if err != nil {
		return SampleRatioCheck{}, err
	}
	c := SampleRatioCheck{DF: -1, Expected: make([]float64, len(observed))}
	for i, share := range shares {
		if share == 0 {
			continue
		}
		c.Expected[i] = share * total
		off := float64(observed[i]) - c.Expected[i]
		c.Statistic += off * off / c.Expected[i]
		c.DF++
		c.Small = c.Small || c.Expected[i] < 5
	}
	c.LogP = logChiSquareTail(c.Statistic, float64(c.DF))
	c.P = math.Exp(c.LogP)
	c.Status = statusOf(c.P)
	if c.Small {
		c.Status = OK
	}
	return c, nil
}

// planned checks the counts and weights of arms and gives the number of all
// units and the share that each arm should have.
func planned(observed []int64, weights []float64) (total float64, shares []float64, err error) {
	if len(observed) != len(weights) {
		return 0, nil, refuse(Mismatch, "weights", "must be %d, one an arm, got %d", len(observed), len(weights))
	}
	sum, arms := 0.0, 0
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return 0, nil, refuse(OutOfRange, fmt.Sprintf("weights[%d]", i), "must be a number of 0 or more, got %v", w)
		}
		if observed[i] < 0 {
			return 0, nil, refuse(OutOfRange, fmt.Sprintf("observed[%d]", i), "must not be negative, got %d", observed[i])
		}
		if w == 0 && observed[i] > 0 {
			return 0, nil, refuse(Mismatch, fmt.Sprintf("observed[%d]", i), "must be 0 as the arm's weight is, got %d", observed[i])
		}
		if w > 0 {
			arms++
		}
		sum += w
		total += float64(observed[i])
	}
	if arms < 2 || math.IsInf(sum, 1) {
		return 0, nil, refuse(TooFew, "weights", "must be above 0 for two arms or more and have a finite sum")
	}
	if total == 0 {
		return 0, nil, refuse(TooFew, "observed", "has no units yet")
	}
	shares = make([]float64, len(weights))
	for i, w := range weights {
		shares[i] = w / sum
		if w > 0 && shares[i] < 1e-15 {
			return 0, nil, refuse(OutOfRange, fmt.Sprintf("weights[%d]", i), "must be a share of the sum that can expect a unit, got %v of %v", w, sum)
		}
	}
	return total, shares, nil
}
