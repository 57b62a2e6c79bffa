package forecast

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/peakday/peakday/events"
)

// holidayTable has Qingming's, Mid-Autumn's and National Day's days off and
// make-up workdays of the State Council's notices, "~" before the latter. The
// weekend beside a holiday is listed with it; National Day's of 2017, 2020,
// 2023 and 2025 were one holiday with Mid-Autumn's.
const holidayTable = `
2015 0404-0406 / 0926-0927 / 1001-1007 ~1010
2016 0402-0404 / 0915-0917 ~0918 / 1001-1007 ~1008-1009
2017 ~0401 0402-0404 / 1004-1004 / ~0930 1001-1008
2018 0405-0407 ~0408 / 0922-0924 / ~0929-0930 1001-1007
2019 0405-0407 / 0913-0915 / ~0929 1001-1007 ~1012
2020 0404-0406 / 1001-1001 / ~0927 1001-1008 ~1010
2021 0403-0405 / ~0918 0919-0921 / ~0926 1001-1007 ~1009
2022 ~0402 0403-0405 / 0910-0912 / 1001-1007 ~1008-1009
2023 0405-0405 / 0929-0930 / 1001-1006 ~1007-1008
2024 0404-0406 ~0407 / ~0914 0915-0917 / ~0929 1001-1007 ~1012
2025 0404-0406 / 1006-1006 / ~0928 1001-1008 ~1011
2026 0404-0406 / 0925-0927 / ~0920 1001-1007 ~1010
2027 0403-0405 / 0915-0915 / 1001-1007
2028 ~0401 0402-0404 / 1003-1003 / 1001-1008`

func TestHolidaysAreThoseOfTheNotices(t *testing.T) {
	t.Parallel()
	for _, line := range strings.Split(strings.TrimSpace(holidayTable), "\n") {
		year := 0
		if _, err := fmt.Sscan(line, &year); err != nil {
			t.Fatal(err)
		}
		festivals := strings.Split(line[5:], " / ")
		for i, phases := range [][]Phase{qingmingPhases(year), midAutumnPhases(year), nationalPhases(year)} {
			if got := written(phases); got != festivals[i] {
				t.Errorf("%d: %s, want %s", year, got, festivals[i])
			}
		}
	}
}

// written is how holidayTable writes phases.
func written(phases []Phase) string {
	slices.SortFunc(phases, func(a, b Phase) int { return int(a.From - b.From) })
	date := func(d Day) string { return strings.ReplaceAll(d.String()[5:], "-", "") }
	var out []string
	for _, p := range phases {
		switch {
		case p.Phase == PhaseGifts:
		case p.Phase == PhaseHoliday:
			out = append(out, date(p.From)+"-"+date(p.To))
		case p.From == p.To:
			out = append(out, "~"+date(p.From))
		default:
			out = append(out, "~"+date(p.From)+"-"+date(p.To))
		}
	}
	return strings.Join(out, " ")
}

// The 15th day of the eighth lunar month in 2015 to 2035 as the Hong Kong
// Observatory's conversion tables give it.
func TestMidAutumnOfTheLunarCalendar(t *testing.T) {
	t.Parallel()
	want := strings.Fields("2015-09-27 2016-09-15 2017-10-04 2018-09-24 2019-09-13 2020-10-01 2021-09-21 2022-09-10 2023-09-29 2024-09-17 2025-10-06 " +
		"2026-09-25 2027-09-15 2028-10-03 2029-09-22 2030-09-12 2031-10-01 2032-09-19 2033-09-08 2034-09-27 2035-09-16")
	for i, w := range want {
		d := midAutumn(2015 + i)
		if d.String() != w {
			t.Errorf("%d: %s, want %s", 2015+i, d, w)
		}
		months := float64(d-14-newYear(2015)) / 29.530588 // its month begins with a new moon, within a day
		if off := months - float64(int(months+.5)); off > .06 || off < -.06 {
			t.Errorf("%s is %.2f months from a new moon", d, off)
		}
	}
}

func TestMakeUpWorkdaysAreWeekendsAndNoDaysOff(t *testing.T) {
	t.Parallel()
	cal := NewCalendar(nil)
	for d := NewDay(builtinFrom, 1, 1); d <= NewDay(builtinTo, 12, 31); d++ {
		off, worked := false, false
		for _, l := range cal.Labels(d) {
			off = off || l.Phase == PhaseHoliday
			worked = worked || l.Phase == PhaseMakeUpBefore || l.Phase == PhaseMakeUpAfter
		}
		if worked && (off || d.Weekday() > 0 && d.Weekday() < 6) {
			t.Errorf("%s is worked: weekday %d, off %v", d, d.Weekday(), off)
		}
	}
}

// The sun reaches 15° on 5 April 2026 at 2:40 in Beijing, and 5 h 49 min later
// each year, less a leap day.
func TestQingmingByTheSolarTerm(t *testing.T) {
	t.Parallel()
	fifth := []int{2015, 2018, 2019, 2022, 2023, 2026, 2027, 2030, 2031, 2034, 2035} // else 4 April
	for year := builtinFrom; year <= builtinTo; year++ {
		want := 4
		if slices.Contains(fifth, year) {
			want = 5
		}
		if _, _, got := qingming(year).Date(); got != want {
			t.Errorf("%d: %d April, want %d", year, got, want)
		}
	}
}

func TestChineseNewYearReachesFromThreeWeeksBeforeToFifteenDaysAfter(t *testing.T) {
	t.Parallel()
	cal := NewCalendar(nil)
	for year := builtinFrom; year <= builtinTo; year++ {
		for offset := Day(-23); offset <= 17; offset++ {
			in := slices.ContainsFunc(cal.Labels(newYear(year)+offset), func(l Label) bool { return l.Event == "cny" })
			if want := offset >= -21 && offset <= 15; in != want {
				t.Errorf("%d, offset %d: labelled %v, want %v", year, offset, in, want)
			}
		}
	}
}

func TestHolidaysOverlap(t *testing.T) {
	t.Parallel()
	var names []string
	for _, l := range NewCalendar(nil).Labels(day(t, "2025-10-06")) {
		names = append(names, l.Event+" "+l.Phase)
	}
	if got := strings.Join(names, ", "); got != "mid-autumn holiday, national-day holiday" {
		t.Error(got)
	}
}

func TestAShopSwitchesBuiltinEventsOff(t *testing.T) {
	t.Parallel()
	off, err := ParseEvent("cny", []byte(`{"disabled":true}`))
	if err != nil {
		t.Fatal(err)
	}
	cal := NewCalendar([]Event{off})
	if got := cal.Labels(day(t, "2026-02-17")); got != nil {
		t.Errorf("New Year is still there: %v", got)
	}
	if _, ok := cal.Next("cny", 0); ok {
		t.Error("a sale of a disabled event")
	}
	if e, ok := cal.Event("cny"); !ok || !e.Disabled || len(e.Occurrences) == 0 || e.waves() != nil {
		t.Errorf("it is not shown as it is: %+v", e)
	}
	if got := cal.Labels(day(t, "2026-11-11")); len(got) != 1 {
		t.Errorf("Double 11 is %v", got)
	}
	on, err := ParseEvent("cny", []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := NewCalendar([]Event{on}).Labels(day(t, "2026-02-17")); len(got) != 1 {
		t.Errorf("put back, New Year is %v", got)
	}
	var invalid *events.Invalid
	if _, err := ParseEvent("own", []byte(`{"disabled":true}`)); !errors.As(err, &invalid) || invalid.Field != "occurrences" {
		t.Errorf("an event of the shop's own without dates: %v", err)
	}
}

func TestBuiltinKeysAreOrderedAndKnown(t *testing.T) {
	t.Parallel()
	all := BuiltinEvents()
	if !slices.IsSortedFunc(all, func(a, b Event) int { return strings.Compare(a.Key, b.Key) }) {
		t.Error("out of order")
	}
	for _, e := range all {
		if !builtin(e.Key) || e.Key == "" || len(e.Occurrences) != builtinTo-builtinFrom+1 {
			t.Errorf("%s: %d occurrences, known %v", e.Key, len(e.Occurrences), builtin(e.Key))
		}
	}
}
