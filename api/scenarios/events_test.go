package scenarios_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/peakday/peakday/api"
)

type received struct {
	Accepted, Duplicates int
	Rejected             []struct {
		Index              int
		ID, Field, Problem string
	}
}

func view(id, user, item string) string {
	return event(id, "product.viewed", began, fields{"user_id": user, "product_id": item})
}

func TestEventsComeInManyForms(t *testing.T) {
	t.Parallel()
	s := open(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(view("z1", "u", "i") + "\n" + view("z2", "u", "i"))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, body string
		headers    []string
		accepted   int
	}{
		{"structured", view("a", "u", "i"), []string{"Content-Type: application/cloudevents+json"}, 1},
		{"structured, with a charset", view("b", "u", "i"), []string{"Content-Type: application/cloudevents+json; charset=utf-8"}, 1},
		{"plain JSON", view("c", "u", "i"), []string{"Content-Type: application/json"}, 1},
		{"a beacon", view("d", "u", "i"), []string{"Content-Type: text/plain;charset=UTF-8"}, 1},
		{"no type", view("e", "u", "i"), nil, 1},
		{"batch", "[" + view("f", "u", "i") + "," + view("g", "u", "i") + "]", []string{"Content-Type: application/cloudevents-batch+json"}, 2},
		{"an array as JSON", " [" + view("h", "u", "i") + "]", []string{"Content-Type: application/json"}, 1},
		{"an empty batch", "[]", []string{"Content-Type: application/cloudevents-batch+json"}, 0},
		{"lines", view("j", "u", "i") + "\n\n" + view("k", "u", "i") + "\n", []string{"Content-Type: application/x-ndjson"}, 2},
		{"packed lines", packed.String(), []string{"Content-Type: application/x-ndjson", "Content-Encoding: gzip"}, 2},
		{"binary", `{"user_id":"u","product_id":"i"}`, []string{
			"Content-Type: application/json", "ce-specversion: 1.0", "ce-id: l%20m", "ce-source: test", "ce-type: product.viewed", "ce-time: 2026-11-05T10:00:00Z",
		}, 1},
		{"a type that is not known", event("n", "loyalty.changed", began, fields{"x": 1}), nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := s.send(request{method: "POST", path: "/v1/events", body: c.body, headers: c.headers})
			var got received
			if err := json.Unmarshal(a.body, &got); err != nil || a.status != 202 || got.Accepted != c.accepted || !bytes.Contains(a.body, []byte(`"rejected":[]`)) {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
}

func TestABadEventSpoilsOnlyItself(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.start("e1", even)
	bad := event("bad", "experiment.exposed", began, fields{"experiment": "e1", "variant": "none", "unit": "u"})
	good := view("good", "u", "i")
	var got received
	s.must("POST", "/v1/events", "["+good+","+bad+","+good+`,{"specversion":"2"}]`, &got)
	if got.Accepted != 1 || got.Duplicates != 1 || len(got.Rejected) != 2 {
		t.Fatalf("%+v", got)
	}
	if r := got.Rejected[0]; r.Index != 1 || r.ID != "bad" || r.Field != "data.variant" || !strings.Contains(r.Problem, "data.variant must be a variant of e1") {
		t.Errorf("%+v", r)
	}
	if r := got.Rejected[1]; r.Index != 3 || r.Field != "specversion" {
		t.Errorf("%+v", r)
	}
	s.must("POST", "/v1/events", good+"\n{broken\n"+view("good2", "u", "i"), &got, "Content-Type: application/x-ndjson")
	if got.Accepted != 1 || got.Duplicates != 1 || len(got.Rejected) != 1 || got.Rejected[0].Index != 1 {
		t.Errorf("%+v", got)
	}
}

func TestScopesOfEvents(t *testing.T) {
	t.Parallel()
	s := open(t, withKeys(key("browser", api.EventsBehaviour), key("server", api.EventsTrusted), key("admin", api.Manage), key("both", api.EventsTrusted, api.Manage)))
	order := event("o1", "order.placed", began, fields{"order_id": "o", "user_id": "u", "products": []fields{{"product_id": "p", "quantity": 1, "price": "1"}}})
	for _, c := range []struct {
		name, key, query, body string
		status                 int
		code                   string
	}{
		{"behaviour by a browser", "browser", "", view("v1", "u", "i"), 202, ""},
		{"an order by a browser", "browser", "", order, 422, "invalid"},
		{"an import by a browser", "browser", "?imported=1", view("v2", "u", "i"), 403, "missing_scope"},
		{"an order by a server", "server", "", order, 202, ""},
		{"an import by a server", "server", "?imported=1", order, 403, "missing_scope"},
		{"live events by an administrator", "admin", "", order, 403, "missing_scope"},
		{"an import by an administrator", "admin", "?imported=1", order, 202, ""},
		{"live events by both", "both", "", order, 202, ""},
	} {
		a := s.send(request{method: "POST", path: "/v1/events" + c.query, body: c.body, headers: []string{"X-API-Key: " + c.key}})
		if a.status != c.status {
			t.Errorf("%s: %d %s", c.name, a.status, a.body)
		}
		if c.code != "" && problemOf(t, a).Code != c.code {
			t.Errorf("%s: %s", c.name, a.body)
		}
	}
	a := s.send(request{method: "POST", path: "/v1/events", body: order, headers: []string{"X-API-Key: browser"}})
	if p := problemOf(t, a); p.Field != "type" || !strings.Contains(p.Detail, "events:trusted") {
		t.Errorf("%+v", p)
	}
}

func TestAnImportIsKnownForEver(t *testing.T) {
	t.Parallel()
	s := open(t)
	var all []string
	for i := range 50 {
		all = append(all, event(fmt.Sprint("o", i), "order.completed", began.AddDate(-1, 0, i), fields{
			"order_id": fmt.Sprint(i), "products": []fields{{"product_id": "p", "quantity": 1, "price": "1"}},
		}))
	}
	s.ndjson("/v1/events?imported=1", all...)
	s.settle()
	var got received
	s.must("POST", "/v1/events?imported=1", strings.Join(all, "\n"), &got, "Content-Type: application/x-ndjson")
	if got.Accepted != 0 || got.Duplicates != 50 {
		t.Errorf("%+v", got)
	}
}

func TestPublicKeysAreRateLimited(t *testing.T) {
	t.Parallel()
	s := open(t, withKeys(key("browser", api.EventsBehaviour), key("server", api.EventsTrusted)),
		with(func(services *api.Services) { services.Limits = api.Limits{EventsPerSecond: 0.5, Burst: 10} }))
	batch := func(n int, prefix string) string {
		all := make([]string, n)
		for i := range all {
			all[i] = view(prefix+strconv.Itoa(i), "u", "i")
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	send := func(key, body string) answer {
		return s.send(request{method: "POST", path: "/v1/events", body: body, headers: []string{"X-API-Key: " + key}})
	}
	if a := send("browser", batch(8, "a")); a.status != 202 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a := send("browser", batch(8, "b"))
	if p := problemOf(t, a); p.Code != "rate_limited" {
		t.Errorf("%s", a.body)
	}
	if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 8 || wait > 12 {
		t.Errorf("Retry-After %q, want about 12", a.header.Get("Retry-After"))
	}
	for i := range 5 {
		if a := send("server", batch(8, fmt.Sprint("c", i))); a.status != 202 {
			t.Errorf("a server's key is limited: %d", a.status)
		}
	}
}

func TestWhatFoldsRefuseIsReplayedOnceItIsMended(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.ndjson("/v1/events", view("fine", "u", "i"), event("early", "product.viewed", began.Add(2*time.Hour), fields{"user_id": "u", "product_id": "i"}))
	s.settle()
	var c struct {
		Lag, Applied, Dead int64
		AsOf               *time.Time `json:"as_of"`
		Items              []struct{ Partition int }
	}
	s.must("GET", "/v1/consumers", "", &c)
	if c.Dead != 1 || c.Applied != 1 || c.Lag != 0 || len(c.Items) != 2 || c.AsOf == nil || !c.AsOf.Equal(began) {
		t.Errorf("%+v", c)
	}
	var letters struct {
		Items []struct{ Reason, ID, Type, Key string }
		Next  *string `json:"next_cursor"`
	}
	s.must("GET", "/v1/consumers/dead-letters", "", &letters)
	if len(letters.Items) != 1 || letters.Items[0].ID != "early" || letters.Items[0].Key != "u" || !strings.Contains(letters.Items[0].Reason, "ahead") || letters.Next != nil {
		t.Errorf("%+v", letters)
	}
	s.clock.Store(began.Add(2 * time.Hour).UnixMicro())
	var replayed struct{ Replayed, Unreadable int }
	s.must("POST", "/v1/consumers/dead-letters/replay", "", &replayed)
	if replayed.Replayed != 1 || replayed.Unreadable != 0 {
		t.Errorf("%+v", replayed)
	}
	s.settle()
	s.must("GET", "/v1/consumers", "", &c)
	if c.Applied != 2 {
		t.Errorf("%+v", c)
	}
	s.must("POST", "/v1/consumers/dead-letters/replay", "", &replayed)
	if replayed.Replayed != 0 {
		t.Errorf("replayed again: %+v", replayed)
	}
}
