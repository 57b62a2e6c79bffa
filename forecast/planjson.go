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
}

type (
	plainItem PlanItem
	plainPlan Plan
)

// MarshalJSON writes amounts as decimal strings in the plan's currency.
func (p Plan) MarshalJSON() ([]byte, error) {
	items := make([]wireItem, len(p.Items))
	for i, it := range p.Items {
		items[i] = wireItem{plainItem(it), decimal(p.Currency.Format(it.CostOfUnder)), decimal(p.Currency.Format(it.CostOfOver))}
	}
	return json.Marshal(struct {
		plainPlan
		Items []wireItem `json:"items"`
	}{plainPlan(p), items})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Plan) UnmarshalJSON(body []byte) error {
	var w struct {
		plainPlan
		Items []wireItem `json:"items"`
	}
	if err := json.Unmarshal(body, &w); err != nil {
		return err
	}
	read := Plan(w.plainPlan)
	read.Items = make([]PlanItem, len(w.Items))
	for i, it := range w.Items {
		item := PlanItem(it.plainItem)
		if err := it.CostOfUnder.amount("cost_of_under", read.Currency, &item.CostOfUnder); err != nil {
			return err
		}
		if err := it.CostOfOver.amount("cost_of_over", read.Currency, &item.CostOfOver); err != nil {
			return err
		}
		read.Items[i] = item
	}
	*p = read
	return nil
}

// PlanRequest asks for a stock plan.
type PlanRequest struct {
	Event string // of the calendar: its next sale
	SKUs  []events.SKU
	From  Day // 0: the sale's first day
	To    Day // 0: its last day
	Terms
}

// maxPlanned bounds the SKUs that a request may name; none at all asks for
// every SKU that sold lately.
const maxPlanned = 100_000

// ParsePlanRequest reads
//
//	{"event", "skus"?, "from"?, "to"?, "service_level"?, "leftover_loss"?}
//
// The error is an *events.Invalid.
func ParsePlanRequest(body []byte) (PlanRequest, error) {
	var w struct {
		Event        string       `json:"event"`
		SKUs         []events.SKU `json:"skus"`
		From         Day          `json:"from"`
		To           Day          `json:"to"`
		ServiceLevel float64      `json:"service_level"`
		LeftoverLoss float64      `json:"leftover_loss"`
	}
	if err := decode(body, &w); err != nil {
		return PlanRequest{}, err
	}
	if err := events.CheckKey("event", w.Event); err != nil {
		return PlanRequest{}, err
	}
	if len(w.SKUs) > maxPlanned {
		return PlanRequest{}, &events.Invalid{Field: "skus", Problem: fmt.Sprintf("must be at most %d, got %d", maxPlanned, len(w.SKUs))}
	}
	for i, sku := range w.SKUs {
		if err := events.CheckID(fmt.Sprintf("skus[%d]", i), string(sku)); err != nil {
			return PlanRequest{}, err
		}
	}
	if w.From != 0 && w.To != 0 && w.To < w.From {
		return PlanRequest{}, &events.Invalid{Field: "to", Problem: fmt.Sprintf("must not be before from (%s), got %s", w.From, w.To)}
	}
	if l := w.ServiceLevel; math.IsNaN(l) || l != 0 && (l < .5 || l > .999) {
		return PlanRequest{}, &events.Invalid{Field: "service_level", Problem: fmt.Sprintf("must be 0.5 to 0.999, got %g", l)}
	}
	if l := w.LeftoverLoss; math.IsNaN(l) || l < 0 || l > 1 {
		return PlanRequest{}, &events.Invalid{Field: "leftover_loss", Problem: fmt.Sprintf("must be 0 to 1, got %g", l)}
	}
	return PlanRequest{w.Event, w.SKUs, w.From, w.To, Terms{w.ServiceLevel, w.LeftoverLoss}}, nil
}
