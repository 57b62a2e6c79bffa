package scenarios_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

// asked is one SKU's demand in answers of what-if.
type asked struct {
	Items []struct {
		Baseline, Scenario struct {
			Mean      float64
			Quantiles map[string]float64
		}
	}
}

// TestAnExperimentsUpliftPlansAPromotion: what an experiment measured moves the
// forecast of a promotion by as much, and makes it less sure.
func TestAnExperimentsUpliftPlansAPromotion(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	s.must("PUT", "/v1/metrics/bought", `{"kind":"proportion","event":"order.paid"}`, nil)
	s.start("banner", strings.Replace(even, "{", `{"primary":"bought",`, 1))
	var paid []string
	for i := range 200 {
		user := fmt.Sprintf("u%d", i)
		var got struct{ Items []struct{ Variant string } }
		s.must("POST", "/v1/assignments", fmt.Sprintf(`{"unit":%q,"expose":true}`, user), &got)
		if i%4 == 0 || got.Items[0].Variant == "treatment" && i%2 == 0 {
			paid = append(paid, event("o"+user, "order.paid", began.Add(time.Minute), fields{
				"order_id": "o" + user, "user_id": user, "products": []fields{{"product_id": "p", "quantity": 1, "price": "10"}},
			}))
		}
	}
	s.ndjson("/v1/events", paid...)
	s.settle()
	var report struct {
		Metrics []struct {
			Results []struct {
				Relative struct{ Estimate, Low, High float64 }
			}
		}
	}
	s.must("GET", "/v1/experiments/banner/report", "", &report)
	measured := report.Metrics[0].Results[0].Relative
	ask := func(promotion string) (factor, width float64) {
		var a asked
		s.must("POST", "/v1/what-if", `{"sku":"s1","from":"2026-11-20","to":"2026-11-22","promotion":`+promotion+`}`, &a)
		then := a.Items[0].Scenario
		return then.Mean / a.Items[0].Baseline.Mean, then.Quantiles["0.975"] - then.Quantiles["0.025"]
	}
	factor, width := ask(`{"experiment":"banner"}`)
	if math.Abs(factor-1-measured.Estimate) > 1e-9 || measured.Low > measured.Estimate-.1 {
		t.Errorf("demand times %g, measured %+v", factor, measured)
	}
	if _, sure := ask(fmt.Sprintf(`{"estimate":%g,"low":%g,"high":%g}`, measured.Estimate, measured.Estimate, measured.Estimate)); !(width > sure) {
		t.Errorf("%g pieces wide with the experiment's doubt, %g without", width, sure)
	}
	var plan, plain struct {
		Uplift struct{ Source string }
		Items  []struct{ Demand struct{ Mean float64 } }
	}
	s.must("POST", "/v1/stock-plans", `{"to":"2026-11-22","skus":["s1"],"uplift":{"experiment":"banner"}}`, &plan)
	s.must("POST", "/v1/stock-plans", `{"to":"2026-11-22","skus":["s1"]}`, &plain)
	if plan.Uplift.Source != "banner/bought/treatment" || len(plan.Items) != 1 || math.Abs(plan.Items[0].Demand.Mean/plain.Items[0].Demand.Mean-1-measured.Estimate) > 1e-9 {
		t.Errorf("%+v, without the uplift %+v, measured %+v", plan, plain, measured)
	}
}

// TestAnEventOfNextYearIsPlanned: a planner puts a sale into the calendar that
// begins within another; forecasts know both, and say what each day is made of.
func TestAnEventOfNextYearIsPlanned(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	type forecasts struct {
		Items []struct {
			Points []struct {
				Date       string
				Mean       float64
				Components map[string]float64
			}
		}
	}
	sale := func(key, from, to string, uplift float64) {
		s.must("PUT", "/v1/calendar/"+key, fmt.Sprintf(`{"name":"Sale","occurrences":[{"year":2027,"phases":[{"phase":"day","from":%q,"to":%q,"uplift":%g}]}]}`, from, to, uplift), nil)
	}
	sale("tea", "2027-03-20", "2027-03-23", 3)
	of := func() map[string]float64 {
		var f forecasts
		s.must("GET", "/v1/forecasts?event=tea&fresh=1", "", &f)
		out := map[string]float64{}
		for _, p := range f.Items[0].Points {
			parts := 0.
			for _, c := range p.Components {
				parts += c
			}
			if math.Abs(parts-p.Mean) > 1e-6*p.Mean || p.Components["event"] <= 0 {
				t.Errorf("%s: %v of %g", p.Date, p.Components, p.Mean)
			}
			out[p.Date] = p.Mean
		}
		return out
	}
	alone := of()
	sale("spring", "2027-03-22", "2027-03-25", 2)
	both := of()
	if len(alone) != 4 || len(both) != 4 {
		t.Fatalf("%v, %v", alone, both)
	}
	if r := both["2027-03-20"] / alone["2027-03-20"]; math.Abs(r-1) > .02 {
		t.Errorf("the day before the other sale moves by %g", r)
	}
	if r := both["2027-03-22"] / alone["2027-03-22"]; r < 1.7 || r > 2.2 {
		t.Errorf("where both are on, demand is %g times that of one", r)
	}
	var plan struct{ From, To string }
	s.must("POST", "/v1/stock-plans", `{"event":"tea"}`, &plan)
	if plan.From != "2027-03-20" || plan.To != "2027-03-23" {
		t.Errorf("%+v", plan)
	}
}

// TestWhatAnOverrideWasWorth: once its days are over, a planner reads how much
// nearer to the truth the word was than the model.
func TestWhatAnOverrideWasWorth(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	s.must("PUT", "/v1/overrides/s1", `{"author":"li","reason":"live stream","from":"2026-11-06","to":"2026-11-07","quantity":60}`, nil)
	var orders []string
	for day := range 5 {
		orders = append(orders, event(fmt.Sprintf("stream-%d", day), "order.completed", began.AddDate(0, 0, day), fields{
			"order_id": fmt.Sprintf("l%d", day), "products": []fields{{"product_id": "p-s1", "sku": "s1", "quantity": 30, "price": "19.90"}},
		}))
	}
	s.clock.Store(began.AddDate(0, 0, 6).UnixMicro())
	s.ndjson("/v1/events?imported=1", orders...)
	s.settle()
	var worth struct {
		Items []struct {
			SKU, Author string
			Model       float64 `json:"model_quantity"`
			Planned     float64 `json:"overridden_quantity"`
			Sold        float64
			Value       float64 `json:"value_added"`
		}
	}
	s.must("GET", "/v1/overrides?judged=1", "", &worth)
	if len(worth.Items) != 1 {
		t.Fatalf("%+v", worth)
	}
	w := worth.Items[0]
	if w.Author != "li" || math.Abs(w.Planned-60) > 1e-9 || w.Sold != 60 || math.Abs(w.Value-math.Abs(w.Model-60)) > 1e-6 || w.Value < 20 {
		t.Errorf("%+v", w)
	}
}

// TestPlansAreFoundAgain: on the pages, with the names that were not understood.
func TestPlansAreFoundAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.sell()
	if page := string(s.must("GET", "/stock-plans", "", nil).body); strings.Contains(page, "Plans made so far") {
		t.Errorf("before there is any:\n%s", page)
	}
	var plan struct{ ID string }
	s.must("POST", "/v1/stock-plans", `{"to":"2026-11-20","skus":["s1","s9"]}`, &plan)
	for path, wants := range map[string][]string{
		"/stock-plans":            {"Plans made so far", `href="/stock-plans/` + plan.ID + `"`, "2026-11-03 to 2026-11-20"},
		"/stock-plans/" + plan.ID: {"nothing is known of them: s9", "<p>2026-11-03 to 2026-11-20"},
	} {
		page := string(s.must("GET", path, "", nil).body)
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s does not show %q", path, want)
			}
		}
	}
}
