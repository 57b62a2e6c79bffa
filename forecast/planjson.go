package forecast

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/peakday/peakday/events"
)

// wireItem is PlanItem as JSON: amounts are decimals in the plan's currency.
type wireItem struct {
	plainItem
	CostOfUnder decimal `json:"cost_of_under"`
	CostOfOver  decimal `json:"cost_of_over"`
	Cost        decimal `json:"order_cost"`
	Profit      decimal `json:"order_profit"`
}

// wirePlan is Plan as JSON.
type wirePlan struct {
	plainPlan
	Budget decimal    `json:"budget,omitempty"`
	Spent  decimal    `json:"spent"`
	Items  []wireItem `json:"items"`
}

type (
	plainItem PlanItem
	plainPlan Plan
)

// MarshalJSON writes amounts as decimal strings in the plan's currency.
func (p Plan) MarshalJSON() ([]byte, error) {
	amount := func(m events.Money) decimal { return decimal(p.Currency.Format(m)) }
	w := wirePlan{plainPlan: plainPlan(p), Spent: amount(p.Spent), Items: make([]wireItem, len(p.Items))}
	if p.Budget != nil {
		w.Budget = amount(*p.Budget)
	}
	for i, it := range p.Items {
		w.Items[i] = wireItem{plainItem(it), amount(it.CostOfUnder), amount(it.CostOfOver), amount(it.Cost), amount(it.Profit)}
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Plan) UnmarshalJSON(body []byte) error {
	var w wirePlan
	if err := json.Unmarshal(body, &w); err != nil {
		return err
	}
	read := Plan(w.plainPlan)
	if w.Budget != "" {
		read.Budget = new(events.Money)
		if err := w.Budget.amount("budget", read.Currency, read.Budget); err != nil {
			return err
		}
	}
	if err := w.Spent.amount("spent", read.Currency, &read.Spent); err != nil {
		return err
	}
	read.Items = make([]PlanItem, len(w.Items))
	for i, it := range w.Items {
		item := PlanItem(it.plainItem)
		for _, f := range []struct {
			name string
			from decimal
			to   *events.Money
		}{{"cost_of_under", it.CostOfUnder, &item.CostOfUnder}, {"cost_of_over", it.CostOfOver, &item.CostOfOver}, {"order_cost", it.Cost, &item.Cost}} {
			if err := f.from.amount(f.name, read.Currency, f.to); err != nil {
				return err
			}
		}
		if it.Profit != "" { // it may be a loss
			profit, err := read.Currency.Amount(string(it.Profit))
			if err != nil {
				return &events.Invalid{Field: "order_profit", Problem: err.Error()}
			}
			item.Profit = profit
		}
		read.Items[i] = item
	}
	*p = read
	return nil
}

// PlanRequest asks for a stock plan.
type PlanRequest struct {
	Event  string // of the calendar: its next sale; empty for the days from From to To
	SKUs   []events.SKU
	From   Day // 0: the sale's first day, or tomorrow
	To     Day // 0: its last day
	Budget *events.Money
	Uplift *Uplift // of a promotion over the whole window
	Fresh  bool    // wait until all that was consumed is counted
	Terms
}

// maxPlanned bounds the SKUs that a request may name; none at all asks for
// every SKU that sold lately.
const maxPlanned = 100_000

// wireRequest is PlanRequest as JSON.
type wireRequest struct {
	Event        string       `json:"event"`
	SKUs         []events.SKU `json:"skus"`
	From         Day          `json:"from"`
	To           Day          `json:"to"`
	ServiceLevel float64      `json:"service_level"`
	ServiceOver  string       `json:"service_over"`
	LeftoverLoss float64      `json:"leftover_loss"`
	ReviewDays   float64      `json:"review_days"`
	Budget       decimal      `json:"budget"`
	Uplift       *Uplift      `json:"uplift"`
	Fresh        bool         `json:"fresh"`
}

// ParsePlanRequest reads
//
//	{"event" | "to", "skus"?, "from"?, "to"?, "service_level"?, "service_over"?,
//	 "leftover_loss"?, "review_days"?, "budget"?, "uplift"?, "fresh"?}
//
// with the budget in shop's currency. The error is an *events.Invalid.
func ParsePlanRequest(body []byte, shop events.Currency) (PlanRequest, error) {
	var w wireRequest
	if err := events.DecodeStrictly(body, &w); err != nil {
		return PlanRequest{}, err
	}
	if err := w.check(); err != nil {
		return PlanRequest{}, err
	}
	q := PlanRequest{Event: w.Event, SKUs: w.SKUs, From: w.From, To: w.To, Uplift: w.Uplift, Fresh: w.Fresh, Terms: Terms{w.ServiceLevel, w.ServiceOver, w.LeftoverLoss, w.ReviewDays}}
	if w.Budget != "" {
		q.Budget = new(events.Money)
		if err := w.Budget.amount("budget", shop, q.Budget); err != nil {
			return PlanRequest{}, err
		}
	}
	return q, nil
}

func (w *wireRequest) check() error {
	if w.Event != "" || w.To == 0 {
		if w.Event == "" {
			return &events.Invalid{Field: "event", Problem: "must name an event of the calendar, or to the last day of the plan"}
		}
		if err := events.CheckKey("event", w.Event); err != nil {
			return err
		}
	}
	if len(w.SKUs) > maxPlanned {
		return &events.Invalid{Field: "skus", Problem: fmt.Sprintf("must be at most %d, got %d", maxPlanned, len(w.SKUs))}
	}
	for i, sku := range w.SKUs {
		if err := events.CheckID(fmt.Sprintf("skus[%d]", i), string(sku)); err != nil {
			return err
		}
	}
	if w.From != 0 && w.To != 0 && w.To < w.From {
		return &events.Invalid{Field: "to", Problem: fmt.Sprintf("must not be before from (%s), got %s", w.From, w.To)}
	}
	if l := w.ServiceLevel; math.IsNaN(l) || l != 0 && (l < .5 || l > .999) {
		return &events.Invalid{Field: "service_level", Problem: fmt.Sprintf("must be 0.5 to 0.999, got %g", l)}
	}
	switch w.ServiceOver {
	case "", ServiceOverSKU:
	case ServiceOverPlan:
		if w.ServiceLevel == 0 {
			return &events.Invalid{Field: "service_level", Problem: "is required where service_over is plan"}
		}
	default:
		return &events.Invalid{Field: "service_over", Problem: fmt.Sprintf("must be sku or plan, got %q", events.Clip(w.ServiceOver))}
	}
	if l := w.LeftoverLoss; math.IsNaN(l) || l < 0 || l > 1 {
		return &events.Invalid{Field: "leftover_loss", Problem: fmt.Sprintf("must be 0 to 1, got %g", l)}
	}
	if d := w.ReviewDays; !(d >= 0 && d <= maxHorizon) {
		return &events.Invalid{Field: "review_days", Problem: fmt.Sprintf("must be 0 to %d, got %g", maxHorizon, d)}
	}
	if w.Uplift != nil {
		return w.Uplift.Check("uplift")
	}
	return nil
}
