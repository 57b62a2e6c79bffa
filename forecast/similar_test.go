package forecast

import (
	"fmt"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// In one category, dear articles of brand a sell 20 a day and cheap ones of
// brand b sell 2: a new one is taken for what it is like.
func TestANewSeriesIsLikeSimilarOnes(t *testing.T) {
	t.Parallel()
	start := NewDay(2025, time.March, 1)
	var all []*Series
	for i := range 30 {
		s := &Series{SKU: events.SKU(fmt.Sprint("old-", i)), Category: "c", Brand: "a", Price: 9000 + 40*float64(i), Start: start}
		sells := 20.
		if i%2 == 1 {
			s.Brand, s.Price, sells = "b", s.Price/5, 2
		}
		for day := range 120 {
			s.Sold = append(s.Sold, sells+float64((day+i)%3-1))
		}
		all = append(all, s)
	}
	pool := FitPool(all, NewCalendar(nil), 14)
	daily := func(s *Series) float64 {
		s.SKU, s.Category, s.Start = "new", "c", start+120
		m, err := Fit(s, NewCalendar(nil), Options{Pool: pool})
		if err != nil {
			t.Fatal(err)
		}
		f := m.Predict(14)
		checkForecast(t, f)
		return f.Sum(f.AsOf+1, f.AsOf+14).Mean / 14
	}
	unknown := daily(&Series{})
	for _, c := range []struct {
		name     string
		s        *Series
		from, to float64
	}{
		{"dear, of brand a", &Series{Brand: "a", Price: 9500}, 1.25 * unknown, 22},
		{"cheap, of brand b", &Series{Brand: "b", Price: 1900}, 1.5, .75 * unknown},
		{"dear, of an unknown brand", &Series{Price: 9500}, 1.1 * unknown, 22},
		{"of brand b, at an unknown price", &Series{Brand: "b"}, 1.5, .95 * unknown},
		{"of a brand that nobody knows", &Series{Brand: "z"}, .9 * unknown, 1.1 * unknown},
	} {
		if got := daily(c.s); got < c.from || got > c.to {
			t.Errorf("%s: %.1f a day, want %.1f to %.1f", c.name, got, c.from, c.to)
		}
	}
}
