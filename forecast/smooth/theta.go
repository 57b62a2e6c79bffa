package smooth

import "math"

// Theta is the Theta method of Assimakopoulos and Nikolopoulos (2000), which
// is simple smoothing with a drift of half the linear trend (Hyndman and
// Billah, 2003).
type Theta struct {
	SES   Exponential
	Slope float64 // of the linear trend, by weighted least squares
}

// Path forecasts the h-th value after n values that led to level.
func (m *Theta) Path(level float64, n, h int) float64 {
	a := m.SES.Alpha
	return level + m.Slope/2*(float64(h-1)+(1-math.Pow(1-a, float64(n)))/a)
}

// Slope is the weighted least-squares slope of y over its index.
func Slope(y, w []float64) float64 {
	var n, st, sy float64
	for t := range y {
		n += w[t]
		st += w[t] * float64(t)
		sy += w[t] * y[t]
	}
	if !(n > 0) {
		return 0
	}
	mt, my := st/n, sy/n
	var stt, sty float64
	for t := range y {
		d := float64(t) - mt
		stt += w[t] * d * d
		sty += w[t] * d * (y[t] - my)
	}
	if !(stt > 0) {
		return 0
	}
	return sty / stt
}
