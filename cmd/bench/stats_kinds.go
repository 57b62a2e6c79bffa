package main

import (
	"math"
	"math/rand/v2"

	"github.com/peakday/peakday/stats"
)

// kindsOfMetric are the kinds that the reports know, with values as shops have
// them. Retention and the steps of a funnel are proportions.
func kindsOfMetric() []*kindOfMetric {
	welch := func(c, t *simArm) (stats.Effect, error) { return stats.Welch(c.sample(), t.sample(), stats.Options{}) }
	ratio := func(c, t *simArm) (stats.Effect, error) { return stats.Ratio(*c.moments, *t.moments, stats.Options{}) }
	cuped := func(c, t *simArm) (stats.Effect, error) { return stats.CUPED(*c.moments, *t.moments, stats.Options{}) }
	return []*kindOfMetric{
		{"proportion (5 %)", [2]int{2000, 2000}, shareOf(0.05), proportions},
		{"proportion (30 %), 9:1", [2]int{1800, 200}, shareOf(0.3), proportions},
		{"mean (exponential)", [2]int{400, 400}, valueOf(func(r *rand.Rand) float64 { return r.ExpFloat64() }), welch},
		{"revenue (80 % of units nothing)", [2]int{2000, 2000}, valueOf(revenueOf), welch},
		{"count (Poisson 1.5)", [2]int{400, 400}, valueOf(func(r *rand.Rand) float64 { return float64(poisson(r, 1.5)) }), welch},
		{"ratio (orders a visit)", [2]int{1000, 1000}, visits, ratio},
		{"mean with two covariates (CUPED)", [2]int{400, 400}, withHabits, cuped},
		{"median", [2]int{1000, 1000}, latencies(0), quantiles(0.5)},
		{"p90, several values a unit", [2]int{400, 400}, latencies(2), quantiles(0.9)},
	}
}

func shareOf(p float64) func(*simArm, *rand.Rand, int, float64) {
	return func(a *simArm, r *rand.Rand, n int, lift float64) {
		a.units += int64(n)
		for range n {
			if r.Float64() < p*(1+lift) {
				a.successes++
			}
		}
	}
}

func proportions(c, t *simArm) (stats.Effect, error) {
	control, err := stats.Bernoulli(c.successes, c.units)
	if err != nil {
		return stats.Effect{}, err
	}
	treatment, err := stats.Bernoulli(t.successes, t.units)
	if err != nil {
		return stats.Effect{}, err
	}
	return stats.TwoProportions(control, treatment, stats.Options{})
}

func valueOf(value func(*rand.Rand) float64) func(*simArm, *rand.Rand, int, float64) {
	return func(a *simArm, r *rand.Rand, n int, lift float64) {
		for range n {
			a.rows = append(a.rows, []float64{value(r) * (1 + lift), 1})
		}
	}
}

func revenueOf(r *rand.Rand) float64 {
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

// visits are orders and visits of users who differ in both.
func visits(a *simArm, r *rand.Rand, n int, lift float64) {
	for range n {
		taste := r.NormFloat64()
		visits, orders := 1+poisson(r, 2*math.Exp(0.5*taste)), 0.0
		for range visits {
			if r.Float64() < 0.15*math.Exp(0.4*taste-0.08)*(1+lift) {
				orders++
			}
		}
		a.rows = append(a.rows, []float64{orders, float64(visits)})
	}
}

func withHabits(a *simArm, r *rand.Rand, n int, lift float64) {
	for range n {
		habit := r.ExpFloat64()
		a.rows = append(a.rows, []float64{(habit + 0.5*r.ExpFloat64()) * (1 + lift), 1, habit + 0.3*r.NormFloat64(), habit + r.NormFloat64()})
	}
}

// latencies are log-normal values, 1 + Poisson(more) of a unit.
func latencies(more float64) func(*simArm, *rand.Rand, int, float64) {
	return func(a *simArm, r *rand.Rand, n int, lift float64) {
		for range n {
			own, values := 0.5*r.NormFloat64(), 1
			if more > 0 {
				values += poisson(r, more)
			}
			for range values {
				a.values = append(a.values, math.Exp(own+0.5*r.NormFloat64())*(1+lift))
				a.owners = append(a.owners, int(a.units))
			}
			a.units++
		}
	}
}

func quantiles(level float64) func(c, t *simArm) (stats.Effect, error) {
	return func(c, t *simArm) (stats.Effect, error) {
		control, err := stats.Quantiles(c.values, c.owners, []float64{level})
		if err != nil {
			return stats.Effect{}, err
		}
		treatment, err := stats.Quantiles(t.values, t.owners, []float64{level})
		if err != nil {
			return stats.Effect{}, err
		}
		return stats.CompareQuantiles(control[0], treatment[0], stats.Options{})
	}
}
