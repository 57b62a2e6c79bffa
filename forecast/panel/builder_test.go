package panel

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestDetectStep(t *testing.T) {
	t.Parallel()
	at := func(texts ...string) (out []time.Time) {
		for _, text := range texts {
			out = append(out, dailyFrom(text))
		}
		return out
	}
	for _, c := range []struct {
		name  string
		times []time.Time
		want  string
	}{
		{"daily with a gap", at("2024-01-01", "2024-01-02", "2024-01-05", "2024-01-06"), "daily"},
		{"weekly", at("2024-01-01", "2024-01-08", "2024-01-15"), "weekly"},
		{"four weeks", at("2024-01-01", "2024-01-29", "2024-02-26"), "every 672h0m0s"},
		{"monthly", at("2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"), "monthly"},
		{"ends of months", at("2024-01-31", "2024-02-29", "2024-03-31"), "monthly"},
		{"quarterly", at("2024-01-01", "2024-04-01", "2024-07-01"), "quarterly"},
		{"yearly", at("2021-01-01", "2022-01-01", "2023-01-01"), "yearly"},
		{"one time", at("2024-01-01"), "daily"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if s, _ := DetectStep([][]time.Time{c.times}); s.String() != c.want {
				t.Errorf("found %s, want %s", s, c.want)
			}
		})
	}
}

func TestStepWalksMonths(t *testing.T) {
	t.Parallel()
	s := Step{Months: 1}
	for k, want := range []string{"2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"} {
		got := s.At(dailyFrom("2024-01-31"), k)
		if got.Format(time.DateOnly) != want {
			t.Errorf("%d months on is %s, want %s", k, got.Format(time.DateOnly), want)
		}
		if at, on := s.Index(dailyFrom("2024-01-31"), got); at != k || !on {
			t.Errorf("%s is step %d (%v), want %d", want, at, on, k)
		}
	}
}

func TestBuilderPlacesRows(t *testing.T) {
	t.Parallel()
	b := Builder{Regressors: []string{"price"}}
	row := func(day string, value, price float64, events ...string) Row {
		return Row{Series: "a", Time: dailyFrom(day), Value: value, Regressors: []float64{price}, Events: events}
	}
	// In no order, with a duplicate, a second row of a day, and a gap.
	for _, r := range []Row{row("2024-01-03", 3, 9), row("2024-01-01", 1, 10), row("2024-01-02", 2, 10), row("2024-01-02", 2, 10), row("2024-01-03", 4, 9), row("2024-01-05", 5, 8)} {
		b.Add(r)
	}
	b.AddFuture(row("2024-01-06", math.NaN(), 7, "sale"))
	b.AddFuture(Row{Series: "unknown", Time: dailyFrom("2024-01-06"), Regressors: []float64{1}})
	p, notes, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	if want := (Notes{Duplicates: 1, Added: 1, Gaps: 1, Weekdays: [7]int{0, 1, 2, 2, 0, 1, 0}}); notes != want {
		t.Errorf("notes %+v, want %+v", notes, want)
	}
	nan := math.NaN()
	want := []*Series{{
		Name: "a", Start: dailyFrom("2024-01-01"), Y: []float64{1, 2, 7, nan, 5},
		Regressors: [][]float64{{10, 10, 9, nan, 8, 7}}, Events: [][]string{nil, nil, nil, nil, nil, {"sale"}},
	}}
	if d := cmp.Diff(want, p.Series, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
}

func TestBuilderNamesTheLineOffTheGrid(t *testing.T) {
	t.Parallel()
	var b Builder
	for i, day := range []string{"2024-01-01", "2024-01-08", "2024-01-15", "2024-01-18"} {
		b.Add(Row{Series: "a", Line: i + 2, Time: dailyFrom(day), Value: 1})
	}
	_, _, err := b.Build()
	var fault *Fault
	if !errors.As(err, &fault) || fault.Line != 5 || !strings.Contains(fault.Problem, "weekly") {
		t.Errorf("got %v", err)
	}
}

func TestSpecSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := &Panel{Step: Step{Every: day}}
	for _, c := range []struct {
		name string
		spec Spec
		says string
	}{
		{"no horizon", Spec{}, "horizon"},
		{"falling quantiles", Spec{Horizon: 1, Quantiles: []float64{.9, .1}}, "quantiles"},
		{"certain quantile", Spec{Horizon: 1, Quantiles: []float64{1}}, "quantiles"},
		{"season of one", Spec{Horizon: 1, Seasons: []int{1}}, "season"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := p.Forecast(c.spec); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
	if r, err := p.Forecast(Spec{Horizon: 3}); err != nil || len(r.Forecasts) != 0 {
		t.Errorf("an empty panel gives %v, %v", r, err)
	}
}

func TestDaysOfALocalClockKeepTheirDatesThroughDaylightSaving(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		of, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return of
	}
	for _, c := range []struct {
		name, start string
		times       []string
		local       bool
	}{
		{"days", "2024-03-29 00:00:00", []string{"2024-03-29T00:00:00+01:00", "2024-03-30T00:00:00+01:00", "2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00", "2024-04-02T00:00:00+02:00"}, true},
		{"days ahead of UTC", "2024-11-10 00:00:00", []string{"2024-11-10T00:00:00+08:00", "2024-11-11T00:00:00+08:00", "2024-11-12T00:00:00+08:00"}, true},
		{"hours are instants", "2024-03-31 00:00:00", []string{"2024-03-31T01:00:00+01:00", "2024-03-31T03:00:00+02:00", "2024-03-31T04:00:00+02:00"}, false},
		{"days of UTC", "2024-03-30 00:00:00", []string{"2024-03-30T00:00:00Z", "2024-03-31T00:00:00Z", "2024-04-01T00:00:00Z"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var b Builder
			for i, text := range c.times {
				b.Add(Row{Series: "a", Time: at(text), Value: float64(i)})
			}
			p, notes, err := b.Build()
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Series[0].Start.Format(time.DateTime); got != c.start || notes.Local != c.local || notes.Gaps > 0 {
				t.Errorf("begins at %s (local: %v, gaps: %d), want %s (%v)", got, notes.Local, notes.Gaps, c.start, c.local)
			}
		})
	}
}

func TestBuilderNotesSeriesOfAnotherFrequency(t *testing.T) {
	t.Parallel()
	var b Builder
	start := dailyFrom("2024-01-01")
	for i := range 60 {
		b.Add(Row{Series: "daily", Time: start.AddDate(0, 0, i)})
		if i%9 != 1 && i%4 > 1 { // when it sold
			b.Add(Row{Series: "now and then", Time: start.AddDate(0, 0, i)})
		}
	}
	for i := range 12 {
		b.Add(Row{Series: "weekly", Time: start.AddDate(0, 0, 7*i)})
		b.Add(Row{Series: "monthly", Time: start.AddDate(0, i, 0)})
	}
	p, notes, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	if p.Step.String() != "daily" || notes.Coarser != 2 || notes.CoarserName != "weekly" {
		t.Errorf("%s, %d coarser, such as %q", p.Step, notes.Coarser, notes.CoarserName)
	}
}
