package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/spf13/pflag"

	"github.com/peakday/peakday/stats"
)

// statsOptions are the benchmark's flags.
type statsOptions struct {
	runs  int
	peeks int
}

func statsBenchmark() benchmark {
	var o statsOptions
	return benchmark{
		name:  "stats",
		about: "Laws of the statistics by simulation: no effect at one look and at a look every day for 30 days, coverage, and what a covariate saves",
		flags: func(f *pflag.FlagSet) {
			f.IntVar(&o.runs, "runs", 10_000, "simulated experiments of each kind at one look")
			f.IntVar(&o.peeks, "peeks", 2_000, "simulated experiments of each kind with a look every day")
		},
		run: o.run,
	}
}

func (o *statsOptions) run(ctx context.Context) (*report, error) {
	r := newReport("kind of metric", "units an arm", "false positives at one look (5 % is right)", "95 % intervals that cover", "naive, 30 daily looks", "always valid, 30 daily looks")
	for i, k := range kindsOfMetric() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		oneLook := simulate(o.runs, uint64(i), func(rng *rand.Rand) [3]bool { return k.oneLook(rng) })
		peeked := simulate(o.peeks/k.slow(), uint64(100+i), func(rng *rand.Rand) [3]bool { return k.peeked(rng) })
		r.add(k.name, fmt.Sprintf("%d and %d", k.units[0], k.units[1]), percentOf(oneLook[0]), percentOf(oneLook[1]), percentOf(peeked[0]), percentOf(peeked[1]))
		r.Values[k.name+", false positives"] = oneLook[0]
		r.Values[k.name+", coverage"] = oneLook[1]
		r.Values[k.name+", naive"] = peeked[0]
		r.Values[k.name+", always valid"] = peeked[1]
	}
	before, after, rho := o.covariate()
	r.note(`With a covariate of correlation %.2f the variance of the estimates falls to %.3f of what it was;
		1 − ρ² is %.3f.`, rho, after/before, 1-rho*rho)
	r.Values["CUPED, variance left"] = after / before
	r.Values["CUPED, 1-rho^2"] = 1 - rho*rho
	r.note(`One look: %d simulated experiments a kind, so that a share of 5 %% has a standard error of %.2f
		points. Daily looks: %d (quantiles: a fifth), each day bringing a thirtieth of three times the
		units, tuned for half of them. Coverage is that of the relative interval around a true lift of
		20 %%.`,
		o.runs, 100*math.Sqrt(0.05*0.95/float64(o.runs)), o.peeks)
	return r, nil
}

func percentOf(share float64) string { return fmt.Sprintf("%.2f %%", 100*share) }

// simulate runs something many times on all cores and gives the shares of true.
// The seed of each run is its number, so that the shares do not depend on the
// machine.
func simulate(runs int, seed uint64, one func(*rand.Rand) [3]bool) (shares [3]float64) {
	counts := make([][3]int, runtime.NumCPU())
	var running sync.WaitGroup
	for w := range counts {
		running.Go(func() {
			for i := w; i < runs; i += len(counts) {
				for k, yes := range one(rand.New(rand.NewPCG(seed, uint64(i)))) {
					if yes {
						counts[w][k]++
					}
				}
			}
		})
	}
	running.Wait()
	for _, c := range counts {
		for k := range shares {
			shares[k] += float64(c[k]) / float64(runs)
		}
	}
	return shares
}

// kindOfMetric is a simulated kind of metric.
type kindOfMetric struct {
	name  string
	units [2]int
	// draw adds n units to an arm.
	draw    func(a *simArm, rng *rand.Rand, n int, lift float64)
	compare func(c, t *simArm) (stats.Effect, error)
}

// simArm is what an arm's units did.
type simArm struct {
	successes, units int64
	moments          *stats.Moments
	rows             [][]float64
	values           []float64
	owners           []int
}

func (a *simArm) sample() stats.Sample {
	return stats.Sample{N: a.moments.N, Mean: a.moments.Mean[0], Variance: a.moments.Cov[0][0]}
}

// settle adds the drawn rows to the moments.
func (a *simArm) settle() {
	if len(a.rows) < 2 {
		return
	}
	m, err := stats.MomentsOf(a.rows)
	if err != nil {
		panic(err) // the simulation draws finite numbers
	}
	if a.moments != nil {
		if m, err = a.moments.Merge(m); err != nil {
			panic(err)
		}
	}
	a.moments, a.rows = &m, a.rows[:0]
}

// slow is how many times fewer looks a kind can afford.
func (k *kindOfMetric) slow() int {
	a := &simArm{}
	k.draw(a, rand.New(rand.NewPCG(1, 1)), 1, 0)
	if a.values != nil {
		return 5
	}
	return 1
}

// oneLook tells whether a test of nothing rejects, and whether the interval of a
// true effect covers it.
func (k *kindOfMetric) oneLook(rng *rand.Rand) (out [3]bool) {
	const lift = 0.2
	for i, l := range []float64{0, lift} {
		c, t := &simArm{}, &simArm{}
		k.draw(c, rng, k.units[0], 0)
		k.draw(t, rng, k.units[1], l)
		c.settle()
		t.settle()
		e, err := k.compare(c, t)
		if err != nil {
			continue
		}
		if i == 0 {
			out[0] = e.P <= 0.05
		} else {
			out[1] = e.Relative.Interval.Contains(lift)
		}
	}
	return out
}

// peeked looks at a test of nothing every day: whether the naive test ever
// rejected, and the always-valid one.
func (k *kindOfMetric) peeked(rng *rand.Rand) (out [3]bool) {
	const days = 30
	c, t := &simArm{}, &simArm{}
	tuning := int64(max(1000, 3*(k.units[0]+k.units[1])/2))
	for range days {
		k.draw(c, rng, max(2, k.units[0]*3/days), 0)
		k.draw(t, rng, max(2, k.units[1]*3/days), 0)
		c.settle()
		t.settle()
		e, err := k.compare(c, t)
		if err != nil {
			continue
		}
		out[0] = out[0] || e.P <= 0.05
		if a, err := stats.AlwaysValid(e, stats.Sequence{Tuning: tuning}); err == nil {
			out[1] = out[1] || a.P <= 0.05
		}
	}
	return out
}

// covariate is the variance of estimates without and with a covariate.
func (o *statsOptions) covariate() (before, after, rho float64) {
	const n = 200
	rho = 0.7
	rng := rand.New(rand.NewPCG(77, 77))
	draw := func() stats.Moments {
		rows := make([][]float64, n)
		for i := range rows {
			x := rng.NormFloat64()
			rows[i] = []float64{5 + rho*x + math.Sqrt(1-rho*rho)*rng.NormFloat64(), 1, x}
		}
		m, err := stats.MomentsOf(rows)
		if err != nil {
			panic(err)
		}
		return m
	}
	var plain, sharper []float64
	for range o.runs {
		c, t := draw(), draw()
		p, errPlain := stats.Ratio(c, t, stats.Options{})
		s, errSharper := stats.CUPED(c, t, stats.Options{})
		if errPlain == nil && errSharper == nil {
			plain, sharper = append(plain, p.Estimate), append(sharper, s.Estimate)
		}
	}
	a, errA := stats.SampleOf(plain)
	b, errB := stats.SampleOf(sharper)
	if errA != nil || errB != nil {
		return 1, math.NaN(), rho
	}
	return a.Variance, b.Variance, rho
}
