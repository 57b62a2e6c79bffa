package recommend

import "math"

// exp2 is 2ˣ to eleven digits, 0 below 2⁻¹⁰⁰⁰, for x up to 1000: by a
// polynomial around the middle between two whole powers. A request computes it
// for hundreds of items, and math.Exp2 takes three times as long.
func exp2(x float64) float64 {
	if !(x > -1000) {
		return 0
	}
	whole := math.Floor(x)
	r := (x - whole - 0.5) * math.Ln2 // −0.35 to 0.35
	power := 1 + r*(1+r*(1./2+r*(1./6+r*(1./24+r*(1./120+r*(1./720+r*(1./5040+r*(1./40320+r*(1./362880)))))))))
	const bias = 1023
	return math.Float64frombits(uint64(int64(whole)+bias)<<52) * math.Sqrt2 * power
}

// exp2Above is an upper bound of 2ˣ for x above −1000, at most 1.07 times as
// much: 2ⁿ·(1+f) for x = n + f. It takes no more than a multiplication.
func exp2Above(x float64) float64 {
	const bias, mantissa = 1023, 1 << 52
	return math.Float64frombits(uint64((x+bias)*mantissa)) * (1 + 1e-9)
}
