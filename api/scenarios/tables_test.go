package scenarios_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// TestTablesAreReadInParts: a table is as long in parts as it is at once, and
// its CSV is never cut.
func TestTablesAreReadInParts(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	for i := range 5 {
		s.must("PUT", fmt.Sprintf("/v1/supply/s%d", i), `{"cost":"1.00"}`, nil)
	}
	var made []string
	for range 3 {
		var p struct{ ID string }
		s.must("POST", "/v1/stock-plans", `{"to":"2026-11-20","skus":["s1"]}`, &p)
		made = append(made, p.ID)
	}
	for path, want := range map[string]int{"/v1/supply?limit=2": 5, "/v1/sales?limit=7": 56, "/v1/stock-plans?limit=1": len(made)} {
		seen := map[string]bool{}
		for cursor, parts := "", 0; ; parts++ {
			var part struct {
				Items []map[string]any
				Next  *string `json:"next_cursor"`
			}
			s.must("GET", path+"&cursor="+url.QueryEscape(cursor), "", &part)
			for _, row := range part.Items {
				seen[fmt.Sprint(row)] = true
			}
			if part.Next == nil {
				break
			}
			if cursor = *part.Next; parts > want {
				t.Fatalf("%s does not end", path)
			}
		}
		if len(seen) != want {
			t.Errorf("%s has %d rows, want %d", path, len(seen), want)
		}
		if lines := strings.Count(string(s.must("GET", path+"&format=csv", "", nil).body), "\n"); lines != want+1 {
			t.Errorf("%s has %d lines of CSV", path, lines)
		}
	}
	for _, bad := range []string{"x", "!!", "LTE", "MWE", "OTk5OTk5OTk5OTk5"} { // -1, 1a and 999999999999, among others
		if a := s.send(request{method: "GET", path: "/v1/supply?cursor=" + bad}); a.status != 422 || !strings.Contains(string(a.body), `"field":"cursor"`) {
			t.Errorf("cursor %s: %d %s", bad, a.status, a.body)
		}
	}
}
