package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The error of a quantile of independent values is √(q(1−q)/n)/f(x): for an
// exponential, √(q/(n(1−q))).
func TestQuantileError(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	values := make([]float64, 200_000)
	for i := range values {
		values[i] = r.ExpFloat64()
	}
	levels := []float64{0.5, 0.9, 0.99, 0.999}
	for i, q := range must[[]Quantile](t)(Quantiles(values, nil, levels)) {
		n := float64(len(values))
		want := math.Sqrt(levels[i] / (n * (1 - levels[i])))
		spacing := 2 * 1.96 * math.Sqrt(n*levels[i]*(1-levels[i])) // order statistics that it is read from
		same(t, "error", q.StdErr, number(want), 3/math.Sqrt(spacing), 0)
		same(t, "quantile", q.Value, number(-math.Log1p(-levels[i])), 0, 4*want)
	}
}

// Values that a unit repeats say nothing more: the error is that of the units.
func TestQuantileClusters(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	var once, often []float64
	var owners []int
	for unit := range 2000 {
		v := r.NormFloat64()
		once = append(once, v)
		for j := range 5 {
			often = append(often, v+1e-9*float64(j))
			owners = append(owners, 7*unit)
		}
	}
	plain := must[[]Quantile](t)(Quantiles(once, nil, []float64{0.8}))[0]
	clustered := must[[]Quantile](t)(Quantiles(often, owners, []float64{0.8}))[0]
	naive := must[[]Quantile](t)(Quantiles(often, nil, []float64{0.8}))[0]
	same(t, "clustered error", clustered.StdErr, number(plain.StdErr), 0.1, 0)
	same(t, "naive error", naive.StdErr, number(plain.StdErr/math.Sqrt(5)), 0.25, 0)
	if clustered.Units != 2000 || clustered.Values != 10000 {
		t.Errorf("%d units, %d values", clustered.Units, clustered.Values)
	}
}

func TestQuantilesRefuse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values []float64
		units  []int
		level  float64
		reason Reason
	}{
		"none":                {nil, nil, 0.5, TooFew},
		"one unit":            {[]float64{1, 2, 3, 4}, []int{1, 1, 1, 1}, 0.5, TooFew},
		"nothing beyond":      {[]float64{1, 2, 3, 4, 5, 6, 7, 8}, nil, 0.99, TooFew},
		"all the same":        {make([]float64, 100), nil, 0.5, NoVariation},
		"a level of 1":        {[]float64{1, 2, 3}, nil, 1, OutOfRange},
		"not a number":        {[]float64{1, math.NaN(), 3}, nil, 0.5, NotFinite},
		"units that miss one": {[]float64{1, 2, 3}, []int{1, 2}, 0.5, Mismatch},
	} {
		_, err := Quantiles(c.values, c.units, []float64{c.level})
		hasReason(t, name, err, c.reason)
	}
	_, err := CompareQuantiles(Quantile{Level: 0.5, Units: 9, StdErr: 1}, Quantile{Level: 0.9, Units: 9, StdErr: 1}, Options{})
	hasReason(t, "different levels", err, Mismatch)
}

func TestCap(t *testing.T) {
	t.Parallel()
	values := []float64{5, 1, 4, 2, 3, 10, 7, 8, 6, 9}
	limit := must[float64](t)(CapAt(values, 0.9))
	capped, above := Cap(values, limit)
	if limit != 9 || above != 1 || capped[5] != 9 || capped[0] != 5 || values[5] != 10 {
		t.Errorf("limit %v, %d above, %v of %v", limit, above, capped, values)
	}
	_, err := CapAt(nil, 0.9)
	hasReason(t, "no values", err, TooFew)
	_, err = CapAt(values, 0)
	hasReason(t, "level 0", err, OutOfRange)
}

func TestPostStratifyByHand(t *testing.T) {
	t.Parallel()
	strata := []Stratum{
		{Sample{N: 100, Mean: 1, Variance: 4}, Sample{N: 150, Mean: 1.5, Variance: 5}},
		{Sample{N: 300, Mean: 5, Variance: 9}, Sample{N: 450, Mean: 5.2, Variance: 8}},
	}
	e := must[Effect](t)(PostStratify(strata, Options{}))
	estimate := 0.25*0.5 + 0.75*0.2
	variance := 0.25*0.25*(4.0/100+5.0/150) + 0.75*0.75*(9.0/300+8.0/450) +
		(0.25*(0.5-estimate)*(0.5-estimate)+0.75*(0.2-estimate)*(0.2-estimate))/1000
	same(t, "estimate", e.Estimate, number(estimate), 1e-12, 0)
	same(t, "standard error", e.StdErr, number(math.Sqrt(variance)), 1e-12, 0)
	same(t, "control", e.Control.Mean, 4, 1e-12, 0)
	same(t, "relative", e.Relative.Estimate, number(estimate/4), 1e-12, 0)
	_, err := PostStratify(nil, Options{})
	hasReason(t, "no strata", err, TooFew)
	_, err = PostStratify([]Stratum{{Sample{N: 1}, strata[0].Treatment}}, Options{})
	hasReason(t, "one unit in a stratum", err, TooFew)
}
