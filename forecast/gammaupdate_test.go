package forecast

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestUpdateWeighsByPrecision(t *testing.T) {
	t.Parallel()
	const sure = 1e12
	for _, c := range []struct {
		name                             string
		m, v, seen, share, concentration float64
		mean, rel                        float64
	}{
		{"nothing has come", 100, .25, 0, 0, sure, 100, .25},
		// Gamma(4, 1/25) with 30 of the half: (4+30)/(.04+.5).
		{"the half has come", 100, .25, 30, .5, sure, 34 / .54, 1. / 34},
		{"all has come", 100, .25, 60, 1, sure, 64 / 1.04, 1. / 64},
		{"a sure prior stands", 100, 1e-9, 3, .5, sure, 100, 1e-9},
		{"a doubtful share says little", 100, .25, 3000, .01, .001, 100, .25},
	} {
		mean, rel := update(c.m, c.v, c.seen, c.share, c.concentration, 1)
		if math.Abs(mean/c.mean-1) > .06 || math.Abs(rel/c.rel-1) > .06 {
			t.Errorf("%s: %g ± %g, want %g ± %g", c.name, mean, rel, c.mean, c.rel)
		}
	}
}

func TestLawsOfUpdate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, v := rapid.Float64Range(.1, 1e5).Draw(t, "m"), rapid.Float64Range(.01, 4).Draw(t, "v")
		c, k := rapid.Float64Range(0, 1).Draw(t, "c"), rapid.Float64Range(1, 200).Draw(t, "k")
		seen := rapid.Float64Range(0, 1e5).Draw(t, "seen")
		mean, rel := update(m, v, seen, c, k, 1)
		if !(mean >= 0) || math.IsInf(mean, 0) || rel > v*(1+1e-9) || !(rel > 0) {
			t.Fatalf("mean %g, relative variance %g of %g", mean, rel, v)
		}
		if more, _ := update(m, v, seen+1, c, 1e9, 1); c > 0 {
			if less, _ := update(m, v, seen, c, 1e9, 1); more < less-1e-9*less {
				t.Fatalf("one more lowers %g to %g", less, more)
			}
		}
	})
}

// TestUpdateCovers draws totals from the prior and what has come from the
// total: the posterior must be right on average and as unsure as it says.
func TestUpdateCovers(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 4))
	for _, share := range []float64{.1, .5, .9} {
		const n, m, v = 4000, 50., .25
		var bias, z float64
		for range n {
			total := gammaDraw(rng, 1/v) * v * m
			seen := drawCount(rng, total*share, 0)
			mean, rel := update(m, v, seen, share, 1e9, 1)
			bias += (mean - total) / n
			z += (mean - total) * (mean - total) / (rel * mean * mean) / n
		}
		if math.Abs(bias) > 1 || z < .85 || z > 1.15 {
			t.Errorf("share %g: bias %.2f, squared error %.2f times what it says", share, bias, z)
		}
	}
}
