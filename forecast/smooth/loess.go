package smooth

import "math"

// loess is the local regression of Cleveland (1979) over n equally spaced
// values, of degree 0 or 1 with the q nearest neighbours. Each fit is a
// weighted sum of the values, and the weights do not depend on them: they are
// made once for all series of the same length.
type loess struct {
	n, jump int
	fits    []fit // at every jump-th value and at the last
	before  fit   // one step before the first value
	after   fit   // one step after the last
}

// fit is the value of a local regression at one place.
type fit struct {
	lo int // the first value that counts
	w  []float64
}

func (f fit) of(y []float64) float64 { return dot(f.w, y[f.lo:]) }

func newLoess(n, q, degree, jump int) *loess {
	l := &loess{n: n, jump: jump, before: fitAt(n, q, degree, -1), after: fitAt(n, q, degree, n)}
	l.fits = make([]fit, 0, (n-1)/jump+2)
	var inside []float64 // the weights where there are neighbours on both sides
	for i := 0; ; i += jump {
		at := min(i, n-1)
		lo := at - (q-1)/2
		whole := q%2 == 1 && lo >= 0 && lo+q <= n
		if whole && inside != nil {
			l.fits = append(l.fits, fit{lo, inside})
		} else {
			l.fits = append(l.fits, fitAt(n, q, degree, at))
		}
		if whole && inside == nil {
			inside = l.fits[len(l.fits)-1].w
		}
		if at == n-1 {
			return l
		}
	}
}

// fitAt is the fit at place x, counted from 0; outside of the values it
// extrapolates.
func fitAt(n, q, degree, x int) fit {
	lo := max(0, min(x-q/2, n-q))
	hi := min(n-1, lo+q-1)
	reach := float64(max(x-lo, hi-x))
	if q > n {
		reach += float64((q - n) / 2)
	}
	f := fit{lo, make([]float64, hi-lo+1)}
	var w0, w1, w2 float64
	for i := range f.w {
		d := float64(lo + i - x)
		u := math.Abs(d) / reach
		w := 1.
		switch {
		case u > .999:
			continue
		case u > .001:
			c := 1 - u*u*u
			w = c * c * c
		}
		f.w[i] = w
		w0 += w
		w1 += w * d
		w2 += w * d * d
	}
	if !(w0 > 0) {
		return fit{max(0, min(n-1, x)), []float64{1}}
	}
	det := w0*w2 - w1*w1
	line := degree > 0 && det > 1e-9*w0*w2 && math.Sqrt(det)/w0 > .001*float64(n-1)
	for i := range f.w {
		if d := float64(lo + i - x); line {
			f.w[i] *= (w2 - w1*d) / det
		} else {
			f.w[i] /= w0
		}
	}
	return f
}

// run smooths y into out, drawing lines between the places that are fitted.
func (l *loess) run(y, out []float64) {
	last := 0
	for i, f := range l.fits {
		at := min(i*l.jump, l.n-1)
		out[at] = f.of(y)
		step := (out[at] - out[last]) / float64(max(at-last, 1))
		for j := last + 1; j < at; j++ {
			out[j] = out[last] + step*float64(j-last)
		}
		last = at
	}
}
