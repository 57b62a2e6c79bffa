package scenarios_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

// stockUp says that s1 has few pieces left and s2 many, in two regions.
func (s *shop) stockUp() {
	s.t.Helper()
	var all []string
	for i, at := range []struct {
		sku, where string
		pieces     int
	}{{"s1", "east", 30}, {"s1", "west", 2}, {"s2", "east", 900}} {
		all = append(all, event(fmt.Sprintf("level-%d", i), "stock.level", began.Add(-48*time.Hour), fields{
			"sku": at.sku, "location_id": at.where, "region": at.where, "available": at.pieces, "version": 1,
		}))
	}
	s.ndjson("/v1/events", all...)
	s.settle()
}

func TestAlertsSayWhatSellsOut(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	s.stockUp()
	s.must("PUT", "/v1/supply/s1", `{"cost":"5.00","price":"19.90","lead_time_days":6,"pack":12,"on_order":[{"date":"2026-11-13","quantity":24}]}`, nil)
	var alerts struct {
		Items []struct {
			SKU     string
			OnHand  int64                 `json:"on_hand"`
			Receipt struct{ Date string } `json:"next_receipt"`
			Until   string
			Chance  float64 `json:"sellout_chance"`
			Date    string  `json:"sellout_date"`
			Order   int64
			Risk    string `json:"margin_at_risk"`
		}
	}
	s.must("GET", "/v1/alerts", "", &alerts)
	if len(alerts.Items) != 1 {
		t.Fatalf("%+v", alerts)
	}
	if a := alerts.Items[0]; a.SKU != "s1" || a.OnHand != 32 || a.Receipt.Date != "2026-11-13" || a.Until != "2026-11-12" || a.Chance < .5 || a.Date == "" || a.Order%12 != 0 || a.Order == 0 || !strings.Contains(a.Risk, ".") {
		t.Errorf("%+v", a)
	}
	table := s.must("GET", "/v1/alerts?format=csv&chance=0.000001", "", nil)
	if rows := strings.Split(strings.TrimSpace(string(table.body)), "\n"); !strings.HasPrefix(rows[0], "sku,category,as_of,") || len(rows) < 2 {
		t.Errorf("%s", table.body)
	}
}

func TestOverridesAreALayerOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	total := func() (sum, said float64) {
		var f struct {
			Points []struct {
				Mean       float64
				Components map[string]float64
			}
		}
		s.must("GET", "/v1/forecasts/s1?horizon=7", "", &f)
		for _, p := range f.Points {
			sum, said = sum+p.Mean, said+p.Components["override"]
			parts := 0.
			for _, c := range p.Components {
				parts += c
			}
			if math.Abs(parts-p.Mean) > 1e-6*p.Mean {
				t.Errorf("components %v of %g", p.Components, p.Mean)
			}
		}
		return sum, said
	}
	before, _ := total()
	body := `{"author":"li","reason":"live stream","from":"2026-11-04","to":"2026-11-09","quantity":300}`
	a := s.must("PUT", "/v1/overrides/s1", body, nil)
	if a.status != 201 || a.header.Get("ETag") != `"1"` {
		t.Errorf("%d %v", a.status, a.header)
	}
	after, said := total()
	if math.Abs(after-before-said) > 1e-6*after || after < 300 {
		t.Errorf("from %g to %g, %g by the override", before, after, said)
	}
	var plan struct {
		Items []struct {
			By string `json:"overridden_by"`
		}
	}
	s.must("POST", "/v1/stock-plans", `{"event":"11.11","skus":["s1"]}`, &plan)
	if len(plan.Items) != 1 || plan.Items[0].By != "li" {
		t.Errorf("%+v", plan)
	}
	if a := s.must("DELETE", "/v1/overrides/s1", "", nil); a.status != 200 {
		t.Errorf("%d", a.status)
	}
	if again, _ := total(); math.Abs(again-before) > 1e-6*before {
		t.Errorf("%g after it was taken back, %g before", again, before)
	}
	var list struct{ Items []struct{ Version int } }
	s.must("GET", "/v1/overrides", "", &list)
	if len(list.Items) != 2 {
		t.Errorf("%+v", list)
	}
	for _, c := range []struct{ body, field string }{
		{`{"author":"li","from":"2026-11-04","to":"2026-11-05","factor":2}`, "reason"},
		{`{"author":"li","reason":"x","from":"2026-11-04","to":"2026-11-03","factor":2}`, "to"},
		{`{"author":"li","reason":"x","from":"2026-10-04","to":"2026-11-03","factor":2}`, "from"},
		{`{"author":"li","reason":"x","from":"2026-11-04","to":"2026-11-05"}`, "factor"},
		{`{"author":"li","reason":"x","from":"2026-11-04","to":"2026-11-05","factor":2,"expires":"2020-01-01T00:00:00Z"}`, "expires"},
	} {
		a := s.send(request{method: "PUT", path: "/v1/overrides/s1", body: c.body})
		if a.status != 422 || !strings.Contains(string(a.body), `"field":"`+c.field+`"`) {
			t.Errorf("%s: %d %s", c.body, a.status, a.body)
		}
	}
}

func TestWhatIf(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	ask := func(body string) (now, then float64) {
		var a struct {
			Items []struct {
				Baseline, Scenario struct {
					Mean      float64
					Quantiles map[string]float64
				}
				NewPrice     string `json:"new_price"`
				Extrapolated bool
			}
		}
		s.must("POST", "/v1/what-if", body, &a)
		if len(a.Items) != 1 || a.Items[0].NewPrice == "" || a.Items[0].Extrapolated == strings.Contains(body, "promotion") {
			t.Fatalf("%s: %+v", body, a)
		}
		return a.Items[0].Baseline.Mean, a.Items[0].Scenario.Mean
	}
	if now, then := ask(`{"sku":"s1","event":"11.11","discount":0.2}`); then < now*1.1 || then > now*2.5 {
		t.Errorf("a fifth off moves %g to %g", now, then)
	}
	if now, then := ask(`{"sku":"s1","from":"2026-11-05","to":"2026-11-06","price":"25.00"}`); then > now*.95 {
		t.Errorf("a higher price moves %g to %g", now, then)
	}
	if now, then := ask(`{"sku":"s1","event":"11.11","promotion":{"estimate":0.3,"low":0.2,"high":0.4}}`); math.Abs(then/now-1.3) > 1e-9 {
		t.Errorf("30 %% more moves %g to %g", now, then)
	}
	table := string(s.send(request{method: "POST", path: "/v1/what-if?format=csv", body: `{"sku":"s1","event":"11.11","discount":0.2}`}).body)
	if rows := strings.Split(strings.TrimSpace(table), "\n"); len(rows) != 2 || !strings.HasPrefix(rows[0], "sku,from,to,currency,price,new_price,") || !strings.HasPrefix(rows[1], "s1,2026-11-03,2026-11-11,CNY,19.90,15.92,") || strings.Count(rows[0], ",") != strings.Count(rows[1], ",") {
		t.Errorf("as CSV:\n%s", table)
	}
	for _, c := range []struct{ body, field string }{
		{`{"event":"11.11","discount":0.2}`, "skus"},
		{`{"sku":"s1","event":"11.11"}`, "price"},
		{`{"sku":"s1","event":"11.11","discount":2}`, "discount"},
		{`{"sku":"s1","event":"11.11","promotion":{"experiment":"none"}}`, "promotion.experiment"},
		{`{"sku":"s1","event":"11.11","promotion":{"experiment":"e","size":1}}`, "promotion.size"},
	} {
		a := s.send(request{method: "POST", path: "/v1/what-if", body: c.body})
		if a.status != 422 || !strings.Contains(string(a.body), `"field":"`+c.field+`"`) {
			t.Errorf("%s: %d %s", c.body, a.status, a.body)
		}
	}
}

func TestANewArticleIsPlannedBeforeItSells(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	if a := s.send(request{method: "GET", path: "/v1/forecasts/s3"}); a.status != 404 || !strings.Contains(string(a.body), "never been sold") {
		t.Errorf("of nothing: %d %s", a.status, a.body)
	}
	s.ndjson("/v1/events", event("new", "stock.level", began, fields{"sku": "s3", "location_id": "east", "available": 0, "version": 1}))
	s.settle()
	s.must("PUT", "/v1/supply/s3", `{"cost":"5.00","price":"19.90","pack":10}`, nil)
	var plan struct {
		Items []struct {
			SKU    string
			Demand struct {
				Mean      float64
				Quantiles map[string]float64
			}
			Order int64
		}
		Unknown []string
	}
	s.must("POST", "/v1/stock-plans", `{"to":"2026-11-09","skus":["s3","s1","typo"],"fresh":true}`, &plan)
	if len(plan.Items) != 2 || plan.Items[1].SKU != "s3" || len(plan.Unknown) != 1 || plan.Unknown[0] != "typo" {
		t.Fatalf("%+v", plan)
	}
	known, fresh := plan.Items[0].Demand, plan.Items[1].Demand
	if fresh.Mean < known.Mean/3 || fresh.Mean > known.Mean*3 || plan.Items[1].Order == 0 {
		t.Errorf("s1 %+v, the new one %+v", known, plan.Items[1])
	}
	if width := fresh.Quantiles["0.9"] - fresh.Quantiles["0.1"]; width < known.Quantiles["0.9"]-known.Quantiles["0.1"] {
		t.Errorf("of the new one more is known: %v, of s1 %v", fresh.Quantiles, known.Quantiles)
	}
}

func TestPlannersAreToldWhichFieldIsWrong(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	for _, c := range []struct{ method, path, body, field, expected string }{
		{"POST", "/v1/stock-plans", `{}`, "event", "an event of the calendar"},
		{"POST", "/v1/stock-plans", `{"event":"99.99"}`, "event", "there is none"},
		{"POST", "/v1/stock-plans", `{"to":"2026-11-31"}`, "to", "a date such as"},
		{"POST", "/v1/stock-plans", `{"to":20261130}`, "to", "a date such as"},
		{"POST", "/v1/stock-plans", `{"to":"2026-11-01"}`, "to", "2026-11-03"},
		{"POST", "/v1/what-if", `{"sku":"s1","discount":0.1}`, "event", "an event of the calendar"},
		{"PUT", "/v1/supply/s1", `{"on_order":[{"date":"soon","quantity":1}]}`, "on_order[0].date", "a date such as"},
		{"PUT", "/v1/overrides/s1", `{"author":"li","reason":"x","from":"2026-11-40","to":"2026-11-05","factor":2}`, "from", "a date such as"},
		{"PUT", "/v1/calendar/spring", `{"occurrences":[{"year":2027,"phases":[{"phase":"day","from":"3 May","to":"2027-05-04"}]}]}`, "occurrences[0].phases[0].from", "a date such as"},
		{"GET", "/v1/forecasts?event=99.99", "", "event", "there is none"},
		{"GET", "/v1/accuracy?plan=none", "", "plan", "there is none"},
	} {
		a := s.send(request{method: c.method, path: c.path, body: c.body})
		if a.status != 422 || !strings.Contains(string(a.body), `"field":"`+c.field+`"`) || !strings.Contains(string(a.body), c.expected) {
			t.Errorf("%s %s: %d %s", c.path, c.body, a.status, a.body)
		}
	}
}

func TestTheTableOfSupplyCanBeReadBack(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.must("PUT", "/v1/supply/s1", `{"cost":"5.00","price":"19.90","lead_time_days":6,"pack":12,"on_order":[{"date":"2026-11-13","quantity":24},{"date":"2026-11-20","quantity":12}]}`, nil)
	s.must("PUT", "/v1/supply/s2", `{"cost":"7.25"}`, nil)
	a := s.must("GET", "/v1/supply?format=csv", "", nil)
	want := "sku,currency,cost,price,lead_time_days,lead_time_sd,pack,min_order,on_order_date,on_order_quantity\n" +
		"s1,CNY,5.00,19.90,6,0,12,0,2026-11-13,24\ns1,CNY,5.00,19.90,6,0,12,0,2026-11-20,12\ns2,CNY,7.25,0.00,0,0,1,0,,\n"
	if string(a.body) != want {
		t.Errorf("%s", a.body)
	}
	post := func(table, kind string) answer {
		return s.send(request{method: "POST", path: "/v1/supply", body: table, headers: []string{"Content-Type: " + kind}})
	}
	changed := strings.Replace(want, "s2,CNY,7.25", "s2,CNY,8.75", 1) + "'=s3,CNY,1.00,,2,,,,,\n"
	if a := post(changed, "text/csv; charset=utf-8"); a.status != 200 || string(a.body) != `{"skus":3}`+"\n" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	head, rows, _ := strings.Cut(want, "\n")
	want = head + "\n'=s3,CNY,1.00,0.00,2,0,1,0,,\n" + strings.Replace(rows, "7.25", "8.75", 1)
	if back := string(s.must("GET", "/v1/supply?format=csv", "", nil).body); back != want {
		t.Errorf("%s", back)
	}
	for _, c := range []struct{ name, table, kind, problem string }{
		{"not a table", "{}", "application/json", "unsupported_media_type"},
		{"empty", "", "text/csv", "column names"},
		{"a strange column", "sku,colour\ns1,red\n", "text/csv", `"field":"colour"`},
		{"no SKU", "sku,cost\n,1\n", "text/csv", `"field":"sku"`},
		{"a wrong amount", "sku,cost\ns1,1\ns2,much\n", "text/csv", "(line 3)"},
		{"another currency", "sku,currency,cost\ns1,USD,1\n", "text/csv", `"field":"currency"`},
		{"a row too long", "sku,cost\ns1,1,2\n", "text/csv", "line 2"},
	} {
		if a := post(c.table, c.kind); a.status != 415 && a.status != 422 || !strings.Contains(string(a.body), c.problem) {
			t.Errorf("%s: %d %s", c.name, a.status, a.body)
		}
	}
	s.must("PUT", "/v1/supply/s2", `{"cost":"7.25"}`, nil)
	var list struct{ Items []struct{ SKU, Cost string } }
	s.must("GET", "/v1/supply", "", &list)
	if len(list.Items) != 3 || list.Items[2].Cost != "7.25" {
		t.Errorf("%+v", list)
	}
}

func TestTablesOfSales(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	s.stockUp()
	var sales struct {
		Items []struct {
			SKU, Date, Revenue string
			Quantity           int64
		}
	}
	s.must("GET", "/v1/sales?from=2026-10-01&to=2026-10-02&sku=s1", "", &sales)
	if len(sales.Items) != 2 || sales.Items[0].SKU != "s1" || sales.Items[0].Quantity == 0 || sales.Items[0].Revenue == "0.00" {
		t.Errorf("%+v", sales)
	}
	for path, head := range map[string]string{
		"/v1/sales?format=csv&by=hour&from=2026-10-01": "sku,region,date,hour,",
		"/v1/lost-demand?format=csv":                   "sku,category,date,open,",
		"/v1/reconciliation?format=csv":                "sku,sold,taken,received,difference,on_hand\ns1,",
		"/v1/calendar?format=csv":                      "event,name,disabled,year,phase,from,to,uplift\n11.11,", "/v1/stock-plans?format=csv": "plan,created,event,from,to\n",
		"/v1/accuracy?format=csv":                             "plan,event,created,",
		"/v1/overrides?format=csv":                            "sku,version,author,",
		"/v1/overrides?format=csv&judged=1":                   "sku,version,author,",
		"/v1/forecasts/s1?format=csv&level=region":            "sku,category,region,date,",
		"/v1/forecasts?event=11.11&format=csv&level=category": "sku,category,region,date,",
	} {
		a := s.must("GET", path, "", nil)
		if !strings.HasPrefix(string(a.body), head) || a.header.Get("Content-Type") != "text/csv; charset=utf-8" {
			t.Errorf("%s: %.200s", path, a.body)
		}
	}
	for path, field := range map[string]string{
		"/v1/sales?from=2026-13-01": "from", "/v1/sales?from=2026-11-02&to=2026-11-01": "from", "/v1/alerts?chance=2": "chance",
		"/v1/sales?by=minute": "by", "/v1/accuracy?event=a%20b": "event",
	} {
		if a := s.send(request{method: "GET", path: path}); a.status != 422 || !strings.Contains(string(a.body), `"field":"`+field+`"`) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestPastPlansAreJudged(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	var plan struct {
		ID    string
		Spent string
	}
	s.must("POST", "/v1/stock-plans", `{"to":"2026-11-05","budget":"100000.00","fresh":true}`, &plan)
	s.clock.Store(began.AddDate(0, 0, 6).UnixMicro())
	var all []string
	for day := range 5 {
		for _, sku := range []string{"s1", "s2"} {
			all = append(all, event(fmt.Sprintf("later-%d-%s", day, sku), "order.completed", began.AddDate(0, 0, day), fields{
				"order_id": fmt.Sprintf("l%d-%s", day, sku), "products": []fields{{"product_id": "p-" + sku, "sku": sku, "quantity": 8, "price": "19.90"}},
			}))
		}
	}
	s.ndjson("/v1/events?imported=1", all...)
	s.settle()
	var list struct {
		Items []struct {
			Plan     string
			Sold     float64
			Stocking float64 `json:"stocking_accuracy"`
			WAPE     float64
			Items    []struct{ Sold, Planned float64 }
		}
	}
	s.must("GET", "/v1/accuracy?plan="+plan.ID, "", &list)
	if len(list.Items) != 1 || len(list.Items[0].Items) != 2 {
		t.Fatalf("%+v", list)
	}
	if a := list.Items[0]; a.Plan != plan.ID || math.Abs(a.Stocking+a.WAPE-1) > 1e-9 || a.Sold < 30 {
		t.Errorf("%+v", a)
	}
	var plans struct{ Items []struct{ ID string } }
	s.must("GET", "/v1/stock-plans", "", &plans)
	if len(plans.Items) != 1 || plans.Items[0].ID != plan.ID {
		t.Errorf("%+v", plans)
	}
	for _, table := range []string{"", "?table=categories", "?table=transfers"} {
		s.must("GET", "/v1/stock-plans/"+plan.ID+".csv"+table, "", nil)
	}
}
