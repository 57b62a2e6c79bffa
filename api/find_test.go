package api

import (
	"net/http"
	"net/url"
	"testing"
)

func TestPathsFindTheirRoute(t *testing.T) {
	t.Parallel()
	a := flagAPI(t, 1)
	for _, c := range []struct{ method, path, pattern, name, value string }{
		{"GET", "/v1/forecasts/85123A", "/v1/forecasts/{sku}", "sku", "85123A"},
		{"GET", "/v1/forecasts/a%2Fb%20c", "/v1/forecasts/{sku}", "sku", "a/b c"},
		{"GET", "/v1/forecasts/100%25", "/v1/forecasts/{sku}", "sku", "100%"},
		{"GET", "/v1/forecasts/%E4%B8%AD", "/v1/forecasts/{sku}", "sku", "中"},
		{"GET", "/v1/items/..%2F..%2Fx/similar", "/v1/items/{item}/similar", "item", "../../x"},
		{"HEAD", "/v1/forecasts/s", "/v1/forecasts/{sku}", "sku", "s"},
		{"GET", "/v1/stock-plans/p1.csv", "/v1/stock-plans/{id}", "id", "p1.csv"},
		{"GET", "/v1/forecasts/", "none", "", ""},
		{"GET", "/v1//forecasts/s", "none", "", ""},
		{"GET", "//v1/forecasts/s", "none", "", ""},
		{"POST", "/v1/forecasts/s", "none", "", ""},
		{"BREW", "/v1/forecasts/s", "none", "", ""},
		{"OPTIONS", "*", "none", "", ""},
		{"CONNECT", "", "none", "", ""},
	} {
		u := &url.URL{Path: c.path}
		if c.path != "*" && c.path != "" {
			var err error
			if u, err = url.ParseRequestURI("http://h" + c.path); err != nil {
				t.Fatal(err)
			}
		}
		x := &exchange{API: a, r: &http.Request{Method: c.method, URL: u, Header: http.Header{}}}
		x.matchRoute()
		if x.route.pattern != c.pattern || c.name != "" && x.param(c.name) != c.value {
			t.Errorf("%s %s finds %s with %q", c.method, c.path, x.route.pattern, x.param(c.name))
		}
		if x.route == a.noRoute && x.notFound() == nil {
			t.Errorf("%s %s: nothing is wrong with nowhere", c.method, c.path)
		}
	}
}
