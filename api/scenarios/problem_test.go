package scenarios_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/peakday/peakday/api"
)

// TestBadInputGetsAClearAnswer is the contract's list of bad input, and more.
func TestBadInputGetsAClearAnswer(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.start("e1", even)
	order := func(id string, line fields) string {
		return event(id, "order.placed", began, fields{"order_id": "o", "user_id": "u", "products": []fields{line}})
	}
	exposed := func(experiment, variant string) string {
		return event("x", "experiment.exposed", began, fields{"experiment": experiment, "variant": variant, "unit": "u1"})
	}
	huge := strings.Repeat("x", 9<<20)
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		code, field, detail      string // detail: a part of it
	}{
		{"no such path", "GET", "/v1/nothing", "", 404, "not_found", "", "/docs"},
		{"wrong method", "DELETE", "/v1/experiments/e1", "", 405, "method_not_allowed", "", "GET, HEAD, PATCH, PUT"},
		{"wrong method on a list", "PUT", "/v1/experiments", "{}", 405, "method_not_allowed", "", "GET, HEAD"},
		{"a parameter that is none", "GET", "/v1/experiments/e1/report?segmnet=tier%3Dgold", "", 422, "invalid", "segmnet", "segment, bots"},
		{"a parameter twice", "GET", "/v1/experiments?limit=1&limit=2", "", 422, "invalid", "limit", "once"},
		{"a parameter that breaks off", "GET", "/v1/experiments?limit=%z", "", 422, "invalid", "", "percent-encoded"},
		{"a limit too large", "GET", "/v1/experiments?limit=1001", "", 422, "invalid", "limit", "1 to 1000"},
		{"a limit in words", "GET", "/v1/trending?limit=ten", "", 422, "invalid", "limit", `"ten"`},
		{"a cursor of nowhere", "GET", "/v1/experiments?cursor=%21", "", 422, "invalid", "cursor", "next_cursor"},
		{"a word that is none", "GET", "/v1/trending?window=year", "", 422, "invalid", "window", "day, hour or week"},
		{"a status that is none", "GET", "/v1/experiments?status=over", "", 422, "invalid", "status", "must be draft, running, paused, stopped or shipped"},
		{"a switch in words", "GET", "/v1/recommendations?explain=yes", "", 422, "invalid", "explain", "1 or 0"},

		{"a broken body", "PUT", "/v1/experiments/e2", `{"unit":`, 422, "invalid", "", "JSON"},
		{"an empty body", "PUT", "/v1/experiments/e2", ``, 422, "invalid", "", "JSON"},
		{"something behind the body", "PUT", "/v1/experiments/e2", even + "x", 422, "invalid", "", ""},
		{"no unit", "PUT", "/v1/experiments/e2", `{"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`, 422, "invalid", "unit", "required"},
		{"one variant", "PUT", "/v1/experiments/e2", `{"unit":"user","variants":[{"key":"control","weight":1}]}`, 422, "invalid", "variants", "2 to 100"},
		{"no control", "PUT", "/v1/experiments/e2", `{"unit":"user","variants":[{"key":"a","weight":1},{"key":"b","weight":1}]}`, 422, "invalid", "variants", "control"},
		{"a field that is none", "PUT", "/v1/experiments/e2", `{"unit":"user","guardrials":[]}`, 422, "invalid", "guardrials", "not a field"},
		{"a key that is none", "PUT", "/v1/experiments/a%20b", even, 422, "invalid", "key", "A-Z"},
		{"a metric that is not there", "PUT", "/v1/experiments/e2", strings.Replace(even, "{", `{"primary":"cash",`, 1), 422, "invalid", "primary", "PUT /v1/metrics/cash"},
		{"a layer that is not there", "PUT", "/v1/experiments/e2", strings.Replace(even, "{", `{"layer":"l9",`, 1), 422, "invalid", "layer", "PUT /v1/layers/l9"},
		{"a body too large", "PUT", "/v1/experiments/e2", huge, 413, "too_large", "", "1048576 bytes"},
		{"an experiment that is not there", "GET", "/v1/experiments/none", "", 404, "not_found", "", `"none"`},
		{"a start of nothing", "POST", "/v1/experiments/none/start", "", 404, "not_found", "", ""},
		{"started twice", "POST", "/v1/experiments/e1/start", "", 409, "refused", "", "running already"},
		{"a change that bends the comparison", "PUT", "/v1/experiments/e1", strings.Replace(even, `"value":"new"`, `"value":"newer"`, 1), 409, "refused", "", "variants cannot change"},
		{"shipping what is not there", "POST", "/v1/experiments/e1/ship", `{"variant":"none"}`, 422, "invalid", "variant", `"none"`},
		{"shipping nothing", "POST", "/v1/experiments/e1/ship", ``, 422, "invalid", "variant", "required"},
		{"shipping with more", "POST", "/v1/experiments/e1/ship", `{"variant":"control","now":true}`, 422, "invalid", "now", "not a field"},
		{"a patch that is none", "PATCH", "/v1/experiments/e1", `[]`, 422, "invalid", "", "object"},
		{"a patch to what is fixed", "PATCH", "/v1/experiments/e1", `{"unit":"device"}`, 409, "refused", "", "unit cannot change"},
		{"a metric of no kind", "PUT", "/v1/metrics/m1", `{"kind":"median","event":"order.paid"}`, 422, "invalid", "kind", "proportion"},
		{"a segment that is none", "GET", "/v1/experiments/e1/report?segment=tier%3Dgold", "", 422, "invalid", "segment", "it has none"},

		{"no unit to assign", "POST", "/v1/assignments", `{}`, 422, "invalid", "unit", "required"},
		{"a unit that is none", "POST", "/v1/assignments", `{"unit":7}`, 422, "invalid", "unit", "string"},
		{"a field of assignment that is none", "POST", "/v1/assignments", `{"unit":"u1","user":"u1"}`, 422, "invalid", "user", "unit, units"},
		{"a broken assignment", "POST", "/v1/assignments", `{"unit":"u1"`, 422, "invalid", "", "JSON"},
		{"an assignment too large", "POST", "/v1/assignments", huge, 413, "too_large", "", "131072 bytes"},

		{"a negative quantity", "POST", "/v1/events", order("n", fields{"product_id": "p", "quantity": -2, "price": "1"}), 422, "invalid", "data.products[0].quantity", "got -2"},
		{"a price with too many decimals", "POST", "/v1/events", order("n", fields{"product_id": "p", "quantity": 1, "price": "1.005"}), 422, "invalid", "data.products[0].price", "2 decimals"},
		{"an unknown variant", "POST", "/v1/events", exposed("e1", "none"), 422, "invalid", "data.variant", `"none"`},
		{"an unknown experiment", "POST", "/v1/events", exposed("none", "control"), 422, "invalid", "data.experiment", `"none"`},
		{"a broken event", "POST", "/v1/events", `{"specversion"`, 422, "invalid", "", "JSON"},
		{"an event without an id", "POST", "/v1/events", `{"specversion":"1.0","source":"s","type":"x"}`, 422, "invalid", "id", "required"},
		{"events in our name", "POST", "/v1/events", `{"specversion":"1.0","id":"1","source":"peakday/assignment","type":"x"}`, 422, "invalid", "source", "our"},
		{"a batch that is none", "POST", "/v1/events", ` [`, 422, "invalid", "", "array"},
		{"events too large", "POST", "/v1/events", huge, 413, "too_large", "", "8388608 bytes"},

		{"too many recommendations", "GET", "/v1/recommendations?user=u&limit=101", "", 422, "invalid", "limit", "1 to 100"},
		{"a session of no items", "POST", "/v1/recommendations", `{"session":["a",""]}`, 422, "invalid", "session[1]", "required"},
		{"a session too long", "POST", "/v1/recommendations", `{"session":[` + strings.Repeat(`"a",`, 1000) + `"a"]}`, 422, "invalid", "session", "1000"},
		{"similar to nothing", "GET", "/v1/items/none/similar", "", 404, "not_found", "", `"none"`},
		{"stock of nothing", "GET", "/v1/stock/none", "", 404, "not_found", "", `"none"`},
		{"no models", "GET", "/v1/models", "", 503, "unavailable", "", "no models"},

		{"a forecast of nothing", "GET", "/v1/forecasts/none", "", 404, "not_found", "", "never been sold"},
		{"a horizon too far", "GET", "/v1/forecasts/none?horizon=400", "", 422, "invalid", "horizon", "366"},
		{"a level that is none", "GET", "/v1/forecasts/none?level=shop", "", 422, "invalid", "level", "sku, category or region"},
		{"forecasts of no event", "GET", "/v1/forecasts", "", 422, "invalid", "event", ""},
		{"forecasts of an event that is not there", "GET", "/v1/forecasts?event=none", "", 422, "invalid", "event", "none"},
		{"an event without dates", "PUT", "/v1/calendar/mine", `{}`, 422, "invalid", "occurrences", ""},
		{"an event that is not there", "GET", "/v1/calendar/none", "", 404, "not_found", "", `"none"`},
		{"supply of nothing", "GET", "/v1/supply/none", "", 404, "not_found", "", `"none"`},
		{"a negative cost", "PUT", "/v1/supply/s1", `{"cost":"-1"}`, 422, "invalid", "cost", "-1"},
		{"a plan of no event", "POST", "/v1/stock-plans", `{"event":"none"}`, 422, "invalid", "event", "none"},
		{"a plan without an event", "POST", "/v1/stock-plans", `{}`, 422, "invalid", "event", ""},
		{"a plan that is not there", "GET", "/v1/stock-plans/none", "", 404, "not_found", "", `"none"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := s.send(request{method: c.method, path: c.path, body: c.body})
			p := problemOf(t, a)
			if a.status != c.status || p.Code != c.code || p.Field != c.field || !strings.Contains(p.Detail, c.detail) {
				t.Errorf("%d %s field %q: %s\nwant %d %s field %q: …%s…", a.status, p.Code, p.Field, p.Detail, c.status, c.code, c.field, c.detail)
			}
			if c.status == 405 && a.header.Get("Allow") != c.detail {
				t.Errorf("Allow: %s", a.header.Get("Allow"))
			}
		})
	}
}

func TestAnUnknownContentTypeIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, c := range []struct{ name, header, code string }{
		{"picture", "Content-Type: image/png", "unsupported_media_type"},
		{"nonsense", "Content-Type: ;", "unsupported_media_type"},
		{"packed otherwise", "Content-Encoding: br", "unsupported_media_type"},
		{"not packed", "Content-Encoding: gzip", "invalid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := s.send(request{method: "POST", path: "/v1/events", body: "{}", headers: []string{c.header}})
			if p := problemOf(t, a); p.Code != c.code {
				t.Errorf("%s", a.body)
			}
		})
	}
}

// TestAnErrorOfOursTellsNothing asks a service with a bug: its models panic.
func TestAnErrorOfOursTellsNothing(t *testing.T) {
	t.Parallel()
	s := open(t, with(func(services *api.Services) { services.Models = broken{} }))
	for _, r := range []request{{method: "GET", path: "/v1/models"}, {method: "POST", path: "/v1/models"}} {
		a := s.send(r)
		p := problemOf(t, a)
		if a.status != 500 || p.Code != "internal" || strings.Contains(string(a.body), "password") || !strings.Contains(p.Detail, p.RequestID) {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	logged := s.logged.String()
	if !strings.Contains(logged, "the password is wrong") || !strings.Contains(logged, "stack=") || !strings.Contains(logged, "level=ERROR") {
		t.Errorf("the log does not say what happened:\n%s", logged)
	}
	if a := s.send(request{method: "GET", path: "/healthz"}); a.status != 200 {
		t.Errorf("the service died of it: %d", a.status)
	}
}

// broken are models that do not work.
type broken struct{}

func (broken) Training() *api.Training { return nil }

func (broken) Models(context.Context) ([]api.Model, error) { panic("the password is wrong") }
func (broken) Train(context.Context) (m api.Model, err error) {
	return m, errors.New("the password is wrong")
}
func (broken) Activate(context.Context, string) (found bool, err error) { return false, nil }

func TestHeadIsGetWithoutABody(t *testing.T) {
	t.Parallel()
	s := open(t)
	a := s.send(request{method: http.MethodHead, path: "/v1/experiments"})
	if a.status != 200 || len(a.body) != 0 {
		t.Errorf("%d %q", a.status, a.body)
	}
}

func TestTheRequestIDIsTheProxys(t *testing.T) {
	t.Parallel()
	s := open(t)
	for given, taken := range map[string]bool{"abc-123": true, "": false, "a b": false, strings.Repeat("x", 65): false} {
		a := s.send(request{method: "GET", path: "/v1/nothing", headers: []string{"X-Request-Id: " + given}})
		if got := problemOf(t, a).RequestID; (got == given) != taken || got == "" {
			t.Errorf("given %q, got %q", given, got)
		}
	}
}
