package api

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

func forecastOperations() map[string]operation {
	least, most := 1.0, float64(maxHorizon)
	return map[string]operation{
		"GET /v1/forecasts": {
			id: "eventForecasts", tag: "Forecasts", summary: "Forecast every SKU over the next sale of an event",
			query: []param{
				{name: "event", text: "of the calendar, such as 11.11", required: true},
				enumParam("level", "sku if left out; the levels add up", "sku", "category", "region"),
				enumParam("format", "csv gives all at once", "json", "csv"), freshParam(),
				limitParam(maxItems, maxItems), {name: "cursor", text: "next_cursor of the answer before"},
			},
			answers: []reply{{status: 200, sample: listing[forecast.Forecast]{}, types: []string{"application/json", "text/csv"}, text: "SKUs that sold in the last 90 days, ordered."}},
		},
		"GET /v1/forecasts/{sku}": {
			id: "getForecast", tag: "Forecasts", summary: "Forecast a SKU",
			text: "From the day after the last closed sales day. With level=region the answer is a list with one forecast a region.",
			query: []param{
				{name: "horizon", text: "days", schema: &huma.Schema{Type: "integer", Minimum: &least, Maximum: &most, Default: 30}},
				enumParam("level", "sku if left out; the levels add up", "sku", "category", "region"),
				enumParam("format", "json if left out", "json", "csv"), freshParam(),
			},
			answers: []reply{{status: 200, sample: forecast.Forecast{}, types: tableTypes(), text: "Means, quantiles and what they are made of, day by day."}},
		},
		"GET /v1/calendar": {
			id: "listCalendar", tag: "Forecasts", summary: "List the events of the calendar", query: append(listParams(), enumParam("format", "json if left out; CSV has all, one row a phase", "json", "csv")),
			answers: []reply{{status: 200, sample: listing[forecast.Event]{}, types: tableTypes(), text: "The built-in events and the shop's own, ordered by key."}},
		},
		"GET /v1/calendar/{event}": {id: "getCalendarEvent", tag: "Forecasts", summary: "Get an event of the calendar", answers: definitionReply(forecast.Event{})},
		"PUT /v1/calendar/{event}": {
			id: "putCalendarEvent", tag: "Forecasts", summary: "Define an event, or change it", text: "One with the key of a built-in event takes its place. {\"disabled\": true} switches a built-in event off, {} puts it back.",
			headers: ifMatchHeader(), body: &body{sample: calendarRequest{}}, answers: versionedReplies(forecast.Event{}),
		},
		"GET /v1/supply/{sku}": {id: "getSupply", tag: "Forecasts", summary: "Get the supply data of a SKU", answers: definitionReply(forecast.Supply{})},
		"PUT /v1/supply/{sku}": {
			id: "putSupply", tag: "Forecasts", summary: "Say how a SKU is bought",
			headers: ifMatchHeader(), body: &body{sample: supplyRequest{}}, answers: versionedReplies(forecast.Supply{}),
		},
		"POST /v1/stock-plans": {
			id: "postStockPlan", tag: "Forecasts", summary: "Plan the stock of an event",
			body:    &body{sample: planRequest{}},
			answers: []reply{{status: 201, sample: forecast.Plan{}, text: "The plan; it is kept under its id."}},
		},
		"GET /v1/stock-plans/{id}": {
			id: "getStockPlan", tag: "Forecasts", summary: "Get a stock plan", text: "With .csv behind the id it is a table.",
			query:   []param{enumParam("table", "which one, as CSV; items if left out", "items", "categories", "transfers")},
			answers: []reply{{status: 200, sample: forecast.Plan{}, types: []string{"application/json", "text/csv"}, text: "The plan as it was made."}},
		},
	}
}

func freshParam() param {
	return flagParam("fresh", "wait until all events consumed so far are counted")
}

func tableTypes() []string { return []string{"application/json", "text/csv"} }

// calendarRequest and what follows are how bodies read, for the document;
// package forecast reads and checks them.
type calendarRequest struct {
	Name        string                `json:"name,omitempty"`
	Occurrences []forecast.Occurrence `json:"occurrences,omitempty" doc:"one a year; a built-in event keeps its own dates without them"`
	Disabled    bool                  `json:"disabled,omitempty" doc:"the event does not apply to this shop: its days are ordinary ones"`

	Presale *forecast.PresalePrior `json:"presale,omitempty" doc:"what to believe of its presales until the shop has seen some"`
}

type supplyRequest struct {
	Cost         string             `json:"cost,omitempty" doc:"of one piece, a decimal in the shop's currency"`
	Price        string             `json:"price,omitempty" doc:"that one piece sells for"`
	LeadTimeDays float64            `json:"lead_time_days,omitempty" doc:"from order to receipt, on average"`
	LeadTimeSD   float64            `json:"lead_time_sd,omitempty" doc:"its standard deviation, in days"`
	Pack         int64              `json:"pack,omitempty" doc:"orders are multiples of it" default:"1"`
	MinOrder     int64              `json:"min_order,omitempty"`
	OnOrder      []forecast.Receipt `json:"on_order,omitempty" doc:"what was ordered and has not come yet"`
}

type planRequest struct {
	Event        string       `json:"event,omitempty" doc:"of the calendar: its next sale; without it, the days to to"`
	SKUs         []events.SKU `json:"skus,omitempty" doc:"all that sold lately if left out"`
	From         string       `json:"from,omitempty" doc:"the sale's first day if left out" format:"date"`
	To           string       `json:"to,omitempty" doc:"its last day if left out" format:"date"`
	ServiceLevel float64      `json:"service_level,omitempty" doc:"the chance that all demand is met, 0.5 to 0.999; by the costs if left out"`
	ServiceOver  string       `json:"service_over,omitempty" doc:"what service_level is about: each SKU, or the plan, whose SKUs then meet their demand with that chance on average, for the least money" enum:"sku,plan" default:"sku"`
	LeftoverLoss float64      `json:"leftover_loss,omitempty" doc:"share of its cost that an unsold piece loses; 0.25 if left out"`
	ReviewDays   float64      `json:"review_days,omitempty" doc:"how often orders are made; order_up_to covers the lead time and this; 7 if left out"`
	Budget       string       `json:"budget,omitempty" doc:"in the shop's currency: spent where it earns most"`
	Uplift       *uplift      `json:"uplift,omitempty" doc:"of a promotion over the whole window"`
	Fresh        bool         `json:"fresh,omitempty" doc:"wait until all events consumed so far are counted"`
}

// uplift is a promotion's, given or as an experiment has measured it.
type uplift struct {
	Estimate   *float64 `json:"estimate,omitempty" doc:"relative: 0.12 is twelve per cent more"`
	Low        *float64 `json:"low,omitempty"`
	High       *float64 `json:"high,omitempty"`
	Level      *float64 `json:"level,omitempty" doc:"of the interval; 0.95 if left out"`
	Experiment string   `json:"experiment,omitempty" doc:"instead of the numbers: take them from its report"`
	Metric     string   `json:"metric,omitempty" doc:"its primary if left out"`
	Variant    string   `json:"variant,omitempty" doc:"its only treatment if left out"`
}

type overrideRequest struct {
	Author   string   `json:"author,omitempty" doc:"the access key's name if left out"`
	Reason   string   `json:"reason"`
	From     string   `json:"from" format:"date"`
	To       string   `json:"to" format:"date" doc:"the last day that it is about"`
	Expires  string   `json:"expires,omitempty" format:"date-time" doc:"from when on it does not hold any more"`
	Factor   *float64 `json:"factor,omitempty" doc:"times the forecast of each day; or quantity"`
	Quantity *float64 `json:"quantity,omitempty" doc:"pieces over all its days together; or factor"`
}

type whatIfRequest struct {
	SKU       string       `json:"sku,omitempty"`
	SKUs      []events.SKU `json:"skus,omitempty"`
	Event     string       `json:"event,omitempty" doc:"its next sale; or from and to"`
	From      string       `json:"from,omitempty" format:"date"`
	To        string       `json:"to,omitempty" format:"date"`
	Price     string       `json:"price,omitempty" doc:"of one piece, a decimal; or discount"`
	Discount  *float64     `json:"discount,omitempty" doc:"off the price lately, 0 to 1"`
	Promotion *uplift      `json:"promotion,omitempty"`
}

// supply is how forecast.Supply reads, for the document.
type supply struct {
	SKU          string             `json:"sku,omitempty"`
	Currency     string             `json:"currency,omitempty" doc:"the shop's"`
	Cost         string             `json:"cost" doc:"of one piece, a decimal" example:"12.50"`
	Price        string             `json:"price" doc:"that one piece sells for, a decimal"`
	LeadTimeDays float64            `json:"lead_time_days" doc:"from order to receipt, on average"`
	LeadTimeSD   float64            `json:"lead_time_sd" doc:"its standard deviation, in days"`
	Pack         int64              `json:"pack" doc:"orders are multiples of it"`
	MinOrder     int64              `json:"min_order"`
	OnOrder      []forecast.Receipt `json:"on_order" doc:"what was ordered and has not come yet"`
	Version      int64              `json:"version" doc:"ignored in a request"`
}

// stockPlan is how forecast.Plan reads, for the document.
type stockPlan struct {
	ID       string          `json:"id"`
	Created  time.Time       `json:"created"`
	AsOf     forecast.Day    `json:"as_of" doc:"the last closed sales day it knows"`
	Event    string          `json:"event"`
	From     forecast.Day    `json:"from"`
	To       forecast.Day    `json:"to"`
	Currency string          `json:"currency"`
	Level    float64         `json:"service_level,omitempty" doc:"asked for; the costs decided if it is left out"`
	Over     string          `json:"service_over,omitempty" doc:"what it is about" enum:"sku,plan"`
	Budget   string          `json:"budget,omitempty" doc:"that the orders had to keep to"`
	Spent    string          `json:"spent" doc:"on orders of known cost"`
	Items    []stockPlanItem `json:"items"`

	Uplift     *forecast.Uplift        `json:"uplift,omitempty" doc:"a promotion's, that is in the demand"`
	Categories []forecast.PlanCategory `json:"categories"`
	Transfers  []forecast.Transfer     `json:"transfers"`
	Unknown    []string                `json:"unknown,omitempty" doc:"SKUs of the request that nothing is known of: they are not in the plan"`
}

// stockPlanItem is how forecast.PlanItem reads, for the document.
type stockPlanItem struct {
	forecast.PlanItem
	CostOfUnder string `json:"cost_of_under" doc:"expected margin lost for want of stock, with the order"`
	CostOfOver  string `json:"cost_of_over" doc:"expected loss on what is left over, with the order"`
	OrderCost   string `json:"order_cost"`
	OrderProfit string `json:"order_profit" doc:"that the order is expected to earn"`
}
