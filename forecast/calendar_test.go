package forecast

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

func day(t testing.TB, s string) Day {
	t.Helper()
	d, err := ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDayKnowsItsDate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		date    string
		day     Day
		weekday int
	}{
		{"1970-01-01", 0, 4},
		{"2000-02-29", 11016, 2},
		{"2025-11-11", 20403, 2},
		{"2026-11-22", 20779, 0},
	} {
		d := day(t, c.date)
		if d != c.day || d.String() != c.date || d.Weekday() != c.weekday {
			t.Errorf("%s is day %d (%s), weekday %d", c.date, d, d, d.Weekday())
		}
	}
}

func TestDayBeginsOnTheShopsClock(t *testing.T) {
	t.Parallel()
	zone := shanghai(t)
	late := time.Date(2025, 11, 10, 16, 0, 0, 0, time.UTC) // midnight in Shanghai
	if d := DayOf(late, zone); d.String() != "2025-11-11" || !d.In(zone).Equal(late) {
		t.Errorf("%s is of %s, which begins at %s", late, d, d.In(zone))
	}
	if d := DayOf(late.Add(-time.Second), zone); d.String() != "2025-11-10" {
		t.Errorf("a second earlier is of %s", d)
	}
}

func TestParseDayRefusesWhatIsNoDate(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "2025-13-01", "2025-02-30", "11.11.2025", "2025-1-1", "1969-12-31", "9999-01-01"} {
		var invalid *events.Invalid
		if d, err := ParseDay(s); !errors.As(err, &invalid) {
			t.Errorf("%q is day %s, %v", s, d, err)
		}
	}
}

func TestCalendarLabelsTheSameDayOfEveryYear(t *testing.T) {
	t.Parallel()
	cal := NewCalendar(nil)
	for _, c := range []struct {
		date string
		want []Label
	}{
		{"2025-11-11", []Label{{"11.11", PhaseDay, 0}}},
		{"2019-11-11", []Label{{"11.11", PhaseDay, 0}}},
		{"2025-10-31", []Label{{"11.11", PhaseBalance, 0}}},
		{"2025-12-10", []Label{{"12.12", PhaseWarmup, 4}}},
		{"2025-01-28", []Label{{"cny", PhaseWarmup, 20}}}, // New Year's Eve: it moves
		{"2026-02-16", []Label{{"cny", PhaseWarmup, 20}}},
		{"2026-02-17", []Label{{"cny", PhaseDay, 0}}},
		{"2025-08-01", nil},
	} {
		if diff := cmp.Diff(c.want, cal.Labels(day(t, c.date))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.date, diff)
		}
	}
}

func TestCalendarOverlapsAndReplacesBuiltins(t *testing.T) {
	t.Parallel()
	own := Event{Key: "6.18", Occurrences: []Occurrence{{Year: 2025, Phases: []Phase{
		{Phase: "day", From: day(t, "2025-06-16"), To: day(t, "2025-06-18")},
		{Phase: "month", From: day(t, "2025-06-01"), To: day(t, "2025-06-30"), Uplift: 1.5},
	}}}}
	cal := NewCalendar([]Event{own})
	want := []Label{{"6.18", "day", 1}, {"6.18", "month", 16}} // the shorter first
	if diff := cmp.Diff(want, cal.Labels(day(t, "2025-06-17"))); diff != "" {
		t.Error(diff)
	}
	if got := cal.Labels(day(t, "2024-06-18")); got != nil {
		t.Errorf("the built-in year is still there: %v", got)
	}
	if e, ok := cal.Event("6.18"); !ok || len(e.Occurrences) != 1 || len(cal.Events()) != len(BuiltinEvents()) {
		t.Errorf("event %v among %d", e, len(cal.Events()))
	}
}

func TestCalendarFindsTheNextSale(t *testing.T) {
	t.Parallel()
	cal := NewCalendar(nil)
	for _, c := range []struct{ event, after, from, to string }{
		{"11.11", "2025-07-01", "2025-10-20", "2025-11-11"},
		{"11.11", "2025-11-10", "2025-10-20", "2025-11-11"},
		{"11.11", "2025-11-11", "2026-10-20", "2026-11-11"},
	} {
		o, ok := cal.Next(c.event, day(t, c.after))
		from, to := o.Sale()
		if !ok || from.String() != c.from || to.String() != c.to {
			t.Errorf("after %s: %s to %s, want %s to %s", c.after, from, to, c.from, c.to)
		}
	}
	if _, ok := cal.Next("11.11", day(t, "2036-01-01")); ok {
		t.Error("a sale beyond the calendar")
	}
	if _, ok := cal.Next("no-such", 0); ok {
		t.Error("a sale of no event")
	}
}

// The new years of 2015 to 2035 as the Hong Kong Observatory's conversion
// tables give them.
func TestNewYearOfTheLunarCalendar(t *testing.T) {
	t.Parallel()
	want := strings.Fields("2015-02-19 2016-02-08 2017-01-28 2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01 " +
		"2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03 2031-01-23 2032-02-11 2033-01-31 2034-02-19 2035-02-08")
	for i, w := range want {
		d := newYear(2015 + i)
		if d.String() != w {
			t.Errorf("%d: %s, want %s", 2015+i, d, w)
		}
		// New moons are 29.530588 days apart: the date is one, within a day.
		months := float64(d-newYear(2015)) / 29.530588
		if off := months - float64(int(months+.5)); off > .06 || off < -.06 {
			t.Errorf("%s is %.2f months from a new moon", d, off)
		}
	}
}

func TestBuiltinEventsPassTheirOwnCheck(t *testing.T) {
	t.Parallel()
	for _, e := range BuiltinEvents() {
		body, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseEvent(e.Key, body)
		if err != nil {
			t.Errorf("%s: %v", e.Key, err)
		}
		if diff := cmp.Diff(e, back); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e.Key, diff)
		}
	}
}

func TestParseEventNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	phase := func(p string) string { return `{"occurrences":[{"year":2025,"phases":[` + p + `]}]}` }
	for _, c := range []struct{ name, key, body, field string }{
		{"bad key", "a b", `{}`, "event"},
		{"no JSON", "x", `hello`, ""},
		{"two objects", "x", `{} {}`, ""},
		{"unknown field", "x", `{"phaces":[]}`, "phaces"},
		{"wrong type", "x", `{"occurrences":[{"year":"2025"}]}`, "occurrences[0].year"},
		{"other key", "x", `{"event":"y"}`, "event"},
		{"no occurrences", "x", `{"name":"X"}`, "occurrences"},
		{"no phases", "x", `{"occurrences":[{"year":2025}]}`, "occurrences[0].phases"},
		{"a year of the past", "x", `{"occurrences":[{"year":12,"phases":[]}]}`, "occurrences[0].year"},
		{"no date", "x", phase(`{"phase":"day","from":"soon","to":"2025-11-11"}`), "occurrences[0].phases[0].from"},
		{"backwards", "x", phase(`{"phase":"day","from":"2025-11-12","to":"2025-11-11"}`), "occurrences[0].phases[0].to"},
		{"too long", "x", phase(`{"phase":"day","from":"2025-01-12","to":"2025-11-11"}`), "occurrences[0].phases[0].to"},
		{"twice", "x", phase(`{"phase":"day","from":"2025-11-11","to":"2025-11-11"},{"phase":"day","from":"2025-11-12","to":"2025-11-12"}`), "occurrences[0].phases[1].phase"},
		{"uplift below zero", "x", phase(`{"phase":"day","from":"2025-11-11","to":"2025-11-11","uplift":-1}`), "occurrences[0].phases[0].uplift"},
		{"a year twice", "x", `{"occurrences":[{"year":2025,"phases":[{"phase":"d","from":"2025-11-11","to":"2025-11-11"}]},{"year":2025,"phases":[{"phase":"d","from":"2025-11-11","to":"2025-11-11"}]}]}`, "occurrences"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseEvent(c.key, []byte(c.body))
			var invalid *events.Invalid
			if !errors.As(err, &invalid) || invalid.Field != c.field {
				t.Errorf("error %v, want one of field %q", err, c.field)
			}
		})
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add("x", []byte(`{"occurrences":[{"year":2025,"phases":[{"phase":"day","from":"2025-11-11","to":"2025-11-11","uplift":12}]}]}`))
	f.Add("11.11", []byte(`{"event":"11.11","name":"双11","occurrences":[]}`))
	f.Fuzz(func(t *testing.T, key string, body []byte) {
		e, err := ParseEvent(key, body)
		if err != nil {
			var invalid *events.Invalid
			if !errors.As(err, &invalid) {
				t.Fatalf("%v is not an *events.Invalid", err)
			}
			return
		}
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseEvent(key, again)
		if err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		if diff := cmp.Diff(e, back); diff != "" {
			t.Fatal(diff)
		}
		NewCalendar([]Event{e})
	})
}
