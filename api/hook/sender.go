package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// sender posts batches.
type sender struct{ Options }

// run sends what comes through queue until it is closed, or ctx ends.
func (s sender) run(ctx context.Context, queue <-chan event) {
	for {
		batch := s.gather(ctx, queue)
		if len(batch) == 0 {
			return
		}
		s.deliver(ctx, batch)
	}
}

// gather waits for an event, then for others until a batch is full or Wait is
// over. It is empty when there will be no more.
func (s sender) gather(ctx context.Context, queue <-chan event) (batch []event) {
	var enough <-chan time.Time
	for len(batch) < s.Batch {
		select {
		case e, more := <-queue:
			if !more {
				return batch
			}
			if enough == nil {
				enough = time.After(s.Wait)
			}
			batch = append(batch, e)
		case <-enough:
			return batch
		case <-ctx.Done():
			return nil
		}
	}
	return batch
}

// deliver posts a batch until peakday takes or refuses it.
func (s sender) deliver(ctx context.Context, batch []event) {
	body, err := json.Marshal(batch)
	if err != nil {
		s.Refused(fmt.Sprintf("attributes that are no JSON: %v", err))
		return
	}
	for pause := 250 * time.Millisecond; ; pause = min(2*pause, 30*time.Second) {
		after, done := s.post(ctx, body)
		if done {
			return
		}
		select {
		case <-time.After(max(pause, after)):
		case <-ctx.Done():
			return
		}
	}
}

// post sends a body once. done is false where it is worth another try, not
// before after.
func (s sender) post(ctx context.Context, body []byte) (after time.Duration, done bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		s.Refused(err.Error())
		return 0, true
	}
	req.Header.Set("Content-Type", "application/cloudevents-batch+json")
	if s.Key != "" {
		req.Header.Set("X-API-Key", s.Key)
	}
	res, err := s.Client.Do(req)
	if err != nil {
		return 0, ctx.Err() != nil
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	switch {
	case err != nil:
		return 0, false
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return time.Duration(seconds) * time.Second, false
	case res.StatusCode != http.StatusAccepted:
		s.Refused(string(text))
		return 0, true
	}
	s.reportRejected(text)
	return 0, true
}

func (s sender) reportRejected(receipt []byte) {
	var got struct {
		Rejected []struct{ ID, Problem string }
	}
	if err := json.Unmarshal(receipt, &got); err != nil {
		return
	}
	for _, r := range got.Rejected {
		s.Refused(r.ID + ": " + r.Problem)
	}
}
