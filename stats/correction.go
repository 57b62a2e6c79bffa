package stats

import (
	"fmt"
	"slices"
)

// Bonferroni multiplies every p-value by their number: the chance of any false
// rejection stays below alpha when those with an adjusted p-value of alpha or
// less are rejected.
func Bonferroni(p []float64) ([]float64, error) {
	return adjust(p, func(_ int, m, p float64) float64 { return m * p }, nil)
}

// Holm adjusts p-values so that the chance of any false rejection stays below
// alpha, whatever their dependence (Holm, Scandinavian Journal of Statistics 6,
// 1979): the smallest of m is multiplied by m, the next by m − 1, and so on. It
// rejects all that Bonferroni rejects, and more.
func Holm(p []float64) ([]float64, error) {
	return adjust(p, func(rank int, m, p float64) float64 { return (m - float64(rank)) * p }, runningMax)
}

// BenjaminiHochberg adjusts p-values so that of those rejected at alpha a share
// of at most alpha is false on average, if they are independent or positively
// dependent (Benjamini and Hochberg, JRSS B 57, 1995): the k-th smallest of m is
// multiplied by m/k.
func BenjaminiHochberg(p []float64) ([]float64, error) {
	return adjust(p, func(rank int, m, p float64) float64 { return m / float64(rank+1) * p }, runningMin)
}

// adjust applies scale to the p-values in rising order (rank 0 first), makes
// them monotone, and puts them back where they came from.
func adjust(p []float64, scale func(rank int, m, p float64) float64, monotone func([]float64)) ([]float64, error) {
	order := make([]int, len(p))
	for i, v := range p {
		if !(v >= 0 && v <= 1) {
			return nil, refuse(OutOfRange, fmt.Sprintf("p[%d]", i), "must be between 0 and 1, got %v", v)
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	sorted := make([]float64, len(p))
	for rank, i := range order {
		sorted[rank] = scale(rank, float64(len(p)), p[i])
	}
	if monotone != nil {
		monotone(sorted)
	}
	adjusted := make([]float64, len(p))
	for rank, i := range order {
		adjusted[i] = min(1, sorted[rank])
	}
	return adjusted, nil
}

func runningMax(sorted []float64) {
	for i := 1; i < len(sorted); i++ {
		sorted[i] = max(sorted[i], sorted[i-1])
	}
}

func runningMin(sorted []float64) {
	for i := len(sorted) - 2; i >= 0; i-- {
		sorted[i] = min(sorted[i], sorted[i+1])
	}
}

// Correction is a way to account for many comparisons.
type Correction string

// The corrections.
const (
	NoCorrection   Correction = "none"
	HolmBonferroni Correction = "holm" // Holm's p-values, Bonferroni's intervals
	FalseDiscovery Correction = "bh"   // Benjamini and Hochberg's p-values, FCR intervals
)

// Corrected is an effect among several.
type Corrected struct {
	Effect            // with its intervals widened
	AdjustedP float64 // P, adjusted for the number of effects
	Rejected  bool    // AdjustedP ≤ alpha: there is a difference
}

// Correct widens the intervals and adjusts the p-values of m effects that are
// judged together, at the error rate alpha:
//
//   - HolmBonferroni: no interval misses its truth but with probability alpha;
//     each is at 1 − alpha/m.
//   - FalseDiscovery: of the R effects rejected, a share of at most alpha has an
//     interval that misses on average; each is at 1 − R·alpha/m (Benjamini and
//     Yekutieli, JASA 100, 2005). The intervals of effects that are not rejected
//     have that level too; with R = 0 it is that of R = 1.
//
// An adjusted interval may hold 0 although Holm rejects: intervals that match
// Holm's steps exist but say nothing more than the rejection.
func Correct(effects []Effect, c Correction, alpha float64) ([]Corrected, error) {
	if err := probability("alpha", alpha); err != nil {
		return nil, err
	}
	p := make([]float64, len(effects))
	for i, e := range effects {
		p[i] = e.P
	}
	adjusted, err := c.adjust(p)
	if err != nil {
		return nil, err
	}
	corrected := make([]Corrected, len(effects))
	rejected := 0
	for i := range effects {
		corrected[i].AdjustedP = adjusted[i]
		corrected[i].Rejected = adjusted[i] <= alpha
		if corrected[i].Rejected {
			rejected++
		}
	}
	level := c.level(alpha, rejected, len(effects))
	for i, e := range effects {
		if corrected[i].Effect, err = e.At(level); err != nil {
			return nil, err
		}
	}
	return corrected, nil
}

// adjust adjusts p-values by the correction's rule.
func (c Correction) adjust(p []float64) ([]float64, error) {
	switch c {
	case NoCorrection:
		return adjust(p, func(_ int, _, p float64) float64 { return p }, nil)
	case HolmBonferroni:
		return Holm(p)
	case FalseDiscovery:
		return BenjaminiHochberg(p)
	}
	return nil, refuse(OutOfRange, "correction", "must be none, holm or bh, got %q", string(c))
}

// level is the alpha of each of m intervals.
func (c Correction) level(alpha float64, rejected, m int) float64 {
	switch c {
	case HolmBonferroni:
		return alpha / float64(m)
	case FalseDiscovery:
		return alpha * float64(max(1, rejected)) / float64(m)
	}
	return alpha
}
