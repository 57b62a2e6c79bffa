package events

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
	"unicode/utf8"
)

// Event is a CloudEvent 1.0 as it came in: the envelope is checked, the data
// is not. Source and ID together are the idempotency key.
type Event struct {
	ID      string
	Source  string
	Type    string
	Subject string
	Time    time.Time // zero if the sender gave none
	SentAt  time.Time // by the sender's clock, from the extension `sentat`; zero if it gave none
	Data    json.RawMessage
}

type wireEvent struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject"`
	Time        string          `json:"time"`
	SentAt      string          `json:"sentat"`
	Data        json.RawMessage `json:"data"`
}

// DecodeEvent reads one structured CloudEvent. The error is an *Invalid; the
// event then holds what could be read of it.
func DecodeEvent(b []byte) (Event, error) {
	var w wireEvent
	err := json.Unmarshal(b, &w)
	e := Event{ID: w.ID, Source: w.Source, Type: w.Type, Subject: w.Subject, Data: w.Data}
	switch {
	case err != nil:
		return e, InvalidJSON("", err)
	case !utf8.Valid(b):
		// encoding/json would put U+FFFD in place of what it cannot read, and
		// two different ids would become one.
		return e, &Invalid{Problem: "must be UTF-8"}
	case w.SpecVersion != "1.0":
		return e, &Invalid{Field: "specversion", Problem: fmt.Sprintf("must be \"1.0\", got %q", Clip(w.SpecVersion))}
	}
	if w.Time != "" {
		if e.Time, err = readTime("time", w.Time); err != nil {
			return e, err
		}
	}
	if w.SentAt != "" {
		if e.SentAt, err = readTime("sentat", w.SentAt); err != nil {
			return e, err
		}
	}
	return e, e.check()
}

// happened is when the event took place by our clock, which shows now. A
// browser's clock may be days off, so of one that says when it sent the event
// only the age of the event is believed.
func (e *Event) happened(now time.Time) time.Time {
	switch {
	case e.Time.IsZero():
		return now
	case e.SentAt.IsZero():
		return e.Time
	}
	return now.Add(-max(0, e.SentAt.Sub(e.Time)))
}

// readTime reads an RFC 3339 time of the years that an event may carry.
func readTime(field, s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return t, &Invalid{Field: field, Problem: fmt.Sprintf("must be RFC 3339 such as 2026-11-11T00:00:00+08:00, got %q", Clip(s))}
	}
	return t, checkTime(field, t)
}

func checkTime(field string, t time.Time) error {
	if y := t.UTC().Year(); y < 1970 || y > 2200 {
		return &Invalid{Field: field, Problem: fmt.Sprintf("must be between 1970 and 2200, got year %d", y)}
	}
	return nil
}

// check holds the envelope to the limits of the contract.
func (e *Event) check() error {
	for _, f := range []struct{ name, value string }{{"id", e.ID}, {"source", e.Source}, {"type", e.Type}} {
		if err := CheckID(f.name, f.value); err != nil {
			return err
		}
	}
	if e.Time.IsZero() {
		return nil
	}
	e.Time = e.Time.UTC().Truncate(time.Microsecond)
	return checkTime("time", e.Time)
}

// Decoded is one event of a batch, or why it could not be read.
type Decoded struct {
	Index int // position in the batch, from 0; for NDJSON the line, blank ones not counted
	Event Event
	Err   error // an *Invalid; Event then holds what could be read of it
}

// DecodeBatch reads a CloudEvents JSON batch (application/cloudevents-batch+json).
// One bad event spoils only itself; the error is for what is not an array.
func DecodeBatch(b []byte) ([]Decoded, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return nil, &Invalid{Problem: "a batch must be a JSON array of CloudEvents: " + InvalidJSON("", err).Error()}
	}
	if raw == nil {
		return nil, &Invalid{Problem: "a batch must be a JSON array of CloudEvents, got null"}
	}
	out := make([]Decoded, len(raw))
	for i, r := range raw {
		e, err := DecodeEvent(r)
		out[i] = Decoded{Index: i, Event: e, Err: err}
	}
	return out, nil
}

// maxLineBytes bounds one line of NDJSON with its end; a larger one is refused,
// by itself.
const maxLineBytes = 1 << 20

// DecodeNDJSON reads one CloudEvent a line. One bad line spoils only itself;
// the error is the reader's.
func DecodeNDJSON(r io.Reader) ([]Decoded, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	var out []Decoded
	for {
		line, whole, err := readLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return out, fmt.Errorf("read event %d: %w", len(out), err)
		}
		d := Decoded{Index: len(out)}
		switch line = bytes.TrimSpace(line); {
		case !whole:
			d.Err = &Invalid{Problem: fmt.Sprintf("a line must be at most %d bytes", maxLineBytes)}
			out = append(out, d)
		case len(line) > 0:
			d.Event, d.Err = DecodeEvent(line)
			out = append(out, d)
		}
		if err != nil {
			return out, nil
		}
	}
}

// readLine reads to the end of a line. Of one that is too long it keeps
// nothing, and whole is false.
func readLine(in *bufio.Reader) (line []byte, whole bool, err error) {
	whole = true
	for {
		part, err := in.ReadSlice('\n')
		if whole = whole && len(line)+len(part) <= maxLineBytes; whole {
			line = append(line, part...)
		} else {
			line = nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, whole, err
		}
	}
}

// Micros is t in microseconds since 1970, the form of every time in storage.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return math.MinInt64
	}
	return t.UnixMicro()
}

// FromMicros is the inverse of Micros, in UTC.
func FromMicros(us int64) time.Time {
	if us == math.MinInt64 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
