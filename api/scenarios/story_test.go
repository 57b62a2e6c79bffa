package scenarios_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestAVisitorsDay is the shortest way through the surface: define, start,
// assign, send what happened, read the report.
func TestAVisitorsDay(t *testing.T) {
	t.Parallel()
	s := open(t)
	call := func(method, path, body string) string {
		r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode >= 300 {
			t.Fatalf("%s %s: %d %s %v", method, path, res.StatusCode, b, err)
		}
		return string(b)
	}
	call("PUT", "/v1/metrics/bought", `{"kind":"proportion","event":"order.paid"}`)
	call("PUT", "/v1/experiments/button", `{"unit":"user","primary":"bought","variants":[{"key":"control","weight":1,"value":"buy"},{"key":"bold","weight":1,"value":"BUY"}]}`)
	call("POST", "/v1/experiments/button/start", "")
	flag := call("POST", "/ofrep/v1/evaluate/flags/button?expose=1", `{"context":{"targetingKey":"u1"}}`)
	call("POST", "/v1/events", fmt.Sprintf(`{"specversion":"1.0","id":"o1","source":"shop","type":"order.paid","time":%q,
		"data":{"order_id":"o1","user_id":"u1","products":[{"product_id":"p1","quantity":1,"price":"9.90"}]}}`, began.Format("2006-01-02T15:04:05Z07:00")))
	s.settle()
	report := call("GET", "/v1/experiments/button/report", "")
	variant := "control"
	if strings.Contains(flag, `"variant":"bold"`) {
		variant = "bold"
	}
	if !strings.Contains(report, fmt.Sprintf(`"variant":%q,"units":1,"mean":1`, variant)) {
		t.Errorf("%s got it, and the report says %s", variant, report)
	}
}
