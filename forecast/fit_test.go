package forecast

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

// daily makes a series of n days whose last is 2025-09-09, an ordinary day.
func daily(n int, f func(t int) float64) *Series {
	s := &Series{SKU: "s", Start: NewDay(2025, time.September, 10) - Day(n)}
	for t := range n {
		s.Sold = append(s.Sold, f(t))
	}
	return s
}

func predict(t testing.TB, s *Series, h int) *Forecast {
	t.Helper()
	m, err := Fit(s, NewCalendar(nil), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m.Predict(h)
}

// Every complaint of users about other forecasters that research has found is
// a case here.
func TestFitOfStrangeSeries(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 9))
	rare := make([]float64, 300)
	for i := range rare {
		if rng.IntN(10) == 0 {
			rare[i] = 1
		}
	}
	gaps := daily(200, func(t int) float64 { return 10 + float64(t%3) })
	for i := range gaps.Sold {
		if i%5 == 2 || i > 150 && i < 170 {
			gaps.Sold[i] = math.NaN()
		}
	}
	gaps.Sold[40] = math.Inf(1)
	for _, c := range []struct {
		name     string
		series   *Series
		min, max float64 // of each mean over 30 days
	}{
		{"constant", daily(200, func(int) float64 { return 7 }), 6.9, 7.1},
		{"constant zero", daily(100, func(int) float64 { return 0 }), 0, 0},
		{"empty", daily(0, nil), 0, 0},
		{"one point", daily(1, func(int) float64 { return 5 }), 4, 6},
		{"began yesterday, after a year of nothing", daily(365, func(t int) float64 { return float64(t / 364 * 5) }), 4, 6},
		{"three days", daily(3, func(t int) float64 { return float64(4 + t) }), 3.5, 6.5},
		{"two weeks", daily(14, func(int) float64 { return 6 }), 5, 7},
		{"a million a day", daily(200, func(t int) float64 { return 1e6 + 1e4*float64(t%7) }), .95e6, 1.1e6},
		{"a ramp of two years", daily(730, func(t int) float64 { return 100 + float64(t) }), 820, 900},
		{"a falling ramp", daily(365, func(t int) float64 { return 400 - float64(t) }), 1, 45},
		{"rare sales", &Series{Start: 20000, Sold: rare}, .03, .25},
		{"gaps, NaN and infinity", gaps, 10, 12},
		{"negative days", daily(100, func(t int) float64 { return float64(10 - 15*(t%10/9)) }), 5, 14},
		{"fractions", daily(100, func(t int) float64 { return .25 + .01*float64(t%7) }), .2, .35},
		{"a spike of the past", daily(200, func(t int) float64 {
			if t == 150 {
				return 5000
			}
			return 10
		}), 8, 14},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := predict(t, c.series, 30)
			checkForecast(t, f)
			if len(f.Points) != 30 {
				t.Fatalf("%d points", len(f.Points))
			}
			for _, p := range f.Points {
				if p.Mean < c.min || p.Mean > c.max {
					t.Errorf("mean %g on %s, want %g to %g", p.Mean, p.Day, c.min, c.max)
				}
			}
		})
	}
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkForecast holds a forecast to what is true of every one.
func checkForecast(t failer, f *Forecast) {
	t.Helper()
	for i, p := range f.Points {
		if math.IsNaN(p.Mean) || math.IsInf(p.Mean, 0) || p.Mean < 0 {
			t.Fatalf("mean %g on %s", p.Mean, p.Day)
		}
		last := 0.
		for _, q := range p.Quantiles {
			if math.IsNaN(q.Value) || math.IsInf(q.Value, 0) || q.Value < last {
				t.Fatalf("quantiles %v on %s", p.Quantiles, p.Day)
			}
			last = q.Value
		}
		c := p.Components
		if sum := c.Level + c.Trend + c.Weekday + c.Event; math.Abs(sum-p.Mean) > 1e-6*(1+p.Mean) {
			t.Fatalf("components sum to %g, mean %g", sum, p.Mean)
		}
		if i > 0 && p.Day != f.Points[i-1].Day+1 {
			t.Fatalf("%s follows %s", p.Day, f.Points[i-1].Day)
		}
	}
}

func TestLawsOfForecasts(t *testing.T) {
	t.Parallel()
	cal := NewCalendar(nil)
	rapid.Check(t, func(t *rapid.T) {
		var all []*Series
		for i := range rapid.IntRange(1, 3).Draw(t, "series") {
			s := &Series{SKU: events.SKU(fmt.Sprint(i)), Category: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "category"), Start: NewDay(2024, 9, 1) + Day(rapid.IntRange(0, 300).Draw(t, "start"))}
			value := rapid.OneOf(rapid.Just(0.), rapid.Float64Range(0, 20), rapid.Float64Range(-5, 1e6), rapid.Just(math.NaN()), rapid.Just(math.Inf(1)))
			if rapid.Bool().Draw(t, "whole") {
				value = rapid.Map(rapid.IntRange(0, 9), func(n int) float64 { return float64(n) })
			}
			s.Sold = rapid.SliceOfN(value, 0, 90).Draw(t, "sold")
			if rapid.Bool().Draw(t, "censored") {
				s.Open = rapid.SliceOfN(rapid.Float64Range(0, 1), len(s.Sold), len(s.Sold)).Draw(t, "open")
			}
			all = append(all, s)
		}
		horizon := rapid.SampledFrom([]int{1, 7, 30}).Draw(t, "horizon")
		pool := FitPool(all, cal, horizon)
		for _, s := range all {
			m, err := Fit(s, cal, Options{Horizon: horizon, Pool: pool})
			if err != nil {
				t.Fatal(err)
			}
			f := m.Predict(horizon)
			checkForecast(t, f)
			again, _ := Fit(s, cal, Options{Horizon: horizon, Pool: FitPool(all, cal, horizon)})
			if diff := cmp.Diff(f, again.Predict(horizon), cmp.AllowUnexported(ForecastPoint{}, Forecast{}, recalibration{})); diff != "" {
				t.Fatalf("another run gives (-first +second):\n%s", diff)
			}
			if sum := f.Sum(f.AsOf+1, f.AsOf+Day(horizon)); math.IsNaN(sum.Variance) || sum.Quantile(.9) < sum.Quantile(.1) {
				t.Fatalf("sum %+v", sum)
			}
			for _, l := range m.Lost() {
				if math.IsNaN(l.Demand) || l.Demand < 0 || l.Lost() < 0 {
					t.Fatalf("lost %+v", l)
				}
			}
		}
	})
}

// TestHardlyAnythingSold: the square of such a number is nothing, and nothing
// over nothing would be no number (found by the laws above).
func TestHardlyAnythingSold(t *testing.T) {
	t.Parallel()
	s := &Series{SKU: "0", Start: NewDay(2024, 9, 1), Sold: []float64{8.89103499794031e-162, 0, 0, 0, 0, 0, 0}}
	predicted := func() *Forecast {
		m, err := Fit(s, NewCalendar(nil), Options{Horizon: 1, Pool: FitPool([]*Series{s}, NewCalendar(nil), 1)})
		if err != nil {
			t.Fatal(err)
		}
		return m.Predict(1)
	}
	f := predicted()
	checkForecast(t, f)
	if diff := cmp.Diff(f, predicted(), cmp.AllowUnexported(ForecastPoint{}, Forecast{}, recalibration{})); diff != "" {
		t.Errorf("another run gives (-first +second):\n%s", diff)
	}
}

func TestFitRefusesAHorizonThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, h := range []int{-1, 367} {
		var invalid *events.Invalid
		if _, err := Fit(daily(30, func(int) float64 { return 1 }), NewCalendar(nil), Options{Horizon: h}); !errors.As(err, &invalid) || invalid.Field != "horizon" {
			t.Errorf("horizon %d: %v", h, err)
		}
	}
}

func TestNewSeriesSortsPointsAndAddsUpDays(t *testing.T) {
	t.Parallel()
	s := NewSeries("s", []Point{{12, 3}, {10, 1}, {12, 4}, {14, math.NaN()}, {13, math.Inf(1)}})
	want := []float64{1, math.NaN(), 7}
	if diff := cmp.Diff(want, s.Sold, cmpopts.EquateNaNs()); diff != "" || s.Start != 10 {
		t.Errorf("from day %d: %s", s.Start, diff)
	}
}

// A week with a strong Saturday, seen from a series that is nearly alone with
// its own weekdays.
func TestForecastFollowsTheWeek(t *testing.T) {
	t.Parallel()
	s := daily(200, byDay(func(d Day) float64 {
		if d.Weekday() == 6 {
			return 60
		}
		return 20
	}))
	for _, p := range predict(t, s, 14).Points {
		want := 20.
		if p.Day.Weekday() == 6 {
			want = 60
		}
		if math.Abs(p.Mean/want-1) > .1 {
			t.Errorf("weekday %d: %g, want %g", p.Day.Weekday(), p.Mean, want)
		}
	}
}

// byDay turns a function of days into one of indices for daily(200, …).
func byDay(f func(Day) float64) func(int) float64 {
	start := NewDay(2025, time.September, 10) - 200
	return func(t int) float64 { return f(start + Day(t)) }
}

// Chinese New Year moves by weeks from year to year; the sales that follow it
// must be forecast on its new dates, not on last year's.
func TestForecastFollowsANewYearThatMoves(t *testing.T) {
	t.Parallel()
	cal := NewCalendar(nil)
	start, end := NewDay(2023, time.October, 1), NewDay(2025, time.January, 10)
	s := &Series{SKU: "s", Start: start}
	for d := start; d <= end; d++ {
		v := 50.
		for _, l := range cal.Labels(d) {
			if l.Event == "cny" && l.Phase == PhaseDay {
				v = 5 // the shop hardly sends
			}
		}
		s.Sold = append(s.Sold, v)
	}
	m, err := Fit(s, cal, Options{Horizon: 60})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Predict(50).Points {
		holiday := p.Day >= NewDay(2025, time.January, 29) && p.Day < NewDay(2025, time.February, 5)
		if holiday && p.Mean > 15 || !holiday && p.Mean < 35 {
			t.Errorf("%s: %g", p.Day, p.Mean)
		}
	}
}

// A phase that a planner says to triple sales does so until it was seen.
func TestForecastTakesAPlannersWordForWhatIsNew(t *testing.T) {
	t.Parallel()
	s := daily(200, func(int) float64 { return 20 })
	own := Event{Key: "birthday", Occurrences: []Occurrence{{Year: 2025, Phases: []Phase{{Phase: "x", From: s.End() + 3, To: s.End() + 3, Uplift: 3}}}}}
	m, err := Fit(s, NewCalendar([]Event{own}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := m.Predict(6)
	if p := f.Points[3]; math.Abs(p.Mean-60) > 5 || p.Components.Event < 35 {
		t.Errorf("%g on the day, of which the event %g", p.Mean, p.Components.Event)
	}
	if a, b := width(f.Points[3])/f.Points[3].Mean, width(f.Points[2])/f.Points[2].Mean; a < 1.5*b {
		t.Errorf("a guess is as narrow (%g) as an ordinary day (%g)", a, b)
	}
}

func width(p ForecastPoint) float64 { return p.Quantiles[3].Value - p.Quantiles[1].Value }

// Two SKUs alike but for stock-outs on half of their days must have forecasts
// alike: days without stock are not days without demand.
func TestForecastIsNotMisledByEmptyShelves(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 4))
	full, cut := daily(300, func(int) float64 { return 0 }), daily(300, func(int) float64 { return 0 })
	cut.Open = ones(300)
	for i := range 300 {
		y := drawCount(rng, 12, .05)
		full.Sold[i], cut.Sold[i] = y, y
		if i%2 == 1 {
			cut.Open[i] = float64(rng.IntN(3)) / 4
			cut.Sold[i] = math.Round(y * cut.Open[i])
		}
	}
	a, b := predict(t, full, 14), predict(t, cut, 14)
	for i := range a.Points {
		if r := b.Points[i].Mean / a.Points[i].Mean; r < .85 || r > 1.15 {
			t.Errorf("%s: %g with stock-outs, %g without", a.Points[i].Day, b.Points[i].Mean, a.Points[i].Mean)
		}
	}
}

// The distribution of a sum is narrower than the sum of quantiles, and wider
// than if days were independent.
func TestSumIsNotTheSumOfQuantiles(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(6, 6))
	f := predict(t, daily(300, func(int) float64 { return drawCount(rng, 15, .1) }), 28)
	sum := f.Sum(f.AsOf+1, f.AsOf+28)
	var mean, upper, own float64
	for i, p := range f.Points {
		mean += p.Mean
		upper += p.Quantiles[3].Value
		own += f.Points[i].own
	}
	q := sum.Quantile(.9)
	if math.Abs(sum.Mean-mean) > 1e-9 || q >= upper || sum.Variance <= own {
		t.Errorf("sum %g (mean %g) against %g of quantiles; variance %g against %g of days", q, sum.Mean, upper, sum.Variance, own)
	}
	if half := f.Sum(f.AsOf+15, f.AsOf+99); half.Mean >= sum.Mean || half.Mean <= 0 {
		t.Errorf("half of it is %g of %g", half.Mean, sum.Mean)
	}
}

// A SKU that was launched three days ago has a forecast near those days and
// its category's size, and says that it knows little.
func TestNewSeriesBorrowFromTheirCategory(t *testing.T) {
	t.Parallel()
	s := newShop(3, shopKnobs{skus: 40, start: NewDay(2025, time.March, 1), end: NewDay(2025, time.September, 9), days: 1, noise: .1, level: 10})
	fresh := &Series{SKU: "new", Category: "c1", Start: s.from - 3, Sold: []float64{2, 3, 1}}
	none := &Series{SKU: "none", Category: "c1", Start: s.from}
	old := s.series[1]
	pool := FitPool(append(s.series, fresh, none), NewCalendar(nil), 30)
	relative := func(s *Series) (mean, wide float64) {
		m, err := Fit(s, NewCalendar(nil), Options{Pool: pool})
		if err != nil {
			t.Fatal(err)
		}
		f := m.Predict(14)
		checkForecast(t, f)
		sum := f.Sum(f.AsOf+1, f.AsOf+14)
		return sum.Mean / 14, (sum.Quantile(.9) - sum.Quantile(.1)) / sum.Mean
	}
	_, oldWide := relative(old)
	freshMean, freshWide := relative(fresh)
	noneMean, noneWide := relative(none)
	if freshMean < 1.5 || freshMean > 8 || freshWide < 1.3*oldWide {
		t.Errorf("three days old: %g ± %g, an old one ± %g", freshMean, freshWide, oldWide)
	}
	if noneMean < 4 || noneMean > 40 || noneWide < 1.3*freshWide {
		t.Errorf("never sold: %g ± %g", noneMean, noneWide)
	}
}

func BenchmarkFit(b *testing.B) {
	k := usualShop()
	k.skus = 150
	s := newShop(1, k)
	cal := NewCalendar(nil)
	b.Run("one series of 400 days", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m, err := Fit(s.series[0], cal, Options{})
			if err != nil {
				b.Fatal(err)
			}
			m.Predict(30)
		}
	})
	b.Run("shop of 150 SKUs", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			pool := FitPool(s.series, cal, 30)
			for _, series := range s.series {
				m, err := Fit(series, cal, Options{Pool: pool})
				if err != nil {
					b.Fatal(err)
				}
				m.Predict(30)
			}
		}
	})
}
