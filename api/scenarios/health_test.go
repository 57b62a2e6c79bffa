package scenarios_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/peakday/peakday/api"
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
	s := open(t)
	s.ndjson("/v1/events", event("v1", "product.viewed", began, fields{"user_id": "u1", "product_id": "p1"}))
	waiting := regexp.MustCompile(`peakday_consumer_lag_records\{partition="\d"\} [1-9]`)
	if got := s.must("GET", "/metrics", "", nil).body; !waiting.Match(got) {
		t.Errorf("before it is applied: %s", got)
	}
	s.settle()
	if got := s.must("GET", "/metrics", "", nil).body; waiting.Match(got) || !strings.Contains(string(got), "peakday_consumer_newest_event_timestamp_seconds") {
		t.Errorf("after it was applied: %s", got)
	}
}
