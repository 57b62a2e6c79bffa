package panel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What users of other forecasting packages complain about, one test each.

func dailyFrom(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

// sales is a daily series with a week and a level, rounded to pieces.
func sales(seed uint64, n int, level func(i int) float64) *Series {
	r := rand.New(rand.NewPCG(seed, 1))
	s := &Series{Name: fmt.Sprintf("s%d", seed), Start: dailyFrom("2024-01-01")}
	for i := range n {
		week := []float64{.9, .9, .9, 1, 1.1, 1.3, .9}[i%7]
		s.Y = append(s.Y, math.Max(0, math.Round(level(i)*week*(1+.1*r.NormFloat64()))))
	}
	return s
}

func flat(level float64) func(int) float64 { return func(int) float64 { return level } }

func forecastOf(t *testing.T, h int, series ...*Series) []Forecast {
	t.Helper()
	p := &Panel{Step: Step{Every: day}, Series: series}
	r, err := p.Forecast(Spec{Horizon: h, Quantiles: []float64{.025, .1, .5, .9, .975}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Forecasts {
		sane(t, f, h)
	}
	return r.Forecasts
}

// sane holds what every forecast of sales must be: finite, not negative, its
// quantiles rising.
func sane(t *testing.T, f Forecast, h int) {
	t.Helper()
	if len(f.Mean) != h || len(f.Quantiles) != h || len(f.Times) != h {
		t.Fatalf("%s: %d steps, want %d", f.Series, len(f.Mean), h)
	}
	for k, mean := range f.Mean {
		if !(mean >= 0) || math.IsInf(mean, 0) {
			t.Fatalf("%s: mean of step %d is %g", f.Series, k+1, mean)
		}
		last := 0.
		for _, q := range f.Quantiles[k] {
			if !(q >= last) || math.IsInf(q, 0) {
				t.Fatalf("%s: quantiles of step %d are %v", f.Series, k+1, f.Quantiles[k])
			}
			last = q
		}
	}
}

func TestSalesAreNeverForecastBelowZero(t *testing.T) {
	t.Parallel()
	forecastOf(t, 60, sales(1, 400, func(i int) float64 { return math.Max(0, 200-float64(i)/2) }))
}

func TestARampOfTwoYearsIsNotReversed(t *testing.T) {
	t.Parallel()
	s := sales(2, 730, func(i int) float64 { return 100 + float64(i)/2 })
	f := forecastOf(t, 56, s)[0]
	week := func(y []float64) (sum float64) {
		for _, v := range y {
			sum += v / float64(len(y))
		}
		return sum
	}
	last, next, later := week(s.Y[702:]), week(f.Mean[:28]), week(f.Mean[28:])
	if next < last || later < next*.98 || later > last*1.35 {
		t.Errorf("the last four weeks sold %.0f a day, the next are forecast at %.0f and then %.0f", last, next, later)
	}
}

func TestAnEventIsFoundOnItsNewDate(t *testing.T) {
	t.Parallel()
	// A holiday that moves as the lunar New Year does, twice seen.
	s := sales(3, 760, flat(300))
	s.Start = dailyFrom("2023-01-01")
	s.Events = make([][]string, len(s.Y)+40)
	for _, d := range []string{"2023-01-22", "2024-02-10", "2025-02-05"} {
		at, _ := Step{Every: day}.Index(s.Start, dailyFrom(d))
		if s.Events[at] = []string{"new-year"}; at < len(s.Y) {
			s.Y[at] *= 4
		}
	}
	f := forecastOf(t, 40, s)[0]
	peak, _ := Step{Every: day}.Index(s.Start, dailyFrom("2025-02-05"))
	peak -= len(s.Y)
	other := 0.
	for k, v := range f.Mean {
		if k != peak {
			other = math.Max(other, v)
		}
	}
	if f.Mean[peak] < 2*other {
		t.Errorf("the day of the event is forecast at %.0f, the best other day at %.0f", f.Mean[peak], other)
	}
}

func TestAnEventMultipliesItsWeekday(t *testing.T) {
	t.Parallel()
	// The week is strong; the event triples whatever day it falls on.
	s := &Series{Name: "s", Start: dailyFrom("2023-01-02")}
	r := rand.New(rand.NewPCG(4, 4))
	n := 720
	s.Events = make([][]string, n+14)
	for i := range n + 14 {
		y := 100 * []float64{.5, .6, .7, .9, 1.1, 2, 2}[i%7] * (1 + .05*r.NormFloat64())
		if i%45 == 20 || i == n+2 || i == n+5 {
			s.Events[i] = []string{"sale"}
			y *= 3
		}
		if i < n {
			s.Y = append(s.Y, y)
		}
	}
	f := forecastOf(t, 14, s)[0]
	quiet := func(k int) float64 { return f.Mean[k+7] }
	for _, k := range []int{2, 5} {
		if ratio := f.Mean[k] / quiet(k); ratio < 2 || ratio > 4 {
			t.Errorf("step %d: the event makes %.1f times the same weekday a week later, want 3", k+1, ratio)
		}
	}
}

func TestSparseSeriesHaveIntervals(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 5))
	var all []*Series
	for i := range 40 {
		s := &Series{Name: fmt.Sprint(i), Start: dailyFrom("2024-01-01")}
		for range 200 {
			y := 0.
			if r.Float64() < .05 {
				y = 1 + math.Floor(4*r.Float64())
			}
			s.Y = append(s.Y, y)
		}
		all = append(all, s)
	}
	top := 0.
	for _, f := range forecastOf(t, 28, all...) {
		top += f.Quantiles[0][4] / 40
	}
	if top < .5 || top > 4 {
		t.Errorf("the .975 quantile of a day that sells once in twenty is %.2f on average", top)
	}
}

func TestTheSameInputGivesTheSameForecast(t *testing.T) {
	t.Parallel()
	make := func() []*Series {
		var all []*Series
		for seed := range uint64(6) {
			all = append(all, sales(seed, 90, flat(5+20*float64(seed))))
		}
		return all
	}
	first := forecastOf(t, 14, make()...)
	second := forecastOf(t, 14, make()...)
	for i := range first {
		if d := cmp.Diff(first[i].Mean, second[i].Mean); d != "" {
			t.Fatal(d)
		}
		if d := cmp.Diff(first[i].Quantiles, second[i].Quantiles); d != "" {
			t.Fatal(d)
		}
	}
}

func TestStrangeSeriesAreForecast(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	gaps := sales(6, 180, flat(80))
	for i := range gaps.Y {
		if i%11 < 3 || i > 120 && i < 150 || i > 175 {
			gaps.Y[i] = nan
		}
	}
	spike := sales(7, 120, flat(30))
	spike.Y[90] = 1e6
	for _, c := range []struct {
		name   string
		y      []float64
		lo, hi float64 // of the mean one step ahead
	}{
		{"one point", []float64{7}, 1, 20},
		{"began yesterday with nothing", []float64{0}, 0, 5},
		{"two points", []float64{7, 9}, 4, 14},
		{"nothing known", []float64{nan, nan, nan}, 0, 1},
		{"all zero", make([]float64, 100), 0, .1},
		{"constant", scaled(ones(100), 42), 41.9, 42.1},
		{"constant half", scaled(ones(90), .5), .49, .51},
		{"gaps", gaps.Y, 50, 130},
		{"a million units", scaled(sales(8, 120, flat(1e6)).Y, 1), 6e5, 1.5e6},
		{"a trillion units", scaled(sales(8, 120, flat(1e6)).Y, 1e6), 6e11, 1.5e12},
		{"tiny", scaled(sales(9, 120, flat(1000)).Y, 1e-9), 5e-7, 2e-6},
		{"one spike", spike.Y, 15, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := forecastOf(t, 10, &Series{Name: c.name, Start: dailyFrom("2024-01-01"), Y: c.y})[0]
			if f.Mean[0] < c.lo || f.Mean[0] > c.hi {
				t.Errorf("forecast %g, want %g to %g", f.Mean[0], c.lo, c.hi)
			}
		})
	}
	t.Run("together", func(t *testing.T) {
		t.Parallel()
		start := dailyFrom("2024-01-01")
		forecastOf(t, 30, gaps, spike, &Series{Name: "point", Start: start, Y: []float64{3}}, &Series{Name: "void", Start: start, Y: []float64{nan}},
			sales(10, 200, flat(12)), sales(11, 40, flat(900)), &Series{Name: "late", Start: start.AddDate(1, 0, 0), Y: []float64{1, 2}})
	})
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

func TestNegativeValuesMayBeForecast(t *testing.T) {
	t.Parallel()
	s := &Series{Name: "margin", Start: dailyFrom("2024-01-01")}
	r := rand.New(rand.NewPCG(12, 1))
	for range 100 {
		s.Y = append(s.Y, -50+10*r.NormFloat64())
	}
	p := &Panel{Step: Step{Every: day}, Series: []*Series{s}}
	result, err := p.Forecast(Spec{Horizon: 7, Quantiles: []float64{.1, .9}})
	if err != nil {
		t.Fatal(err)
	}
	if m := result.Forecasts[0].Mean[0]; m > -30 || m < -70 {
		t.Errorf("forecast %g of a series around −50", m)
	}
}

func TestEveryStepIsForecast(t *testing.T) {
	t.Parallel()
	for _, step := range []Step{{Every: hour}, {Every: day}, {Every: week}, {Months: 1}, {Months: 3}, {Months: 12}} {
		t.Run(step.String(), func(t *testing.T) {
			t.Parallel()
			m := 1
			if s := step.Seasons(); len(s) > 0 {
				m = s[0]
			}
			s := &Series{Start: dailyFrom("2020-01-01")}
			for i := range max(4*m, 30) {
				s.Y = append(s.Y, 100+30*math.Sin(2*math.Pi*float64(i)/float64(max(m, 4))))
			}
			r, err := (&Panel{Step: step, Series: []*Series{s}}).Forecast(Spec{Horizon: 6, Quantiles: []float64{.1, .9}})
			if err != nil {
				t.Fatal(err)
			}
			sane(t, r.Forecasts[0], 6)
			if m > 2 {
				for k, v := range r.Forecasts[0].Mean {
					want := 100 + 30*math.Sin(2*math.Pi*float64(len(s.Y)+k)/float64(m))
					if math.Abs(v-want) > 12 {
						t.Errorf("step %d is %.0f, the season says %.0f", k+1, v, want)
					}
				}
			}
		})
	}
}

// TestIntervalsCover holds the intervals of new series to their names.
func TestIntervalsCover(t *testing.T) {
	t.Parallel()
	var all []*Series
	for seed := range uint64(24) {
		all = append(all, sales(100+seed, 120, flat(100+10*float64(seed))))
	}
	p := &Panel{Step: Step{Every: day}, Series: all}
	s, err := p.Backtest(Spec{Horizon: 14, Quick: true}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if s.Origins != 2 || math.Abs(s.Coverage80-.8) > .06 || math.Abs(s.Coverage95-.95) > .04 || s.MASE > .85 || math.Abs(s.Bias) > .02 {
		t.Errorf("%+v", s)
	}
}

// TestPromotionsAreSharedBetweenSeries gives each series one promotion only.
func TestPromotionsAreSharedBetweenSeries(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(13, 1))
	p := &Panel{Step: Step{Every: week}, Regressors: []string{"deal"}}
	for i := range 16 {
		s := &Series{Name: fmt.Sprint(i), Groups: []string{"brand"}, Start: dailyFrom("2022-01-03"), Regressors: [][]float64{make([]float64, 66)}}
		for w := range 60 {
			y := 1000 * math.Exp(.1*r.NormFloat64())
			if w == 10+i {
				s.Regressors[0][w] = 1
				y *= 3 * math.Exp(.2*r.NormFloat64())
			}
			s.Y = append(s.Y, y)
		}
		s.Regressors[0][62] = 1
		p.Series = append(p.Series, s)
	}
	result, err := p.Forecast(Spec{Horizon: 6, Quantiles: []float64{.1, .9}})
	if err != nil {
		t.Fatal(err)
	}
	logs := 0.
	for _, f := range result.Forecasts {
		up := f.Mean[2] / f.Mean[1]
		if logs += math.Log(up) / 16; up < 1.5 || up > 4.5 {
			t.Errorf("series %s: the deal makes %.2f, want 3", f.Series, up)
		}
	}
	if all := math.Exp(logs); all < 2.5 || all > 3.5 {
		t.Errorf("the deal makes %.2f on average, want 3", all)
	}
}

// TestASeriesUnlikeAllOthersIsForecast has 420 steady sellers and one that
// seldom sells, which is not among those that the panel learns from.
func TestASeriesUnlikeAllOthersIsForecast(t *testing.T) {
	t.Parallel()
	var all []*Series
	for i := range 421 {
		all = append(all, sales(uint64(i), 14, flat(12)))
	}
	clear(all[20].Y)
	all[20].Y[4], all[20].Y[11] = 1, 2
	if m := forecastOf(t, 3, all...)[20].Mean[0]; !(m > 0 && m < 1) {
		t.Errorf("forecast %g of what sold 3 in 14 days", m)
	}
}
