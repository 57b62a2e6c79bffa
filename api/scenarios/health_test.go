package scenarios_test

import (
	"context"
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
