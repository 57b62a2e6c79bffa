package forecast

import (
	_ "embed"
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

//go:embed testdata/distribution.json
var distributionReference []byte

func TestQuantilesAgainstR(t *testing.T) {
	t.Parallel()
	var reference struct {
		Cases []struct {
			Mean, Variance   float64
			P, NBinom, Gamma []float64
		}
	}
	if err := json.Unmarshal(distributionReference, &reference); err != nil {
		t.Fatal(err)
	}
	for _, c := range reference.Cases {
		count := Distribution{Mean: c.Mean, Variance: c.Variance, Pieces: true}
		amount := Distribution{Mean: c.Mean, Variance: c.Variance}
		for i, p := range c.P {
			near := 0.
			if count.smooth() {
				near = 2 // the gamma stands for the negative binomial
			}
			if got := count.Quantile(p); math.Abs(got-c.NBinom[i]) > near {
				t.Errorf("negative binomial (%g, %g) at %g: %g, R's %g", c.Mean, c.Variance, p, got, c.NBinom[i])
			}
			if got := amount.Quantile(p); math.Abs(got-c.Gamma[i]) > 1e-6*(1+c.Gamma[i]) {
				t.Errorf("gamma (%g, %g) at %g: %g, R's %g", c.Mean, c.Variance, p, got, c.Gamma[i])
			}
		}
	}
}

// drawDistribution gives any distribution that forecasts may come to, with or
// without a correction.
func drawDistribution(t *rapid.T) Distribution {
	mean := math.Exp(rapid.Float64Range(-8, 16).Draw(t, "log mean"))
	d := Distribution{
		Mean: mean, Variance: mean*mean*rapid.Float64Range(0, 8).Draw(t, "spread") + mean*rapid.Float64Range(0, 2).Draw(t, "poisson"),
		Pieces: rapid.Bool().Draw(t, "pieces"),
	}
	if d.Pieces && rapid.Bool().Draw(t, "under way") {
		d.sure = math.Floor(mean * rapid.Float64Range(0, 1).Draw(t, "come already"))
	}
	if rapid.Bool().Draw(t, "recalibrated") {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		power := rapid.Float64Range(.3, 3).Draw(t, "power")
		pits := make([]float64, 300)
		for i := range pits {
			pits[i] = math.Pow(rng.Float64(), power)
		}
		d.recalibration = newRecalibration(pits, nil)
	}
	return d
}

func TestLawsOfDistributions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawDistribution(t)
		last := 0.
		for p := .005; p < 1; p += .0331 {
			q := d.Quantile(p)
			if math.IsNaN(q) || math.IsInf(q, 0) || q < last {
				t.Fatalf("quantile at %g is %g after %g", p, q, last)
			}
			if d.Pieces && q != math.Trunc(q) && !d.smooth() {
				t.Fatalf("quantile %g of pieces", q)
			}
			if c := d.CDF(q); q > 1e-100 && c < p-.02 {
				t.Fatalf("CDF of the quantile at %g is %g", p, c)
			}
			last = q
		}
		x := d.Quantile(rapid.Float64Range(.01, .99).Draw(t, "x"))
		if s, r := d.Shortage(x), d.Surplus(x); s < 0 || r < 0 || math.IsNaN(s+r) {
			t.Fatalf("shortage %g, surplus %g", s, r)
		}
		if d.CDF(-1) != 0 || d.CDF(x) > d.CDF(x+1)+1e-12 {
			t.Fatalf("CDF falls at %g", x)
		}
	})
}

func TestShortageAndSurplusDifferByTheMean(t *testing.T) {
	t.Parallel()
	d := Distribution{Mean: 50, Variance: 400, Pieces: true}
	for _, x := range []float64{0, 30, 50, 90} {
		// E(D − x)⁺ − E(x − D)⁺ = E D − x
		if got := d.Shortage(x) - d.Surplus(x); math.Abs(got-(50-x)) > .5 {
			t.Errorf("at %g they differ by %g, want %g", x, got, 50-x)
		}
	}
}

func TestNothingIsExpectedOfNothing(t *testing.T) {
	t.Parallel()
	for _, d := range []Distribution{{}, {Pieces: true}, {Mean: math.NaN()}, {Mean: -3, Variance: 2}} {
		if q, c := d.Quantile(.99), d.CDF(0); q != 0 || c != 1 {
			t.Errorf("%+v: quantile %g, CDF %g", d, q, c)
		}
	}
}

func TestRecalibrationLearnsWhatProbabilitiesAreWorth(t *testing.T) {
	t.Parallel()
	even, timid, rash := make([]float64, 2000), make([]float64, 2000), make([]float64, 2000)
	for i := range even {
		u := (float64(i) + .5) / 2000
		even[i] = u
		timid[i] = .3 + .4*u        // truth always near the middle
		rash[i] = edge(u)*.9 + u*.1 // truth often at the edges
	}
	for _, c := range []struct {
		name     string
		pits     []float64
		at       float64
		min, max float64
	}{
		{"perfect forecasts stay", even, .9, .89, .91},
		{"wide ones narrow", timid, .9, .6, .7},
		{"narrow ones widen", rash, .9, .95, 1},
		{"few change nothing", []float64{.5, .5, .5}, .9, .9, .9},
	} {
		if got := newRecalibration(c.pits, nil).invert(c.at); got < c.min || got > c.max {
			t.Errorf("%s: %g becomes %g, want %g to %g", c.name, c.at, got, c.min, c.max)
		}
	}
	w := newRecalibration(rash, nil)
	for p := .01; p < 1; p += .01 {
		if back := w.apply(w.invert(p)); math.Abs(back-p) > 1e-9 {
			t.Errorf("%g there and back is %g", p, back)
		}
	}
}

// edge pushes u to 0 or 1.
func edge(u float64) float64 {
	if u < .5 {
		return u * u
	}
	return 1 - (1-u)*(1-u)
}

func BenchmarkQuantile(b *testing.B) {
	for _, c := range []struct {
		name string
		d    Distribution
	}{
		{"pieces", Distribution{Mean: 12, Variance: 40, Pieces: true}},
		{"many", Distribution{Mean: 4000, Variance: 4e6, Pieces: true}},
		{"amount", Distribution{Mean: 12, Variance: 40}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.d.Quantile(.975)
			}
		})
	}
}

// Forecasts of series that have died out become as small as numbers can be;
// squares of them are 0.
func TestPITOfHardlyAnyDemand(t *testing.T) {
	t.Parallel()
	for _, mean := range []float64{1e-300, 1e-170, 1e-10, 1e-8, 1e-4} {
		for _, pieces := range []bool{true, false} {
			d := Distribution{Mean: mean, Variance: mean, Pieces: pieces}
			nothing, something := d.pit(0, .5), d.pit(1, .5)
			if !(nothing >= 0 && nothing <= 1 && something >= nothing && something <= 1) {
				t.Errorf("mean %g, pieces %v: 0 is placed at %v, 1 at %v", mean, pieces, nothing, something)
			}
		}
	}
}
