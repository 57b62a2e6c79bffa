package scenarios_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/peakday/peakday/api"
)

const nasty = `<script>alert("1")</script>'&"`

// page asks for a page, as a browser with these cookies does.
func (s *shop) page(path string, cookies ...string) answer {
	s.t.Helper()
	var headers []string
	if len(cookies) > 0 {
		headers = append(headers, "Cookie: "+strings.Join(cookies, "; "))
	}
	return s.send(request{method: "GET", path: path, headers: headers})
}

func TestPagesAreSafeAndReadable(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(nasty)
	s.start("e1", strings.Replace(even, "{", `{"name":"`+quoted+`","hypothesis":"`+quoted+`","audience":{"x":"`+quoted+`"},`, 1))
	s.ndjson("/v1/events", event("p", "product.changed", began, fields{"product_id": "p1", "title": nasty, "category": nasty}))
	s.settle()
	var plan struct{ ID string }
	s.must("POST", "/v1/stock-plans", `{"event":"11.11"}`, &plan)
	for _, path := range []string{
		"/", "/experiments", "/experiments/e1", "/recommendations", "/recommendations?user=" + url.QueryEscape(nasty), "/forecasts", "/forecasts/s1?horizon=7",
		"/stock-plans", "/stock-plans?skus=" + url.QueryEscape(nasty), "/stock-plans/" + plan.ID, "/alerts", "/accuracy", "/overrides", "/overrides?sku=" + url.QueryEscape(nasty),
		"/what-if", "/what-if?discount=5&sku=" + url.QueryEscape(nasty), "/what-if?event=11.11&sku=s1&discount=5", "/operation", "/login", "/docs", "/experiments/none", "/forecasts/none", "/forecasts/s1?horizon=x",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			a := s.page(path)
			text := string(a.body)
			if a.status >= 500 || strings.Contains(path, "none") != (a.status == 404) {
				t.Errorf("%d %s", a.status, text)
			}
			for _, never := range []string{"<script", "http://", "https://", "style=", " onclick", "<no value>", "%!"} {
				if strings.Contains(text, never) {
					t.Errorf("the page contains %s", never)
				}
			}
			for _, always := range []string{`<html lang="en">`, `name="viewport"`, "<h1>", `<main id="main">`, "<title>"} {
				if !strings.Contains(text, always) {
					t.Errorf("the page lacks %s", always)
				}
			}
			if n := strings.Count(text, "<table>"); strings.Count(text, "<caption") != n || strings.Count(text, "<th scope=") < n {
				t.Error("a table lacks a caption or headers with a scope")
			}
			checkLabels(t, text)
			csp := a.header.Get("Content-Security-Policy")
			if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "script-src") {
				t.Errorf("policy %s", csp)
			}
			if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v", a.header)
			}
		})
	}
}

// checkLabels wants a label for each field that a person fills in.
func checkLabels(t *testing.T, page string) {
	t.Helper()
	for _, field := range regexp.MustCompile(`<(?:input|select|textarea)[^>]*>`).FindAllString(page, -1) {
		if strings.Contains(field, `type="hidden"`) {
			continue
		}
		id := regexp.MustCompile(` id="([^"]+)"`).FindStringSubmatch(field)
		if id == nil || !strings.Contains(page, `<label for="`+id[1]+`"`) {
			t.Errorf("%s has no label", field)
		}
	}
}

func TestPagesShowWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	s.start("e1", even)
	for path, wants := range map[string][]string{
		"/":                         {"e1", "Double 11", "Thing s1"},
		"/experiments":              {"e1", "running", "100.0 %"},
		"/experiments/e1":           {"Keep it running", "planned share", "History", "local"},
		"/recommendations?user=new": {"Thing s2", "19.90 CNY", "wanted by many"},
		"/forecasts":                {"Double 11", "2026-11-11"},
		"/forecasts/s1?horizon=9":   {`class="mean"`, "2026-11-03", "11.11 day", "Days ahead"},
		"/docs":                     {"/ofrep/v1/evaluate/flags/{key}", "events:behaviour", `id="missing_scope"`},
	} {
		text := strings.ToLower(string(s.must("GET", path, "", nil).body))
		for _, want := range wants {
			if !strings.Contains(text, strings.ToLower(want)) {
				t.Errorf("%s does not show %q", path, want)
			}
		}
	}
	if a := s.page("/forecasts?sku=s%2F1"); a.status != 303 || a.header.Get("Location") != "/forecasts/s%2F1" {
		t.Errorf("%d %v", a.status, a.header)
	}
	for _, name := range []string{"style.css", "icon.svg"} {
		if a := s.page("/assets/" + name); a.status != 200 || len(a.body) == 0 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := s.page("/assets/..%2Fpages.go"); a.status != 404 {
		t.Errorf("%d", a.status)
	}
}

func TestAFormNeedsItsToken(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	first := s.page("/stock-plans")
	cookie, _, _ := strings.Cut(first.header.Get("Set-Cookie"), ";")
	attributes := first.header.Get("Set-Cookie")
	if !strings.Contains(attributes, "HttpOnly") || !strings.Contains(attributes, "SameSite=Strict") {
		t.Errorf("cookie %s", attributes)
	}
	token := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(string(first.body))[1]
	post := func(form string, cookies ...string) answer {
		return s.send(request{method: "POST", path: "/stock-plans", body: form, headers: append([]string{"Content-Type: application/x-www-form-urlencoded"}, cookies...)})
	}
	for name, a := range map[string]answer{
		"no token":           post("event=11.11", "Cookie: "+cookie),
		"no cookie":          post("event=11.11&csrf=" + token),
		"another's cookie":   post("event=11.11&csrf="+token, "Cookie: peakday_session=x.1.y.z"),
		"a token of nothing": post("event=11.11&csrf=AAAA", "Cookie: "+cookie),
	} {
		if a.status != 403 || !strings.Contains(string(a.body), "open the page again") {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	a := post("event=11.11&service_level=0.9&service_over=plan&skus=s1%0D%0As1%0D%0A&from=&to=&csrf="+token, "Cookie: "+cookie)
	if a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "/stock-plans/2026") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if page := string(s.page(a.header.Get("Location")).body); !strings.Contains(page, "s1") || strings.Contains(page, ">s2<") || !strings.Contains(page, "a chance of 90 % on average") {
		t.Errorf("%s", page)
	}
	for _, wrong := range []string{"event=none", "event=11.11&service_level=high", "event=11.11&service_level=2", "event=11.11&service_level=0.9&service_over=shop", "event=11.11&from=yesterday"} {
		a := post(wrong+"&csrf="+token, "Cookie: "+cookie)
		if a.status != 422 || !strings.Contains(string(a.body), `role="alert"`) {
			t.Errorf("%s: %d", wrong, a.status)
		}
	}
}

func TestPagesAskForALogin(t *testing.T) {
	t.Parallel()
	s := open(t, withKeys(key("reader", api.Read), key("planner", api.Manage), key("page", api.Evaluate)))
	a := s.page("/experiments?x=1")
	if a.status != 303 || a.header.Get("Location") != "/login?next=%2Fexperiments%3Fx%3D1" {
		t.Fatalf("%d %v", a.status, a.header)
	}
	login := func(key, next string, headers ...string) answer {
		return s.send(request{method: "POST", path: "/login", body: url.Values{"key": {key}, "next": {next}}.Encode(), headers: headers})
	}
	for _, bad := range []string{"", "unknown", "page"} {
		if a := login(bad, "/"); a.status != 403 || a.header.Get("Set-Cookie") != "" {
			t.Errorf("key %q: %d", bad, a.status)
		}
	}
	if a := login("reader", "/", "Origin: https://evil.example"); a.status != 403 {
		t.Errorf("login by another site: %d", a.status)
	}
	for next, to := range map[string]string{"/experiments": "/experiments", "https://evil.example": "/", "//evil.example": "/", `/\evil.example`: "/", "": "/"} {
		if a := login("reader", next); a.status != 303 || a.header.Get("Location") != to {
			t.Errorf("next %q leads to %q", next, a.header.Get("Location"))
		}
	}
	cookie, _, _ := strings.Cut(login("reader", "/").header.Get("Set-Cookie"), ";")
	page := s.page("/experiments", cookie)
	if page.status != 200 || !strings.Contains(string(page.body), "key reader") {
		t.Errorf("%d %s", page.status, page.body)
	}
	if a := s.page("/v1/experiments", cookie); a.status != 200 {
		t.Errorf("a link into the API: %d", a.status)
	}
	if a := s.send(request{method: "PUT", path: "/v1/layers/l", body: "{}", headers: []string{"Cookie: " + cookie}}); a.status != 401 {
		t.Errorf("a write with a cookie: %d", a.status)
	}
	if a := s.page("/experiments", cookie[:len(cookie)-2]+"AA"); a.status != 303 {
		t.Errorf("a forged cookie: %d", a.status)
	}
	if a := s.send(request{method: "POST", path: "/stock-plans", body: "event=11.11", headers: []string{"Cookie: " + cookie}}); a.status != 403 {
		t.Errorf("a reader's form: %d", a.status)
	}
	token := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(string(page.body))[1]
	out := s.send(request{method: "POST", path: "/logout", body: "csrf=" + token, headers: []string{"Cookie: " + cookie}})
	if out.status != 303 || !strings.Contains(out.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("%d %v", out.status, out.header)
	}
	s.keys[0].Revoked = true
	if err := s.services.Keys.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a := s.page("/experiments", cookie); a.status != 303 {
		t.Errorf("the session of a revoked key: %d", a.status)
	}
}

// TestTheExplorerShowsTheArm: the page is about what the user would see, whose
// experiments choose the policy; to look is not to be exposed.
func TestTheExplorerShowsTheArm(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	s.must("PUT", "/v1/policies/wanted", `{"sources":{"trending":1}}`, nil)
	s.start("taste", `{"unit":"user","variants":[
		{"key":"control","weight":1,"value":{"policy":"wanted","placement":"home"}},{"key":"same","weight":1,"value":{"interleave":["wanted","default"]}}]}`)
	const arm = `chosen by the experiment <a href="/experiments/taste">`
	if text := string(s.page("/recommendations?user=new&placement=home").body); !strings.Contains(text, arm) || !strings.Contains(text, "Policy wanted") {
		t.Errorf("the page does not name the policy of the arm: %s", text)
	}
	if text := string(s.page("/recommendations?user=new&placement=cart").body); strings.Contains(text, arm) {
		t.Error("the experiment is on the home page only")
	}
	s.settle()
	if units := s.unitsOf("taste", ""); units["control"]+units["same"] != 0 {
		t.Errorf("looking has exposed %v", units)
	}
}
