package scenarios_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/peakday/peakday/api"
	"github.com/peakday/peakday/experiments"
)

// stream is an open event stream as an EventSource sees it.
type stream struct {
	t    testing.TB
	body *bufio.Scanner
}

// change is what OFREP's event-streams.yaml has clients read.
type change struct {
	id   string
	data struct {
		Type, Etag   string
		LastModified int64
	}
}

func (s *shop) watch(path, lastEventID string) *stream {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), "GET", s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if lastEventID != "" {
		req.Header.Set("Last-Event-ID", lastEventID)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = res.Body.Close() })
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("Cache-Control") != "no-store" {
		s.t.Fatalf("%s: %d %v", path, res.StatusCode, res.Header)
	}
	return &stream{s.t, bufio.NewScanner(res.Body)}
}

// next waits for an event.
func (s *stream) next() (c change) {
	s.t.Helper()
	for s.body.Scan() {
		name, value, _ := strings.Cut(s.body.Text(), ": ")
		switch name {
		case "id":
			c.id = value
		case "event":
			if value != "message" {
				s.t.Errorf("event %q", value)
			}
		case "data":
			if err := json.Unmarshal([]byte(value), &c.data); err != nil {
				s.t.Fatal(err)
			}
		case "":
			if c.id != "" {
				return c
			}
		}
	}
	s.t.Fatalf("the stream ended: %v", s.body.Err())
	return c
}

// flags evaluates all flags, and gives where their changes are told.
func (s *shop) flags(query string, headers ...string) (a answer, stream string) {
	s.t.Helper()
	var got struct {
		EventStreams []struct {
			Type     string
			Endpoint struct{ RequestURI string }
		}
	}
	a = s.must("POST", "/ofrep/v1/evaluate/flags"+query, `{"context":{"targetingKey":"u1"}}`, &got, headers...)
	switch len(got.EventStreams) {
	case 0:
		return a, ""
	case 1:
		if got.EventStreams[0].Type != "sse" {
			s.t.Errorf("a stream of type %s", got.EventStreams[0].Type)
		}
	default:
		s.t.Errorf("%d streams", len(got.EventStreams))
	}
	return a, got.EventStreams[0].Endpoint.RequestURI
}

func TestStreamTellsOfChanges(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.start("e1", even)
	before, path := s.flags("")
	events := s.watch(path, "")
	s.must("POST", "/v1/experiments/e1/pause", "", nil)
	first := events.next() // and not one for what the client knows already
	if first.data.Type != "refetchEvaluation" || first.data.LastModified != began.Unix() {
		t.Errorf("%+v", first)
	}
	after, path := s.flags("?flagConfigEtag="+first.data.Etag+"&flagConfigLastModified=1", "If-None-Match: "+before.header.Get("ETag"))
	if !strings.Contains(string(after.body), `"enrolled":false`) || !strings.HasSuffix(path, "since="+first.id) {
		t.Errorf("%s: %s", path, after.body)
	}
	s.must("POST", "/v1/experiments/e1/start", "", nil)
	if second := events.next(); second.id == first.id {
		t.Errorf("the same event twice: %+v", second)
	}
	// After a break an EventSource sends the last id that it has seen; it wins
	// over ?since=, which is as old as the connection.
	if missed := s.watch(path, first.id).next(); missed.id == first.id {
		t.Errorf("nothing was missed: %+v", missed)
	}
	if fresh := s.watch("/ofrep/v1/stream", "").next(); fresh.id == "" {
		t.Errorf("who knows no revision hears %+v", fresh)
	}
}

// TestTagDoesNotChangeWithWhatNobodySees: a new metric is a new revision, but
// no flag of this unit changes.
func TestTagDoesNotChangeWithWhatNobodySees(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.start("e1", even)
	before, path := s.flags("")
	s.must("PUT", "/v1/metrics/m1", `{"kind":"mean","event":"order.paid","value":"total"}`, nil)
	after, next := s.flags("")
	if path == next || before.header.Get("ETag") != after.header.Get("ETag") {
		t.Errorf("%s %s, then %s %s", path, before.header.Get("ETag"), next, after.header.Get("ETag"))
	}
}

// TestRefetchIsNotAnsweredFromAnOlderSnapshot: another replica has told the
// client of a change that this one has not read yet.
func TestRefetchIsNotAnsweredFromAnOlderSnapshot(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.start("e1", even)
	before, _ := s.flags("")
	tag := before.header.Get("ETag")
	by := experiments.By{Author: "another replica", Now: s.now()}
	if _, err := s.services.Desk.Pause(t.Context(), by, "e1"); err != nil {
		t.Fatal(err)
	}
	revision, err := s.services.Definitions.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(query string) int {
		return s.send(request{method: "POST", path: "/ofrep/v1/evaluate/flags" + query, body: `{"context":{"targetingKey":"u1"}}`, headers: []string{"If-None-Match: " + tag}}).status
	}
	if got := ask(""); got != 304 {
		t.Fatalf("the replica knows the change already: %d", got)
	}
	if got := ask("?flagConfigEtag=" + revisionTag(revision) + "&flagConfigLastModified=1"); got != 200 {
		t.Errorf("the old answer again: %d", got)
	}
	for _, strange := range []string{"", "r", "x9", "r-5", "r99999999999999999999", "%22r9%22"} {
		if got := ask("?flagConfigEtag=" + strange); got != 200 {
			t.Errorf("?flagConfigEtag=%s: %d", strange, got)
		}
	}
}

func revisionTag(n int64) string {
	b, _ := json.Marshal(n)
	return "r" + string(b)
}

func TestKeyInURL(t *testing.T) {
	t.Parallel()
	public := key("pub lic", api.Evaluate, api.EventsBehaviour)
	s := open(t, withKeys(public, key("server", api.Evaluate, api.EventsTrusted), key("boss", api.Manage)))
	s.must("PUT", "/v1/experiments/e1", even, nil, "X-API-Key: boss")
	s.must("POST", "/v1/experiments/e1/start", "", nil, "X-API-Key: boss")
	_, path := s.flags("", "X-API-Key: pub lic")
	if !strings.Contains(path, "key=pub+lic&") {
		t.Errorf("the stream is at %s", path)
	}
	s.watch(path, "-1").next()
	if _, path := s.flags("", "X-API-Key: server"); path != "" {
		t.Errorf("a server's key lies in %s", path)
	}
	view := event("v1", "product.viewed", s.now(), fields{"user_id": "u1", "product_id": "p1"})
	for _, c := range []struct {
		name, method, path string
		status             int
	}{
		{"a beacon", "POST", "/v1/events?key=pub+lic", 202},
		{"no key", "GET", "/ofrep/v1/stream", 401},
		{"an unknown key", "GET", "/ofrep/v1/stream?key=none", 401},
		{"a server's key", "GET", "/ofrep/v1/stream?key=server", 403},
		{"a server's key sends events", "POST", "/v1/events?key=server", 403},
		{"elsewhere", "POST", "/v1/assignments?key=pub+lic", 401},
	} {
		if a := s.send(request{method: c.method, path: c.path, body: view, headers: []string{"Content-Type: application/cloudevents+json"}}); a.status != c.status {
			t.Errorf("%s: %d %s", c.name, a.status, a.body)
		}
	}
	if strings.Contains(s.logged.String(), "pub+lic") {
		t.Errorf("a key was logged:\n%s", s.logged)
	}
}
