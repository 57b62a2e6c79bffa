package panel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestYearAgoAlignsDaysByTheirEvent(t *testing.T) {
	t.Parallel()
	daily := Step{Every: day}
	s := &Series{Start: dailyFrom("2024-01-01"), Y: make([]float64, 380)}
	s.Events = make([][]string, 480)
	mark := func(name, from, to string) {
		first, _ := daily.Index(s.Start, dailyFrom(from))
		last, _ := daily.Index(s.Start, dailyFrom(to))
		for i := first; i <= last; i++ {
			s.Events[i] = append(s.Events[i], name)
		}
	}
	mark("new-year", "2024-02-10", "2024-02-17")
	mark("new-year", "2025-01-29", "2025-02-04") // a day shorter
	mark("opening", "2025-03-20", "2025-03-20")  // the first of its kind
	mark("valentine", "2024-02-14", "2024-02-14")
	mark("valentine", "2025-02-14", "2025-02-14")
	d := newDesign(&Panel{Step: daily, Series: []*Series{s}}, 100)
	e := d.yearAgo(s, 480)
	for _, c := range []struct{ name, at, from string }{
		{"its first day", "2025-01-29", "2024-02-10"},
		{"its last day", "2025-02-04", "2024-02-16"},
		{"two days before", "2025-01-27", "2024-02-08"},
		{"the day behind it, where the next is nine days off", "2025-02-05", "2024-02-18"},
		{"on another event", "2025-02-14", "2024-02-14"},
		{"nearer to the next event", "2025-02-13", "2024-02-13"},
		{"an ordinary day", "2025-03-10", ""},
		{"an event without a year before", "2025-03-20", ""},
		{"what the year before would lie ahead of the history", "2024-02-10", ""},
	} {
		i, _ := daily.Index(s.Start, dailyFrom(c.at))
		got := ""
		if e.from[i] >= 0 {
			got = daily.At(s.Start, e.from[i]).Format("2006-01-02")
		}
		if diff := cmp.Diff(c.from, got); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", c.name, c.at, diff)
		}
	}
	if weekly := newDesign(&Panel{Step: Step{Every: week}, Series: []*Series{s}}, 8); weekly.yearAgo(s, 480) != nil {
		t.Error("weeks are aligned by events")
	}
}

// movingFeast is a year and a month of days, and four weeks to come, with a feast
// that is 19 days later this year: people buy ahead of it, and then stay at home.
func movingFeast(seed uint64) (s *Series, truth, lift []float64) {
	const n, h = 400, 28
	r := rand.New(rand.NewPCG(seed, 3))
	s = &Series{Name: "s", Start: dailyFrom("2023-01-01"), Events: make([][]string, n+h)}
	lift = make([]float64, n+h)
	for i := range lift {
		lift[i] = 1
	}
	for _, first := range []int{n + 10 - 384, n + 10} {
		for k := range 8 {
			lift[first-8+k] = 1.07 + .07*float64(k)
		}
		for k, l := range []float64{1.6, .9, .8, .5, .3, .2, .2, .3, .5, .7, .9} {
			lift[first+k], s.Events[first+k] = l, []string{"feast"}
		}
	}
	level, all := 200., make([]float64, n+h)
	for i := range all {
		level *= math.Exp(.01 * r.NormFloat64())
		all[i] = level * lift[i] * (1 + .3*float64(max(0, i%7-4))) * math.Exp(.08*r.NormFloat64())
	}
	s.Y = all[:n]
	return s, all[n:], lift[n:]
}

func TestAYearlyEventIsForecastFromOneYear(t *testing.T) {
	t.Parallel()
	var miss, size float64
	for seed := range uint64(6) {
		s, truth, lift := movingFeast(seed)
		f := forecastOf(t, len(truth), s)[0]
		for k, y := range truth {
			if lift[k] != 1 {
				miss, size = miss+math.Abs(f.Mean[k]-y), size+y
			}
		}
	}
	if wape := miss / size; wape > .2 { // as on any other days it would be .4; by one effect for all days of the feast .3
		t.Errorf("WAPE of the days of the feast is %.3f", wape)
	}
}

func TestNothingIsAddedWhereAYearAgoWasAsUsual(t *testing.T) {
	t.Parallel()
	s, truth, _ := movingFeast(1)
	plain := *s
	plain.Events = nil
	for i := range s.Y { // a feast that moves nothing
		s.Y[i] = 100 * math.Exp(.08*rand.New(rand.NewPCG(uint64(i), 1)).NormFloat64())
	}
	plain.Y = s.Y
	with, without := forecastOf(t, len(truth), s)[0], forecastOf(t, len(truth), &plain)[0]
	for k := range truth {
		if math.Abs(with.Mean[k]/without.Mean[k]-1) > .12 {
			t.Errorf("%d ahead: %.1f with the feast, %.1f without", k+1, with.Mean[k], without.Mean[k])
		}
	}
}
