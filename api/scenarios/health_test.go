package scenarios_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/peakday/peakday/api"
	"github.com/peakday/peakday/events"
)

// TestAProbeIsAnsweredSoon: a database that hangs must not make the probe hang.
func TestAProbeIsAnsweredSoon(t *testing.T) {
	t.Parallel()
	s := open(t, with(func(to *api.Services) {
		to.Ready = func(ctx context.Context) []string {
			if _, bounded := ctx.Deadline(); !bounded {
				t.Error("readiness is waited for without an end")
			}
			return []string{"the database does not answer"}
		}
	}))
	if a := s.send(request{method: "GET", path: "/readyz"}); a.status != 503 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestMetricsTellTheLag: an alert needs what /v1/consumers says.
func TestMetricsTellTheLag(t *testing.T) {
	t.Parallel()
	let := make(chan struct{})
	s := open(t, func(s *shop) { s.consumer.Log = heldBack{s.log, let} })
	s.ndjson("/v1/events", event("v1", "product.viewed", began, fields{"user_id": "u1", "product_id": "p1"}))
	waiting := regexp.MustCompile(`peakday_consumer_lag_records\{partition="\d"\} [1-9]`)
	if got := s.must("GET", "/metrics", "", nil).body; !waiting.Match(got) {
		t.Errorf("before it is applied: %s", got)
	}
	close(let)
	s.settle()
	if got := s.must("GET", "/metrics", "", nil).body; waiting.Match(got) || !strings.Contains(string(got), "peakday_consumer_newest_event_timestamp_seconds") {
		t.Errorf("after it was applied: %s", got)
	}
}

// heldBack is a log that nobody reads until let is closed.
type heldBack struct {
	events.Log
	let <-chan struct{}
}

func (h heldBack) Read(ctx context.Context, partition int, behind events.Position, most int) ([]events.Stored, error) {
	select {
	case <-h.let:
		return h.Log.Read(ctx, partition, behind, most)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
