package scenarios_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/peakday/peakday/api"
)

type experiment struct {
	Key, Name, Status, Unit, Primary, Shipped string
	Coverage, Alpha                           float64
	Version                                   int64
	Variants                                  []struct {
		Key   string
		Value any
	}
}

func TestAnExperimentsLife(t *testing.T) {
	t.Parallel()
	s := open(t, withKeys(key("admin", api.Manage)))
	do := func(method, path, body string, headers ...string) answer {
		return s.send(request{method: method, path: path, body: body, headers: append(headers, "X-API-Key: admin")})
	}
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		etag                     string
	}{
		{"created", "PUT", "/v1/experiments/e1", even, nil, 201, `"1"`},
		{"read", "GET", "/v1/experiments/e1", "", nil, 200, `"1"`},
		{"changed from what was read", "PUT", "/v1/experiments/e1", even, []string{`If-Match: "1"`}, 200, `"2"`},
		{"changed from an old version", "PUT", "/v1/experiments/e1", even, []string{`If-Match: "1"`}, 412, ""},
		{"changed whatever it is", "PUT", "/v1/experiments/e1", even, []string{`If-Match: *`}, 200, `"3"`},
		{"created though it must be there", "PUT", "/v1/experiments/e2", even, []string{`If-Match: *`}, 412, ""},
		{"created though it must have a version", "PUT", "/v1/experiments/e2", even, []string{`If-Match: "7"`}, 412, ""},
		{"a version that is none", "PUT", "/v1/experiments/e1", even, []string{`If-Match: "new"`}, 422, ""},
		{"patched", "PATCH", "/v1/experiments/e1", `{"name":"Checkout","coverage":0.5,"alpha":null}`, []string{`If-Match: "3"`}, 200, `"4"`},
		{"patched from an old version", "PATCH", "/v1/experiments/e1", `{"name":"x"}`, []string{`If-Match: "3"`}, 412, ""},
		{"started from an old version", "POST", "/v1/experiments/e1/start", "", []string{`If-Match: "1"`}, 412, ""},
		{"started", "POST", "/v1/experiments/e1/start", "", []string{`If-Match: "4"`}, 200, `"5"`},
		{"coverage grows", "PATCH", "/v1/experiments/e1", `{"coverage":0.75}`, nil, 200, `"6"`},
		{"coverage shrinks", "PATCH", "/v1/experiments/e1", `{"coverage":0.25}`, nil, 409, ""},
		{"paused", "POST", "/v1/experiments/e1/pause", "", nil, 200, `"7"`},
		{"started again", "POST", "/v1/experiments/e1/start", "", nil, 200, `"8"`},
		{"stopped", "POST", "/v1/experiments/e1/stop", "", nil, 200, `"9"`},
		{"started after the end", "POST", "/v1/experiments/e1/start", "", nil, 409, ""},
		{"shipped", "POST", "/v1/experiments/e1/ship", `{"variant":"treatment"}`, nil, 200, `"10"`},
	} {
		a := do(c.method, c.path, c.body, c.headers...)
		if a.status != c.status || a.header.Get("ETag") != c.etag {
			t.Fatalf("%s: %d, ETag %s: %s", c.name, a.status, a.header.Get("ETag"), a.body)
		}
	}
	var e experiment
	s.must("GET", "/v1/experiments/e1", "", &e, "X-API-Key: admin")
	if e.Name != "Checkout" || e.Coverage != 0.75 || e.Alpha != 0.05 || e.Status != "shipped" || e.Shipped != "treatment" || len(e.Variants) != 2 {
		t.Errorf("%+v", e)
	}
	var history struct {
		Items []struct {
			Version        int64
			Author, Action string
			Definition     experiment
		}
		Next *string `json:"next_cursor"`
	}
	s.must("GET", "/v1/experiments/e1/history?limit=4", "", &history, "X-API-Key: admin")
	if len(history.Items) != 4 || history.Items[0].Action != "create" || history.Items[0].Author != "key admin" || history.Next == nil {
		t.Fatalf("%+v", history)
	}
	s.must("GET", "/v1/experiments/e1/history?limit=100&cursor="+*history.Next, "", &history, "X-API-Key: admin")
	if n := len(history.Items); n != 6 || history.Items[n-1].Action != "ship" || history.Items[n-1].Version != 10 || history.Next != nil {
		t.Errorf("%+v", history)
	}
}

func TestListsComeInParts(t *testing.T) {
	t.Parallel()
	s := open(t)
	for i := range 7 {
		s.must("PUT", fmt.Sprintf("/v1/experiments/e%d", i), even, nil)
		s.must("PUT", fmt.Sprintf("/v1/metrics/m%d", i), `{"kind":"count","event":"order.paid"}`, nil)
		s.must("PUT", fmt.Sprintf("/v1/layers/l%d", i), `{}`, nil)
	}
	s.must("POST", "/v1/experiments/e3/start", "", nil)
	for _, path := range []string{"/v1/experiments", "/v1/metrics", "/v1/layers"} {
		var keys []string
		cursor := ""
		for parts := 1; ; parts++ {
			var part struct {
				Items []struct{ Key string }
				Next  *string `json:"next_cursor"`
			}
			s.must("GET", path+"?limit=3&cursor="+cursor, "", &part)
			for _, it := range part.Items {
				keys = append(keys, it.Key[1:])
			}
			if part.Next == nil {
				if parts != 3 {
					t.Errorf("%s in %d parts", path, parts)
				}
				break
			}
			cursor = *part.Next
		}
		if got := strings.Join(keys, ""); got != "0123456" {
			t.Errorf("%s: %s", path, got)
		}
	}
	var running struct{ Items []experiment }
	s.must("GET", "/v1/experiments?status=running", "", &running)
	if len(running.Items) != 1 || running.Items[0].Key != "e3" || len(running.Items[0].Variants) != 2 {
		t.Errorf("running %+v", running)
	}
	if got := string(s.must("GET", "/v1/experiments?status=paused", "", nil).body); got != `{"items":[],"next_cursor":null}`+"\n" {
		t.Errorf("nothing: %s", got)
	}
}

func TestALayerFillsUp(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.must("PUT", "/v1/layers/l", `{}`, nil)
	for i, coverage := range []string{"0.6", "0.4", "0.1"} {
		s.must("PUT", fmt.Sprintf("/v1/experiments/e%d", i), strings.Replace(even, "{", `{"layer":"l","coverage":`+coverage+`,`, 1), nil)
		a := s.send(request{method: "POST", path: fmt.Sprintf("/v1/experiments/e%d/start", i)})
		if i < 2 && a.status != 200 || i == 2 && (a.status != 409 || problemOf(t, a).Code != "refused") {
			t.Errorf("start %d: %d %s", i, a.status, a.body)
		}
	}
	if a := s.send(request{method: "PUT", path: "/v1/layers/l", body: `{"unit":"device"}`}); a.status != 409 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestARepeatedWriteIsAnsweredAgain(t *testing.T) {
	t.Parallel()
	s := open(t, withKeys(key("a", api.Manage), key("b", api.Manage)))
	put := func(who, idempotency, path, body string) answer {
		return s.send(request{method: "PUT", path: path, body: body, headers: []string{"X-API-Key: " + who, "Idempotency-Key: " + idempotency}})
	}
	first := put("a", "k1", "/v1/layers/l", `{"name":"one"}`)
	again := put("a", "k1", "/v1/layers/l", `{"name":"one"}`)
	if first.status != 201 || again.status != 201 || string(first.body) != string(again.body) || again.header.Get("ETag") != `"1"` || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("first %d %s, again %d %s", first.status, first.body, again.status, again.body)
	}
	if a := put("b", "k1", "/v1/layers/l", `{"name":"one"}`); a.status != 200 {
		t.Errorf("another caller's key: %d", a.status)
	}
	for name, a := range map[string]answer{
		"another body": put("a", "k1", "/v1/layers/l", `{"name":"two"}`), "another path": put("a", "k1", "/v1/layers/m", `{"name":"one"}`),
	} {
		if p := problemOf(t, a); p.Code != "key_reused" || a.status != 422 {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	bad := put("a", "k2", "/v1/layers/l", `{"unit":"planet"}`)
	badAgain := put("a", "k2", "/v1/layers/l", `{"unit":"planet"}`)
	if bad.status != 422 || badAgain.status != 422 || badAgain.header.Get("Idempotency-Replayed") != "true" || badAgain.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("an error: %d, again %d %v", bad.status, badAgain.status, badAgain.header)
	}
	if a := put("a", strings.Repeat("x", 256), "/v1/layers/l", `{}`); problemOf(t, a).Field != "Idempotency-Key" {
		t.Errorf("%s", a.body)
	}
}

// TestWritesAtOnceDoNotLoseEachOther raises the coverage from many sides; what
// is refused says so.
func TestWritesAtOnceDoNotLoseEachOther(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.must("PUT", "/v1/experiments/e", strings.Replace(even, "{", `{"overrides":{},`, 1), nil)
	var all sync.WaitGroup
	done := make([]bool, 8)
	for i := range done {
		all.Go(func() {
			for try := 0; try < 100 && !done[i]; try++ {
				a := s.send(request{method: "PATCH", path: "/v1/experiments/e", body: fmt.Sprintf(`{"overrides":{"u%d":"treatment"}}`, i)})
				switch a.status {
				case 200:
					done[i] = true
				case 409:
				default:
					t.Errorf("%d %s", a.status, a.body)
					return
				}
			}
		})
	}
	all.Wait()
	var e struct{ Overrides map[string]string }
	s.must("GET", "/v1/experiments/e", "", &e)
	if len(e.Overrides) != len(done) {
		t.Errorf("overrides %v, done %v", e.Overrides, done)
	}
}
