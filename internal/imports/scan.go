package imports

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/peakday/peakday/events"
)

// scan reads the fields of a row. The first problem stays; what is read after
// it is of no use.
type scan struct {
	Row
	Settings
	failed *Problem
}

func (s *scan) fail(field, format string, args ...any) {
	if s.failed == nil {
		s.failed = s.problem(field, format, args...)
	}
}

// id reads an id from outside.
func (s *scan) id(field string) string {
	id := s.Get(field)
	if err := events.CheckID("", id); err != nil {
		s.fail(field, "%v", err)
	}
	return id
}

// optionalID is id for a field that may be empty.
func (s *scan) optionalID(field string) string {
	if s.Get(field) == "" {
		return ""
	}
	return s.id(field)
}

// either reads an id that may stand in either of two fields, and gives both
// fields' values: a shop that does not tell products from SKUs has one.
func (s *scan) either(a, b string) (string, string) {
	x, y := s.optionalID(a), s.optionalID(b)
	switch {
	case x == "" && y == "":
		s.fail(a, "or %s is required", s.column(b))
	case x == "":
		x = y
	case y == "":
		y = x
	}
	return x, y
}

// text reads what people wrote, which may be empty.
func (s *scan) text(field string) string {
	text := s.Get(field)
	switch {
	case !utf8.ValidString(text):
		s.fail(field, "must be UTF-8, got %q", text)
	case strings.Contains(text, "\x00"):
		s.fail(field, "must not contain the character U+0000")
	}
	return text
}

// object reads a JSON object, which may be missing.
func (s *scan) object(field, example string) json.RawMessage {
	text := s.text(field)
	if text == "" {
		return nil
	}
	var object map[string]any
	if json.Unmarshal([]byte(text), &object) != nil || object == nil {
		s.fail(field, "must be a JSON object such as %s, got %q", example, text)
		return nil
	}
	// A backslash that is escaped itself begins no escape.
	if strings.Contains(strings.ReplaceAll(text, `\\`, ""), `\u0000`) {
		s.fail(field, "must not contain the character U+0000")
	}
	return json.RawMessage(text)
}

// ahead is how far a row may lie ahead of the import: what is later is refused
// when it is applied.
const ahead = time.Hour

// time reads a time that an event may carry.
func (s *scan) time(field string) time.Time {
	text := s.Get(field)
	t, ok := ReadTime(text, s.Zone)
	switch y := t.Year(); {
	case !ok:
		s.fail(field, "must be a time such as 2026-11-11T20:00:00+08:00, 2026-11-11 20:00:00 or Unix seconds, got %q", text)
	case y < 1970 || y > 2200:
		s.fail(field, "must be between 1970 and 2200, got %q", text)
	case !s.Now.IsZero() && t.After(s.Now.Add(ahead)):
		s.fail(field, "must not lie in the future, got %q", text)
	}
	return t
}

// ReadTime reads RFC 3339, "2006-01-02 15:04:05" with or without UTC, a date,
// or Unix seconds, to the microsecond.
func ReadTime(text string, shop *time.Location) (t time.Time, ok bool) {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t.UTC().Truncate(time.Microsecond), true
	}
	local, zone := strings.TrimSuffix(text, " UTC"), shop
	if local != text {
		zone = time.UTC
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, local, zone); err == nil {
			return t.UTC().Truncate(time.Microsecond), true
		}
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 && seconds < 7e9 {
		return time.UnixMicro(int64(math.Round(seconds * 1e6))).UTC(), true
	}
	return time.Time{}, false
}

// timeOr is time for a field that may be empty.
func (s *scan) timeOr(field string, otherwise time.Time) time.Time {
	if s.Get(field) == "" {
		return otherwise
	}
	return s.time(field)
}

// whole reads a whole number; files often write 6 as 6.0.
func (s *scan) whole(field string) int64 {
	text := s.Get(field)
	digits, frac, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || strings.Trim(frac, "0") != "" {
		s.fail(field, "must be a whole number, got %q", text)
	}
	return n
}

// maxPieces is the largest quantity that an event may have.
const maxPieces = 1_000_000_000

// pieces reads a number of pieces, of either sign.
func (s *scan) pieces(field string) int64 {
	n := s.whole(field)
	if n > maxPieces || n < -maxPieces {
		s.fail(field, "must be within ±%d, got %d", maxPieces, n)
	}
	return n
}

// currency reads an ISO 4217 code; the shop's own if there is none.
func (s *scan) currency(field string) events.Currency {
	c := events.Currency(s.Get(field))
	if c == "" {
		return s.Currency
	}
	if !c.Valid() {
		s.fail(field, "must be an ISO 4217 code such as CNY, got %q", string(c))
	}
	return c
}

// amount reads an amount in c's major unit that must not be negative.
func (s *scan) amount(field string, c events.Currency) events.Money {
	text := s.Get(field)
	m, err := c.Amount(text)
	if err != nil {
		s.fail(field, "%v", err)
	} else if m < 0 {
		s.fail(field, "must not be negative, got %s", text)
	}
	return m
}

// maxWorth is what one line may be worth in the minor unit: sales of more are
// refused when they are applied.
const maxWorth events.Money = 1e13

// worth refuses a line whose amount is too large.
func (s *scan) worth(field string, price events.Money, quantity int64) {
	if price > maxWorth/events.Money(max(1, quantity, -quantity)) {
		s.fail(field, "is too large for a quantity of %d", quantity)
	}
}

// event finishes a row's event.
func (s *scan) event(e events.Event, data any) (events.Event, error) {
	if s.failed != nil {
		return events.Event{}, s.failed
	}
	e.Source = Source
	e.Data = mustJSON(data)
	return e, nil
}
