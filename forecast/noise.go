package forecast

import "math"

// noise is the variance of a day's demand around its mean m:
//
//	batch·m + day·m²
//
// Customers who come one by one make the first term: with batch 1 if each takes
// one piece (Poisson), with more if they take several. Days that are better or
// worse for all customers make the second, which does not fade as more of them
// come. What looks alike on ordinary days is far apart on a day of thirty times
// their sales.
type noise struct{ batch, day float64 }

// usualNoise is what is believed of a shop before it is seen.
func usualNoise() noise { return noise{batch: 1.2, day: .1} }

// variance of the estimated demand of a day that was open for weight of it.
func (n noise) variance(mean, weight float64) float64 {
	return n.batch*mean/weight + n.day*mean*mean
}

// evidence is how much of a Poisson count a day's mean is worth, by piece.
func (n noise) evidence(mean, weight float64) float64 {
	return weight / (n.batch + n.day*mean)
}

// noiseSums are those of a regression of squared errors on m and m².
type noiseSums struct{ mm, md, dd, em, ed, days float64 }

// add counts a squared error. Its own variance, about m + 2·variance² for
// counts, is its weight.
func (s *noiseSums) add(square, mean, weight float64) {
	x, y := mean/weight, mean*mean
	v := usualNoise().variance(mean, weight)
	k := 1 / (x + 2*v*v)
	s.mm += k * x * x
	s.md += k * x * y
	s.dd += k * y * y
	s.em += k * x * square
	s.ed += k * y * square
	s.days++
}

// solve gives the noise, with what was believed before as from so many days.
func (s *noiseSums) solve(before noise, belief float64) noise {
	if s.days == 0 {
		return before
	}
	const leastDay, mostDay = .005, 5.
	k := belief / s.days
	mm, dd := s.mm*(1+k), s.dd*(1+k)
	em, ed := s.em+k*s.mm*before.batch, s.ed+k*s.dd*before.day
	out := before
	if det := mm*dd - s.md*s.md; det > 1e-9*mm*dd {
		out = noise{(em*dd - ed*s.md) / det, (ed*mm - em*s.md) / det}
	}
	if out.day < leastDay { // then the other alone
		out = noise{(em - leastDay*s.md) / mm, leastDay}
	}
	if out.batch < 1 {
		out = noise{1, max(leastDay, (ed-s.md)/dd)}
	}
	return noise{out.batch, math.Min(out.day, mostDay)}
}
