package panel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestAMegaSaleIsForecastAtItsHeight has a day that sells twenty times as much,
// seen twice.
func TestAMegaSaleIsForecastAtItsHeight(t *testing.T) {
	t.Parallel()
	daily, start := Step{Every: day}, dailyFrom("2022-10-01")
	next, _ := daily.Index(start, dailyFrom("2024-11-11"))
	s := sales(21, next-15, flat(400))
	s.Start, s.Events = start, make([][]string, next+15)
	for _, d := range []string{"2022-11-11", "2023-11-11", "2024-11-11"} {
		at, _ := daily.Index(start, dailyFrom(d))
		if s.Events[at] = []string{"d11"}; at < len(s.Y) {
			s.Y[at] *= 20
		}
	}
	f := forecastOf(t, 28, s)[0]
	mean, q := f.Mean[15], f.Quantiles[15]
	if mean < 10*400 || mean > 30*400 {
		t.Errorf("the day of the event is forecast at %.0f, want about 8000", mean)
	}
	if wide := (q[4] - q[0]) / mean; wide < .2 || wide > 2 {
		t.Errorf("its 95 %% interval is %.0f to %.0f around %.0f", q[0], q[4], mean)
	}
}

// nights are hours of shops that close from 20 to 8: counts where scale is 1.
func nights(scale float64) (all []*Series) {
	r := rand.New(rand.NewPCG(22, 1))
	for i := range 5 {
		s := &Series{Name: fmt.Sprint(i), Start: dailyFrom("2024-01-01")}
		for h := range 24 * 21 {
			y := 0.
			if of := h % 24; of >= 8 && of < 20 {
				mean := 10 * float64(i+1) * math.Sin(math.Pi*float64(of-7)/13)
				y = math.Max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64()))
			}
			s.Y = append(s.Y, y*scale+.001*(1-scale)*r.Float64())
		}
		all = append(all, s)
	}
	return all
}

func TestHoursOfAShopThatClosesAtNight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		scale float64
	}{{"counts", 1}, {"amounts", .7}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := &Panel{Step: Step{Every: hour}, Series: nights(c.scale)}
			r, err := p.Forecast(Spec{Horizon: 24, Quantiles: []float64{.025, .1, .5, .9, .975}})
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range r.Forecasts {
				sane(t, f, 24)
				size := 10 * float64(i+1) * c.scale
				if noon, night := f.Mean[13], f.Mean[3]; math.Abs(noon-size) > .35*size || night > .1*size {
					t.Errorf("series %d: %.1f at one and %.1f at three in the night, want %.0f and 0", i, noon, night, size)
				}
				if q := f.Quantiles[3]; q[0] > .01 || q[3] > .35*size {
					t.Errorf("series %d: the 80 %% interval at night ends at %.1f, the 95 %% one begins at %.3f", i, q[3], q[0])
				}
				if q := f.Quantiles[13]; q[4] > 4*size || q[0] > .9*size {
					t.Errorf("series %d: 95 %% interval %.1f to %.1f by day, around %.0f", i, q[0], q[4], size)
				}
			}
		})
	}
}

// TestShortHistoriesDoNotKnowTheFarFuture has six months, and forecasts eighteen.
func TestShortHistoriesDoNotKnowTheFarFuture(t *testing.T) {
	t.Parallel()
	p := &Panel{Step: Step{Months: 1}, Series: []*Series{{Start: dailyFrom("2024-01-01"), Y: []float64{103, 98, 105, 97, 101, 99}}}}
	r, err := p.Forecast(Spec{Horizon: 18, Quantiles: []float64{.1, .9}})
	if err != nil {
		t.Fatal(err)
	}
	wide := func(k int) float64 { return r.Forecasts[0].Quantiles[k][1] - r.Forecasts[0].Quantiles[k][0] }
	if near, far := wide(0), wide(17); far < 1.5*near {
		t.Errorf("the interval is %.1f wide for the next month and %.1f a year and a half ahead", near, far)
	}
}

func TestWinsorize(t *testing.T) {
	t.Parallel()
	with := func(far ...float64) []float64 {
		y := make([]float64, 200)
		for i := range y {
			y[i] = 10 + float64(i%5)
		}
		copy(y[50:], far)
		return y
	}
	for _, c := range []struct {
		name string
		y    []float64
		want bool
	}{
		{"nothing far off", with(), false},
		{"a slip", with(1e6), true},
		{"a slip downwards", with(-1e6, 1e6), true},
		{"more than a slip", with(1e3, 1e3, 1e3), false},
		{"few values", with(1e6)[40:55], false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			top := 0.
			limited := winsorize(c.y)
			for _, v := range c.y {
				top = max(top, math.Abs(v))
			}
			if limited != c.want || limited && top > 100 {
				t.Errorf("limited: %v, the furthest value is %g", limited, top)
			}
		})
	}
}
