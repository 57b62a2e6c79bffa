package stats

import "math"

// root is an x between a and b where f changes its sign, to the last bit or
// so (Chandrupatla, Advances in Engineering Software 28, 1997: inverse
// quadratic interpolation where that is safe, else bisection). f may be
// infinite, but must have opposite signs at a and b; if it has not, the end
// where it is nearer to 0 is given.
func root(f func(float64) float64, a, b float64) float64 {
	fa, fb := f(a), f(b)
	if math.Signbit(fa) == math.Signbit(fb) || fa == 0 || fb == 0 {
		if math.Abs(fa) < math.Abs(fb) {
			return a
		}
		return b
	}
	t := 0.5
	for range 300 {
		x := a + t*(b-a)
		fx := f(x)
		c, fc := a, fa
		if math.Signbit(fx) != math.Signbit(fa) {
			c, fc = b, fb
			b, fb = a, fa
		}
		a, fa = x, fx
		best := a
		if math.Abs(fb) < math.Abs(fa) {
			best = b
		}
		least := (4e-16*math.Abs(best) + 1e-300) / math.Abs(b-a)
		if fa == 0 || least > 0.5 {
			return best
		}
		t = 0.5
		xi, phi := (a-b)/(c-b), (fa-fb)/(fc-fb)
		if phi*phi < xi && (1-phi)*(1-phi) < 1-xi {
			t = fa/(fb-fa)*(fc/(fb-fc)) + (c-a)/(b-a)*(fa/(fc-fa))*(fb/(fc-fb))
		}
		t = math.Min(1-least, math.Max(least, t))
	}
	return a
}
