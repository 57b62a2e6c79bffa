package smooth

import "math"

// AR is an autoregression around a mean:
//
//	y(t) − mean = Σ φ(k)·(y(t−k) − mean) + e
type AR struct {
	Mean float64
	Phi  []float64
}

// FitAR solves the Yule–Walker equations by the recursion of Levinson and
// Durbin and takes the order up to top that AIC prefers.
func FitAR(y []float64, top int) AR {
	n := len(y)
	top = min(top, n/4)
	a := AR{}
	for _, v := range y {
		a.Mean += v / float64(max(n, 1))
	}
	if top < 1 {
		return a
	}
	cov := autocovariance(y, top)
	if !(cov[0] > 1e-12*(a.Mean*a.Mean+1e-300)) {
		return a
	}
	phi, variance := make([]float64, 0, top), cov[0]
	best := float64(n) * math.Log(variance)
	for k := 1; k <= top; k++ {
		num := cov[k]
		for j, p := range phi {
			num -= p * cov[k-1-j]
		}
		reflection := num / variance
		next := make([]float64, k, top)
		for j, p := range phi {
			next[j] = p - reflection*phi[k-2-j]
		}
		next[k-1] = reflection
		variance *= 1 - reflection*reflection
		phi = next
		if !(variance > 0) {
			break
		}
		if aic := float64(n)*math.Log(variance) + 2*float64(k); aic < best {
			best, a.Phi = aic, phi
		}
	}
	return a
}

// Forecast continues y by h values.
func (a AR) Forecast(y []float64, h int) []float64 {
	p := len(a.Phi)
	past := make([]float64, p+h)
	for i := range p {
		if at := len(y) - p + i; at >= 0 {
			past[i] = y[at] - a.Mean
		}
	}
	out := make([]float64, h)
	for k := range out {
		sum := 0.
		for j, phi := range a.Phi {
			sum += phi * past[p+k-1-j]
		}
		past[p+k] = sum
		out[k] = a.Mean + sum
	}
	return out
}
