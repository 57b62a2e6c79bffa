package forecast

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/peakday/peakday/events"
)

func TestRecalibrationsDifferBySize(t *testing.T) {
	t.Parallel()
	var seen []sizedPIT
	var even uniforms
	for i := range 3000 {
		u := even.draw()
		switch i / 1000 {
		case 0:
			seen = append(seen, sizedPIT{0, .3 + .4*u}) // too wide for small ones
		case 1:
			seen = append(seen, sizedPIT{2, u})
		default:
			seen = append(seen, sizedPIT{4, edge(u)}) // too narrow for large ones
		}
	}
	w := newRecalibrations(seen)
	last := 0.
	for _, size := range []float64{-9, .5, 1, 2, 3, 9} {
		at := w.at(size).invert(.9)
		if at < last-1e-12 {
			t.Errorf("at size %g .9 becomes %g, below %g of a smaller size", size, at, last)
		}
		if back := w.at(size).apply(at); math.Abs(back-.9) > 1e-9 {
			t.Errorf("there and back is %g", back)
		}
		last = at
	}
	if small, large := w.at(0).invert(.9), w.at(4).invert(.9); small > .75 || large < .95 {
		t.Errorf(".9 becomes %g of small ones and %g of large ones", small, large)
	}
	if few := newRecalibrations(seen[:10]); few.at(1) != nil {
		t.Error("ten forecasts teach something")
	}
}

// shelf is a pool of series that sell by the thousand, and one of the given
// daily sales.
func shelf(t *testing.T, own func(rng *rand.Rand) float64) *Forecast {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	var all []*Series
	for i := range 12 {
		s := &Series{SKU: events.SKU(fmt.Sprint("large-", i)), Start: 20000}
		for range 240 {
			s.Sold = append(s.Sold, math.Round(2000*math.Exp(.3*rng.NormFloat64())))
		}
		all = append(all, s)
	}
	s := &Series{SKU: "own", Start: 20000}
	for range 240 {
		s.Sold = append(s.Sold, own(rng))
	}
	all = append(all, s)
	c := NewCalendar([]Event{})
	m, err := Fit(s, c, Options{Horizon: 14, Pool: FitPool(all, c, 14)})
	if err != nil {
		t.Fatal(err)
	}
	return m.Predict(14)
}

func TestARareSellerIsNotLiftedByLargeOnes(t *testing.T) {
	t.Parallel()
	f := shelf(t, func(rng *rand.Rand) float64 {
		if rng.Float64() < .05 {
			return 1
		}
		return 0
	})
	if got := f.Sum(f.AsOf+1, f.AsOf+14).Mean; got > 1.4 || got < .35 {
		t.Errorf("two weeks of a SKU that sells .7 in them: %.3g expected", got)
	}
}

func TestBulkBuyersNeedMoreStock(t *testing.T) {
	t.Parallel()
	q95 := func(size float64) float64 {
		f := shelf(t, func(rng *rand.Rand) float64 {
			if rng.Float64() < 2/size {
				return size
			}
			return 0
		})
		return f.Sum(f.AsOf+1, f.AsOf+14).Quantile(.95)
	}
	if singles, dozens := q95(2), q95(24); dozens < 1.4*singles {
		t.Errorf("of 28 pieces in two weeks, %g are enough when bought by two, %g when bought by two dozens", singles, dozens)
	}
}
