package stats

import "math"

// graded is quadrature on panels that halve towards a, times of them, for what
// changes fastest there.
func graded(a, b float64, times int) (nodes, weights []float64) {
	for ; times > 0; times-- {
		middle := a + (b-a)/2
		x, w := quadrature(middle, b, 1)
		nodes, weights = append(nodes, x...), append(weights, w...)
		b = middle
	}
	x, w := quadrature(a, b, 1)
	return append(nodes, x...), append(weights, w...)
}

// quadrature is the nodes and weights of the Gauss–Legendre rule of 16 points
// on each of the panels into which the way from a to b is cut. Weights are
// positive also if b < a.
func quadrature(a, b float64, panels int) (nodes, weights []float64) {
	// Abramowitz and Stegun, table 25.4; here by mpmath 1.4.1.
	xs := [...]float64{
		0.0950125098376374402, 0.281603550779258913, 0.458016777657227386, 0.617876244402643748,
		0.755404408355003034, 0.865631202387831744, 0.944575023073232576, 0.989400934991649933,
	}
	ws := [...]float64{
		0.189450610455068496, 0.182603415044923589, 0.169156519395002538, 0.149595988816576732,
		0.124628971255533872, 0.0951585116824927848, 0.0622535239386478929, 0.0271524594117540949,
	}
	nodes = make([]float64, 0, panels*2*len(xs))
	weights = make([]float64, 0, panels*2*len(xs))
	half := (b - a) / float64(panels) / 2
	for p := range panels {
		centre := a + float64(2*p+1)*half
		for i, x := range xs {
			nodes = append(nodes, centre-half*x, centre+half*x)
			weights = append(weights, ws[i]*math.Abs(half), ws[i]*math.Abs(half))
		}
	}
	return nodes, weights
}
