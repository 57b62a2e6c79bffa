package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// normalTail is P(Z > z) of a standard normal Z, with full relative accuracy
// in the upper tail: 1 − Φ(z) would cancel to 0 from z = 8.3 on.
func normalTail(z float64) float64 {
	return math.Erfc(z/math.Sqrt2) / 2
}

// logNormalTail is ln P(Z > z); it does not underflow.
func logNormalTail(z float64) float64 {
	if z < 30 {
		return math.Log(normalTail(z))
	}
	return logNormalDensity(z) + math.Log(mills(z))
}

// normalQuantile is the z with P(Z > z) = tail, for 0 < tail < 1.
func normalQuantile(tail float64) float64 {
	return -mathext.NormalQuantile(tail)
}

// logNormalDensity is ln φ(z).
func logNormalDensity(z float64) float64 {
	return -z*z/2 - 0.5*math.Log(2*math.Pi)
}

// mills is Mills' ratio P(Z > z)/φ(z) for z ≥ 2.
func mills(z float64) float64 {
	return 1 / (z + laplace(z))
}

// laplace is the continued fraction 1/(z + 2/(z + 3/(z + …))), which makes
// Mills' ratio 1/(z + laplace(z)), evaluated from its tail.
func laplace(z float64) float64 {
	const terms = 400 // converges to the last bit from z = 2 on
	f := z
	for k := terms; k >= 2; k-- {
		f = z + float64(k)/f
	}
	return 1 / f
}
