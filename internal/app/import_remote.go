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

// maxBody is how many bytes of events go to the service at a time: less than
// it takes.
const maxBody = 4 << 20

func (s *remoteSink) send(ctx context.Context, batch []events.Decoded) (events.Receipt, error) {
	var (
		whole events.Receipt
		body  bytes.Buffer
		first int // of the events in body
	)
	flush := func(next int) error {
		part, err := s.post(ctx, body.Bytes())
		whole.Accepted += part.Accepted
		whole.Duplicates += part.Duplicates
		for _, r := range part.Rejected {
			r.Index += first
			whole.Rejected = append(whole.Rejected, r)
		}
		body.Reset()
		first = next
		return err
	}
	for i, d := range batch {
		e := d.Event
		line, err := json.Marshal(wireEvent{"1.0", e.ID, e.Source, e.Type, e.Time, e.Data})
		if err != nil {
			return whole, err
		}
		if body.Len() > 0 && body.Len()+len(line) > maxBody {
			if err := flush(i); err != nil {
				return whole, err
			}
		}
		body.Write(line)
		body.WriteByte('\n')
	}
	return whole, flush(len(batch))
}

// post sends events as NDJSON.
func (s *remoteSink) post(ctx context.Context, body []byte) (events.Receipt, error) {
	var got struct {
		Accepted, Duplicates int
		Rejected             []struct {
			Index       int
			ID, Problem string
		}
	}
	if err := s.call(ctx, http.MethodPost, "/v1/events?imported=1", "application/x-ndjson", body, &got); err != nil {
		return events.Receipt{}, err
	}
	receipt := events.Receipt{Accepted: got.Accepted, Duplicates: got.Duplicates}
	for _, r := range got.Rejected {
		receipt.Rejected = append(receipt.Rejected, events.Rejection{Index: r.Index, ID: r.ID, Problem: &events.Invalid{Problem: r.Problem}})
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

// finish waits until the service has no lag, and has it learn from what came.
func (s *remoteSink) finish(ctx context.Context) error {
	for {
		var got struct{ Lag int64 }
		if err := s.call(ctx, http.MethodGet, "/v1/consumers", "", nil, &got); err != nil {
			return err
		}
		if got.Lag == 0 {
			return s.train(ctx)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// train has the service learn a model, which may take minutes, and use it
// unless it does worse than the one in use.
func (s *remoteSink) train(ctx context.Context) error {
	noTimeout := &remoteSink{s.base, s.key, &http.Client{}}
	var model struct {
		Version string
		Report  struct {
			HeldOut struct{ Worse bool } `json:"held_out"`
		}
	}
	err := noTimeout.call(ctx, http.MethodPost, "/v1/models", "", nil, &model)
	var refused *remoteError
	if errors.As(err, &refused) && refused.status == http.StatusConflict {
		return nil // nobody has viewed or bought anything yet
	}
	if err != nil || model.Report.HeldOut.Worse {
		return err
	}
	return noTimeout.call(ctx, http.MethodPost, "/v1/models/"+url.PathEscape(model.Version)+"/activate", "", nil, &json.RawMessage{})
}
