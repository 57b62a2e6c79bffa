package panel

import (
	"math"
	"slices"
	"testing"
)

func TestBiasFollowsTheNewestWindowMost(t *testing.T) {
	t.Parallel()
	window := func(came float64) window {
		return window{truth: slices.Repeat([]float64{came}, 10), combined: slices.Repeat([]float64{1}, 10)}
	}
	bias := func(came ...float64) float64 {
		var tasks []*task
		for range 200 {
			of := &task{counts: true, segment: "intermittent", size: 1}
			for _, c := range came {
				of.windows = append(of.windows, window(c))
			}
			tasks = append(tasks, of)
		}
		return fitBias(tasks)["intermittent"]
	}
	if same := bias(1.2, 1.2, 1.2); math.Abs(same-1.2) > .01 {
		t.Errorf("a fifth more came each time: bias %.3f", same)
	}
	if rising, falling := bias(.8, 1, 1.2), bias(1.2, 1, .8); !(rising > 1.05 && falling < .95) {
		t.Errorf("bias %.3f where demand rises and %.3f where it fades", rising, falling)
	}
}

func TestIntermittentCountsAreForecastByTheirMean(t *testing.T) {
	t.Parallel()
	var all []*Series
	for i := range 40 {
		s := &Series{Name: string(rune('A' + i)), Start: dailyFrom("2024-01-01")}
		for k := range 120 {
			y := 0.
			if (k*7+i*13)%5 == 0 {
				y = float64(1 + (k+i)%3)
			}
			s.Y = append(s.Y, y)
		}
		all = append(all, s)
	}
	for _, f := range forecastOf(t, 14, all...) {
		for k, m := range f.Mean {
			if math.Abs(m-f.counts[k].Mean) > .1*m {
				t.Fatalf("%s, %d ahead: forecast %.3f, mean of the distribution %.3f", f.Series, k+1, m, f.counts[k].Mean)
			}
		}
	}
}
