package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/forecast"
)

// getAlerts lists what may sell out before more of it comes.
func getAlerts(x *exchange) error {
	return tableFor(x, "alerts", x.alertQuery, func(q forecast.AlertQuery) ([]forecast.Alert, error) {
		return x.Forecasts.Alerts(x.ctx(), q, x.now())
	}, forecast.WriteAlerts, func(r forecast.Alert) alertRow { return alertRow{r, x.Shop.Format(r.Lost)} })
}

type alertRow struct {
	forecast.Alert
	Lost string `json:"margin_at_risk" doc:"expected margin lost until more comes, a decimal in the shop's currency"`
}

func (x *exchange) alertQuery() (q forecast.AlertQuery, err error) {
	if q.Chance, err = x.share("chance", .2); err != nil {
		return q, err
	}
	q.Category = x.get("category")
	q.Fresh, err = x.flag("fresh")
	return q, err
}

// share is a number from 0 to 1 of the query.
func (x *exchange) share(name string, otherwise float64) (float64, error) {
	text := x.get(name)
	if text == "" {
		return otherwise, nil
	}
	var v float64
	if err := json.Unmarshal([]byte(text), &v); err != nil || v < 0 || v > 1 {
		return 0, &events.Invalid{Field: name, Problem: fmt.Sprintf("must be a number from 0 to 1, got %q", events.Clip(text))}
	}
	return v, nil
}

// getAccuracy says what past plans were worth.
func getAccuracy(x *exchange) error {
	plan, event := x.get("plan"), x.get("event")
	if event != "" {
		if err := events.CheckKey("event", event); err != nil {
			return err
		}
	}
	rows, err := x.Forecasts.Accuracy(x.ctx(), plan, event, x.now())
	if err != nil {
		return err
	}
	return tableOf(x, "accuracy", rows, func(w io.Writer) error {
		if plan != "" && len(rows) == 1 {
			return forecast.WriteAccuracyItems(w, rows[0].Items)
		}
		return forecast.WriteAccuracy(w, rows)
	}, same[forecast.Accuracy])
}

// listOverrides lists what planners said; with judged=1, what it was worth.
func listOverrides(x *exchange) error {
	judged, err := x.flag("judged")
	if err != nil {
		return err
	}
	if judged {
		rows, err := x.Forecasts.ValueAdded(x.ctx(), x.now())
		if err != nil {
			return err
		}
		return tableOf(x, "value-added", rows, func(w io.Writer) error { return forecast.WriteValueAdded(w, rows) }, same[forecast.ValueAdded])
	}
	rows, err := x.Forecasts.Reader.Overrides(x.ctx(), nil)
	if err != nil {
		return unavailable("the overrides cannot be read", err)
	}
	return tableOf(x, "overrides", rows, func(w io.Writer) error { return forecast.WriteOverrides(w, rows) }, same[forecast.Override])
}

// override is the newest of a SKU.
func (x *exchange) override() (forecast.Override, error) {
	sku := events.SKU(x.param("sku"))
	all, err := x.Forecasts.Reader.Overrides(x.ctx(), []events.SKU{sku})
	if err != nil {
		return forecast.Override{}, unavailable("the overrides cannot be read", err)
	}
	if len(all) == 0 {
		return forecast.Override{}, errorf("not_found", "nobody has overridden the forecast of the SKU %q", events.Clip(string(sku)))
	}
	return all[len(all)-1], nil
}

func getOverride(x *exchange) error {
	o, err := x.override()
	if err != nil {
		return err
	}
	return x.versioned(http.StatusOK, o.Version, o)
}

// putOverride lets a planner say something against the forecast.
func putOverride(x *exchange) error {
	body, err := x.text()
	if err != nil {
		return err
	}
	o, err := forecast.ParseOverride(events.SKU(x.param("sku")), body, x.who.name(), x.now())
	if err != nil {
		return err
	}
	return x.say(o)
}

// deleteOverride takes it back. What was said is kept.
func deleteOverride(x *exchange) error {
	o, err := x.override()
	if err != nil {
		return err
	}
	o.Revoked, o.Made = true, x.now().UTC()
	if o.Version, err = x.replaces(func() error { return nil }); err != nil {
		return err
	}
	if o.Version, err = x.Plans.PutOverride(x.ctx(), o); err != nil {
		return err
	}
	return x.versioned(http.StatusOK, o.Version, o)
}

func (x *exchange) say(o forecast.Override) error {
	version, err := x.replaces(func() error {
		_, err := x.override()
		return err
	})
	if err != nil {
		return err
	}
	if o, err = x.Forecasts.Say(x.ctx(), o, x.now()); err != nil {
		return err
	}
	o.Version = version
	if o.Version, err = x.Plans.PutOverride(x.ctx(), o); err != nil {
		return err
	}
	return x.versioned(created(o.Version), o.Version, o)
}

// postWhatIf says what another price or a promotion would do.
func postWhatIf(x *exchange) error {
	body, err := x.text()
	if err != nil {
		return err
	}
	if body, err = x.measured(body, "promotion"); err != nil {
		return err
	}
	q, err := forecast.ParseWhatIf(body, x.Shop)
	if err != nil {
		return err
	}
	a, err := x.Forecasts.WhatIf(x.ctx(), q, x.now())
	if err != nil {
		return err
	}
	format, err := x.oneOf("format", "json", "csv")
	if err != nil {
		return err
	}
	if format == "csv" {
		return x.csv("what-if", func(w io.Writer) error { return forecast.WriteWhatIf(w, a) })
	}
	out := whatIfAnswer{a, []whatIfRow{}}
	for _, it := range a.Items {
		amount := func(m events.Money) string { return x.Shop.Format(m) }
		out.Items = append(out.Items, whatIfRow{
			it, amount(events.Money(it.Price)), amount(events.Money(it.NewPrice)),
			scenario{it.Order[0], amount(it.Revenue[0]), amount(it.Margin[0])}, scenario{it.Order[1], amount(it.Revenue[1]), amount(it.Margin[1])},
		})
	}
	return x.json(http.StatusOK, out)
}

type whatIfAnswer struct {
	forecast.WhatIfAnswer
	Items []whatIfRow `json:"items"`
}

type whatIfRow struct {
	forecast.WhatIfItem
	Price    string   `json:"price" doc:"now, a decimal; 0 if unknown"`
	NewPrice string   `json:"new_price"`
	Before   scenario `json:"now" doc:"what the forecast as it is comes to"`
	After    scenario `json:"then" doc:"and in the scenario"`
}

type scenario struct {
	Stock   int64  `json:"stock" doc:"that reaches the service level"`
	Revenue string `json:"revenue" doc:"expected, a decimal"`
	Margin  string `json:"margin" doc:"expected, of SKUs whose cost is known"`
}

// measured puts, in place of {"experiment", "metric", "variant"?} under a field
// of the body, the relative effect that the experiment has measured.
func (x *exchange) measured(body []byte, field string) ([]byte, error) {
	if !bytes.Contains(body, []byte(`"experiment"`)) {
		return body, nil
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(body, &all) != nil || all[field] == nil {
		return body, nil // whoever parses it says what is wrong
	}
	var asked struct {
		Experiment string `json:"experiment"`
		Metric     string `json:"metric"`
		Variant    string `json:"variant"`
	}
	if err := decodeObject(all[field], &asked); err != nil {
		return nil, below(field, err)
	}
	u, err := x.upliftOf(field, asked.Experiment, asked.Metric, asked.Variant)
	if err != nil {
		return nil, err
	}
	if all[field], err = json.Marshal(u); err != nil {
		return nil, fmt.Errorf("write the uplift: %w", err)
	}
	return json.Marshal(all)
}

// upliftOf reads a relative effect out of an experiment's report: the metric
// named, else its primary; the variant named, else the only treatment.
func (x *exchange) upliftOf(field, key, metric, variant string) (*forecast.Uplift, error) {
	if err := events.CheckKey(field+".experiment", key); err != nil {
		return nil, err
	}
	defined, err := x.definitions()
	if err != nil {
		return nil, err
	}
	e := defined.Experiment(key)
	if e == nil {
		return nil, &events.Invalid{Field: field + ".experiment", Problem: fmt.Sprintf("must be an experiment, there is none %q", key)}
	}
	r, err := x.report(e)
	if err != nil {
		return nil, err
	}
	if metric == "" {
		metric = e.Primary
	}
	for _, m := range r.Metrics {
		if m.Name != metric {
			continue
		}
		for _, res := range m.Results {
			if res.Variant == variant || variant == "" && len(m.Results) == 1 {
				return upliftIn(field, e, m.Name, &res)
			}
		}
		return nil, &events.Invalid{Field: field + ".variant", Problem: fmt.Sprintf("must be a variant other than the control, got %q", events.Clip(variant))}
	}
	return nil, &events.Invalid{Field: field + ".metric", Problem: fmt.Sprintf("must be a metric of the experiment, got %q", events.Clip(metric))}
}

func upliftIn(field string, e *experiments.Experiment, metric string, r *experiments.Result) (*forecast.Uplift, error) {
	if r.Relative == nil {
		return nil, &events.Invalid{Field: field + ".metric", Problem: fmt.Sprintf("has no relative effect yet: %s", cmp.Or(r.Problem, "too little was seen"))}
	}
	low, high := float64(r.Relative.Low), float64(r.Relative.High)
	u := &forecast.Uplift{Estimate: float64(r.Relative.Estimate), Low: &low, High: &high, Level: 1 - e.Alpha, Source: e.Key + "/" + metric + "/" + r.Variant}
	return u, u.Check(field)
}

// below puts a field's name before those that an error names.
func below(field string, err error) error {
	var invalid *events.Invalid
	if errors.As(err, &invalid) && invalid.Field != "" {
		return &events.Invalid{Field: field + "." + invalid.Field, Problem: invalid.Problem}
	}
	return err
}

// listStockPlans lists the plans that were made.
func listStockPlans(x *exchange) error {
	limit, err := x.integer("limit", defaultItems, 1, maxItems)
	if err != nil {
		return err
	}
	plans, err := x.Forecasts.Reader.StockPlans(x.ctx(), limit)
	if err != nil {
		return unavailable("the plans cannot be read", err)
	}
	return tableOf(x, "stock-plans", plans, func(w io.Writer) error { return forecast.WritePlanHeads(w, plans) }, same[forecast.PlanHead])
}
