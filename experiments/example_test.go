package experiments_test

import (
	"context"
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// newStore stands for a database.
func newStore() experiments.Store { return experiments.NewMemoryStore() }

func ExampleEditor() {
	ctx := context.Background()
	editor := experiments.NewEditor(newStore(), "CNY")
	lin := experiments.By{Author: "lin", Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}

	e, err := experiments.ParseExperiment("checkout-button", []byte(`{
		"unit": "user",
		"primary": "conversion",
		"variants": [{"key": "control", "weight": 1}, {"key": "red", "weight": 1}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = editor.Put(ctx, lin, e)
	fmt.Println(err)

	m, err := experiments.ParseMetric("conversion", []byte(`{"kind": "proportion", "event": "order.paid"}`), "CNY")
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := editor.PutMetric(ctx, lin, m); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := editor.Put(ctx, lin, e); err != nil {
		fmt.Println(err)
		return
	}
	e, err = editor.Start(ctx, lin, "checkout-button")
	fmt.Println(e.Status, e.Version, err)
	// Output:
	// primary names "conversion", which does not exist: define it with PUT /v1/metrics/conversion
	// running 2 <nil>
}

func ExampleCatalog_Evaluate() {
	ctx := context.Background()
	store := newStore()
	editor := experiments.NewEditor(store, "CNY")
	lin := experiments.By{Author: "lin", Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	e, err := experiments.ParseExperiment("checkout-button", []byte(`{
		"unit": "user",
		"variants": [{"key": "control", "weight": 1, "value": "grey"}, {"key": "red", "weight": 1, "value": "red"}],
		"audience": {"app.version": {"$vgte": "2.4.0"}},
		"overrides": {"tester": "red"}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := editor.Put(ctx, lin, e); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := editor.Start(ctx, lin, "checkout-button"); err != nil {
		fmt.Println(err)
		return
	}

	live := experiments.NewLive(store)
	if err := live.Refresh(ctx); err != nil {
		fmt.Println(err)
		return
	}
	app := func(version string) experiments.Attributes {
		return experiments.Attributes{"app": map[string]any{"version": version}}
	}
	for _, visit := range []struct {
		user    events.UnitID
		version string
	}{{"u1", "2.10.0"}, {"u2", "2.10.0"}, {"u2", "2.3.9"}, {"tester", "1.0.0"}} {
		got, _ := live.Catalog().Evaluate("checkout-button", experiments.Subject{Key: visit.user}, app(visit.version))
		fmt.Printf("%s gets %s: %s, enrolled %v\n", visit.user, got.Variant.Value, got.Reason, got.Enrolled)
	}
	// Output:
	// u1 gets "red": SPLIT, enrolled true
	// u2 gets "grey": SPLIT, enrolled true
	// u2 gets "grey": STATIC, enrolled false
	// tester gets "red": TARGETING_MATCH, enrolled false
}

// soldMore is an experiment that has run for a day, and what the ledger holds
// of it: Store.Moments gives the same. A triangle of a metric is the number of
// units, their sum and their sum of squares.
func soldMore() (*experiments.Experiment, experiments.Cells, error) {
	e, err := experiments.ParseExperiment("checkout-button", []byte(`{
		"unit": "user", "primary": "conversion", "guardrails": [{"metric": "refunds", "margin": 0.2}],
		"variants": [{"key": "control", "weight": 1}, {"key": "red", "weight": 1}]
	}`))
	if err != nil {
		return nil, nil, err
	}
	e.Status = experiments.Running
	for _, d := range []struct{ key, text string }{
		{"conversion", `{"kind": "proportion", "event": "order.paid", "pre_period": "0h"}`},
		{"refunds", `{"kind": "proportion", "event": "order.refunded", "pre_period": "0h", "direction": "decrease"}`},
	} {
		m, err := experiments.ParseMetric(d.key, []byte(d.text), "CNY")
		if err != nil {
			return nil, nil, err
		}
		e.Metrics = append(e.Metrics, *m)
	}
	cells := experiments.Cells{}
	for _, row := range []struct{ metric, variant, sums string }{
		{experiments.UnitsCell, "control", "50000 0 0 0 0 0"}, {experiments.UnitsCell, "red", "50100 0 0 0 0 0"},
		{"conversion", "control", "50000 5000 5000"}, {"conversion", "red", "50100 5411 5411"},
		{"refunds", "control", "50000 1500 1500"}, {"refunds", "red", "50100 1510 1510"},
	} {
		var t experiments.Triangle
		if err := t.UnmarshalText([]byte(row.sums)); err != nil {
			return nil, nil, err
		}
		cells[experiments.Cell{Experiment: e.Key, Phase: 1, Metric: row.metric, Variant: row.variant, Day: 20758}] = t
	}
	return e, cells, nil
}

func ExampleView_Report() {
	e, cells, err := soldMore()
	if err != nil {
		fmt.Println(err)
		return
	}
	r := experiments.View{AsOf: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)}.Report(e, cells)
	fmt.Println(r.Units["control"], r.Units["red"], r.SRM.Status)
	for _, m := range r.Metrics {
		if m.Role != experiments.PrimaryRole {
			continue
		}
		red := m.Results[0]
		fmt.Printf("%s: %.2f %% against %.2f %%\n", m.Name, 100*red.Mean, 100*m.Control.Mean)
		fmt.Printf("%+.1f %% (%+.1f to %+.1f %%), p = %.1g\n",
			100*red.Relative.Estimate, 100*red.Relative.Low, 100*red.Relative.High, red.PValue)
	}
	// Output:
	// 50000 50100 ok
	// conversion: 10.80 % against 10.00 %
	// +8.0 % (+4.1 to +11.9 %), p = 3e-05
}

func ExampleDecide() {
	e, cells, err := soldMore()
	if err != nil {
		fmt.Println(err)
		return
	}
	r := experiments.View{AsOf: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)}.Report(e, cells)
	decision := experiments.Decide(e, r) // the report holds the same
	fmt.Println(decision.Verdict, decision.Variant)
	for _, reason := range decision.Reasons {
		fmt.Println(reason)
	}
	// Output:
	// ship red
	// red makes conversion better by 8 % (4.07 to 11.9 %)
}
