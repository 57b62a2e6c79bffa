package panel

import (
	"math"
	"testing"
	"time"
)

// BenchmarkDaily is fit, backtest and intervals of one daily series of 1,900
// values with weeks, years and an event a quarter.
func BenchmarkDaily(b *testing.B) {
	s := &Series{Name: "shop", Start: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
	for i := range 1900 {
		y := 1000 + .1*float64(i) + 80*math.Sin(float64(i)*2*math.Pi/7) + 100*math.Sin(float64(i)*2*math.Pi/365.25) + 40*math.Sin(float64(i*i%97))
		var now []string
		if i%91 == 0 {
			now, y = []string{"sale"}, y+400
		}
		s.Y, s.Events = append(s.Y, y), append(s.Events, now)
	}
	p := &Panel{Step: Step{Every: day}, Series: []*Series{s}}
	for _, c := range []struct {
		name  string
		quick bool
	}{{"full", false}, {"quick", true}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Forecast(Spec{Horizon: 28, Quantiles: []float64{.1, .5, .9}, Quick: c.quick}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
