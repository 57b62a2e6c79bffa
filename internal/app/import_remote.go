package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
)

// remoteSink is a running service, reached by HTTP.
type remoteSink struct {
	base string
	key  string
	http *http.Client
}

func newRemoteSink(base, key string) (*remoteSink, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, usage("--url must have the form http://HOST:PORT, got %q", base)
	}
	return &remoteSink{strings.TrimSuffix(base, "/"), key, &http.Client{Timeout: time.Minute}}, nil
}

// call sends body and reads the JSON answer into out.
func (s *remoteSink) call(ctx context.Context, method, path, contentType string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, s.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if s.key != "" {
		req.Header.Set("Authorization", "Bearer "+s.key)
	}
	answer, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, 64<<20))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if answer.StatusCode/100 != 2 {
		return &remoteError{method + " " + path, answer.StatusCode, detail(b)}
	}
	return json.Unmarshal(b, out)
}

// remoteError is a refusal by the service.
type remoteError struct {
	call   string
	status int
	detail string
}

func (e *remoteError) Error() string {
	return fmt.Sprintf("%s: %d %s", e.call, e.status, e.detail)
}

// detail reads what a problem says.
func detail(body []byte) string {
	var p struct{ Title, Detail string }
	if json.Unmarshal(body, &p) == nil && p.Title != "" {
		return strings.TrimSpace(p.Title + ": " + p.Detail)
	}
	return strings.TrimSpace(string(body[:min(len(body), 200)]))
}

func (s *remoteSink) settings(ctx context.Context) (*time.Location, events.Currency, error) {
	var got struct{ Timezone, Currency string }
	if err := s.call(ctx, http.MethodGet, "/v1/settings", "", nil, &got); err != nil {
		return nil, "", err
	}
	zone, err := time.LoadLocation(got.Timezone)
	return zone, events.Currency(got.Currency), err
}

// wireEvent is a structured CloudEvent.
type wireEvent struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Time        time.Time       `json:"time"`
	Data        json.RawMessage `json:"data"`
}

func (s *remoteSink) send(ctx context.Context, batch []events.Decoded) (events.Receipt, error) {
	var body bytes.Buffer
	out := json.NewEncoder(&body)
	for _, d := range batch {
		e := d.Event
		if err := out.Encode(wireEvent{"1.0", e.ID, e.Source, e.Type, e.Time, e.Data}); err != nil {
			return events.Receipt{}, err
		}
	}
	var got struct {
		Accepted, Duplicates int
		Rejected             []struct {
			Index   int
			ID      string
			Problem json.RawMessage
		}
	}
	if err := s.call(ctx, http.MethodPost, "/v1/events?imported=1", "application/x-ndjson", body.Bytes(), &got); err != nil {
		return events.Receipt{}, err
	}
	receipt := events.Receipt{Accepted: got.Accepted, Duplicates: got.Duplicates}
	for _, r := range got.Rejected {
		receipt.Rejected = append(receipt.Rejected, events.Rejection{Index: r.Index, ID: r.ID, Problem: &events.Invalid{Problem: strings.Trim(string(r.Problem), `"`)}})
	}
	return receipt, nil
}

func (s *remoteSink) supply(ctx context.Context, row supplyRow) (changed bool, err error) {
	path := "/v1/supply/" + url.PathEscape(string(row.SKU))
	body, err := json.Marshal(row.Supply)
	if err != nil {
		return false, err
	}
	var before, after json.RawMessage
	var refused *remoteError
	err = s.call(ctx, http.MethodGet, path, "", nil, &before)
	if err != nil && (!errors.As(err, &refused) || refused.status != http.StatusNotFound) {
		return false, err
	}
	if err := s.call(ctx, http.MethodPut, path, "application/json", body, &after); err != nil {
		return false, err
	}
	return !sameSupply(before, after), nil
}

// sameSupply compares two answers but for their version.
func sameSupply(a, b json.RawMessage) bool {
	strip := func(raw json.RawMessage) string {
		var m map[string]any
		if json.Unmarshal(raw, &m) != nil {
			return ""
		}
		delete(m, "version")
		out, _ := json.Marshal(m) // a map that came out of JSON
		return string(out)
	}
	return len(a) > 0 && strip(a) == strip(b)
}

// finish polls until the service has no lag.
func (s *remoteSink) finish(ctx context.Context) error {
	for {
		var got struct {
			Items []struct{ Lag int64 }
		}
		if err := s.call(ctx, http.MethodGet, "/v1/consumers", "", nil, &got); err != nil {
			return err
		}
		lag := int64(0)
		for _, c := range got.Items {
			lag += c.Lag
		}
		if lag == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}
