package forecast

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

// moves reads "hour location level|delta quantity", the version being the hour.
func moves(t testing.TB, script string) []StockMove {
	t.Helper()
	var out []StockMove
	for i, line := range strings.Split(strings.TrimSpace(script), "\n") {
		var hour, quantity int64
		var where, kind string
		if _, err := fmt.Sscan(line, &hour, &where, &kind, &quantity); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		out = append(out, StockMove{
			ID: events.RecordID{Lo: int64(i)}, SKU: "s", Location: where, Region: where[:1], Level: kind == "level",
			Quantity: quantity, Version: hour, Time: time.Unix(hour*3600, 0).UTC(),
		})
	}
	return out
}

// spans writes outages as "from-to" in hours.
func spans(s *StockState) string {
	var out []string
	for _, o := range s.Outages {
		to := ""
		if !o.To.IsZero() {
			to = fmt.Sprint(o.To.Unix() / 3600)
		}
		out = append(out, fmt.Sprintf("%d-%s", o.From.Unix()/3600, to))
	}
	return strings.Join(out, " ")
}

func TestOnHandKnowsWhenThereWasNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, script, all, east string
		pieces                  int64
		known                   bool
	}{
		{"never out", "1 e1 level 5\n2 e1 delta -4", "", "", 1, true},
		{"sold out and filled", "1 e1 level 5\n3 e1 delta -5\n7 e1 level 9", "3-7", "3-7", 9, true},
		{"still out", "1 e1 level 0", "1-", "1-", 0, true},
		{"another location helps", "1 e1 level 0\n1 w1 level 4\n6 w1 delta -4\n8 w1 delta 3", "6-8", "1-", 3, true},
		{"two locations of a region", "1 e1 level 2\n1 e2 level 2\n4 e1 delta -2\n5 e2 delta -2", "5-", "5-", 0, true},
		{"only deltas tell nothing", "2 e1 delta -5", "", "", 0, false},
		{"oversold", "1 e1 level 1\n2 e1 delta -3\n4 e1 delta 3", "2-4", "2-4", 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ms := moves(t, c.script)
			want := NewOnHand(ms)
			if got := spans(&want.All); got != c.all || want.All.Pieces != c.pieces || want.All.Known != c.known {
				t.Errorf("all out %q, %d left, known %v; want %q, %d, %v", got, want.All.Pieces, want.All.Known, c.all, c.pieces, c.known)
			}
			if got := spans(want.In("e")); got != c.east {
				t.Errorf("east out %q, want %q", got, c.east)
			}
			rand.New(rand.NewPCG(3, 3)).Shuffle(len(ms), func(i, j int) { ms[i], ms[j] = ms[j], ms[i] })
			if diff := cmp.Diff(spans(&want.All), spans(&NewOnHand(ms).All)); diff != "" {
				t.Errorf("in another order:\n%s", diff)
			}
		})
	}
}

func TestAnUnknownStockIsAvailable(t *testing.T) {
	t.Parallel()
	var none *OnHand
	if s := none.In("east"); s.Known || len(s.Outages) > 0 {
		t.Errorf("%+v", s)
	}
}

func TestOpenShareFollowsTheUsualHours(t *testing.T) {
	t.Parallel()
	var evening profile // all is sold from 20 to 22 o'clock
	evening[20], evening[21] = .5, .5
	d := NewDay(2025, time.November, 11)
	from := func(h float64) time.Time { return d.In(time.UTC).Add(time.Duration(h * float64(time.Hour))) }
	for _, c := range []struct {
		name string
		out  []Span
		sold uint32
		want float64
	}{
		{"open", nil, 0, 1},
		{"shut all day", []Span{{from(-30), time.Time{}}}, 0, 0},
		{"shut in the morning", []Span{{from(6), from(12)}}, 0, 1},
		{"shut at nine in the evening", []Span{{from(21), from(23)}}, 0, .5},
		{"shut for half an hour", []Span{{from(20.5), from(21)}}, 0, .75},
		{"two outages", []Span{{from(20), from(20.5)}, {from(21), from(21.5)}}, 0, .5},
		{"what sold was open", []Span{{from(20), from(22)}}, 1 << 20, .5},
	} {
		if got := openShare(d, time.UTC, &evening, c.out, c.sold); got != c.want {
			t.Errorf("%s: %g, want %g", c.name, got, c.want)
		}
	}
}

func TestProfilesTellEventDaysApart(t *testing.T) {
	t.Parallel()
	p := newProfiles()
	peak := &Label{"11.11", PhaseDay, 0}
	for h := range 24 {
		p.add(nil, h, 100)
	}
	p.add(peak, 0, 5000) // all in the first hour
	var unknown profile
	if got := p.usual(nil, &unknown)[0]; got < .04 || got > .05 {
		t.Errorf("the first hour of an ordinary day has %g", got)
	}
	if got := p.usual(peak, &unknown)[0]; got < .9 {
		t.Errorf("the first hour of the peak has %g", got)
	}
}
