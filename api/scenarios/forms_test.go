package scenarios_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/peakday/peakday/api"
)

// browser visits pages and sends their forms, with the session that it was given.
type browser struct {
	*shop
	cookie string
}

// browse begins a session: with a key by logging in, without one where there are
// no keys.
func (s *shop) browse(key string) *browser {
	s.t.Helper()
	begin := request{method: "GET", path: "/forecasts"}
	if key != "" {
		begin = request{method: "POST", path: "/login", body: url.Values{"key": {key}}.Encode()}
	}
	cookie, _, _ := strings.Cut(s.send(begin).header.Get("Set-Cookie"), ";")
	if cookie == "" {
		s.t.Fatalf("no session for %q", key)
	}
	return &browser{s, cookie}
}

func (b *browser) visit(path string) string {
	b.t.Helper()
	a := b.page(path, b.cookie)
	if a.status != 200 {
		b.t.Fatalf("%s: %d %s", path, a.status, a.body)
	}
	return string(a.body)
}

// submit sends a form with the token that the page path carries.
func (b *browser) submit(page, path string, form url.Values) answer {
	b.t.Helper()
	token := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(b.visit(page))
	if token == nil {
		b.t.Fatalf("%s has no form", page)
	}
	form.Set("csrf", token[1])
	return b.post(path, form)
}

func (b *browser) post(path string, form url.Values) answer {
	return b.send(request{method: "POST", path: path, body: form.Encode(), headers: []string{"Content-Type: application/x-www-form-urlencoded", "Cookie: " + b.cookie}})
}

// shows wants texts on a page.
func (b *browser) shows(path string, wants ...string) {
	b.t.Helper()
	text := b.visit(path)
	for _, want := range wants {
		if !strings.Contains(text, want) {
			b.t.Errorf("%s does not show %q:\n%s", path, want, text)
		}
	}
}

// TestAPlannerOverridesOnThePages adds an override, replaces it, ends it, and
// reads what one that is over was worth.
func TestAPlannerOverridesOnThePages(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	b := s.browse("")
	b.shows("/overrides?sku=s1", "No forecast is overridden", `value="s1"`, "No override's days are closed yet")
	add := func(form url.Values) answer { return b.submit("/overrides", "/overrides", form) }
	wrong := add(url.Values{"sku": {"s1"}, "from": {"2026-11-06"}, "to": {"2026-11-07"}, "factor": {"2"}, "quantity": {"9"}, "reason": {"<live>"}})
	for _, want := range []string{`role="alert"`, "and not both", `value="&lt;live&gt;"`, `value="2026-11-06"`} {
		if !strings.Contains(string(wrong.body), want) {
			t.Errorf("the form does not come back with %q: %d %s", want, wrong.status, wrong.body)
		}
	}
	for name, form := range map[string]url.Values{
		"no number":      {"sku": {"s1"}, "factor": {"much"}, "from": {"2026-11-06"}, "to": {"2026-11-07"}, "reason": {"r"}},
		"not a day":      {"sku": {"s1"}, "factor": {"2"}, "from": {"soon"}, "to": {"2026-11-07"}, "reason": {"r"}},
		"unknown":        {"sku": {"none"}, "factor": {"2"}, "from": {"2026-11-06"}, "to": {"2026-11-07"}, "reason": {"r"}},
		"bad expiry":     {"sku": {"s1"}, "factor": {"2"}, "from": {"2026-11-06"}, "to": {"2026-11-07"}, "reason": {"r"}, "expires": {"never"}},
		"nobody says so": {"sku": {"s1"}, "factor": {"2"}, "from": {"2026-11-06"}, "to": {"2026-11-07"}},
	} {
		if a := add(form); a.status != 422 || !strings.Contains(string(a.body), `role="alert"`) {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := add(url.Values{"sku": {"s1"}, "factor": {"1.5"}, "from": {"2026-11-06"}, "to": {"2026-11-07"}, "reason": {"live stream"}, "expires": {"2026-11-09"}}); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	b.shows("/overrides", "× 1.5", "live stream", "local", "in force", "9 Nov 2026 00:00", `name="version" value="1"`)
	b.shows("/forecasts/s1", "live stream")
	if a := add(url.Values{"sku": {"s1"}, "quantity": {"60"}, "from": {"2026-11-06"}, "to": {"2026-11-07"}, "reason": {"more"}, "author": {"li"}}); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	b.shows("/overrides", "60 pieces", "li <span", "replaced")
	end := func(version string) answer {
		return b.submit("/overrides", "/overrides/s1/end", url.Values{"version": {version}})
	}
	if a := end("1"); a.status != 409 {
		t.Errorf("ending another version than the page showed: %d", a.status)
	}
	if a := end("2"); a.status != 303 {
		t.Errorf("%d %s", a.status, a.body)
	}
	b.shows("/overrides", "ended")
	if text := b.visit("/overrides"); strings.Contains(text, "in force</span>") || strings.Contains(text, `name="version"`) {
		t.Error("an override is still in force")
	}
}

// TestReadersSeeOverridesAndWriteNone: the form is for planners.
func TestReadersSeeOverridesAndWriteNone(t *testing.T) {
	t.Parallel()
	s := open(t, withKeys(key("reader", api.Read), key("planner", api.Manage)))
	reader, planner := s.browse("reader"), s.browse("planner")
	if text := reader.visit("/overrides"); strings.Contains(text, `action="/overrides"`) || strings.Contains(text, `href="/operation"`) {
		t.Error("a reader is offered what only planners may do")
	}
	planner.shows("/overrides", `action="/overrides"`, `href="/operation"`)
	for _, path := range []string{"/overrides", "/overrides/s1/end", "/models/train", "/models/v/activate", "/operation/replay"} {
		if a := reader.submit("/overrides", path, url.Values{}); a.status != 403 {
			t.Errorf("a reader's %s: %d", path, a.status)
		}
		if a := planner.post(path, url.Values{}); a.status != 403 || !strings.Contains(string(a.body), "open the page again") {
			t.Errorf("%s without its token: %d", path, a.status)
		}
	}
	for _, path := range []string{"/models", "/operation"} {
		if a := reader.page(path, reader.cookie); a.status != 403 {
			t.Errorf("a reader's %s: %d", path, a.status)
		}
	}
}

// TestWhatIfComparesAScenario on its page, as the API does.
func TestWhatIfComparesAScenario(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	b := s.browse("")
	if text := b.visit("/what-if?sku=s1"); strings.Contains(text, "Scenario") || strings.Contains(text, `role="alert"`) {
		t.Error("an answer before the question")
	}
	b.shows("/what-if?sku=s1&event=11.11&discount=20", "2026-11-11", "Scenario", "19.90", "15.92", "Elasticity", "The margin is unknown")
	s.must("PUT", "/v1/supply/s1", `{"cost":"9.00","price":"19.90"}`, nil)
	b.shows("/what-if?sku=s1&to=2026-11-09&from=2026-11-07&uplift=50&low=20&high=80", "2026-11-07 to 2026-11-09", "50.0 %", "Margin, CNY")
	for _, bad := range []string{"sku=none&event=11.11&discount=20", "sku=s1&event=11.11&discount=120", "sku=s1&event=11.11&discount=some", "sku=s1&event=none&price=5", "sku=s1&event=11.11&price=x", "sku=s1&event=11.11&experiment=none"} {
		if a := s.page("/what-if?" + bad); a.status != 422 || !strings.Contains(string(a.body), `role="alert"`) {
			t.Errorf("%s: %d", bad, a.status)
		}
	}
}

// TestOperatorsReplayDeadLettersOnThePage once their cause is mended.
func TestOperatorsReplayDeadLettersOnThePage(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := s.browse("")
	b.shows("/operation", "There are none", "none yet")
	s.ndjson("/v1/events", event("early", "product.viewed", began.Add(2*time.Hour), fields{"user_id": "u", "product_id": "i"}))
	s.settle()
	b.shows("/operation", "early", "product.viewed", "ahead", "product_id")
	s.clock.Store(began.Add(2 * time.Hour).UnixMicro())
	if a := b.submit("/operation", "/operation/replay", url.Values{}); a.status != 200 || !strings.Contains(string(a.body), "1 sent again") {
		t.Errorf("%d %s", a.status, a.body)
	}
	s.settle()
	b.shows("/operation", "There are none")
}
