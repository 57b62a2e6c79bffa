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
)

// Event is a CloudEvent 1.0 as it came in: the envelope is checked, the data
// is not. Source and ID together are the idempotency key.
type Event struct {
	ID      string
	Source  string
	Type    string
	Subject string
	Time    time.Time // zero if the sender gave none
	Data    json.RawMessage
}

type wireEvent struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject"`
	Time        string          `json:"time"`
	Data        json.RawMessage `json:"data"`
}

// DecodeEvent reads one structured CloudEvent. The error is an *Invalid.
func DecodeEvent(b []byte) (Event, error) {
	var w wireEvent
	if err := json.Unmarshal(b, &w); err != nil {
		return Event{}, InvalidJSON("", err)
	}
	e := Event{ID: w.ID, Source: w.Source, Type: w.Type, Subject: w.Subject, Data: w.Data}
	if w.SpecVersion != "1.0" {
		return e, &Invalid{Field: "specversion", Problem: fmt.Sprintf("must be \"1.0\", got %q", w.SpecVersion)}
	}
	if w.Time != "" {
		t, err := time.Parse(time.RFC3339Nano, w.Time)
		if err != nil {
			return e, &Invalid{Field: "time", Problem: fmt.Sprintf("must be RFC 3339 such as 2026-11-11T00:00:00+08:00, got %q", clip(w.Time))}
		}
		e.Time = t
	}
	return e, e.check()
}

// check holds the envelope to the limits of the contract.
func (e *Event) check() error {
	for _, f := range []struct{ name, value string }{{"id", e.ID}, {"source", e.Source}, {"type", e.Type}} {
		if err := CheckID(f.name, f.value); err != nil {
			return err
		}
	}
	if !e.Time.IsZero() {
		if y := e.Time.Year(); y < 1970 || y > 2200 {
			return &Invalid{Field: "time", Problem: fmt.Sprintf("must be between 1970 and 2200, got year %d", y)}
		}
		e.Time = e.Time.UTC().Truncate(time.Microsecond)
	}
	return nil
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
	out := make([]Decoded, len(raw))
	for i, r := range raw {
		e, err := DecodeEvent(r)
		out[i] = Decoded{Index: i, Event: e, Err: err}
	}
	return out, nil
}

// maxLineBytes bounds one line of NDJSON; a larger one is refused, by itself.
const maxLineBytes = 1 << 20

// DecodeNDJSON reads one CloudEvent a line. One bad line spoils only itself;
// the error is the reader's.
func DecodeNDJSON(r io.Reader) ([]Decoded, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	var out []Decoded
	for {
		line, err := readLine(in)
		if line = bytes.TrimSpace(line); len(line) > 0 {
			d := Decoded{Index: len(out)}
			if len(line) > maxLineBytes {
				d.Err = &Invalid{Problem: fmt.Sprintf("a line must be at most %d bytes", maxLineBytes)}
			} else {
				d.Event, d.Err = DecodeEvent(line)
			}
			out = append(out, d)
		}
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, fmt.Errorf("read line %d: %w", len(out), err)
		}
	}
}

// readLine reads to the end of a line, keeping no more of it than is needed
// to see that it is too long.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if room := maxLineBytes + 2 - len(line); room > 0 {
			line = append(line, part[:min(len(part), room)]...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
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
