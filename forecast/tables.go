package forecast

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/peakday/peakday/events"
)

// Tables as CSV: one row a thing, amounts as decimals with the currency beside
// them, nothing where a number is unknown.

// writeRows writes a head and n rows.
func writeRows(w io.Writer, head []string, n int, row func(i int) []string) error {
	out := csv.NewWriter(w)
	if err := out.Write(head); err != nil {
		return fmt.Errorf("write a table: %w", err)
	}
	for i := range n {
		if err := out.Write(row(i)); err != nil {
			return fmt.Errorf("write a table: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

func maybe(x *float64) string {
	if x == nil {
		return ""
	}
	return number(*x)
}

// WriteSales writes sale rows.
func WriteSales(w io.Writer, c events.Currency, rows []SalesRow) error {
	return writeRows(w, []string{"sku", "region", "date", "hour", "quantity", "deposits", "currency", "revenue"}, len(rows), func(i int) []string {
		r, hour := rows[i], ""
		if r.Hour != nil {
			hour = r.Hour.Format(time.RFC3339)
		}
		return []string{cell(string(r.SKU)), cell(r.Region), r.Date.String(), hour, whole(r.Quantity), whole(r.Deposits), string(c), c.Format(r.Revenue)}
	})
}

// WriteCalendar writes one row a phase of each occurrence; an event without any
// has one row without a phase.
func WriteCalendar(w io.Writer, all []Event) error {
	var rows [][]string
	for _, e := range all {
		head := []string{cell(e.Key), cell(e.Name), strconv.FormatBool(e.Disabled)}
		before := len(rows)
		for _, o := range e.Occurrences {
			for _, p := range o.Phases {
				uplift := ""
				if p.Uplift > 0 {
					uplift = number(p.Uplift)
				}
				rows = append(rows, append(head[:3:3], strconv.Itoa(o.Year), cell(p.Phase), p.From.String(), p.To.String(), uplift))
			}
		}
		if len(rows) == before {
			rows = append(rows, append(head, "", "", "", "", ""))
		}
	}
	return writeRows(w, []string{"event", "name", "disabled", "year", "phase", "from", "to", "uplift"}, len(rows), func(i int) []string { return rows[i] })
}

func supplyColumns() []string {
	return []string{"sku", "currency", "cost", "price", "lead_time_days", "lead_time_sd", "pack", "min_order", "on_order_date", "on_order_quantity"}
}

// WriteSupplies writes how SKUs are bought: one row a receipt that is on order,
// and one for a SKU without. ReadSupplies reads it.
func WriteSupplies(w io.Writer, all []Supply) error {
	var rows [][]string
	for _, s := range all {
		row := []string{cell(string(s.SKU)), string(s.Currency), s.Currency.Format(s.Cost), s.Currency.Format(s.Price), number(s.LeadTimeDays), number(s.LeadTimeSD), whole(max(1, s.Pack)), whole(s.MinOrder)}
		for _, r := range s.OnOrder {
			rows = append(rows, append(slices.Clone(row), r.Date.String(), whole(r.Quantity)))
		}
		if len(s.OnOrder) == 0 {
			rows = append(rows, append(row, "", ""))
		}
	}
	return writeRows(w, supplyColumns(), len(rows), func(i int) []string { return rows[i] })
}

// WritePlanHeads writes which plans were made, and what for.
func WritePlanHeads(w io.Writer, plans []PlanHead) error {
	return writeRows(w, []string{"plan", "created", "event", "from", "to"}, len(plans), func(i int) []string {
		p := plans[i]
		return []string{p.ID, p.Created.UTC().Format(time.RFC3339), cell(p.Event), p.From.String(), p.To.String()}
	})
}

// WriteWhatIf writes what the SKUs of a question would sell, and what they sell as
// it is (now).
func WriteWhatIf(w io.Writer, a WhatIfAnswer) error {
	head := []string{"sku", "from", "to", "currency", "price", "new_price", "elasticity", "elasticity_sd", "extrapolated"}
	for _, when := range []string{"now", "then"} {
		for _, what := range []string{"mean", "q0.025", "q0.1", "q0.5", "q0.9", "q0.975", "stock", "revenue", "margin"} {
			head = append(head, when+"_"+what)
		}
	}
	return writeRows(w, head, len(a.Items), func(i int) []string {
		it := &a.Items[i]
		amount := func(m events.Money) string { return a.Currency.Format(m) }
		row := []string{
			cell(string(it.SKU)), a.From.String(), a.To.String(), string(a.Currency), amount(events.Money(it.Price)), amount(events.Money(it.NewPrice)),
			number(it.Elasticity), number(it.Unsure), strconv.FormatBool(it.Extrapolated),
		}
		for k, demand := range []*Demand{&it.Baseline, &it.Scenario} {
			row = append(row, number(demand.Mean))
			for _, q := range demand.Quantiles {
				row = append(row, number(q.Value))
			}
			row = append(row, whole(it.Order[k]), amount(it.Revenue[k]), amount(it.Margin[k]))
		}
		return row
	})
}

// WriteLost writes days of lost demand.
func WriteLost(w io.Writer, c events.Currency, rows []LostRow) error {
	return writeRows(w, []string{"sku", "category", "date", "open", "sold", "demand", "lost", "currency", "worth"}, len(rows), func(i int) []string {
		r := rows[i]
		return []string{cell(string(r.SKU)), cell(r.Category), r.Day.String(), number(r.Open), number(r.Sold), number(r.Demand), number(r.Missing), string(c), c.Format(r.Worth)}
	})
}

// WriteAlerts writes alerts.
func WriteAlerts(w io.Writer, c events.Currency, rows []Alert) error {
	head := []string{"sku", "category", "as_of", "on_hand", "on_order", "next_receipt_date", "next_receipt_quantity", "until", "demand_mean", "demand_q0.9", "sellout_chance", "sellout_date", "days_of_cover", "order", "currency", "margin_at_risk"}
	return writeRows(w, head, len(rows), func(i int) []string {
		r := rows[i]
		when, quantity, date := "", "", ""
		if r.Receipt != nil {
			when, quantity = r.Receipt.Date.String(), whole(r.Receipt.Quantity)
		}
		if r.Date != nil {
			date = r.Date.String()
		}
		high, _ := r.Demand.Quantiles.At(.9)
		return []string{
			cell(string(r.SKU)), cell(r.Category), r.AsOf.UTC().Format(time.RFC3339), whole(r.OnHand), whole(r.OnOrder), when, quantity, r.Until.String(),
			number(r.Demand.Mean), number(high), number(r.Chance), date, number(r.Cover), whole(r.Order), string(c), c.Format(r.Lost),
		}
	})
}

// WriteReconciliation writes orders beside stock.
func WriteReconciliation(w io.Writer, rows []StockRow) error {
	return writeRows(w, []string{"sku", "sold", "taken", "received", "difference", "on_hand"}, len(rows), func(i int) []string {
		r, left := rows[i], ""
		if r.OnHand != nil {
			left = whole(*r.OnHand)
		}
		return []string{cell(string(r.SKU)), whole(r.Sold), whole(r.Taken), whole(r.Received), whole(r.Difference), left}
	})
}

// WriteAccuracy writes past plans, one row a plan.
func WriteAccuracy(w io.Writer, rows []Accuracy) error {
	head := []string{"plan", "event", "created", "from", "to", "skus", "planned", "sold", "wape", "bias", "stocking_accuracy", "last_year_accuracy", "coverage_80", "coverage_95", "enough", "service_level"}
	return writeRows(w, head, len(rows), func(i int) []string {
		r := rows[i]
		return []string{
			r.Plan, r.Event, r.Created.Format(time.RFC3339), r.From.String(), r.To.String(), strconv.Itoa(r.SKUs), number(r.Planned), number(r.Sold), number(r.WAPE),
			number(r.Bias), number(r.Stocking), maybe(r.LastYear), number(r.Within80), number(r.Within95), number(r.Enough), number(r.Aimed),
		}
	})
}

// WriteAccuracyItems writes the SKUs of one past plan.
func WriteAccuracyItems(w io.Writer, rows []AccuracyItem) error {
	return writeRows(w, []string{"sku", "category", "planned", "low", "high", "target", "sold", "met", "last_year"}, len(rows), func(i int) []string {
		r := rows[i]
		return []string{cell(string(r.SKU)), cell(r.Category), number(r.Planned), number(r.Low), number(r.High), whole(r.Target), number(r.Sold), number(r.Met), number(r.LastYear)}
	})
}

// WriteValueAdded writes what overrides were worth.
func WriteValueAdded(w io.Writer, rows []ValueAdded) error {
	return writeRows(w, []string{"sku", "version", "author", "reason", "from", "to", "model_quantity", "overridden_quantity", "sold", "value_added"}, len(rows), func(i int) []string {
		r := rows[i]
		return []string{cell(string(r.SKU)), whole(r.Version), cell(r.Author), cell(r.Reason), r.From.String(), r.To.String(), number(r.Model), number(r.Planned), number(r.Sold), number(r.Added)}
	})
}

// WriteOverrides writes overrides.
func WriteOverrides(w io.Writer, rows []Override) error {
	return writeRows(w, []string{"sku", "version", "author", "reason", "from", "to", "expires", "factor", "quantity", "revoked", "model_quantity", "overridden_quantity"}, len(rows), func(i int) []string {
		r, expires := rows[i], ""
		if r.Expires != nil {
			expires = r.Expires.UTC().Format(time.RFC3339)
		}
		return []string{
			cell(string(r.SKU)), whole(r.Version), cell(r.Author), cell(r.Reason), r.From.String(), r.To.String(), expires,
			number(r.Factor), maybe(r.Total), strconv.FormatBool(r.Revoked), number(r.Model), number(r.Planned),
		}
	})
}

// WriteTransfers writes what the plan would move between regions.
func (p Plan) WriteTransfers(w io.Writer) error {
	return writeRows(w, []string{"sku", "from", "to", "quantity"}, len(p.Transfers), func(i int) []string {
		t := p.Transfers[i]
		return []string{cell(string(t.SKU)), cell(t.From), cell(t.To), whole(t.Quantity)}
	})
}

// WriteCategories writes the plan's categories.
func (p Plan) WriteCategories(w io.Writer) error {
	return writeRows(w, []string{"category", "skus", "demand", "on_hand", "on_order", "order", "days_of_cover", "turnover"}, len(p.Categories), func(i int) []string {
		c := p.Categories[i]
		return []string{cell(c.Category), strconv.Itoa(c.SKUs), number(c.Demand), whole(c.OnHand), whole(c.OnOrder), whole(c.Order), maybe(c.Cover), maybe(c.Turnover)}
	})
}
