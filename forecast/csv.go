package forecast

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
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
	head := []string{"sku", "category", "from", "to", "demand_mean"}
	for _, q := range Probabilities() {
		head = append(head, "demand_q"+strconv.FormatFloat(q, 'f', -1, 64))
	}
	head = append(head, "demand_before", "on_hand", "on_order", "sold_today", "service_level", "target", "safety_stock", "reorder_point", "order_up_to",
		"need", "order", "limited", "arrives", "late", "sellout_chance_without_order", "sellout_chance", "days_of_cover", "turnover",
		"currency", "order_cost", "order_profit", "cost_of_under", "cost_of_over", "overridden_by", "service_over")
	return writeRows(w, head, len(p.Items), func(i int) []string { return p.row(&p.Items[i]) })
}

func (p *Plan) row(it *PlanItem) []string {
	row := []string{cell(string(it.SKU)), cell(it.Category), p.From.String(), p.To.String(), number(it.Demand.Mean)}
	for _, q := range it.Demand.Quantiles {
		row = append(row, number(q.Value))
	}
	onHand := ""
	if it.Known {
		onHand = whole(it.OnHand)
	}
	amount := p.Currency.Format
	return append(row, number(it.Before), onHand, whole(it.OnOrder), whole(it.SoldToday), number(it.ServiceLevel), whole(it.Target), whole(it.SafetyStock),
		whole(it.ReorderPoint), whole(it.OrderUpTo), whole(it.Need), whole(it.Order), strconv.FormatBool(it.Limited), it.Arrives.String(), strconv.FormatBool(it.Late),
		number(it.SelloutWithout), number(it.Sellout), maybe(it.Cover), maybe(it.Turnover),
		string(p.Currency), amount(it.Cost), amount(it.Profit), amount(it.CostOfUnder), amount(it.CostOfOver), cell(it.Overridden), p.ServiceOver)
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
	if id := strings.TrimLeft(s, "'"); id != "" {
		switch id[0] {
		case '=', '+', '-', '@', '\t', '\r':
			return "'" + s
		}
	}
	return s
}

// uncell takes back what cell put before an id.
func uncell(s string) string {
	if rest, quoted := strings.CutPrefix(s, "'"); quoted && cell(rest) == s {
		return rest
	}
	return s
}
