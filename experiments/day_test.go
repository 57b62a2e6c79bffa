package experiments

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDayOf(t *testing.T) {
	t.Parallel()
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	for _, c := range []struct {
		name, at string
		zone     *time.Location
		want     string
	}{
		{"the first day", "1970-01-01T00:00:00Z", time.UTC, "1970-01-01"},
		{"before it", "1969-12-31T23:59:59Z", time.UTC, "1969-12-31"},
		{"midnight", "2026-11-11T00:00:00Z", time.UTC, "2026-11-11"},
		{"just before midnight", "2026-11-10T23:59:59.999999Z", time.UTC, "2026-11-10"},
		{"Shanghai is ahead", "2026-11-10T16:00:00Z", zone("Asia/Shanghai"), "2026-11-11"},
		{"Shanghai, a second before", "2026-11-10T15:59:59Z", zone("Asia/Shanghai"), "2026-11-10"},
		{"New York is behind", "2026-11-11T04:59:59Z", zone("America/New_York"), "2026-11-10"},
		{"Kathmandu, by quarters of an hour", "2026-11-10T18:15:00Z", zone("Asia/Kathmandu"), "2026-11-11"},
		{"a day of 23 hours", "2026-03-30T03:59:59Z", zone("America/New_York"), "2026-03-29"},
		{"the hour that is skipped", "2026-03-08T07:30:00Z", zone("America/New_York"), "2026-03-08"},
		{"a day of 25 hours begins", "2026-11-01T04:00:00Z", zone("America/New_York"), "2026-11-01"},
		{"and ends", "2026-11-02T04:59:59Z", zone("America/New_York"), "2026-11-01"},
		{"no midnight in Beirut", "2026-03-28T22:00:00Z", zone("Asia/Beirut"), "2026-03-29"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse(time.RFC3339, c.at)
			mustDo(t, err)
			if got := DayOf(at, c.zone).Date().Format(time.DateOnly); got != c.want {
				t.Errorf("%s falls on %s, want %s", c.at, got, c.want)
			}
		})
	}
}

// TestDaysFollowEachOther: time never goes back a day, and a day's number is
// that of its date.
func TestDaysFollowEachOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati"}).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "at"), 0)
		later := at.Add(time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "later")))
		if DayOf(later, zone) < DayOf(at, zone) {
			t.Fatalf("%v is on an earlier day than %v", later, at)
		}
		if want := at.In(zone).Format(time.DateOnly); DayOf(at, zone).Date().Format(time.DateOnly) != want {
			t.Fatalf("%v is on %v, want %s", at, DayOf(at, zone).Date(), want)
		}
	})
}
