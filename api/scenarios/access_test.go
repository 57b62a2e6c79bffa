package scenarios_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/peakday/peakday/api"
)

// problem is what every error but OFREP's says.
type problem struct {
	Type, Title, Detail, Code, Field string
	Status                           int
	RequestID                        string `json:"request_id"`
}

func problemOf(t testing.TB, a answer) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	if kind := a.header.Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("a problem of type %q", kind)
	}
	if p.Status != a.status || p.RequestID != a.header.Get("X-Request-Id") || p.Type != "/docs#"+p.Code || p.Title == "" || p.Detail == "" {
		t.Errorf("status %d, problem %+v", a.status, p)
	}
	return p
}

// operation is a route as /openapi.json tells it.
type operation struct {
	method, path string
	scopes       []string
}

func operations(t testing.TB, s *shop) []operation {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			Security []map[string][]string
		}
	}
	s.must("GET", "/openapi.json", "", &doc)
	var out []operation
	for path, methods := range doc.Paths {
		for method, o := range methods {
			op := operation{method: strings.ToUpper(method), path: path}
			for _, s := range o.Security {
				op.scopes = append(op.scopes, s["bearer"]...)
			}
			out = append(out, op)
		}
	}
	if len(out) < 40 {
		t.Fatalf("only %d operations", len(out))
	}
	return out
}

func filled(path string) string {
	return strings.NewReplacer("{key}", "k1", "{item}", "i1", "{sku}", "s1", "{event}", "11.11", "{id}", "p1", "{version}", "v1").Replace(path)
}

func key(secret string, scopes ...api.Scope) api.Key {
	return api.Key{ID: "id-" + secret, Name: "key " + secret, Hash: api.HashSecret(secret), Scopes: scopes}
}

// oneKeyEach is a key for each scope, whose secret is the scope.
func oneKeyEach() option {
	var keys []api.Key
	for _, s := range api.Scopes() {
		keys = append(keys, key(string(s), s))
	}
	return withKeys(keys...)
}

func TestEveryRouteNeedsOneOfItsScopes(t *testing.T) {
	t.Parallel()
	stopping := make(chan struct{})
	close(stopping) // so that streams end
	s := open(t, oneKeyEach(), with(func(s *api.Services) { s.Stopping = stopping }))
	for _, o := range operations(t, s) {
		if len(o.scopes) == 0 {
			if a := s.send(request{method: o.method, path: filled(o.path)}); a.status == 401 || a.status == 403 {
				t.Errorf("%s %s is open, but answers %d", o.method, o.path, a.status)
			}
			continue
		}
		code := func(a answer) string {
			var p struct{ Code, ErrorCode string }
			_ = json.Unmarshal(a.body, &p) // an answer that is no problem has no code
			return p.Code + p.ErrorCode
		}
		a := s.send(request{method: o.method, path: filled(o.path)})
		if a.status != 401 || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s without a key: %d", o.method, o.path, a.status)
		}
		for _, scope := range api.Scopes() {
			a := s.send(request{method: o.method, path: filled(o.path), headers: []string{"Authorization: Bearer " + string(scope)}})
			allowed := slices.Contains(o.scopes, string(scope)) || scope == api.Manage && slices.Contains(o.scopes, string(api.Read))
			if sendsEvents := o.path == "/v1/events" && scope == api.Manage; sendsEvents {
				allowed = false // only ?imported=1
			}
			if refused := a.status == 403; refused == allowed {
				t.Errorf("%s %s with the scope %s: %d %s", o.method, o.path, scope, a.status, code(a))
			}
			if a.status == 403 && code(a) != "missing_scope" && code(a) != "GENERAL" {
				t.Errorf("%s %s with the scope %s: code %q", o.method, o.path, scope, code(a))
			}
		}
	}
}

func TestKeysComeInTwoHeaders(t *testing.T) {
	t.Parallel()
	revoked := key("old", api.Read)
	revoked.Revoked = true
	s := open(t, withKeys(key("good", api.Read), revoked))
	for _, c := range []struct {
		name, header string
		status       int
	}{
		{"bearer", "Authorization: Bearer good", 200},
		{"bearer in any case", "Authorization: bEaReR good", 200},
		{"own header", "X-API-Key: good", 200},
		{"unknown", "X-API-Key: bad", 401},
		{"a hash is no key", "X-API-Key: " + api.HashSecret("good"), 401},
		{"revoked", "X-API-Key: old", 401},
		{"empty", "X-API-Key: ", 401},
		{"another scheme", "Authorization: Basic good", 401},
		{"none", "Accept: */*", 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := s.send(request{method: "GET", path: "/v1/experiments", headers: []string{c.header}})
			if a.status != c.status {
				t.Errorf("%d %s, want %d", a.status, a.body, c.status)
			}
			if a.status == 401 && problemOf(t, a).Code != "unauthenticated" {
				t.Errorf("%s", a.body)
			}
		})
	}
}

func TestRevokingEveryKeyOpensNoDoor(t *testing.T) {
	t.Parallel()
	revoked := key("old", api.Manage)
	revoked.Revoked = true
	s := open(t, withKeys(revoked))
	if a := s.send(request{method: "GET", path: "/v1/experiments"}); a.status != 401 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestSecretsAreNotLogged(t *testing.T) {
	t.Parallel()
	k := key("s3cret-key", api.Read, api.Evaluate)
	k.ID, k.Name = "1", "analyst"
	s := open(t, withKeys(k))
	s.send(request{method: "GET", path: "/v1/recommendations?user=private-user", headers: []string{"Authorization: Bearer s3cret-key"}})
	s.send(request{method: "GET", path: "/v1/experiments/e?key=s3cret-key", headers: []string{"Authorization: Bearer s3cret-key"}})
	s.send(request{method: "POST", path: "/v1/assignments", body: `{"unit":"private-user","oops":1}`, headers: []string{"X-API-Key: s3cret-key"}})
	s.send(request{method: "POST", path: "/login", body: "key=s3cret-key"})
	logged := s.logged.String()
	for _, secret := range []string{"s3cret-key", "private-user"} {
		if strings.Contains(logged, secret) {
			t.Errorf("%q was logged:\n%s", secret, logged)
		}
	}
	if strings.Count(logged, "msg=request") != 4 {
		t.Errorf("want one line a request, got\n%s", logged)
	}
	if !strings.Contains(logged, `by=analyst`) || !strings.Contains(logged, `route=/v1/recommendations`) {
		t.Errorf("a line says neither who nor what:\n%s", logged)
	}
}

func TestWithoutKeysOnlyThisMachineMayAsk(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.start("e1", even)
	layers := 0
	put := func(headers ...string) request {
		layers++
		return request{method: "PUT", path: fmt.Sprintf("/v1/layers/l%d", layers), body: `{}`, headers: headers}
	}
	evaluate := func(query string, headers ...string) request {
		return request{method: "POST", path: "/ofrep/v1/evaluate/flags/e1" + query, body: `{"context":{"targetingKey":"u1"}}`, headers: headers}
	}
	own := "Origin: " + s.url
	for _, c := range []struct {
		name string
		r    request
		code string // empty: let in
	}{
		{"plain", request{method: "GET", path: "/v1/layers"}, ""},
		{"localhost", request{method: "GET", path: "/v1/layers", host: "localhost:8080"}, ""},
		{"IPv6", request{method: "GET", path: "/v1/layers", host: "[::1]:8080"}, ""},
		{"a name that leads here", request{method: "GET", path: "/v1/layers", host: "evil.example"}, "not_local"},
		{"a name that looks local", request{method: "GET", path: "/v1/layers", host: "localhost.evil.example"}, "not_local"},
		{"an address elsewhere", request{method: "GET", path: "/v1/layers", host: "10.0.0.1"}, "not_local"},
		{"even the document", request{method: "GET", path: "/openapi.json", host: "evil.example"}, "not_local"},
		{"a path that is not there", request{method: "GET", path: "/nowhere", host: "evil.example"}, "not_local"},
		{"health under any name", request{method: "GET", path: "/healthz", host: "evil.example"}, ""},
		{"forwarded for", request{method: "GET", path: "/v1/layers", headers: []string{"X-Forwarded-For: 1.2.3.4"}}, "not_local"},
		{"forwarded host", request{method: "GET", path: "/v1/layers", headers: []string{"X-Forwarded-Host: a"}}, "not_local"},
		{"forwarded", request{method: "GET", path: "/v1/layers", headers: []string{"Forwarded: for=1.2.3.4"}}, "not_local"},
		{"real address", request{method: "GET", path: "/v1/layers", headers: []string{"X-Real-IP: 1.2.3.4"}}, "not_local"},
		{"write", put(), ""},
		{"write of our own page", put(own), ""},
		{"write of our own page, as browsers say", put("Sec-Fetch-Site: same-origin"), ""},
		{"write of another site", put("Origin: https://evil.example"), "cross_origin"},
		{"write of another port", put("Origin: http://127.0.0.1:1"), "cross_origin"},
		{"write of no origin", put("Origin: null"), "cross_origin"},
		{"write across sites", put("Sec-Fetch-Site: cross-site"), "cross_origin"},
		{"write from a sibling", put("Sec-Fetch-Site: same-site", "Origin: http://localhost:1"), "cross_origin"},
		{"events of another site", request{method: "POST", path: "/v1/events", body: "[]", headers: []string{"Origin: https://evil.example"}}, "cross_origin"},
		{"a page's form from another site", request{method: "POST", path: "/stock-plans", body: "event=11.11", headers: []string{"Origin: https://evil.example"}}, "page 403"},
		{"evaluation by a page of this machine", evaluate("", "Origin: http://localhost:3000", "Sec-Fetch-Site: same-site"), ""},
		{"evaluation by another site", evaluate("", "Origin: https://evil.example"), "GENERAL"},
		{"exposure by a page of this machine", evaluate("?expose=1", "Origin: http://localhost:3000"), "GENERAL"},
		{"exposure by our own page", evaluate("?expose=1", own), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := s.send(c.r)
			switch {
			case c.code == "":
				if a.status >= 400 {
					t.Errorf("%d %s", a.status, a.body)
				}
			case c.code == "page 403":
				if a.status != 403 || !strings.Contains(string(a.body), "<h1>") {
					t.Errorf("%d %s", a.status, a.body)
				}
			case c.code == "GENERAL":
				if a.status != 403 || !strings.Contains(string(a.body), `"errorCode":"GENERAL"`) {
					t.Errorf("%d %s", a.status, a.body)
				}
			default:
				if got := problemOf(t, a); a.status != 403 || got.Code != c.code {
					t.Errorf("%d %s, want %s", a.status, a.body, c.code)
				}
			}
		})
	}
}

func TestWithoutKeysAStrangersAddressIsRefused(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	r, err := http.NewRequest("GET", "/v1/layers", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host, r.RemoteAddr = "localhost", "192.0.2.1:4711"
	w := &recorder{header: http.Header{}}
	s.api.ServeHTTP(w, r)
	if w.status != 403 || !strings.Contains(w.body.String(), "not_local") {
		t.Errorf("%d %s", w.status, w.body.String())
	}
}

// recorder is an http.ResponseWriter for requests that no listener brought.
type recorder struct {
	header http.Header
	status int
	body   strings.Builder
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) WriteHeader(status int)      { w.status = status }
func (w *recorder) Write(b []byte) (int, error) { return w.body.Write(b) }

func TestKeysAreBoundToOrigins(t *testing.T) {
	t.Parallel()
	bound := key("page", api.Evaluate, api.EventsBehaviour)
	bound.Origins = []string{"https://shop.example"}
	s := open(t, withKeys(bound, key("server", api.Evaluate), key("admin", api.Manage)))
	s.must("PUT", "/v1/experiments/e1", even, nil, "X-API-Key: admin")
	s.must("POST", "/v1/experiments/e1/start", "", nil, "X-API-Key: admin")
	ask := func(key string, headers ...string) answer {
		return s.send(request{method: "POST", path: "/v1/assignments", body: `{"unit":"u1"}`, headers: append(headers, "X-API-Key: "+key)})
	}
	if a := ask("page", "Origin: https://shop.example"); a.status != 200 || a.header.Get("Access-Control-Allow-Origin") != "https://shop.example" ||
		!strings.Contains(a.header.Get("Access-Control-Expose-Headers"), "ETag") || !strings.Contains(a.header.Get("Access-Control-Expose-Headers"), "Retry-After") {
		t.Errorf("own origin: %d %v", a.status, a.header)
	}
	if a := ask("page", "Origin: https://evil.example"); problemOf(t, a).Code != "foreign_origin" || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("foreign origin: %d %v", a.status, a.header)
	}
	if a := ask("page"); a.status != 200 {
		t.Errorf("no origin: %d", a.status)
	}
	if a := ask("server", "Origin: https://any.example"); a.status != 200 {
		t.Errorf("unbound key: %d", a.status)
	}
	a := s.send(request{method: "GET", path: "/v1/experiments", headers: []string{"X-API-Key: admin", "Origin: https://any.example"}})
	if a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("a page of another origin may read definitions")
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	s := open(t, withKeys(key("k", api.Evaluate)))
	ask := func(path, method string) answer {
		return s.send(request{method: "OPTIONS", path: path, headers: []string{
			"Origin: https://shop.example", "Access-Control-Request-Method: " + method, "Access-Control-Request-Headers: content-type,if-none-match,authorization,x-api-key",
		}})
	}
	for _, path := range []string{"/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/e1", "/v1/assignments", "/v1/events", "/v1/recommendations"} {
		a := ask(path, "POST")
		allowed := strings.ToLower(a.header.Get("Access-Control-Allow-Headers"))
		if a.status != 204 || a.header.Get("Access-Control-Allow-Origin") != "https://shop.example" || a.header.Get("Access-Control-Allow-Methods") != "POST" {
			t.Errorf("%s: %d %v", path, a.status, a.header)
		}
		for _, name := range []string{"content-type", "if-none-match", "authorization", "x-api-key"} {
			if !strings.Contains(allowed, name) {
				t.Errorf("%s does not allow %s", path, name)
			}
		}
	}
	if a := ask("/v1/experiments/e1", "PUT"); a.status != 405 || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("definitions: %d", a.status)
	}
	local := open(t)
	a := local.send(request{method: "OPTIONS", path: "/v1/events", headers: []string{"Origin: http://localhost:3000", "Access-Control-Request-Method: POST"}})
	if a.status != 405 {
		t.Errorf("events from another origin without keys: %d", a.status)
	}
}

func TestPublicKeysDoNotLearnAHistory(t *testing.T) {
	t.Parallel()
	s := open(t, withKeys(key("public", api.Evaluate), key("server", api.Evaluate, api.Read), key("in", api.EventsTrusted)))
	var all []string
	for i, item := range []string{"a", "b", "c", "d"} {
		all = append(all, event("p"+item, "product.changed", began, fields{"product_id": item, "title": "Secret " + item}))
		for _, user := range []string{"u1", "u2", "u3"} {
			if user != "u1" || i < 2 {
				all = append(all, event(item+user, "product.viewed", began, fields{"user_id": user, "product_id": item}))
			}
		}
	}
	a := s.send(request{method: "POST", path: "/v1/events", body: strings.Join(all, "\n"), headers: []string{"X-API-Key: in", "Content-Type: application/x-ndjson"}})
	if a.status != 202 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	s.settle()
	s.learn()
	ask := func(key string) string {
		return string(s.must("GET", "/v1/recommendations?user=u1&explain=1&exclude=a,b", "", nil, "X-API-Key: "+key).body)
	}
	if got := ask("public"); strings.Contains(got, "Secret") || !strings.Contains(got, `"reasons":["`) {
		t.Errorf("a public key reads %s", got)
	}
	if got := ask("server"); !strings.Contains(got, "Secret") {
		t.Errorf("a server's key reads no names: %s", got)
	}
}
