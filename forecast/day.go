package forecast

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
)

// Day is a day of the shop's calendar, counted from 1970-01-01. It has no
// time zone; In and DayOf need one.
type Day int32

// DayOf is the day of t on zone's clock.
func DayOf(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return NewDay(y, m, d)
}

// NewDay is the day of a date; months and days beyond their range flow over,
// as in time.Date.
func NewDay(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDay reads a date such as 2026-11-11. The error is an *events.Invalid
// without a field.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return 0, &events.Invalid{Problem: fmt.Sprintf("must be a date such as 2026-11-11, between 1970 and 2200, got %q", events.Clip(s))}
	}
	return Day(t.Unix() / 86400), nil
}

// In is the moment at which the day begins on zone's clock.
func (d Day) In(zone *time.Location) time.Time {
	y, m, day := d.Date()
	t := time.Date(y, m, day, 0, 0, 0, 0, zone)
	if DayOf(t, zone) < d {
		t = t.Add(time.Hour) // a clock that skips midnight
	}
	return t
}

// Date gives year, month and day of the month.
func (d Day) Date() (year int, month time.Month, day int) {
	return time.Unix(int64(d)*86400, 0).UTC().Date()
}

// Year is the year of d.
func (d Day) Year() int { y, _, _ := d.Date(); return y }

// Weekday is 0 for Sunday to 6 for Saturday.
func (d Day) Weekday() int { return int(((d+4)%7 + 7) % 7) }

// String writes the date as 2026-11-11.
func (d Day) String() string {
	y, m, day := d.Date()
	return fmt.Sprintf("%04d-%02d-%02d", y, int(m), day)
}

// UnmarshalJSON implements json.Unmarshaler. The error is an *events.Invalid
// without the name of the field.
func (d *Day) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	var text string
	if json.Unmarshal(b, &text) != nil {
		text = string(b)
	}
	return d.UnmarshalText([]byte(text))
}

// MarshalText implements encoding.TextMarshaler.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Day) UnmarshalText(b []byte) error {
	parsed, err := ParseDay(string(b))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
