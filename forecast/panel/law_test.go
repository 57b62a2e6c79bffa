package panel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// TestAnyPanelIsForecast holds of every panel what any forecast must be: finite,
// its quantiles rising, and not below zero where the history never was.
func TestAnyPanelIsForecast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		steps := []Step{{Every: hour}, {Every: day}, {Every: week}, {Months: 1}, {Every: 5 * hour}}
		p := &Panel{Step: rapid.SampledFrom(steps).Draw(t, "step")}
		h := rapid.IntRange(1, 30).Draw(t, "horizon")
		regressor, events := rapid.Bool().Draw(t, "regressor"), rapid.Bool().Draw(t, "events")
		if regressor {
			p.Regressors = []string{"price"}
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for i := range rapid.IntRange(1, 7).Draw(t, "series") {
			kind := rapid.SampledFrom([]string{"amounts", "counts", "rare", "constant", "signed", "growing", "nothing"}).Draw(t, "kind")
			n := rapid.IntRange(1, 70).Draw(t, "length")
			scale := math.Pow(10, float64(rapid.IntRange(-9, 12).Draw(t, "scale")))
			p.Series = append(p.Series, anySeries(random, fmt.Sprint(i), kind, n, h, scale, regressor, events))
		}
		r, err := p.Forecast(Spec{Horizon: h, Quantiles: []float64{.025, .1, .5, .9, .975}, Quick: rapid.Bool().Draw(t, "quick")})
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range r.Forecasts {
			holdsForecast(t, f, h, p.Series[i].Y)
		}
	})
}

func anySeries(random *rand.Rand, name, kind string, n, h int, scale float64, regressor, events bool) *Series {
	s := &Series{Name: name, Groups: []string{"all"}, Start: dailyFrom("2024-01-01").AddDate(0, 0, random.IntN(3)*7)}
	if regressor {
		s.Regressors = [][]float64{nil}
	}
	for k := range n + h {
		y := scale * math.Exp(random.NormFloat64())
		switch kind {
		case "counts":
			y = math.Floor(8 * random.Float64())
		case "rare":
			y = math.Floor(random.ExpFloat64() / 2)
		case "constant":
			y = scale
		case "signed":
			y = scale * random.NormFloat64()
		case "growing":
			y = scale * math.Exp(.3*float64(k))
		case "nothing":
			y = 0
		}
		if random.IntN(9) == 0 {
			y = math.NaN()
		}
		if k < n {
			s.Y = append(s.Y, y)
		}
		if regressor {
			s.Regressors[0] = append(s.Regressors[0], []float64{1, 2, 2, math.NaN()}[random.IntN(4)])
		}
		if events {
			s.Events = append(s.Events, nil)
			if random.IntN(12) == 0 {
				s.Events[k] = []string{"sale"}
			}
		}
	}
	return s
}

func holdsForecast(t *rapid.T, f Forecast, h int, y []float64) {
	least := math.Inf(-1)
	for _, v := range y {
		if v < 0 {
			least = math.Inf(-1)
			break
		}
		least = 0
	}
	if len(f.Mean) != h || len(f.Quantiles) != h {
		t.Fatalf("%d steps, want %d", len(f.Mean), h)
	}
	for k, mean := range f.Mean {
		if math.IsNaN(mean) || math.IsInf(mean, 0) || mean < least {
			t.Fatalf("mean %d ahead is %g after %v", k+1, mean, y)
		}
		last := least
		for _, q := range f.Quantiles[k] {
			if math.IsNaN(q) || math.IsInf(q, 0) || q < last {
				t.Fatalf("quantiles %d ahead are %v after %v", k+1, f.Quantiles[k], y)
			}
			last = q
		}
	}
}
