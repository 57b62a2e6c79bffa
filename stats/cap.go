package stats

import (
	"fmt"
	"math"
	"slices"
)

// CapAt is the value at a quantile of values, such as the 99.9th percentile of
// the pre-period's revenue a user, at which a metric is to be capped. The cap
// must come from data before the experiment, or from both arms together, and
// stay fixed: one of each arm's own would cap the effect itself.
func CapAt(values []float64, level float64) (float64, error) {
	if len(values) == 0 {
		return 0, refuse(TooFew, "values", "must be at least 1 to find a cap")
	}
	if err := probability("level", level); err != nil {
		return 0, err
	}
	for i, v := range values {
		if err := finite(fmt.Sprintf("values[%d]", i), v); err != nil {
			return 0, err
		}
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	rank := math.Ceil(float64(len(sorted))*level - 1e-9)
	return sorted[max(0, int(rank)-1)], nil
}

// Cap is the values with those above limit set to it, and how many were.
// Capping costs a bias, as the effect on what lies above the cap is lost, and
// buys variance: a single order then no longer decides (Kohavi, Tang and Xu,
// Trustworthy Online Controlled Experiments, 2020, chapter 18).
func Cap(values []float64, limit float64) (capped []float64, above int) {
	capped = make([]float64, len(values))
	for i, v := range values {
		capped[i] = v
		if v > limit {
			capped[i] = limit
			above++
		}
	}
	return capped, above
}
