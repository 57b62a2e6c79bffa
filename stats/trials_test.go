package stats

import (
	"math"
	"math/rand/v2"
)

// trial is a simulated kind of metric: its arms, and how they are compared.
type trial struct {
	name    string
	units   [2]int
	draw    func(r *rand.Rand, n int, lift float64) outcome
	compare func(control, treatment outcome, o Options) (Effect, error)
}

// outcome is what an arm's units did.
type outcome struct {
	sample  Sample
	moments Moments
	values  []float64
	owners  []int
}

func trials() []trial {
	welch := func(c, t outcome, o Options) (Effect, error) { return Welch(c.sample, t.sample, o) }
	two := func(c, t outcome, o Options) (Effect, error) { return TwoProportions(c.sample, t.sample, o) }
	return []trial{
		{"proportion", [2]int{1000, 1000}, proportions(0.05), two},
		{"proportion, few", [2]int{1000, 1000}, proportions(0.01), two},
		{"mean", [2]int{100, 100}, means(func(r *rand.Rand) float64 { return r.ExpFloat64() }), welch},
		{"mean, unequal arms", [2]int{800, 200}, means(func(r *rand.Rand) float64 { return r.ExpFloat64() }), welch},
		{"revenue", [2]int{1000, 1000}, means(revenue), welch},
		{"count", [2]int{100, 100}, means(func(r *rand.Rand) float64 { return float64(poisson(r, 1.5)) }), welch},
		{"ratio", [2]int{200, 200}, visits, func(c, t outcome, o Options) (Effect, error) { return Ratio(c.moments, t.moments, o) }},
		{"cuped", [2]int{150, 150}, withCovariates, func(c, t outcome, o Options) (Effect, error) { return CUPED(c.moments, t.moments, o) }},
		{"median", [2]int{200, 200}, latencies, quantileOf(0.5)},
		{"p90, clustered", [2]int{150, 150}, clusteredLatencies, quantileOf(0.9)},
	}
}

func proportions(p float64) func(*rand.Rand, int, float64) outcome {
	return func(r *rand.Rand, n int, lift float64) outcome {
		successes := int64(0)
		for range n {
			if r.Float64() < p*(1+lift) {
				successes++
			}
		}
		s, _ := Bernoulli(successes, int64(n))
		return outcome{sample: s}
	}
}

func means(value func(*rand.Rand) float64) func(*rand.Rand, int, float64) outcome {
	return func(r *rand.Rand, n int, lift float64) outcome {
		values := make([]float64, n)
		for i := range values {
			values[i] = value(r) * (1 + lift)
		}
		s, _ := SampleOf(values)
		return outcome{sample: s}
	}
}

// revenue is 0 for four of five users.
func revenue(r *rand.Rand) float64 {
	if r.Float64() < 0.8 {
		return 0
	}
	return math.Exp(0.7 * r.NormFloat64())
}

func poisson(r *rand.Rand, mean float64) int {
	limit, product := math.Exp(-mean), r.Float64()
	k := 0
	for ; product > limit; k++ {
		product *= r.Float64()
	}
	return k
}

// visits is orders per visit of users who differ in both.
func visits(r *rand.Rand, n int, lift float64) outcome {
	rows := make([][]float64, n)
	for i := range rows {
		taste := r.NormFloat64()
		visits := 1 + poisson(r, 2*math.Exp(0.5*taste))
		orders := 0.0
		for range visits {
			if r.Float64() < 0.15*math.Exp(0.4*taste-0.08)*(1+lift) {
				orders++
			}
		}
		rows[i] = []float64{orders, float64(visits)}
	}
	m, _ := MomentsOf(rows)
	return outcome{moments: m}
}

func withCovariates(r *rand.Rand, n int, lift float64) outcome {
	rows := make([][]float64, n)
	for i := range rows {
		habit := r.ExpFloat64()
		rows[i] = []float64{(habit + 0.5*r.ExpFloat64()) * (1 + lift), 1, habit + 0.3*r.NormFloat64(), habit + r.NormFloat64()}
	}
	m, _ := MomentsOf(rows)
	return outcome{moments: m}
}

func latencies(r *rand.Rand, n int, lift float64) outcome {
	values := make([]float64, n)
	for i := range values {
		values[i] = math.Exp(0.7*r.NormFloat64()) * (1 + lift)
	}
	return outcome{values: values}
}

func clusteredLatencies(r *rand.Rand, n int, lift float64) outcome {
	o := outcome{}
	for unit := range n {
		own := 0.5 * r.NormFloat64()
		for range 1 + poisson(r, 2) {
			o.values = append(o.values, math.Exp(own+0.5*r.NormFloat64())*(1+lift))
			o.owners = append(o.owners, unit)
		}
	}
	return o
}

func quantileOf(level float64) func(c, t outcome, o Options) (Effect, error) {
	return func(c, t outcome, o Options) (Effect, error) {
		control, err := Quantiles(c.values, c.owners, []float64{level})
		if err != nil {
			return Effect{}, err
		}
		treatment, err := Quantiles(t.values, t.owners, []float64{level})
		if err != nil {
			return Effect{}, err
		}
		return CompareQuantiles(control[0], treatment[0], o)
	}
}
