package forecast

import "math"

// similarSeries is a series as one without much of a past is compared with it.
type similarSeries struct {
	brand string
	price float64 // its logarithm; NaN if unknown
	size  float64 // pieces a day lately
}

// How similar the series of a category are: those of the same brand count so many
// times as much, and those at e times the price by exp(−½/priceReach²).
const (
	sameBrand  = 3.
	priceReach = .5
	unpriced   = .4 // where one of the prices is unknown
)

// maxSimilar is how many series of a category are compared.
const maxSimilar = 400

// levelOf is what is believed of the size of a series before it sold: the mean
// over its category, in which those of the same brand and of a like price weigh
// more.
func (p *Pool) levelOf(s *Series) level {
	before, ok := p.coldStart[s.Category]
	if !ok {
		before = p.coldStart[""]
	}
	own := similarTo(s, 0)
	if own.brand == "" && math.IsNaN(own.price) || s.Category == "" {
		return before
	}
	all := p.similar[s.Category]
	sizes, weights := make([]float64, 0, min(len(all), maxSimilar)), make([]float64, 0, min(len(all), maxSimilar))
	for _, x := range evenlySpaced(all, maxSimilar) {
		sizes, weights = append(sizes, x.size), append(weights, own.similarity(x))
	}
	return sizeBy(sizes, weights, before)
}

func similarTo(s *Series, size float64) similarSeries {
	x := similarSeries{brand: s.Brand, price: math.NaN(), size: size}
	if s.Price > 0 {
		x.price = math.Log(s.Price)
	}
	return x
}

// similarity is how much is learned from another series, at most 1.
func (x similarSeries) similarity(other similarSeries) float64 {
	w := 1 / sameBrand
	if x.brand != "" && x.brand == other.brand {
		w = 1
	}
	if d := (x.price - other.price) / priceReach; !math.IsNaN(d) {
		return w * math.Exp(-d*d/2)
	}
	return w * unpriced
}

// unweighted is the size of series that nothing tells apart.
func unweighted(all []similarSeries, before level) level {
	sizes, weights := make([]float64, len(all)), make([]float64, len(all))
	for i, x := range all {
		sizes[i], weights[i] = x.size, 1
	}
	return sizeBy(sizes, weights, before)
}

// sizeBy is the weighted mean and relative variance of sizes, shrunk to what is
// known of all as if five more had shown it.
func sizeBy(sizes, weights []float64, all level) level {
	n, sum := 0., 0.
	for i, s := range sizes {
		n += weights[i]
		sum += weights[i] * s
	}
	out := all
	if all.mean > 0 {
		out.mean = (sum + 5*all.mean) / (n + 5)
	} else if n > 0 {
		out.mean = sum / n
	}
	if !(out.mean > 0) {
		return out
	}
	squares := 0.
	for i, s := range sizes {
		d := s/out.mean - 1
		squares += weights[i] * d * d
	}
	out.spread = min(max((squares+5*all.spread)/(n+5), .3), 6)
	return out
}
