package stats

import (
	"math"
	"slices"
)

// distributed is what the chance to be best is made of.
type distributed interface {
	mean() float64
	stdDev() float64
	density(x float64) float64
	below(x float64) float64
}

// normalBelief is a normal distribution.
type normalBelief struct {
	centre, spread float64
}

func (b normalBelief) mean() float64   { return b.centre }
func (b normalBelief) stdDev() float64 { return b.spread }
func (b normalBelief) below(x float64) float64 {
	return normalTail((b.centre - x) / b.spread)
}
func (b normalBelief) density(x float64) float64 {
	return math.Exp(logNormalDensity((x-b.centre)/b.spread)) / b.spread
}

// bestChances is the chance of each arm to be the largest: ∫ f_i·Π_{j≠i} F_j.
func bestChances(arms []distributed, low, high float64) ([]float64, error) {
	if len(arms) < 2 {
		return nil, refuse(TooFew, "arms", "must be at least 2, got %d", len(arms))
	}
	chances := make([]float64, len(arms))
	below := make([]float64, len(arms))
	nodes, weights := around(arms, low, high)
	for k, x := range nodes {
		for i, a := range arms {
			below[i] = a.below(x)
		}
		for i, a := range arms {
			others := weights[k] * a.density(x)
			for j, b := range below {
				if j != i {
					others *= b
				}
			}
			chances[i] += others
		}
	}
	total := 0.0
	for _, c := range chances {
		total += c
	}
	if err := finite("arms", total); err != nil || total == 0 {
		return nil, refuse(NotFinite, "arms", "have means or variances too large or too small to compute with")
	}
	for i := range chances {
		chances[i] /= total
	}
	return chances, nil
}

// around is quadrature between low and high on panels that are fine where any
// of the distributions has its mass.
func around(all []distributed, low, high float64) (nodes, weights []float64) {
	var cuts []float64
	for _, d := range all {
		for _, far := range []float64{0, 0.5, 1, 2, 3, 4, 6, 8, 12, 20, 40} {
			cuts = append(cuts, math.Max(low, d.mean()-far*d.stdDev()), math.Min(high, d.mean()+far*d.stdDev()))
		}
	}
	slices.Sort(cuts)
	for i := 1; i < len(cuts); i++ {
		if cuts[i] > cuts[i-1] {
			x, w := quadrature(cuts[i-1], cuts[i], 1)
			nodes, weights = append(nodes, x...), append(weights, w...)
		}
	}
	return nodes, weights
}
