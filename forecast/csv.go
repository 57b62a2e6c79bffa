package forecast

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// WriteForecasts writes one row a day:
//
//	sku,category,region,date,mean,q0.025,q0.1,q0.5,q0.9,q0.975
func WriteForecasts(w io.Writer, forecasts []*Forecast) error {
	out := csv.NewWriter(w)
	head := []string{"sku", "category", "region", "date", "mean"}
	for _, p := range Probabilities() {
		head = append(head, "q"+strconv.FormatFloat(p, 'f', -1, 64))
	}
	if err := out.Write(head); err != nil {
		return fmt.Errorf("write forecasts: %w", err)
	}
	for _, f := range forecasts {
		for _, p := range f.Points {
			row := []string{cell(string(f.SKU)), cell(f.Category), cell(f.Region), p.Day.String(), number(p.Mean)}
			for _, q := range p.Quantiles {
				row = append(row, number(q.Value))
			}
			if err := out.Write(row); err != nil {
				return fmt.Errorf("write forecasts: %w", err)
			}
		}
	}
	out.Flush()
	return out.Error()
}

// WriteCSV writes the plan, one row a SKU.
func (p Plan) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	head := []string{"sku", "category", "from", "to", "demand_mean"}
	for _, q := range Probabilities() {
		head = append(head, "demand_q"+strconv.FormatFloat(q, 'f', -1, 64))
	}
	head = append(head, "demand_before", "on_hand", "on_order", "service_level", "target", "safety_stock", "reorder_point",
		"need", "order", "arrives", "late", "sellout_chance_without_order", "sellout_chance", "currency", "cost_of_under", "cost_of_over")
	if err := out.Write(head); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	for i := range p.Items {
		if err := out.Write(p.row(&p.Items[i])); err != nil {
			return fmt.Errorf("write plan: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

func (p *Plan) row(it *PlanItem) []string {
	row := []string{cell(string(it.SKU)), cell(it.Category), p.From.String(), p.To.String(), number(it.Demand.Mean)}
	for _, q := range it.Demand.Quantiles {
		row = append(row, number(q.Value))
	}
	onHand := ""
	if it.Known {
		onHand = strconv.FormatInt(it.OnHand, 10)
	}
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	return append(row, number(it.Before), onHand, whole(it.OnOrder), number(it.ServiceLevel), whole(it.Target), whole(it.SafetyStock),
		whole(it.ReorderPoint), whole(it.Need), whole(it.Order), it.Arrives.String(), strconv.FormatBool(it.Late),
		number(it.SelloutWithout), number(it.Sellout), string(p.Currency), p.Currency.Format(it.CostOfUnder), p.Currency.Format(it.CostOfOver))
}

// number writes up to six digits behind the point.
func number(x float64) string {
	s := strconv.FormatFloat(x, 'f', 6, 64)
	for len(s) > 1 && s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	return s
}

// cell keeps a spreadsheet from taking an id that someone else made up for a
// formula.
func cell(s string) string {
	if s != "" {
		switch s[0] {
		case '=', '+', '-', '@', '\t', '\r':
			return "'" + s
		}
	}
	return s
}
