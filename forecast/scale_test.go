package forecast

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/peakday/peakday/events"
)

// TestSteadinessIsBelievedOfTheLarge: in a shop of wild articles, one that sells
// much and evenly gets a spread of its own within weeks; one that sells a piece
// a week shows nothing of the sort.
func TestSteadinessIsBelievedOfTheLarge(t *testing.T) {
	t.Parallel()
	const days = 182
	rng := rand.New(rand.NewPCG(7, 1))
	sold := func(mean, wild float64) *Series {
		s := &Series{SKU: events.SKU(fmt.Sprint(mean, wild)), Start: 20000}
		for range days {
			m := mean * math.Exp(wild*rng.NormFloat64()-wild*wild/2)
			s.Sold = append(s.Sold, distuv.Poisson{Lambda: m, Src: rng}.Rand())
		}
		return s
	}
	steady, wildest, rare := sold(5000, .1), sold(5000, 1.8), sold(.15, 0)
	shop := []*Series{steady, wildest, rare}
	for i := range 60 {
		shop = append(shop, sold(.3+float64(i%7), 1.2))
	}
	calendar := NewCalendar(nil)
	pool := FitPool(shop, calendar, 14)
	for _, c := range []struct {
		name     string
		series   *Series
		min, max float64 // of the scale
	}{
		{"steady and large", steady, 0, .1},
		{"wild and large", wildest, 1.2, 8},
		{"rare", rare, .4, 1.6},
	} {
		m, err := Fit(c.series, calendar, Options{Horizon: 14, Pool: pool})
		if err != nil {
			t.Fatal(err)
		}
		if !(m.scale > c.min && m.scale < c.max) {
			t.Errorf("%s: scale %.3f, want %g to %g", c.name, m.scale, c.min, c.max)
		}
	}
	m, err := Fit(steady, calendar, Options{Horizon: 14, Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	sum := m.Predict(14).Sum(steady.End(), steady.End()+13)
	if high := sum.Quantile(.95) / sum.Mean; high > 1.35 {
		t.Errorf("95 %% of two weeks of the steady article lie below %.2f of their mean", high)
	}
}

func TestScaleOfHardlyAnythingIsANumber(t *testing.T) {
	t.Parallel()
	for _, each := range []float64{1e-300, 1e-160, 1e-20, 1e-9, 1e12} {
		for _, s := range []*Series{daily(200, func(int) float64 { return each }), daily(200, func(t int) float64 { return each * float64(t%9) })} {
			m, err := Fit(s, NewCalendar(nil), Options{Horizon: 14})
			if err != nil {
				t.Fatal(err)
			}
			if !(m.scale > 0 && m.scale < 100) {
				t.Errorf("%g a day: scale %g", each, m.scale)
			}
		}
	}
}
