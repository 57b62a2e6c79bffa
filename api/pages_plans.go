package api

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// stockPlansPage is the form of a plan.
func stockPlansPage(x *exchange) error {
	return x.showPlanForm(http.StatusOK, ui.StockPlans{SKUs: x.get("skus"), Event: x.get("event")})
}

func (x *exchange) showPlanForm(status int, v ui.StockPlans) error {
	v.Currency = string(x.Shop)
	var err error
	if v.Sales, err = x.comingSales(); err != nil {
		return err
	}
	made, err := x.Forecasts.Reader.StockPlans(x.ctx(), forecast.PlanQuery{Limit: maxMadePlans})
	if err != nil {
		return unavailable("the plans cannot be read", err)
	}
	for _, p := range made {
		v.Made = append(v.Made, ui.MadePlan{ID: p.ID, Created: x.formatTime(p.Created), Event: p.Event, From: p.From.String(), To: p.To.String()})
	}
	return x.renderPage(status, "stockplans", "Plan the stock of a sale", v)
}

// makeStockPlan plans what the form says, and shows the form again with what
// is wrong in it.
func makeStockPlan(x *exchange) error {
	form, err := x.checkedForm()
	if err != nil {
		return err
	}
	q, err := planForm(form, x.Shop)
	var p forecast.Plan
	if err == nil {
		p, err = x.plan(q)
	}
	if err == nil {
		x.redirect("/stock-plans/" + p.ID)
		return nil
	}
	text, ok := x.formError(err)
	if !ok {
		return err
	}
	return x.showPlanForm(http.StatusUnprocessableEntity, ui.StockPlans{
		Event: form.Get("event"), SKUs: form.Get("skus"), From: form.Get("from"), To: form.Get("to"),
		Service: form.Get("service_level"), Over: form.Get("service_over"), Budget: form.Get("budget"), Error: text,
	})
}

// planForm reads the form by the rules of POST /v1/stock-plans.
func planForm(form url.Values, shop events.Currency) (forecast.PlanRequest, error) {
	w := formTexts(form, "from", "to", "budget", "service_over")
	w["event"] = form.Get("event")
	if skus := lines(form.Get("skus")); len(skus) > 0 {
		w["skus"] = skus
	}
	level, given, err := formNumber(form, "service_level")
	if err != nil {
		return forecast.PlanRequest{}, err
	}
	if given {
		w["service_level"] = level
	}
	body, err := json.Marshal(w)
	if err != nil {
		return forecast.PlanRequest{}, err
	}
	return forecast.ParsePlanRequest(body, shop)
}

// maxMadePlans is how many of the plans made so far the form lists.
const maxMadePlans = 20

// maxPlanRows is how much of a plan a page shows.
const maxPlanRows = 500

// stockPlanPage shows a plan.
func stockPlanPage(x *exchange) error {
	p, err := x.storedPlan(x.param("id"))
	if err != nil {
		return err
	}
	v := ui.StockPlan{
		ID: p.ID, Event: p.Event, From: p.From.String(), To: p.To.String(), AsOf: p.AsOf.String(),
		Created: x.formatTime(p.Created), Currency: string(p.Currency), All: len(p.Items),
	}
	if p.ServiceOver == forecast.ServiceOverPlan {
		v.Together = strconv.FormatFloat(100*p.ServiceLevel, 'g', 4, 64) + " %"
	}
	for _, sku := range p.Unknown {
		v.Unknown = append(v.Unknown, string(sku))
	}
	var under, over events.Money
	for i := range p.Items {
		it := &p.Items[i]
		v.Order += it.Order
		under, over = under+it.CostOfUnder, over+it.CostOfOver
		if it.Need > 0 {
			v.Short++
		}
	}
	v.Under, v.Over = p.Currency.Format(under), p.Currency.Format(over)
	items := slices.Clone(p.Items)
	slices.SortStableFunc(items, func(a, b forecast.PlanItem) int { return -cmp.Compare(a.Order, b.Order) })
	for _, it := range items[:min(len(items), maxPlanRows)] {
		v.Items = append(v.Items, planRow(it, p.Currency))
	}
	v.Shown = len(v.Items)
	v.Spent = p.Currency.Format(p.Spent)
	if p.Budget != nil {
		v.Budget = p.Currency.Format(*p.Budget)
	}
	for _, c := range p.Categories {
		v.Categories = append(v.Categories, ui.CategoryRow{Name: c.Category, SKUs: c.SKUs, Demand: c.Demand, OnHand: c.OnHand, Order: c.Order, Cover: known(c.Cover), Turnover: known(c.Turnover)})
	}
	for _, t := range p.Transfers[:min(len(p.Transfers), maxPlanRows)] {
		v.Transfers = append(v.Transfers, ui.TransferRow{SKU: string(t.SKU), From: t.From, To: t.To, Quantity: t.Quantity})
	}
	return x.renderPage(http.StatusOK, "stockplan", "Stock plan "+p.ID, v)
}

// known writes a number that may be unknown.
func known(x *float64) string {
	if x == nil {
		return "unknown"
	}
	return strconv.FormatFloat(*x, 'f', 1, 64)
}

func planRow(it forecast.PlanItem, c events.Currency) ui.PlanRow {
	row := ui.PlanRow{
		SKU: string(it.SKU), Category: it.Category, Before: it.Before, Mean: it.Demand.Mean, OnHand: "unknown", OnOrder: it.OnOrder,
		Target: it.Target, Safety: it.SafetyStock, Reorder: it.ReorderPoint, Amount: it.Order, Service: it.ServiceLevel,
		Without: it.SelloutWithout, With: it.Sellout, Arrives: it.Arrives.String(), Late: it.Late,
		Limited: it.Limited, Cover: known(it.Cover), By: it.Overridden,
		Under: c.Format(it.CostOfUnder), Over: c.Format(it.CostOfOver),
	}
	if it.Known {
		row.OnHand = strconv.FormatInt(it.OnHand, 10)
	}
	row.Q10, _ = it.Demand.Quantiles.At(.1)
	row.Q90, _ = it.Demand.Quantiles.At(.9)
	return row
}
