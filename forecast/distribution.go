package forecast

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Distribution is what is believed about a demand that is never negative: a
// negative binomial for pieces, a gamma for other amounts, with this mean and
// variance, and with its probabilities corrected by what earlier forecasts
// turned out to be worth (see recalibration).
type Distribution struct {
	Mean     float64
	Variance float64
	Pieces   bool // counts whole pieces

	recalibration *recalibration
	sure          float64 // whole pieces of Mean that have come already; the rest is distributed
}

// rest is the distribution of what has not come yet.
func (d Distribution) rest() Distribution {
	d.Mean, d.sure = max(0, d.Mean-d.sure), 0
	return d
}

// Quantile is the smallest demand that is not exceeded with probability p.
// It grows with p and is at least 0. p is cut to [0.0001, 0.9999].
func (d Distribution) Quantile(p float64) float64 {
	if d.sure > 0 {
		return d.sure + d.rest().Quantile(p)
	}
	if d.none() {
		return 0
	}
	p = d.recalibration.invert(min(max(p, 1e-4), 1-1e-4))
	if d.Pieces {
		return d.negativeBinomialQuantile(p)
	}
	return d.gammaQuantile(p)
}

// CDF is the probability that demand is at most x.
func (d Distribution) CDF(x float64) float64 {
	if d.sure > 0 {
		return d.rest().CDF(x - d.sure)
	}
	switch {
	case x < 0:
		return 0
	case d.none():
		return 1
	}
	return d.recalibration.apply(d.rawCDF(x))
}

// none reports that no demand is expected: none to speak of.
func (d Distribution) none() bool { return !(d.Mean > 1e-9) }

// rawCDF is the CDF before the correction; x >= 0 and not none.
func (d Distribution) rawCDF(x float64) float64 {
	if !d.Pieces {
		return mathext.GammaIncReg(d.shape(), x*d.Mean/d.variance())
	}
	k := math.Floor(x)
	if d.smooth() {
		return mathext.GammaIncReg(d.shape(), (k+.5)*d.Mean/d.variance())
	}
	r := d.size()
	return mathext.RegIncBeta(r, k+1, r/(r+d.Mean))
}

// Shortage is the expected demand beyond x, E(D − x)⁺, and Surplus the
// expected rest of x, E(x − D)⁺.
func (d Distribution) Shortage(x float64) float64 {
	short := 0.
	for i := range quadrature {
		short += max(0, d.Quantile((float64(i)+.5)/quadrature)-x)
	}
	return short / quadrature
}

// Surplus is the expected rest of x that demand leaves, E(x − D)⁺.
func (d Distribution) Surplus(x float64) float64 {
	rest := 0.
	for i := range quadrature {
		rest += max(0, x-d.Quantile((float64(i)+.5)/quadrature))
	}
	return rest / quadrature
}

// quadrature is the number of equal slices of probability over which
// expectations are taken.
const quadrature = 64

// variance is at least that of a Poisson for pieces.
func (d Distribution) variance() float64 {
	v := d.Variance
	if !(v < 1e40) {
		v = d.Mean * d.Mean
	}
	if d.Pieces {
		return max(v, d.Mean*(1+1e-6))
	}
	return max(v, d.Mean*d.Mean*1e-9)
}

// shape is the gamma's.
func (d Distribution) shape() float64 { return d.Mean * d.Mean / d.variance() }

// size is the negative binomial's r: variance = mean + mean²/r.
func (d Distribution) size() float64 { return d.Mean * d.Mean / (d.variance() - d.Mean) }

// smooth reports that single pieces do not matter any more, so that the gamma
// of the same mean and variance stands for the negative binomial.
func (d Distribution) smooth() bool { return d.Mean+4*math.Sqrt(d.variance()) > 1000 }

func (d Distribution) gammaQuantile(p float64) float64 {
	k, scale := d.shape(), d.variance()/d.Mean
	if k > 1e6 { // Wilson–Hilferty: exact to nine digits there
		z := normalQuantile(p)
		c := 1 - 1/(9*k) + z/(3*math.Sqrt(k))
		return d.Mean * c * c * c
	}
	// Near 0 the distribution is xᵏ/Γ(k+1), where the general inverse loses its digits.
	lg, _ := math.Lgamma(k + 1)
	if x := math.Exp((math.Log(p) + lg) / k); x < 1e-4 {
		return x * scale
	}
	return mathext.GammaIncRegInv(k, p) * scale
}

// negativeBinomialQuantile adds up probabilities from 0.
func (d Distribution) negativeBinomialQuantile(p float64) float64 {
	if d.smooth() {
		return max(0, math.Ceil(d.gammaQuantile(p)-.5))
	}
	r := d.size()
	odds := d.Mean / (r + d.Mean)
	mass := math.Exp(-r * math.Log1p(d.Mean/r))
	if mass < 1e-280 {
		return max(0, math.Ceil(d.gammaQuantile(p)-.5))
	}
	sum := mass
	for k := 0.; k < 1e6; k++ {
		if sum >= p {
			return k
		}
		mass *= (k + r) / (k + 1) * odds
		sum += mass
	}
	return d.gammaQuantile(p)
}

// normalQuantile is the standard normal's.
func normalQuantile(p float64) float64 { return mathext.NormalQuantile(p) }
