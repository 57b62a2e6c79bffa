package events

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const viewed = `{"specversion":"1.0","id":"e1","source":"shop","type":"product.viewed","time":"2026-11-11T00:00:00+08:00","subject":"p1","data":{"user_id":"u1","product_id":"p1"}}`

func viewedEvent() Event {
	return Event{
		ID: "e1", Source: "shop", Type: "product.viewed", Subject: "p1",
		Time: time.Date(2026, 11, 10, 16, 0, 0, 0, time.UTC),
		Data: []byte(`{"user_id":"u1","product_id":"p1"}`),
	}
}

func TestDecodeEvent(t *testing.T) {
	t.Parallel()
	got, err := DecodeEvent([]byte(viewed))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(viewedEvent(), got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeEventRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, json, field, problem string }{
		{"nothing", ``, "", "must be JSON"},
		{"half of one", viewed[:60], "", "must be JSON"},
		{"two", viewed + viewed, "", "must be JSON"},
		{"null", `null`, "specversion", `must be "1.0", got ""`},
		{"a list", `[` + viewed + `]`, "", "must be an object, got array"},
		{"not UTF-8", strings.Replace(viewed, "e1", "e\xff", 1), "", "must be UTF-8"},
		{"no version", strings.Replace(viewed, "specversion", "version", 1), "specversion", `must be "1.0", got ""`},
		{"old version", strings.Replace(viewed, `"1.0"`, `"0.3"`, 1), "specversion", `must be "1.0", got "0.3"`},
		{"version as a number", strings.Replace(viewed, `"1.0"`, `1.0`, 1), "specversion", "must be a string, got number"},
		{"no id", strings.Replace(viewed, `"id"`, `"eid"`, 1), "id", "is required"},
		{"id as a number", strings.Replace(viewed, `"e1"`, `1`, 1), "id", "must be a string, got number"},
		{"id with a newline", strings.Replace(viewed, `"e1"`, `"e\n1"`, 1), "id", "control characters"},
		{"long id", strings.Replace(viewed, `"e1"`, `"`+strings.Repeat("e", 257)+`"`, 1), "id", "at most 256 bytes"},
		{"no source", strings.Replace(viewed, `"source":"shop",`, "", 1), "source", "is required"},
		{"no type", strings.Replace(viewed, `"type":"product.viewed",`, "", 1), "type", "is required"},
		{"time without a zone", strings.Replace(viewed, "+08:00", "", 1), "time", "must be RFC 3339 such as 2026-11-11T00:00:00+08:00, got \"2026-11-11T00:00:00\""},
		{"time in Unix seconds", strings.Replace(viewed, `"2026-11-11T00:00:00+08:00"`, "1793980800", 1), "time", "must be a string, got number"},
		{"a month 13", strings.Replace(viewed, "2026-11", "2026-13", 1), "time", "must be RFC 3339"},
		{"before 1970", strings.Replace(viewed, "2026-11-11", "1970-01-01", 1), "time", "must be between 1970 and 2200, got year 1969"},
		{"after 2200", strings.Replace(viewed, "2026", "2201", 1), "time", "must be between 1970 and 2200, got year 2201"},
		{"the zero time of Go and .NET", strings.Replace(viewed, "2026-11-11T00:00:00+08:00", "0001-01-01T00:00:00Z", 1), "time", "got year 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := DecodeEvent([]byte(c.json))
			checkProblem(t, err, c.field, c.problem)
		})
	}
}

func TestDecodeEventTakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, json string
		change     func(*Event)
	}{
		{"no time", strings.Replace(viewed, `"time":"2026-11-11T00:00:00+08:00",`, "", 1), func(e *Event) { e.Time = time.Time{} }},
		{"finer than microseconds", strings.Replace(viewed, "00:00+", "00:00.123456789+", 1), func(e *Event) { e.Time = e.Time.Add(123456 * time.Microsecond) }},
		{"no data", strings.Replace(viewed, `,"data":{"user_id":"u1","product_id":"p1"}`, "", 1), func(e *Event) { e.Data = nil }},
		{"extension attributes", strings.Replace(viewed, `"id"`, `"partitionkey":"u1","datacontenttype":"application/json","id"`, 1), func(*Event) {}},
		{"an unknown type", strings.Replace(viewed, "product.viewed", "shop.opened", 1), func(e *Event) { e.Type = "shop.opened" }},
		{"names in another order, and blanks", "\n\t" + `{ "id":"e1", "data":{"user_id":"u1","product_id":"p1"}, "type":"product.viewed", "subject":"p1", "time":"2026-11-10T16:00:00Z", "source":"shop", "specversion":"1.0" }`, func(*Event) {}},
		{"an emoji by its surrogates", strings.Replace(viewed, "e1", `\ud83d\ude00`, 1), func(e *Event) { e.ID = "😀" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := viewedEvent()
			c.change(&want)
			got, err := DecodeEvent([]byte(c.json))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A rejection can name an event whose id could be read.
func TestDecodeEventKeepsWhatItRead(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		strings.Replace(viewed, `"1.0"`, `"2.0"`, 1),
		strings.Replace(viewed, `"shop"`, `7`, 1),
		strings.Replace(viewed, `2026`, `soon`, 1),
	} {
		if e, err := DecodeEvent([]byte(bad)); err == nil || e.ID != "e1" {
			t.Errorf("%s: id %q, error %v", bad, e.ID, err)
		}
	}
}

func numbered(n int) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":"e%d","source":"shop","type":"shop.opened"}`, n)
}

// outcomes writes each decoded event as its index and its id or problem.
func outcomes(ds []Decoded) (out []string) {
	for _, d := range ds {
		if d.Err != nil {
			out = append(out, fmt.Sprintf("%d %v", d.Index, d.Err))
		} else {
			out = append(out, fmt.Sprintf("%d %s", d.Index, d.Event.ID))
		}
	}
	return out
}

func TestDecodeBatch(t *testing.T) {
	t.Parallel()
	noType := `{"specversion":"1.0","id":"x","source":"shop"}`
	for _, c := range []struct {
		name, json string
		want       []string
		problem    string
	}{
		{"empty", `[]`, nil, ""},
		{"one", `[` + numbered(1) + `]`, []string{"0 e1"}, ""},
		{"a bad one spoils only itself", `[` + numbered(1) + `,` + noType + `,` + numbered(3) + `]`, []string{"0 e1", "1 type is required", "2 e3"}, ""},
		{"what is no event", `[5, null, ` + numbered(2) + `]`, []string{"0 must be an object, got number", `1 specversion must be "1.0", got ""`, "2 e2"}, ""},
		{"an event alone", numbered(1), nil, "must be a JSON array of CloudEvents: must be an array, got object"},
		{"null", `null`, nil, "must be a JSON array of CloudEvents, got null"},
		{"nothing", ``, nil, "must be a JSON array of CloudEvents: must be JSON"},
		{"cut off", `[` + numbered(1) + `,`, nil, "must be a JSON array of CloudEvents: must be JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := DecodeBatch([]byte(c.json))
			checkProblem(t, err, "", c.problem)
			if diff := cmp.Diff(c.want, outcomes(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeNDJSON(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxLineBytes)
	fits := numbered(7)
	fits += strings.Repeat(" ", maxLineBytes-len(fits)-1)
	const tooLong = "a line must be at most 1048576 bytes"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"lines", numbered(1) + "\n" + numbered(2) + "\n", []string{"0 e1", "1 e2"}},
		{"last line without its end", numbered(1) + "\n" + numbered(2), []string{"0 e1", "1 e2"}},
		{"CRLF", numbered(1) + "\r\n" + numbered(2) + "\r\n", []string{"0 e1", "1 e2"}},
		{"blank lines do not count", "\n\n" + numbered(1) + "\n \t\r\n\n" + numbered(2) + "\n\n", []string{"0 e1", "1 e2"}},
		{"a bad line spoils only itself", numbered(1) + "\noops\n" + numbered(2), []string{"0 e1", "1 must be JSON: invalid character 'o' looking for beginning of value at byte 1", "2 e2"}},
		{"two events in a line", numbered(1) + numbered(2) + "\n" + numbered(3), []string{"0 must be JSON: invalid character '{' after top-level value at byte 69", "1 e3"}},
		{"longest line", fits + "\n" + numbered(2), []string{"0 e7", "1 e2"}},
		{"too long a line", long + "\n" + numbered(2), []string{"0 " + tooLong, "1 e2"}},
		{"far too long a line", long + long + long + "\n" + numbered(2), []string{"0 " + tooLong, "1 e2"}},
		{"too long a last line", numbered(1) + "\n" + long + long, []string{"0 e1", "1 " + tooLong}},
		{"an event far behind blanks is not lost", strings.Repeat(" ", 2*maxLineBytes) + numbered(1) + "\n" + numbered(2), []string{"0 " + tooLong, "1 e2"}},
		{"nor one far behind another", numbered(1) + strings.Repeat(" ", 2*maxLineBytes) + numbered(2), []string{"0 " + tooLong}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, r := range []io.Reader{strings.NewReader(c.text), iotest.DataErrReader(strings.NewReader(c.text)), iotest.HalfReader(strings.NewReader(c.text))} {
				got, err := DecodeNDJSON(r)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, outcomes(got)); diff != "" {
					t.Fatal(diff)
				}
			}
		})
	}
}

func TestDecodeNDJSONReportsTheReader(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	got, err := DecodeNDJSON(io.MultiReader(strings.NewReader(numbered(1)+"\n"+numbered(2)), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want the reader's", err)
	}
	// The second line may have been cut off: it is not given out.
	if diff := cmp.Diff([]string{"0 e1"}, outcomes(got)); diff != "" {
		t.Error(diff)
	}
}

// The three forms of sending give the same events.
func TestFormsOfSendingAgree(t *testing.T) {
	t.Parallel()
	one, err := DecodeEvent([]byte(viewed))
	if err != nil {
		t.Fatal(err)
	}
	want := []Decoded{{Event: one}}
	batch, err := DecodeBatch([]byte("[" + viewed + "]"))
	if diff := cmp.Diff(want, batch); diff != "" || err != nil {
		t.Error(err, diff)
	}
	lines, err := DecodeNDJSON(bytes.NewReader([]byte(viewed)))
	if diff := cmp.Diff(want, lines); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

func TestMicros(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{
		{},
		time.Unix(0, 0),
		time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC),
		time.Date(2026, 11, 11, 0, 0, 0, 1000, time.FixedZone("CST", 8*3600)),
		time.Date(2200, 12, 31, 23, 59, 59, 0, time.UTC),
	} {
		if got := FromMicros(Micros(at)); !got.Equal(at) || got.Location() != time.UTC {
			t.Errorf("%v became %v", at, got)
		}
	}
	if Micros(time.Time{}) != math.MinInt64 || !FromMicros(math.MinInt64).IsZero() {
		t.Error("the zero time has no number of its own")
	}
	if got := Micros(time.Date(2026, 11, 10, 16, 0, 0, 0, time.UTC)); got != 1794326400_000000 {
		t.Errorf("2026-11-11 in Shanghai is %d", got)
	}
}
