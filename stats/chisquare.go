package stats

import "math"

// chiSquareTail is P(X > x) of a chi-square with df degrees of freedom.
func chiSquareTail(x, df float64) float64 {
	return math.Exp(logChiSquareTail(x, df))
}

// logChiSquareTail is ln P(X > x) = ln Q(df/2, x/2), the regularised upper
// incomplete gamma function. Above the mean, a continued fraction (DLMF 8.9.2,
// by Lentz's method) gives the tail itself; below it, a power series (DLMF
// 8.11.4) gives the complement, which is then not small.
func logChiSquareTail(x, df float64) float64 {
	if x <= 0 {
		return 0
	}
	a, y := df/2, x/2
	gamma, _ := math.Lgamma(a)
	prefactor := a*math.Log(y) - y - gamma
	if y < a+1 {
		sum, term := 1/a, 1/a
		for n := a + 1; term > sum*1e-17; n++ {
			term *= y / n
			sum += term
		}
		return math.Log1p(-math.Min(1, math.Exp(prefactor)*sum))
	}
	b := y + 1 - a
	c, d := math.Inf(1), 1/b
	fraction := d
	for n := 1.0; n < 1e6; n++ {
		numerator := n * (a - n)
		b += 2
		d = 1 / (b + numerator*d)
		c = b + numerator/c
		fraction *= c * d
		if math.Abs(c*d-1) < 1e-16 {
			break
		}
	}
	return prefactor + math.Log(fraction)
}
