package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/peakday/peakday/api"
	"github.com/peakday/peakday/store/sqldb"
)

// keptFacts lets the API read what is kept of units.
func keptFacts(s *shop) {
	with(func(v *api.Services) { v.Archive = sqldb.Experiments{DB: s.db} })(s)
}

// stroll sends visitors to the shop: so many of each hundred come so far.
func (s *shop) stroll() {
	event := func(id, kind, at, data string) string {
		return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"web","type":%q,"time":"2026-11-04T%s:00+08:00","data":%s}`, id, kind, at, data)
	}
	var all []string
	for i := range 10 {
		u := fmt.Sprint("u", i)
		product := []string{"p1", "p2"}[i%2]
		seen := fmt.Sprintf(`{"user_id":%q,"product_id":%q}`, u, product)
		order := fmt.Sprintf(`{"user_id":%q,"order_id":"o-%s","total":"10.00","products":[{"product_id":%q,"sku":"s1","quantity":1,"price":"10.00"}]}`, u, u, product)
		all = append(all, event("v"+u, "product.viewed", "10:00", seen))
		if i < 8 {
			all = append(all, event("a"+u, "product.added", "11:00", seen))
		}
		if i < 5 {
			all = append(all, event("o"+u, "order.placed", "13:00", order))
		}
		if i < 4 {
			all = append(all, event("p"+u, "order.paid", "13:30", order))
		}
	}
	s.ndjson("/v1/events", all...)
	s.settle()
}

func TestFunnels(t *testing.T) {
	t.Parallel()
	s := open(t, keptFacts)
	s.stroll()
	for path, want := range map[string]string{
		"/v1/funnels":                                                   "10 8 5 4",
		"/v1/funnels?within=24h,90m,1h":                                 "10 8 0 0",
		"/v1/funnels?product=p1":                                        "5 4 3 2",
		"/v1/funnels?from=2026-11-05":                                   "0 0 0 0",
		"/v1/funnels?by=day&from=2026-11-04":                            "10 8 5 4",
		"/v1/funnels?by=day&from=2026-11-05":                            "",
		"/v1/funnels?unit=device":                                       "0 0 0 0",
		"/v1/funnels?steps=product.added,order.paid":                    "8 4",
		"/v1/funnels?steps=product.viewed&steps=order.placed&within=2h": "10 0",
	} {
		var got struct {
			Items []struct {
				Step, Within string
				Units        int64
				Share        float64
				Median       *float64 `json:"median_hours"`
			}
		}
		s.must("GET", path, "", &got)
		var units []string
		for _, step := range got.Items {
			units = append(units, fmt.Sprint(step.Units))
		}
		if strings.Join(units, " ") != want {
			t.Errorf("%s: %v, want %s", path, units, want)
		}
		if path == "/v1/funnels" {
			if paid := got.Items[3]; paid.Step != "paid" || paid.Within != "360h" || paid.Share != .4 || *paid.Median != 3.5 {
				t.Errorf("%+v", paid)
			}
		}
	}
	a := s.must("GET", "/v1/funnels?by=day&format=csv", "", nil)
	if want := "date,step,event,within_hours,units,share,onward,median_hours\n2026-11-04,viewed,product.viewed,0,10,1,1,0\n2026-11-04,added,product.added,24,8,0.8,0.8,1\n"; !strings.HasPrefix(string(a.body), want) {
		t.Errorf("%s", a.body)
	}
	for path, field := range map[string]string{
		"/v1/funnels?from=2026-01-01": "to", "/v1/funnels?within=24h": "within", "/v1/funnels?within=1,2,3": "within", "/v1/funnels?unit=cat": "unit",
		"/v1/funnels?steps=product.viewed": "steps", "/v1/funnels?steps=stock.level,order.paid": "steps[0].event", "/v1/funnels?month=1": "month",
	} {
		if a := s.send(request{method: "GET", path: path}); a.status != 422 || !strings.Contains(string(a.body), `"field":"`+field+`"`) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}
