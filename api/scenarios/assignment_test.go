package scenarios_test

import (
	"strings"
	"testing"
)

// TestHoldoutsOverHTTP: defined, read, changed from a version, and felt at once.
func TestHoldoutsOverHTTP(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, c := range []struct {
		name, method, path, body, match string
		status                          int
	}{
		{"created", "PUT", "/v1/holdouts/q4", `{"share":0.5}`, "", 201},
		{"read", "GET", "/v1/holdouts/q4", "", "", 200},
		{"listed", "GET", "/v1/holdouts", "", "", 200},
		{"not there", "GET", "/v1/holdouts/q5", "", "", 404},
		{"without a share", "PUT", "/v1/holdouts/q5", `{}`, "", 422},
		{"too large", "PUT", "/v1/holdouts/q5", `{"share":0.6}`, "", 422},
		{"from an old version", "PUT", "/v1/holdouts/q4", `{"share":0.1}`, `"7"`, 412},
		{"on another unit", "PUT", "/v1/holdouts/q4", `{"unit":"device","share":0.5}`, "", 409},
		{"renamed", "PUT", "/v1/holdouts/q4", `{"name":"Quarter","share":0.5}`, `"1"`, 200},
	} {
		r := request{method: c.method, path: c.path, body: c.body}
		if c.match != "" {
			r.headers = []string{"If-Match: " + c.match}
		}
		if a := s.send(r); a.status != c.status {
			t.Fatalf("%s: %d %s", c.name, a.status, a.body)
		}
	}
	s.start("e1", even)
	enrolled := 0
	for i := range 200 {
		a := s.send(request{method: "POST", path: "/v1/assignments", body: `{"unit":"u` + strings.Repeat("x", i) + `"}`})
		if strings.Contains(string(a.body), `"enrolled":true`) {
			enrolled++
		}
	}
	if enrolled < 70 || enrolled > 130 {
		t.Errorf("%d of 200 units are enrolled, want about half", enrolled)
	}
}

// TestQALinksOverHTTP: a tester sees a draft's variant by OFREP and by
// assignment, and nobody else does.
func TestQALinksOverHTTP(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.must("PUT", "/v1/experiments/e1", even, nil)
	var link struct{ ID, Variant, Token, Query string }
	s.must("POST", "/v1/experiments/e1/qa-links", `{"variant":"treatment"}`, &link)
	if len(link.Token) < 20 || link.Query != "peakday_qa="+link.Token {
		t.Fatalf("the link is %+v", link)
	}
	ask := func(path, body string) string {
		return string(s.send(request{method: "POST", path: path, body: body}).body)
	}
	withToken := `{"context":{"targetingKey":"u1","peakday_qa":"` + link.Token + `"}}`
	for _, c := range []struct{ name, path, body, has string }{
		{"one flag", "/ofrep/v1/evaluate/flags/e1", withToken, `"variant":"treatment"`},
		{"all flags", "/ofrep/v1/evaluate/flags", withToken, `"variant":"treatment"`},
		{"never enrolled", "/ofrep/v1/evaluate/flags", withToken, `"enrolled":false`},
		{"without", "/ofrep/v1/evaluate/flags/e1", `{"context":{"targetingKey":"u1"}}`, `FLAG_NOT_FOUND`},
		{"all without", "/ofrep/v1/evaluate/flags", `{"context":{"targetingKey":"u1"}}`, `{"flags":[]`},
		{"a guess", "/ofrep/v1/evaluate/flags/e1", `{"context":{"targetingKey":"u1","peakday_qa":"guess"}}`, `FLAG_NOT_FOUND`},
		{"assignment", "/v1/assignments", `{"unit":"u1","attributes":{"peakday_qa":"` + link.Token + `"}}`, `"variant":"treatment"`},
		{"assignment by key", "/v1/assignments", `{"unit":"u1","experiments":["e1"],"attributes":{"peakday_qa":"` + link.Token + `"}}`, `"reason":"TARGETING_MATCH"`},
	} {
		if got := ask(c.path, c.body); !strings.Contains(got, c.has) {
			t.Errorf("%s: %s has no %s", c.name, got, c.has)
		}
	}
	if a := s.send(request{method: "DELETE", path: "/v1/experiments/e1/qa-links/" + link.ID}); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := ask("/ofrep/v1/evaluate/flags/e1", withToken); !strings.Contains(got, "FLAG_NOT_FOUND") {
		t.Errorf("the removed link shows %s", got)
	}
	if a := s.send(request{method: "DELETE", path: "/v1/experiments/e1/qa-links/" + link.ID}); a.status != 404 {
		t.Errorf("removed twice: %d %s", a.status, a.body)
	}
}

// TestHistoryNamesWhatChanged, field by field.
func TestHistoryNamesWhatChanged(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.start("e1", even)
	s.must("PATCH", "/v1/experiments/e1", `{"hypothesis":"h","variants":[{"key":"control","weight":3,"value":"old"},{"key":"treatment","weight":1,"value":"new"}]}`, nil)
	var history struct {
		Items []struct {
			Action      string
			Differences []struct {
				Field         string
				Before, After any
			}
		}
	}
	s.must("GET", "/v1/experiments/e1/history", "", &history)
	last := history.Items[len(history.Items)-1]
	fields := map[string]any{}
	for _, d := range last.Differences {
		fields[d.Field] = d.After
	}
	if fields["hypothesis"] != "h" || fields["variants[0].weight"] != 3.0 || fields["phases[1]"] == nil || fields["version"] != nil {
		t.Errorf("the differences are %+v", last.Differences)
	}
}
