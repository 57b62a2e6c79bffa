package smooth

import "math"

// loess is the local regression of Cleveland (1979) over equally spaced
// values, of degree 0 or 1 with the q nearest neighbours, fitted at position x
// from 0; positions outside are extrapolated.
func loess(y []float64, q, degree int, x float64) float64 {
	n := len(y)
	lo := int(math.Floor(x)) - (q-1)/2
	if q%2 == 0 && x-math.Floor(x) == 0 {
		lo = int(x) - q/2
	}
	lo = max(0, min(lo, n-q))
	hi := min(n-1, lo+q-1)
	reach := max(x-float64(lo), float64(hi)-x)
	if q > n {
		reach += float64((q - n) / 2)
	}
	var w0, w1, w2, s0, s1 float64
	for i := lo; i <= hi; i++ {
		d := float64(i) - x
		u := math.Abs(d) / reach
		w := 1.
		switch {
		case u > .999:
			continue
		case u > .001:
			c := 1 - u*u*u
			w = c * c * c
		}
		w0 += w
		w1 += w * d
		w2 += w * d * d
		s0 += w * y[i]
		s1 += w * d * y[i]
	}
	if !(w0 > 0) {
		return y[max(0, min(n-1, int(x+.5)))]
	}
	if det := w0*w2 - w1*w1; degree > 0 && det > 1e-9*w0*w2 && math.Sqrt(det)/w0 > .001*float64(n-1) {
		return (w2*s0 - w1*s1) / det
	}
	return s0 / w0
}

// smoothAt runs loess over all positions of y, evaluating every jump-th and
// drawing lines between.
func smoothAt(y []float64, q, degree, jump int, out []float64) {
	n := len(y)
	last := 0
	out[0] = loess(y, q, degree, 0)
	for i := jump; last < n-1; i += jump {
		at := min(i, n-1)
		out[at] = loess(y, q, degree, float64(at))
		step := (out[at] - out[last]) / float64(at-last)
		for j := last + 1; j < at; j++ {
			out[j] = out[last] + step*float64(j-last)
		}
		last = at
	}
}
