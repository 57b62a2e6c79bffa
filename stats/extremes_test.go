package stats

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
)

// TestExtremes holds the checks of the fuzz targets to numbers at the edges of
// what floats and integers can say, which a fuzzer rarely puts together. They
// are the same ones on every run.
func TestExtremes(t *testing.T) {
	t.Parallel()
	e := extremes{rand.New(rand.NewPCG(7, 7))}
	for range 1500 {
		checkWelch(t, e.units(), e.number(), e.number(), e.units(), e.number(), e.number(), e.or(.05), e.rng.IntN(4), e.rng.IntN(4))
		checkMoments(t, e.units(), e.number(), e.number(), e.number(), e.number(), e.number(), e.number(), e.number(), e.number(), e.number(), e.units(), e.number())
		checkPlan(t, e.number(), e.number(), e.rng.IntN(2) == 0, e.number(), e.or(.05), e.or(.8), e.or(.5), e.or(0), e.units())
		control, treatment := e.units(), e.units()
		checkCounts(t, min(e.units(), control), control, min(e.units(), treatment), treatment, e.or(1), e.or(1))
		var values []byte
		for range e.rng.IntN(60) {
			values = binary.LittleEndian.AppendUint32(values, math.Float32bits(float32(e.number())))
		}
		checkQuantiles(t, values, e.or(.5))
	}
}

type extremes struct{ rng *rand.Rand }

// number is 0, NaN, a float at an edge, or one of any magnitude.
func (e extremes) number() float64 {
	edges := []float64{
		0, math.SmallestNonzeroFloat64, 1e-320, 2.3e-308, 1e-300, 1e-200, 1e-154, 1e-100, 1e-17, 1e-16, 2.3e-16, 1e-12, 1e-9, 1e-4,
		.01, .05, .1, .25, .5, .8, .95, .999, 1 - 1e-9, 1 - 1.2e-16, 1, 1 + 2.3e-16, 2, 3, 10, 100, 1e4, 1e6, 1e8, 1e15, 1 << 53, 1e18,
		math.MaxInt64, 1e30, 1e100, 1e154, 1e155, 1e200, 1e300, 1e308, math.MaxFloat64, math.Inf(1), math.NaN(),
	}
	x := edges[e.rng.IntN(len(edges))]
	switch e.rng.IntN(6) {
	case 0:
		x = math.Exp(e.rng.NormFloat64() * 3)
	case 1:
		x = math.Exp((e.rng.Float64() - .5) * 1400)
	case 2:
		x = e.rng.Float64()
	}
	if e.rng.IntN(6) == 0 {
		return -x
	}
	return x
}

// or is the usual value as often as an extreme one, so that the rest is looked
// at too.
func (e extremes) or(usual float64) float64 {
	if e.rng.IntN(2) == 0 {
		return usual
	}
	return e.number()
}

// units is a number of units, seldom a negative one.
func (e extremes) units() int64 {
	edges := []int64{0, 1, 2, 3, 4, 5, 10, 11, 20, 99, 100, 1000, 1e6, 1e9, 1 << 53, 1<<62 - 1, 1 << 62, math.MaxInt64, -1}
	switch e.rng.IntN(5) {
	case 0:
		return e.rng.Int64N(200)
	case 1:
		return e.rng.Int64() >> e.rng.IntN(63)
	}
	return edges[e.rng.IntN(len(edges))]
}
