package smooth

import (
	"math"
	"slices"
)

// Minimize finds a minimum of f near start with the simplex method of Nelder
// and Mead (1965), beginning with steps of the given size. It ends when the
// values of f at all corners are within tolerance, or after evals evaluations.
// f must not keep its argument. It uses no randomness.
func Minimize(f func([]float64) float64, start []float64, size, tolerance float64, evals int) []float64 {
	n := len(start)
	s := &simplex{f: f, room: make([]float64, (n+4)*n), corners: make([]corner, n+1)}
	for i := range s.corners {
		x := s.point(n)
		copy(x, start)
		if i > 0 {
			x[i-1] += size
		}
		s.corners[i] = corner{x, f(x)}
	}
	center, reflected, other := s.point(n), corner{x: s.point(n)}, corner{x: s.point(n)}
	for used := n + 1; used < evals; {
		s.sort()
		best, worst := s.corners[0], &s.corners[n]
		if worst.f-best.f < tolerance {
			break
		}
		clear(center)
		for _, c := range s.corners[:n] {
			for i := range center {
				center[i] += c.x[i] / float64(n)
			}
		}
		s.toward(&reflected, center, worst.x, -1)
		used++
		switch {
		case reflected.f < best.f:
			s.toward(&other, center, worst.x, -2)
			used++
			if other.f < reflected.f {
				reflected, other = other, reflected
			}
			*worst, reflected = reflected, *worst
		case reflected.f < s.corners[n-1].f:
			*worst, reflected = reflected, *worst
		default:
			s.toward(&other, center, worst.x, .5)
			used++
			if other.f < worst.f {
				*worst, other = other, *worst
				continue
			}
			for i := 1; i <= n; i++ {
				s.toward(&s.corners[i], best.x, s.corners[i].x, .5)
				used++
			}
		}
	}
	s.sort()
	return slices.Clone(s.corners[0].x)
}

// simplex is the state of a search; its points lie in one room.
type simplex struct {
	f       func([]float64) float64
	room    []float64
	corners []corner
}

type corner struct {
	x []float64
	f float64
}

func (s *simplex) point(n int) []float64 {
	x := s.room[:n:n]
	s.room = s.room[n:]
	return x
}

// toward sets to to the point at center + k·(worst − center).
func (s *simplex) toward(to *corner, center, worst []float64, k float64) {
	for i := range to.x {
		to.x[i] = center[i] + k*(worst[i]-center[i])
	}
	to.f = s.f(to.x)
}

// sort puts the best corner first; equal ones keep their order.
func (s *simplex) sort() {
	for i, c := range s.corners {
		j := i
		for ; j > 0 && c.f < s.corners[j-1].f; j-- {
			s.corners[j] = s.corners[j-1]
		}
		s.corners[j] = c
	}
}

// Golden is the minimum of f between lo and hi by golden-section search.
func Golden(f func(float64) float64, lo, hi float64) float64 {
	const ratio = .6180339887498949
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := f(a), f(b)
	for range 12 {
		if fa <= fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = f(b)
		}
	}
	return (lo + hi) / 2
}

// logistic maps any number into (lo, hi), so that a search needs no bounds.
func logistic(x, lo, hi float64) float64 { return lo + (hi-lo)/(1+math.Exp(-x)) }

// logit is the inverse of logistic; the limits themselves are near infinity.
func logit(v, lo, hi float64) float64 {
	share := min(max((v-lo)/(hi-lo), 1e-6), 1-1e-6)
	return math.Log(share / (1 - share))
}
