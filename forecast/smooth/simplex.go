package smooth

import "slices"

// Minimize finds a minimum of f near start with the simplex method of Nelder
// and Mead (1965), beginning with steps of the given size, in at most evals
// evaluations. It uses no randomness.
func Minimize(f func([]float64) float64, start []float64, size float64, evals int) []float64 {
	type vertex struct {
		x []float64
		f float64
	}
	n := len(start)
	simplex := make([]vertex, 0, n+1)
	for i := range n + 1 {
		x := slices.Clone(start)
		if i > 0 {
			x[i-1] += size
		}
		simplex = append(simplex, vertex{x, f(x)})
	}
	byValue := func(a, b vertex) int {
		switch {
		case a.f < b.f:
			return -1
		case a.f > b.f:
			return 1
		}
		return 0
	}
	// toward returns the point at center + k·(worst − center).
	toward := func(center, worst []float64, k float64) vertex {
		x := make([]float64, n)
		for i := range x {
			x[i] = center[i] + k*(worst[i]-center[i])
		}
		return vertex{x, f(x)}
	}
	for used := n + 1; used < evals; {
		slices.SortStableFunc(simplex, byValue)
		best, worst := simplex[0], &simplex[n]
		if worst.f-best.f < 1e-7 {
			break
		}
		center := make([]float64, n)
		for _, v := range simplex[:n] {
			for i := range center {
				center[i] += v.x[i] / float64(n)
			}
		}
		reflected := toward(center, worst.x, -1)
		used++
		switch {
		case reflected.f < best.f:
			expanded := toward(center, worst.x, -2)
			used++
			if expanded.f < reflected.f {
				reflected = expanded
			}
			*worst = reflected
		case reflected.f < simplex[n-1].f:
			*worst = reflected
		default:
			contracted := toward(center, worst.x, .5)
			used++
			if contracted.f < worst.f {
				*worst = contracted
				continue
			}
			for i := 1; i <= n; i++ {
				simplex[i] = toward(best.x, simplex[i].x, .5)
				used++
			}
		}
	}
	slices.SortStableFunc(simplex, byValue)
	return simplex[0].x
}
