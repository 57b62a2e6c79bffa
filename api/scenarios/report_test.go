package scenarios_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/store/sqldb"
)

// sweep looks at all units, as the service does in the background.
func (s *shop) sweep() {
	s.t.Helper()
	s.settle()
	store := sqldb.Experiments{DB: s.db}
	d, err := store.Definitions(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	sweep := experiments.NewUnitScan(d, s.now().Add(time.Hour), time.UTC, "CNY")
	for part := range events.Parts {
		units, err := store.Histories(s.t.Context(), part, sweep.Types())
		if err != nil {
			s.t.Fatal(err)
		}
		for _, u := range units {
			if err := sweep.Take(u); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	for key, f := range sweep.Findings() {
		if err := store.SaveFindings(s.t.Context(), key, f); err != nil {
			s.t.Fatal(err)
		}
	}
}

// TestReportOfUnits: quantiles, bots, funnels, days, segments and rows by unit,
// from events to the answer.
func TestReportOfUnits(t *testing.T) {
	t.Parallel()
	s := open(t, withArchive())
	s.must("PUT", "/v1/metrics/speed", `{"kind":"quantile","event":"metric.observed","metric":"latency","quantile":0.5}`, nil)
	s.must("PUT", "/v1/metrics/path", `{"kind":"funnel","steps":[{"event":"product.viewed"},{"event":"product.added","within":"2h"}]}`, nil)
	s.start("e1", strings.Replace(even, "{", `{"primary":"path","secondary":["speed"],"segments":["tier"],`, 1))
	path := "/v1/experiments/e1/report"
	if a := s.send(request{method: "GET", path: path + "?bots=exclude"}); a.status != 503 {
		t.Errorf("bots are known before anybody looked: %d %s", a.status, a.body)
	}
	for i := range 40 {
		user := fmt.Sprintf("u%d", i)
		s.must("POST", "/ofrep/v1/evaluate/flags/e1?expose=1", fmt.Sprintf(`{"context":{"targetingKey":%q,"tier":%q}}`, user, []string{"gold", "iron"}[i%2]), nil)
		at := began.Add(time.Minute)
		list := []string{
			event("v"+user, "product.viewed", at, map[string]any{"user_id": user, "product_id": "p1"}),
			event("l"+user, "metric.observed", at, map[string]any{"unit": user, "metric": "latency", "value": float64(i)}),
		}
		if i%2 == 0 {
			list = append(list, event("a"+user, "product.added", at.Add(time.Hour), map[string]any{"user_id": user, "product_id": "p1"}))
		}
		if i == 7 {
			list = append(list, event("f"+user, "user.changed", at, map[string]any{"user_id": user, "attributes": map[string]any{"bot": true}}))
		}
		s.ndjson("/v1/events", list...)
	}
	s.sweep()
	var r struct {
		Units   map[string]int64
		Metrics []struct {
			Name, State string
			Control     struct{ Mean float64 }
			Steps       []struct{ Control struct{ Units int64 } }
		}
		Segments []struct{ Segment string }
		Health   struct {
			Bots struct{ Reasons map[string]int64 }
		}
		Power map[string]any
	}
	s.must("GET", path, "", &r)
	if r.Metrics[0].Steps[0].Control.Units != r.Units["control"] || r.Metrics[1].State != "as_of" || r.Metrics[1].Control.Mean == 0 {
		t.Errorf("the report says %+v", r)
	}
	if len(r.Segments) != 2 || r.Health.Bots.Reasons["flagged"] != 1 || r.Power == nil {
		t.Errorf("segments %+v, bots %+v, power %+v", r.Segments, r.Health.Bots, r.Power)
	}
	all := r.Units["control"] + r.Units["treatment"]
	s.must("GET", path+"?bots=exclude", "", &r)
	if left := r.Units["control"] + r.Units["treatment"]; left != all-1 {
		t.Errorf("without the bot %d of %d units are left", left, all)
	}
	for query, rows := range map[string]int{"?format=csv": 1 + 4, "?format=csv&by=day": 1 + 2, "?format=csv&by=segment": 1 + 8} {
		if got := s.table(path + query); len(got) != rows {
			t.Errorf("%s has %d rows, want %d: %v", query, len(got), rows, got)
		}
	}
	units := s.table("/v1/experiments/e1/units")
	if len(units) != 1+40 || units[0][0] != "unit" {
		t.Errorf("%d rows of units under %v", len(units), units[0])
	}
	for _, query := range []string{"?bots=some", "?mature=perhaps", "?bots=only&mature=1", "?by=day", "?segment=colour%3Dred"} {
		if a := s.send(request{method: "GET", path: path + query}); a.status != 422 {
			t.Errorf("%s is answered by %d %s", query, a.status, a.body)
		}
	}
}

// table reads a CSV answer.
func (s *shop) table(path string) [][]string {
	s.t.Helper()
	a := s.must("GET", path, "", nil)
	rows, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
	if err != nil {
		s.t.Fatalf("%s: %v", path, err)
	}
	return rows
}

// withArchive lets reports read units.
func withArchive() option {
	return func(s *shop) { s.services.Archive = sqldb.Experiments{DB: s.db} }
}
