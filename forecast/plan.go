package forecast

import (
	"time"

	"github.com/peakday/peakday/events"
)

// Plan is a stock plan: what to order of each SKU before an event.
type Plan struct {
	ID       string          `json:"id"`
	Created  time.Time       `json:"created"`
	AsOf     Day             `json:"as_of"` // the last closed sales day it knows
	Event    string          `json:"event"`
	From     Day             `json:"from"` // the window of demand that it covers
	To       Day             `json:"to"`
	Currency events.Currency `json:"currency"`

	ServiceLevel float64 `json:"service_level,omitempty"` // asked for; 0 if the costs decided
	ServiceOver  string  `json:"service_over,omitempty"`  // what it is about: ServiceOverSKU or ServiceOverPlan

	Budget *events.Money `json:"-"`                // that the orders had to keep to; nil for none
	Spent  events.Money  `json:"-"`                // on all orders of known cost
	Uplift *Uplift       `json:"uplift,omitempty"` // a promotion's, that is in the demand

	Items      []PlanItem     `json:"items"`
	Categories []PlanCategory `json:"categories"`
	Transfers  []Transfer     `json:"transfers"`
	Unknown    []events.SKU   `json:"unknown,omitempty"` // SKUs of the request that nothing is known of: they are not in the plan
}

// PlanCategory sums up the items of a category.
type PlanCategory struct {
	Category  string   `json:"category"`
	SKUs      int      `json:"skus"`
	Demand    float64  `json:"demand"` // expected over the plan's window
	OnHand    int64    `json:"on_hand"`
	OnOrder   int64    `json:"on_order"`
	SoldToday int64    `json:"sold_today,omitempty"` // since the last closed day: it has met its part of the demand
	Order     int64    `json:"order"`
	Cover     *float64 `json:"days_of_cover"`
	Turnover  *float64 `json:"turnover"`
}

// PlanItem is the plan of one SKU. Quantities are pieces.
type PlanItem struct {
	SKU       events.SKU `json:"sku"`
	Category  string     `json:"category,omitempty"`
	Demand    Demand     `json:"demand"`               // over the plan's window
	Before    float64    `json:"demand_before"`        // expected from tomorrow until the window begins
	OnHand    int64      `json:"on_hand"`              // 0 if unknown
	Known     bool       `json:"on_hand_is_known"`     // stock events have told it
	OnOrder   int64      `json:"on_order"`             // that arrives by the window's last day
	SoldToday int64      `json:"sold_today,omitempty"` // since the last closed day: it has met its part of the demand

	ServiceLevel float64 `json:"service_level"`           // the chance that all demand is met, aimed at; over the plan, this SKU's part in it
	Target       int64   `json:"target"`                  // stock that reaches it: the demand's quantile from tomorrow to the window's end
	SafetyStock  int64   `json:"safety_stock"`            // of Target, what lies above the expected demand
	ReorderPoint int64   `json:"reorder_point"`           // order when less than this is on hand and on order
	Need         int64   `json:"need"`                    // Target less what is on hand and on order
	Order        int64   `json:"order"`                   // Need in packs and at least the minimum; 0 if it came too late
	Arrives      Day     `json:"arrives"`                 // when the order would come, on average
	Late         bool    `json:"late"`                    // Arrives is after the window
	OrderUpTo    int64   `json:"order_up_to"`             // stock that lasts over lead time and review
	Limited      bool    `json:"limited,omitempty"`       // the budget allowed less than the plan wanted
	Overridden   string  `json:"overridden_by,omitempty"` // the planner whose word is in the demand

	Cover    *float64     `json:"days_of_cover"` // how long what is on hand lasts; null if unknown
	Turnover *float64     `json:"turnover"`      // times a year that the stock is sold; null if unknown
	Cost     events.Money `json:"-"`             // of the order
	Profit   events.Money `json:"-"`             // that the order is expected to earn: margin on what it sells less loss on what it leaves

	SelloutWithout float64 `json:"sellout_chance_without_order"`
	Sellout        float64 `json:"sellout_chance"` // with the order

	CostOfUnder events.Money `json:"-"` // expected margin lost for want of stock, with the order
	CostOfOver  events.Money `json:"-"` // expected loss on what is left over, with the order
}

// Demand is the distribution of a sum of days.
type Demand struct {
	Mean      float64   `json:"mean"`
	Quantiles Quantiles `json:"quantiles"`
}

// Terms are what a planner decides about a plan.
type Terms struct {
	// ServiceLevel is the chance that all demand is met, .5 to .999. 0 lets
	// the costs decide: margin / (margin + loss on a leftover piece), or .95
	// for a SKU without known costs.
	ServiceLevel float64

	// ServiceOver says what ServiceLevel is about: ServiceOverSKU if empty, or
	// ServiceOverPlan, which needs a ServiceLevel.
	ServiceOver string

	// LeftoverLoss is the share of its cost that a piece loses if it is not
	// sold in the window: .25 if 0.
	LeftoverLoss float64

	// ReviewDays is how often orders are made; 7 if 0. OrderUpTo covers the lead
	// time and it.
	ReviewDays float64
}

const (
	defaultService  = .95
	defaultLeftover = .25
	defaultReview   = 7 // days
)
