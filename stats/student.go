package stats

import "math"

// The tails of Student's t. gonum's StudentsT is right to 3e-9 at ten million
// degrees of freedom, and underflows; the tails here are right to about 1e-13
// relative for every number of degrees of freedom from 1 on, in logarithms, so
// that a p-value of 1e-300 or less keeps its digits.
//
// With x = df/(df+t²), P(T > |t|) = I_x(df/2, ½)/2, the regularised incomplete
// beta function, computed by one of three expansions whose terms are all
// positive, so that nothing cancels.

// studentTail is P(T > t) of Student's t with df ≥ 1 degrees of freedom; df 0
// or +Inf means the normal distribution.
func studentTail(t, df float64) float64 {
	return math.Exp(logStudentTail(t, df))
}

// logStudentTail is ln P(T > t).
func logStudentTail(t, df float64) float64 {
	switch {
	case df == 0 || math.IsInf(df, 1):
		return logNormalTail(t)
	case t < 0:
		return math.Log1p(-math.Exp(logStudentTail(-t, df)))
	case math.IsInf(t, 1):
		return math.Inf(-1)
	}
	ratio := t / math.Sqrt(df)
	x := 1 / (1 + ratio*ratio)
	logX := -math.Log1p(ratio * ratio)
	if ratio > 1e8 { // 1+ratio² would round or overflow
		logX = -2 * math.Log(ratio)
	}
	switch {
	case x <= 0.7 || (df < 40 && x <= 0.9):
		return logStudentTailFar(x, logX, df)
	case df < 40:
		return math.Log1p(-studentCentre(ratio, x, df)) - math.Ln2
	default:
		return logStudentTailLarge(logX, df)
	}
}

// logStudentTailFar sums I_x(a,½) = x^a/(a·B(a,½)) · Σ (½)ₙ/n! · a/(a+n) · xⁿ
// (DLMF 8.17.7), for x well below 1.
func logStudentTailFar(x, logX, df float64) float64 {
	a := df / 2
	sum, coefficient := 1.0, 1.0
	for n := 1.0; n < 2000; n++ {
		coefficient *= (n - 0.5) / n * x
		term := coefficient * a / (a + n)
		sum += term
		if term < sum*1e-17 {
			break
		}
	}
	return a*logX - math.Log(a) - logBetaHalf(a) + math.Log(sum) - math.Ln2
}

// studentCentre is P(|T| < t) for small t: I_y(½,a) with y = 1−x, as
// y^½·x^a/(½·B(½,a)) · Σ (½+a)ₙ/(3/2)ₙ · yⁿ (DLMF 8.17.8).
func studentCentre(ratio, x, df float64) float64 {
	a := df / 2
	y := ratio * ratio * x
	sum, term := 1.0, 1.0
	for n := 0.0; n < 2000; n++ {
		term *= (0.5 + a + n) / (1.5 + n) * y
		sum += term
		if term < sum*1e-17 {
			break
		}
	}
	return 2 * ratio * math.Sqrt(x) * math.Exp(a*math.Log(x)-logBetaHalf(a)) * sum
}

// logStudentTailLarge expands I_x(a,½) for large a about the normal tail
// (Didonato and Morris, Algorithm 708, ACM TOMS 18, 1992, equation 9, with
// b = ½).
func logStudentTailLarge(logX, df float64) float64 {
	const b = 0.5
	a := df / 2
	scale := a + (b-1)/2 // T of the paper
	u := -scale * logX
	// j0 = Q(½,u)/H(½,u) with H = e^-u u^½/Γ(½) is √π·erfc(√u)·e^u/√u; with
	// z = √(2u) the tail 2·P(Z>z) takes out of every term what underflows.
	z := math.Sqrt(2 * u)
	logTail := math.Ln2 + logNormalTail(z)
	h := math.Exp(-u - logTail + 0.5*math.Log(u/math.Pi))
	if u == 0 {
		h = 0
	}
	quarter := 1 / (4 * scale * scale)
	half := logX * logX / 4
	sum := 1.0        // Σ pₙJₙ·H/Q, whose first term is 1
	j := 1.0          // Jₙ·H/Q
	power := 1.0      // (ln x/2)^2n
	var p [30]float64 // pₙ
	p[0] = 1
	for n := 1; n < len(p); n++ {
		m := float64(2 * (n - 1))
		j = quarter * ((b+m)*(b+m+1)*j + (u+b+m+1)*power*h)
		power *= half
		p[n] = nextCoefficient(p[:n], b)
		term := p[n] * j
		sum += term
		if math.Abs(term) < sum*1e-17 {
			break
		}
	}
	// ln Γ(a+½)/(Γ(a)·T^½)
	logRatio := logGammaHalfStep(a) - b*math.Log(scale)
	return logRatio + logTail + math.Log(sum) - math.Ln2
}

// nextCoefficient is pₙ of Didonato and Morris's equation 9 from p₀…pₙ₋₁.
func nextCoefficient(p []float64, b float64) float64 {
	n := len(p)
	factorial := 1.0 // (2m+1)!
	sum := 0.0
	for m := 1; m < n; m++ {
		factorial *= float64(2*m) * float64(2*m+1)
		sum += (float64(m)*b - float64(n)) / factorial * p[n-m]
	}
	factorial *= float64(2*n) * float64(2*n+1)
	return (b-1)/factorial + sum/float64(n)
}

// logBetaHalf is ln B(a,½).
func logBetaHalf(a float64) float64 {
	return 0.5*math.Log(math.Pi) - logGammaHalfStep(a)
}

// logGammaHalfStep is ln Γ(a+½) − ln Γ(a), without the cancellation of two
// large logarithms.
func logGammaHalfStep(a float64) float64 {
	if a < 15 {
		upper, _ := math.Lgamma(a + 0.5)
		lower, _ := math.Lgamma(a)
		return upper - lower
	}
	// ½ ln a + Σ of the asymptotic series in 1/a (DLMF 5.11.13, in logarithms).
	r := 1 / a
	r2 := r * r
	return 0.5*math.Log(a) + r*(-1.0/8+r2*(1.0/192+r2*(-1.0/640+r2*(17.0/14336+r2*(-31.0/18432+r2*691.0/180224)))))
}

// studentQuantile is the t with P(T > t) = tail, for 0 < tail < 1.
func studentQuantile(tail, df float64) float64 {
	switch {
	case df == 0 || math.IsInf(df, 1):
		return normalQuantile(tail)
	case tail == 0.5:
		return 0
	case tail > 0.5:
		return -studentQuantile(1-tail, df)
	}
	target := math.Log(tail)
	low, high := 0.0, math.Max(1, normalQuantile(tail))
	for logStudentTail(high, df) > target {
		low, high = high, 2*high
	}
	// Newton on the logarithm of the tail, kept inside the bracket.
	t := high
	for range 200 {
		logTail := logStudentTail(t, df)
		if logTail > target {
			low = t
		} else {
			high = t
		}
		next := t + (logTail-target)*math.Exp(logTail-logStudentDensity(t, df))
		if !(next > low && next < high) {
			next = low + (high-low)/2
		}
		if math.Abs(next-t) <= 1e-15*next {
			return next
		}
		t = next
	}
	return t
}

// logStudentDensity is the logarithm of Student's density.
func logStudentDensity(t, df float64) float64 {
	return -logBetaHalf(df/2) - 0.5*math.Log(df) - (df+1)/2*math.Log1p(t/df*t)
}
