package forecast

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// hierarchy is one day's forecasts of SKUs, of their categories, of regions and
// of the whole, made apart from each other. Each comes with its variance.
//
//	whole = Σ categories = Σ regions,   category = Σ its SKUs
type hierarchy struct {
	whole      node
	categories []node
	regions    []node
	skus       []node
	of         []int // of each SKU: its category
}

type node struct{ mean, variance float64 }

// reconcile moves the means as little as it can, in units of their variances,
// until they add up (MinT with a diagonal covariance; Wickramasuriya,
// Athanasopoulos and Hyndman 2019):
//
//	y = ŷ − W Cᵀ (C W Cᵀ)⁻¹ C ŷ,  C y = 0 the sums above, W = diag(variances)
//
// No mean goes below zero: one that would is held there and the others move
// again. The sums then hold to the last digits: they are taken from below.
func (h *hierarchy) reconcile() {
	for range 20 {
		if !h.project() {
			break
		}
	}
	h.addUp()
}

// project solves once; again says that a mean was held at zero.
func (h *hierarchy) project() (again bool) {
	n := len(h.categories)
	g := mat.NewSymDense(n+2, nil)
	gap := mat.NewVecDense(n+2, nil)
	add := func(i, j int, v float64) { g.SetSym(i, j, g.At(i, j)+v) }
	floor := 1e-9 // keeps what has no variance at all solvable
	for c, x := range h.categories {
		add(c, c, x.variance+floor)
		add(c, n, -x.variance)
		add(n, n, x.variance)
		gap.SetVec(c, x.mean)
		gap.SetVec(n, gap.AtVec(n)-x.mean)
	}
	for i, x := range h.skus {
		add(h.of[i], h.of[i], x.variance)
		gap.SetVec(h.of[i], gap.AtVec(h.of[i])-x.mean)
	}
	for _, x := range h.regions {
		add(n+1, n+1, x.variance)
		gap.SetVec(n+1, gap.AtVec(n+1)-x.mean)
	}
	v := h.whole.variance + floor
	add(n, n, v)
	add(n+1, n+1, v)
	add(n, n+1, v)
	gap.SetVec(n, gap.AtVec(n)+h.whole.mean)
	gap.SetVec(n+1, gap.AtVec(n+1)+h.whole.mean)
	var cholesky mat.Cholesky
	var by mat.VecDense
	if !cholesky.Factorize(g) || cholesky.SolveVecTo(&by, gap) != nil {
		return false
	}
	h.whole.mean -= h.whole.variance * (by.AtVec(n) + by.AtVec(n+1))
	for c := range h.categories {
		h.categories[c].mean -= h.categories[c].variance * (by.AtVec(c) - by.AtVec(n))
	}
	for i := range h.skus {
		again = h.skus[i].move(by.AtVec(h.of[i])) || again
	}
	for i := range h.regions {
		again = h.regions[i].move(by.AtVec(n+1)) || again
	}
	return again
}

// move moves a leaf; it is held at zero if it would go below.
func (x *node) move(by float64) (held bool) {
	x.mean += x.variance * by
	if x.mean < 0 {
		x.mean, x.variance = 0, 0
		return true
	}
	return false
}

// addUp takes the sums from the SKUs, and the regions as parts of the whole.
func (h *hierarchy) addUp() {
	whole, regions := 0., 0.
	for c := range h.categories {
		h.categories[c].mean = 0
	}
	for i, x := range h.skus {
		h.categories[h.of[i]].mean += x.mean
	}
	for _, x := range h.categories {
		whole += x.mean
	}
	h.whole.mean = whole
	for _, x := range h.regions {
		regions += x.mean
	}
	for i := range h.regions {
		if regions > 0 {
			h.regions[i].mean *= whole / regions
		}
	}
}

// fitRegionFactors finds by how much each region must count more or less than its share of
// every SKU says, so that the regions of all SKUs add up to the regions' own
// means (iterative proportional fitting). shares has a row a SKU that sums to
// one; it is changed to what the last round used.
func fitRegionFactors(skus, regions []node, shares [][]float64) []float64 {
	out := make([]float64, len(regions))
	for r := range out {
		out[r] = 1
	}
	sums := make([]float64, len(regions))
	for range 50 {
		clear(sums)
		for i, x := range skus {
			whole := 0.
			for r, p := range shares[i] {
				whole += p * out[r]
			}
			if !(whole > 0) {
				continue
			}
			for r, p := range shares[i] {
				sums[r] += x.mean * p * out[r] / whole
			}
		}
		off := 0.
		for r, x := range regions {
			if sums[r] > 0 && x.mean > 0 {
				k := x.mean / sums[r]
				out[r] *= k
				off = max(off, math.Abs(k-1))
			}
		}
		if off < 1e-4 {
			break
		}
	}
	return out
}
