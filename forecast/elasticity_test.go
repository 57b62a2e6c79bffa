package forecast

import (
	"math"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

func TestBeyond(t *testing.T) {
	t.Parallel()
	sold := []float32{0, 20, 16, 0, 25}
	for _, c := range []struct {
		name   string
		prices []float32
		price  float64
		want   float64
	}{
		{"the lowest", sold, 16, 0},
		{"as good as the lowest", sold, 15.9, 0},
		{"half the lowest", sold, 8, math.Ln2},
		{"in between", sold, 18, 0},
		{"as good as the highest", sold, 25.2, 0},
		{"twice the highest", sold, 50, math.Ln2},
		{"never sold: the usual price", nil, 20, 0},
		{"never sold: half of it", nil, 10, math.Ln2},
	} {
		if got := beyond(c.prices, 20, c.price); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %g, want %g", c.name, got, c.want)
		}
	}
}

// TestUncertaintyOfPricesGrowsWithDistance: by the delta method the variance of
// exp(e·d) is exp(2e·d)·d²·var(e).
func TestUncertaintyOfPricesGrowsWithDistance(t *testing.T) {
	t.Parallel()
	e := elasticity{-2, .1}
	for _, c := range []struct{ change, beyond, factor, sd float64 }{
		{1, 0, 1, 0},
		{.9, 0, 1 / .81, .1 * -math.Log(.9) / .81},
		{.5, 0, 4, 4 * .1 * math.Ln2},
		{2, 0, .25, .25 * .1 * math.Ln2},
		{.5, math.Ln2, 4, 4 * math.Ln2 * math.Hypot(.1, elasticityDiffers)},
	} {
		factor, sd := e.factor(c.change, c.beyond)
		if math.Abs(factor-c.factor) > 1e-9 || math.Abs(sd-c.sd) > 1e-9 {
			t.Errorf("price times %g, %g beyond: %g ± %g, want %g ± %g", c.change, c.beyond, factor, sd, c.factor, c.sd)
		}
	}
}

// TestWhatIfIsTheLessSureTheFartherThePriceIs from all that were seen.
func TestWhatIfIsTheLessSureTheFartherThePriceIs(t *testing.T) {
	t.Parallel()
	m, desk := openShop(t)
	now := time.Date(2025, time.October, 20, 12, 0, 0, 0, desk.Zone)
	if err := m.MarkSales(t.Context(), 0, now); err != nil {
		t.Fatal(err)
	}
	width := 0.
	for _, discount := range []float64{0, .005, .1, .2, .4, .6} {
		a, err := desk.WhatIf(t.Context(), WhatIf{SKUs: []events.SKU{"s0"}, Event: "11.11", Discount: &discount}, now)
		if err != nil {
			t.Fatal(err)
		}
		it := a.Items[0]
		low, _ := it.Scenario.Quantiles.At(.1)
		high, _ := it.Scenario.Quantiles.At(.9)
		got := (high - low) / it.Scenario.Mean
		if got < width {
			t.Errorf("%g off: relative width %g, with less off %g", discount, got, width)
		}
		width = got
		if it.Extrapolated != (discount > .01) {
			t.Errorf("%g off a price that never changed: extrapolated %t", discount, it.Extrapolated)
		}
	}
	if width < 1 {
		t.Errorf("three fifths off are known to %g of the mean", width)
	}
}
