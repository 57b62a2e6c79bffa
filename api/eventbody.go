package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/peakday/peakday/events"
)

// decodeEvents reads the body by its content type:
//
//	application/cloudevents+json         one structured event
//	application/cloudevents-batch+json   an array of them
//	application/x-ndjson                 one a line
//	application/json, text/plain, none   one or an array, as the body begins;
//	                                     with ce-* headers the data of one (binary mode)
//
// Browsers send text/plain from sendBeacon, and curl a form's type unless it
// is told. alone is true for one event by itself. The error is for a body that
// holds no events at all.
func decodeEvents(h http.Header, body []byte) (batch []events.Decoded, alone bool, err error) {
	kind := "application/json"
	if given := h.Get("Content-Type"); given != "" {
		if kind, _, err = mime.ParseMediaType(given); err != nil {
			return nil, false, errorf("unsupported_media_type", "Content-Type %q cannot be read", events.Clip(given))
		}
	}
	switch kind {
	case "application/cloudevents+json":
		return one(events.DecodeEvent(body))
	case "application/cloudevents-batch+json":
		batch, err = events.DecodeBatch(body)
		return batch, false, err
	case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/jsonlines":
		batch, err = events.DecodeNDJSON(bytes.NewReader(body))
		return batch, false, err
	case "application/json", "text/plain", "application/x-www-form-urlencoded":
	default:
		return nil, false, errorf("unsupported_media_type", "Content-Type must be application/cloudevents+json, application/cloudevents-batch+json, application/x-ndjson or application/json, got %q", events.Clip(kind))
	}
	if h.Get("Ce-Specversion") != "" {
		return one(binaryEvent(h, body))
	}
	if rest := bytes.TrimLeft(body, " \t\r\n"); len(rest) > 0 && rest[0] == '[' {
		batch, err = events.DecodeBatch(body)
		return batch, false, err
	}
	return one(events.DecodeEvent(body))
}

func one(e events.Event, err error) ([]events.Decoded, bool, error) {
	return []events.Decoded{{Event: e, Err: err}}, true, nil
}

// binaryEvent reads the binary mode of CloudEvents over HTTP: the envelope in
// headers, percent-encoded, the data as the body.
func binaryEvent(h http.Header, body []byte) (events.Event, error) {
	e := events.Event{Data: json.RawMessage(body)}
	for _, f := range []struct {
		header string
		into   *string
	}{{"Ce-Id", &e.ID}, {"Ce-Source", &e.Source}, {"Ce-Type", &e.Type}, {"Ce-Subject", &e.Subject}} {
		text, err := url.PathUnescape(h.Get(f.header))
		if err != nil {
			return e, &events.Invalid{Field: f.header, Problem: "must be percent-encoded"}
		}
		*f.into = text
	}
	if v := h.Get("Ce-Specversion"); v != "1.0" {
		return e, &events.Invalid{Field: "Ce-Specversion", Problem: fmt.Sprintf("must be 1.0, got %q", events.Clip(v))}
	}
	if at := h.Get("Ce-Time"); at != "" {
		var err error
		if e.Time, err = time.Parse(time.RFC3339Nano, at); err != nil {
			return e, &events.Invalid{Field: "Ce-Time", Problem: fmt.Sprintf("must be RFC 3339 such as 2026-11-11T00:00:00+08:00, got %q", events.Clip(at))}
		}
	}
	return e, nil
}
