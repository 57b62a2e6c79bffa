package api

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/peakday/peakday/forecast"
)

// planningOperations are what a planner asks beside forecasts and plans.
func planningOperations() map[string]operation {
	const tag = "Forecasts"
	least, most := 1.0, float64(maxTable)
	rows := param{name: "limit", text: "how many rows one JSON answer holds; CSV has all", schema: &huma.Schema{Type: "integer", Minimum: &least, Maximum: &most, Default: maxItems}}
	table := func(more ...param) []param {
		return append(more, enumParam("format", "json if left out", "json", "csv"), rows, param{name: "cursor", text: "next_cursor of the answer before"})
	}
	span := func(text string) []param {
		return []param{{name: "from", text: "a date; " + text}, {name: "to", text: "the last day; today if left out"}}
	}
	answer := func(like any, text string) []reply {
		return []reply{{status: 200, sample: like, types: tableTypes(), text: text}}
	}
	return map[string]operation{
		"GET /v1/sales": {
			id: "getSales", tag: tag, summary: "Sales by SKU, region and day or hour",
			text:    "What was cancelled or refunded is taken back on the day of the sale. Deposits are no demand yet.",
			query:   table(append(span("30 days if left out"), param{name: "sku", text: "all if left out", list: true}, param{name: "region", text: "one only"}, enumParam("by", "day if left out", "day", "hour"), flagParam("together", "add the regions up"))...),
			answers: answer(listing[saleRow]{}, "Ordered by SKU, time and region."),
		},
		"GET /v1/lost-demand": {
			id: "getLostDemand", tag: tag, summary: "Demand that could not be met for want of stock, estimated",
			query:   table(append(span("a year if left out"), param{name: "sku", text: "all if left out"})...),
			answers: answer(listing[lostRow]{}, "Closed days that were not open throughout."),
		},
		"GET /v1/alerts": {
			id: "getAlerts", tag: tag, summary: "SKUs that may sell out before more of them comes",
			text:    "Until the next receipt, or until an order of today would be there.",
			query:   table(param{name: "chance", text: "the least to report; 0.2 if left out"}, param{name: "category", text: "all if left out"}, freshParam()),
			answers: answer(listing[alertRow]{}, "The dearest first."),
		},
		"GET /v1/accuracy": {
			id: "getAccuracy", tag: tag, summary: "What past plans were worth", text: "Plans whose window is closed, the newest 50. The demand includes the estimate of what was lost.",
			query:   table(param{name: "plan", text: "one plan, with its SKUs"}, param{name: "event", text: "of the calendar"}),
			answers: answer(listing[forecast.Accuracy]{}, "WAPE, bias, coverage, stocking accuracy (1 − WAPE), beside last year × growth."),
		},
		"GET /v1/reconciliation": {
			id: "getReconciliation", tag: tag, summary: "Orders against stock",
			query:   table(append(span("30 days if left out"), flagParam("differing", "only SKUs where they differ"))...),
			answers: answer(listing[forecast.StockRow]{}, "SKUs with stock events, ordered."),
		},
		"GET /v1/funnels": {
			id: "getFunnel", tag: tag, summary: "How far visitors came: viewed, added, ordered, paid",
			text: "Of the visitors whose first step falls in the days asked for, how many reached each next step within its limit after the step before. Orders of a presale count as paid with their balance.",
			query: append(span("7 days if left out; at most 92"),
				enumParam("unit", "whose steps; users if left out", "user", "device", "session"),
				param{name: "steps", text: "event types instead, at least two, each within 24h of the one before", list: true},
				param{name: "within", text: "limits of the steps behind the first, such as 24h,72h,360h, which are the usual ones", list: true},
				param{name: "product", text: "only what was done with one product"},
				enumParam("by", "one funnel for all days, or one for each day of entering", "period", "day"),
				enumParam("format", "json if left out", "json", "csv")),
			answers: answer(listing[funnelStep]{}, "In order of days and steps."),
		},
		"GET /v1/overrides": {
			id: "listOverrides", tag: tag, summary: "List the overrides of forecasts by planners",
			query:   table(flagParam("judged", "the forecast value added, of those whose days are closed")),
			answers: answer(listing[forecast.Override]{}, "Every version; with judged=1 the forecast value added."),
		},
		"GET /v1/overrides/{sku}": {id: "getOverride", tag: tag, summary: "Get the newest override of a SKU", answers: definitionReply(forecast.Override{})},
		"PUT /v1/overrides/{sku}": {
			id: "putOverride", tag: tag, summary: "Override the forecast of a SKU", text: "By a factor or a quantity, with author, reason and expiry. The model never sees it.",
			headers: ifMatchHeader(), body: &body{sample: overrideRequest{}}, answers: versionedReplies(forecast.Override{}),
		},
		"DELETE /v1/overrides/{sku}": {id: "deleteOverride", tag: tag, summary: "Take an override back", headers: ifMatchHeader(), answers: definitionReply(forecast.Override{})},
		"POST /v1/what-if": {
			id: "postWhatIf", tag: tag, summary: "Ask what a price, a discount or a promotion would do", text: "Nothing is fitted anew, and nothing is stored.",
			query: []param{enumParam("format", "json if left out", "json", "csv")},
			body:  &body{sample: whatIfRequest{}}, answers: okReply(whatIfAnswer{}, "The forecast as it is beside the scenario."),
		},
		"GET /v1/supply": {
			id: "listSupply", tag: tag, summary: "How SKUs are bought", text: "As CSV one row a receipt that is on order, as peakday import supply reads it.",
			query: table(), answers: answer(listing[forecast.Supply]{}, "Ordered by SKU."),
		},
		"POST /v1/supply": {
			id: "postSupply", tag: tag, summary: "Say how many SKUs are bought, by a table", text: "The table that GET /v1/supply?format=csv gives, changed. What it says of a SKU replaces what was said; other SKUs stay. Nothing is stored if a row is wrong.",
			body: &body{sample: "", types: []string{"text/csv"}}, answers: okReply(storedSupplies{}, "How many SKUs the table named."),
		},
		"GET /v1/stock-plans": {
			id: "listStockPlans", tag: tag, summary: "List the stock plans", query: table(param{name: "event", text: "of the calendar: those for it only"}),
			answers: answer(listing[forecast.PlanHead]{}, "The newest first."),
		},
	}
}
