package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// unitsOf is how many units the report counts in each variant.
func (s *shop) unitsOf(experiment, segment string) map[string]int64 {
	s.t.Helper()
	s.settle()
	var r struct{ Units map[string]int64 }
	path := "/v1/experiments/" + experiment + "/report"
	if segment != "" {
		path += "?segment=" + segment
	}
	s.must("GET", path, "", &r)
	return r.Units
}

func total(units map[string]int64) (n int64) {
	for _, k := range units {
		n += k
	}
	return n
}

func TestExposuresAreCountedOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.start("e1", strings.Replace(even, "{", `{"segments":["tier"],"audience":{"country":{"$ne":"US"}},`, 1))
	s.start("e2", strings.Replace(even, "{", `{"coverage":0.0001,`, 1))
	ask := func(user, country string) {
		s.must("POST", "/ofrep/v1/evaluate/flags/e1?expose=1", fmt.Sprintf(`{"context":{"targetingKey":%q,"tier":"gold","country":%q}}`, user, country), nil)
	}
	for i := range 20 {
		s.must("POST", "/ofrep/v1/evaluate/flags/e1", fmt.Sprintf(`{"context":{"targetingKey":"quiet%d"}}`, i), nil)
	}
	s.must("POST", "/ofrep/v1/evaluate/flags", `{"context":{"targetingKey":"bulk"}}`, nil)
	if n := total(s.unitsOf("e1", "")); n != 0 {
		t.Fatalf("%d units were exposed without being asked for", n)
	}
	for i := range 20 {
		ask(fmt.Sprintf("u%d", i), "CN")
		ask(fmt.Sprintf("u%d", i), "CN")
		ask(fmt.Sprintf("outside%d", i), "US")
	}
	s.must("POST", "/v1/assignments", `{"unit":"u20","attributes":{"tier":"silver"},"expose":true}`, nil)
	s.must("POST", "/v1/assignments", `{"unit":"u21","experiments":["e2","none","e1"],"expose":true}`, nil)
	s.must("POST", "/v1/assignments", `{"unit":"u22","experiments":["e2"],"expose":true}`, nil)
	for hour, user := range []string{"u23", "u0"} { // what was seen lately is forgotten meanwhile
		s.clock.Store(began.Add(time.Duration(hour+1) * time.Hour).UnixMicro())
		ask(user, "CN")
	}
	if n := total(s.unitsOf("e1", "")); n != 23 {
		t.Errorf("%d units exposed, want 23", n)
	}
	if n := total(s.unitsOf("e1", "tier%3Dgold")); n != 21 {
		t.Errorf("%d units in gold, want 21", n)
	}
	if n := total(s.unitsOf("e2", "")); n != 0 {
		t.Errorf("%d units of e2, whom it does not cover", n)
	}
	var c struct{ Duplicates int64 }
	s.must("GET", "/v1/consumers", "", &c)
	if c.Duplicates != 1 {
		t.Errorf("%d duplicates applied, want the one after two hours", c.Duplicates)
	}
}

func TestAnExposureThatCannotBeLoggedIsNoAnswer(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.start("e1", even)
	a, flag := s.flag("e1?expose=1", `{"targetingKey":"u1","note":"a\u0000b"}`)
	if a.status != 400 || flag["errorCode"] != "INVALID_CONTEXT" {
		t.Errorf("an attribute that cannot be stored: %d %s", a.status, a.body)
	}
	long := strings.Repeat("u", 256)
	s.must("POST", "/v1/assignments", `{"unit":"`+long+`","expose":true}`, nil)
	if n := total(s.unitsOf("e1", "")); n != 1 {
		t.Errorf("%d units, want the one with the long id", n)
	}
}

// TestAReportEndsAStory: exposures and orders through HTTP, and what the
// analyst reads of them.
func TestAReportEndsAStory(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.must("PUT", "/v1/metrics/bought", `{"kind":"proportion","event":"order.paid"}`, nil)
	s.must("PUT", "/v1/metrics/revenue", `{"kind":"mean","event":"order.paid","value":"total"}`, nil)
	s.start("e1", strings.Replace(even, "{", `{"primary":"bought","secondary":["revenue"],"segments":["tier"],`, 1))
	var all []string
	for i := range 400 {
		user := fmt.Sprintf("u%d", i)
		var got struct{ Items []struct{ Variant string } }
		s.must("POST", "/v1/assignments", fmt.Sprintf(`{"unit":%q,"attributes":{"tier":"gold"},"expose":true}`, user), &got)
		buys := i%5 == 0
		if got.Items[0].Variant == "treatment" {
			buys = i%2 == 0
		}
		if buys {
			all = append(all, event("o"+user, "order.paid", began.Add(time.Minute), fields{
				"order_id": "o" + user, "user_id": user, "products": []fields{{"product_id": "p", "quantity": 1, "price": "10"}},
			}))
		}
	}
	s.ndjson("/v1/events", all...)
	s.settle()
	var r struct {
		AsOf    time.Time `json:"as_of"`
		Metrics []struct {
			Name, Role string
			Results    []struct {
				Absolute struct{ Low, High float64 }
			}
		}
		Decision struct{ Verdict, Variant string }
	}
	s.must("GET", "/v1/experiments/e1/report", "", &r)
	if r.Decision.Verdict != "ship" || r.Decision.Variant != "treatment" || !r.AsOf.Equal(began.Add(time.Minute)) {
		t.Errorf("decision %+v as of %s", r.Decision, r.AsOf)
	}
	if m := r.Metrics[0]; m.Name != "bought" || m.Role != "primary" || m.Results[0].Absolute.Low > 0.3 || m.Results[0].Absolute.High < 0.3 {
		t.Errorf("metric %+v, want an interval around 0.3", m)
	}
	a := s.must("GET", "/v1/experiments/e1/report?format=csv&segment=tier%3Dgold", "", nil)
	rows := strings.Split(strings.TrimSpace(string(a.body)), "\n")
	if len(rows) != 5 || !strings.HasPrefix(rows[1], "bought,proportion,primary,control,") || !strings.HasPrefix(rows[4], "revenue,mean,secondary,treatment,") {
		t.Errorf("rows %q", rows)
	}
	if a.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(a.header.Get("Content-Disposition"), "e1.csv") {
		t.Errorf("headers %v", a.header)
	}
	page := string(s.must("GET", "/experiments/e1", "", nil).body)
	for _, want := range []string{"Ship treatment", "bought", "revenue", `<svg class="bar"`, "95.0 %"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
}
