package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestForecastsAndPlans(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	var f struct {
		SKU    string
		AsOf   string `json:"as_of"`
		Points []struct {
			Date      string
			Mean      float64
			Quantiles map[string]float64
		}
	}
	s.must("GET", "/v1/forecasts/s1?horizon=14", "", &f)
	if f.SKU != "s1" || len(f.Points) != 14 || f.AsOf != "2026-11-02" || f.Points[0].Date != "2026-11-03" || len(f.Points[0].Quantiles) != 5 {
		t.Errorf("%+v", f)
	}
	if p := f.Points[1]; p.Mean < 3 || p.Mean > 12 || p.Quantiles["0.1"] > p.Quantiles["0.9"] {
		t.Errorf("%+v", p)
	}
	var regions struct{ Items []struct{ Region string } }
	s.must("GET", "/v1/forecasts/s1?level=region", "", &regions)
	if len(regions.Items) != 1 {
		t.Errorf("%+v", regions)
	}
	var all struct {
		Items []struct{ SKU string }
		Next  *string `json:"next_cursor"`
	}
	s.must("GET", "/v1/forecasts?event=11.11&limit=1", "", &all)
	if len(all.Items) != 1 || all.Items[0].SKU != "s1" || all.Next == nil {
		t.Fatalf("%+v", all)
	}
	s.must("GET", "/v1/forecasts?event=11.11&cursor="+*all.Next, "", &all)
	if len(all.Items) != 1 || all.Items[0].SKU != "s2" || all.Next != nil {
		t.Errorf("%+v", all)
	}
	a := s.must("GET", "/v1/forecasts?event=11.11&format=csv", "", nil)
	if rows := strings.Split(strings.TrimSpace(string(a.body)), "\n"); !strings.HasPrefix(rows[0], "sku,") || len(rows) != 19 || a.header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("%d rows, the first %s", len(rows), rows[0])
	}
	s.plan()
}

// plan makes a stock plan and reads it in its forms.
func (s *shop) plan() {
	s.t.Helper()
	s.must("PUT", "/v1/supply/s1", `{"cost":"5.00","price":19.9,"lead_time_days":3,"pack":12,"on_order":[{"date":"2026-11-05","quantity":6}]}`, nil)
	var p struct {
		ID, Currency, From, To string
		Items                  []struct {
			SKU     string
			OnOrder int64 `json:"on_order"`
			Order   int64
			Under   string `json:"cost_of_under"`
		}
	}
	a := s.must("POST", "/v1/stock-plans", `{"event":"11.11","skus":["s1"],"service_level":0.9}`, &p)
	if a.status != 201 || a.header.Get("Location") != "/v1/stock-plans/"+p.ID || p.Currency != "CNY" || p.To != "2026-11-11" || len(p.Items) != 1 {
		s.t.Fatalf("%d %v %+v", a.status, a.header, p)
	}
	if it := p.Items[0]; it.OnOrder != 6 || it.Order%12 != 0 || it.Order == 0 || !strings.Contains(it.Under, ".") {
		s.t.Errorf("%+v", it)
	}
	var together struct {
		Over  string  `json:"service_over"`
		Level float64 `json:"service_level"`
	}
	s.must("POST", "/v1/stock-plans", `{"event":"11.11","skus":["s1"],"service_level":0.9,"service_over":"plan"}`, &together)
	if together.Over != "plan" || together.Level != .9 {
		s.t.Errorf("a level over the plan became %+v", together)
	}
	if again := s.must("GET", "/v1/stock-plans/"+p.ID, "", nil); string(again.body) != string(a.body) {
		s.t.Errorf("stored %s\nmade %s", again.body, a.body)
	}
	table := s.must("GET", "/v1/stock-plans/"+p.ID+".csv", "", nil)
	if !strings.HasPrefix(string(table.body), "sku,") || !strings.Contains(table.header.Get("Content-Disposition"), p.ID) {
		s.t.Errorf("%v %s", table.header, table.body)
	}
}

func TestSupplyHasVersions(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, c := range []struct {
		name, path, body, match string
		status                  int
		etag                    string
	}{
		{"change of nothing", "/v1/supply/a%2Fb%20c", `{}`, "*", 412, ""},
		{"created", "/v1/supply/a%2Fb%20c", `{"cost":"12.5"}`, "", 201, `"1"`},
		{"changed", "/v1/supply/a%2Fb%20c", `{"cost":"12.50","sku":"a/b c"}`, `"1"`, 200, `"2"`},
		{"changed from an old version", "/v1/supply/a%2Fb%20c", `{}`, `"1"`, 412, ""},
		{"changed whatever it is", "/v1/supply/a%2Fb%20c", `{"cost":"7"}`, "*", 200, `"3"`},
		{"an event", "/v1/calendar/mine", `{"occurrences":[{"year":2026,"phases":[{"phase":"day","from":"2026-12-01","to":"2026-12-02"}]}]}`, "", 201, `"1"`},
		{"its change", "/v1/calendar/mine", `{"occurrences":[{"year":2026,"phases":[{"phase":"day","from":"2026-12-01","to":"2026-12-03"}]}]}`, `"1"`, 200, `"2"`},
		{"its late change", "/v1/calendar/mine", `{"occurrences":[{"year":2026,"phases":[{"phase":"day","from":"2026-12-01","to":"2026-12-03"}]}]}`, `"1"`, 412, ""},
	} {
		var headers []string
		if c.match != "" {
			headers = append(headers, "If-Match: "+c.match)
		}
		a := s.send(request{method: "PUT", path: c.path, body: c.body, headers: headers})
		if a.status != c.status || a.header.Get("ETag") != c.etag {
			t.Errorf("%s: %d, ETag %s: %s", c.name, a.status, a.header.Get("ETag"), a.body)
		}
	}
	var supply struct{ SKU, Cost, Currency string }
	a := s.must("GET", "/v1/supply/a%2Fb%20c", "", &supply)
	if supply.SKU != "a/b c" || supply.Cost != "7.00" || supply.Currency != "CNY" || a.header.Get("ETag") != `"3"` {
		t.Errorf("%+v", supply)
	}
	var calendar struct {
		Items []struct {
			Event   string
			Version int64
		}
	}
	s.must("GET", "/v1/calendar", "", &calendar)
	var listed []string
	for _, e := range calendar.Items {
		listed = append(listed, fmt.Sprint(e.Event, "@", e.Version))
	}
	if got, want := strings.Join(listed, " "), "11.11@0 12.12@0 3.8@0 6.18@0 cny@0 mid-autumn@0 mine@2 national-day@0 qingming@0"; got != want {
		t.Errorf("the calendar has %s, want %s", got, want)
	}
	s.must("GET", "/v1/calendar/11.11", "", nil)
}

func TestRecommendationsFollowStockAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	var all []string
	for _, item := range []string{"a", "b", "c"} {
		all = append(all, event("p"+item, "product.changed", began, fields{"product_id": item, "title": "Item " + item, "category": "tea", "price": "9.90"}),
			event("s"+item, "stock.level", began, fields{"sku": item, "region": "east", "available": 5, "version": 1}))
		for _, user := range []string{"u1", "u2", "u3"} {
			if user != "u1" || item == "a" {
				all = append(all, view(item+user, user, item))
			}
		}
	}
	s.ndjson("/v1/events", all...)
	s.settle()
	s.learn()
	type answer struct {
		Request, Policy, Model string
		AsOf                   *time.Time `json:"as_of"`
		Items                  []struct {
			Item    string
			Score   float64
			Reasons []string
		}
	}
	items := func(a answer) (names string) {
		for _, it := range a.Items {
			names += it.Item
		}
		return names
	}
	ask := func(query string) answer {
		var got answer
		s.must("GET", "/v1/recommendations?user=u1"+query, "", &got)
		return got
	}
	got := ask("&explain=1&exclude=a")
	if len(items(got)) != 2 || got.Policy != "default" || got.Model == "" || got.Request == "" || got.AsOf == nil || len(got.Items[0].Reasons) == 0 {
		t.Errorf("%+v", got)
	}
	if again := ask(""); again.Request == got.Request || again.Items[0].Reasons == nil {
		t.Errorf("%+v", again)
	}
	if got := items(ask("&category=coffee")); got != "" {
		t.Errorf("another category: %s", got)
	}
	if got := items(ask("&region=west")); got != "" {
		t.Errorf("another region: %s", got)
	}
	s.ndjson("/v1/events", event("s2", "stock.adjusted", began, fields{"sku": "b", "region": "east", "delta": -5, "version": 2}))
	s.settle()
	if got := items(ask("")); strings.Contains(got, "b") {
		t.Errorf("sold out, but shown: %s", got)
	}
	var stock struct {
		Item      string
		Available bool
		Remaining *int64
		Locations []struct{ Region string }
	}
	s.must("GET", "/v1/stock/b", "", &stock)
	if stock.Available || stock.Remaining == nil || *stock.Remaining != 0 || len(stock.Locations) != 1 || stock.Item != "b" {
		t.Errorf("%+v", stock)
	}
	var session answer
	s.must("POST", "/v1/recommendations", `{"session":["a"],"limit":1,"explain":true}`, &session)
	if len(session.Items) != 1 {
		t.Errorf("%+v", session)
	}
	for _, path := range []string{"/v1/items/a/similar?limit=5", "/v1/trending?window=hour&category=tea"} {
		var list struct {
			Items []struct {
				Item  string
				Score float64
			}
		}
		s.must("GET", path, "", &list)
		if len(list.Items) == 0 {
			t.Errorf("%s is empty", path)
		}
	}
}
