package api_test

import "testing"

func TestSmoke(t *testing.T) {
	s := open(t)
	s.start("e1", even)
	a := s.send(request{method: "POST", path: "/ofrep/v1/evaluate/flags/e1", body: `{"context":{"targetingKey":"u1"}}`})
	t.Log(a.status, string(a.body))
	for _, p := range []string{"/healthz", "/readyz", "/metrics", "/openapi.json", "/", "/docs", "/experiments", "/experiments/e1", "/v1/consumers", "/v1/experiments", "/v1/experiments/e1/report", "/v1/trending", "/v1/settings", "/forecasts", "/recommendations?user=u1"} {
		a := s.send(request{method: "GET", path: p})
		t.Log(p, a.status, len(a.body))
		if a.status != 200 {
			t.Error(string(a.body))
		}
	}
	s.sell()
	for _, p := range []string{"/v1/forecasts/s1?horizon=14", "/v1/forecasts?event=11.11", "/v1/recommendations?user=u1&explain=1", "/v1/items/p-s1/similar", "/v1/stock/s1", "/forecasts/s1", "/"} {
		a := s.send(request{method: "GET", path: p})
		t.Log(p, a.status, len(a.body), string(a.body[:min(300, len(a.body))]))
		if a.status != 200 {
			t.Error(string(a.body))
		}
	}
	a = s.send(request{method: "POST", path: "/v1/stock-plans", body: `{"event":"11.11"}`})
	t.Log(a.status, string(a.body))
	t.Log(s.logged.String())
}
