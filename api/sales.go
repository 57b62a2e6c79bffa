package api

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// getSales says what was sold, by SKU, region and day or hour.
func getSales(x *exchange) error {
	return tableFor(x, "sales", x.salesQuery, func(q forecast.SalesQuery) ([]forecast.SalesRow, error) {
		return x.Forecasts.Sales(x.ctx(), q)
	}, forecast.WriteSales, func(r forecast.SalesRow) saleRow { return saleRow{r, x.Shop.Format(r.Revenue)} })
}

type saleRow struct {
	forecast.SalesRow
	Revenue string `json:"revenue" doc:"in the shop's currency, a decimal"`
}

func (x *exchange) salesQuery() (q forecast.SalesQuery, err error) {
	for i, sku := range x.list("sku") {
		if err := events.CheckID(fmt.Sprintf("sku[%d]", i), sku); err != nil {
			return q, err
		}
		q.SKUs = append(q.SKUs, events.SKU(sku))
	}
	if x.values().Has("region") {
		region := x.get("region")
		if err := checkID("region", region); err != nil {
			return q, err
		}
		q.Region = &region
	}
	by, err := x.oneOf("by", "day", "hour")
	if err != nil {
		return q, err
	}
	q.Hourly = by == "hour"
	if q.AllArea, err = x.flag("together"); err != nil {
		return q, err
	}
	q.From, q.To, err = x.days(30)
	return q, err
}

// days are ?from= and ?to=, the last few days to today if left out.
func (x *exchange) days(back int) (from, to forecast.Day, err error) {
	zone := x.Zone
	if zone == nil {
		zone = time.UTC
	}
	to = forecast.DayOf(x.now(), zone)
	if to, err = x.salesDay("to", to); err != nil {
		return 0, 0, err
	}
	if from, err = x.salesDay("from", to-forecast.Day(back-1)); err != nil {
		return 0, 0, err
	}
	if from > to {
		return 0, 0, &events.Invalid{Field: "from", Problem: fmt.Sprintf("must not be after to (%s), got %s", to, from)}
	}
	return from, to, nil
}

func (x *exchange) salesDay(name string, otherwise forecast.Day) (forecast.Day, error) {
	text := x.get(name)
	if text == "" {
		return otherwise, nil
	}
	d, err := forecast.ParseDay(text)
	if err != nil {
		return 0, &events.Invalid{Field: name, Problem: err.Error()}
	}
	return d, nil
}

// tableFor reads a query and answers with the table of what it finds.
func tableFor[Q, R, W any](x *exchange, name string, query func() (Q, error), find func(Q) ([]R, error), write func(io.Writer, events.Currency, []R) error, wire func(R) W) error {
	q, err := query()
	if err != nil {
		return err
	}
	rows, err := find(q)
	if err != nil {
		return err
	}
	return tableOf(x, name, rows, func(w io.Writer) error { return write(w, x.Shop, rows) }, wire)
}

// tableOf answers with rows as a list, or as CSV with format=csv.
func tableOf[R, W any](x *exchange, name string, rows []R, asCSV func(io.Writer) error, wire func(R) W) error {
	format, err := x.oneOf("format", "json", "csv")
	if err != nil {
		return err
	}
	if format == "csv" {
		return x.csv(name, asCSV)
	}
	limit, err := x.integer("limit", maxItems, 1, maxTable)
	if err != nil {
		return err
	}
	out := listing[W]{Items: []W{}}
	for _, r := range rows[:min(limit, len(rows))] {
		out.Items = append(out.Items, wire(r))
	}
	return x.json(http.StatusOK, out)
}

// maxTable is how many rows of a table JSON holds at most; CSV has all.
const maxTable = 100_000

// csv answers with a table as a file.
func (x *exchange) csv(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	x.Header().Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	return x.send(http.StatusOK, x.headers.csv, b.Bytes())
}

// getLostDemand estimates what could not be sold for want of stock.
func getLostDemand(x *exchange) error {
	sku := events.SKU(x.get("sku"))
	if err := checkID("sku", string(sku)); err != nil {
		return err
	}
	from, to, err := x.days(365)
	if err != nil {
		return err
	}
	rows, err := x.Forecasts.LostDemand(x.ctx(), sku, from, to, x.now())
	if err != nil {
		return err
	}
	return tableOf(x, "lost-demand", rows, func(w io.Writer) error { return forecast.WriteLost(w, x.Shop, rows) }, func(r forecast.LostRow) lostRow {
		return lostRow{r, x.Shop.Format(r.Worth)}
	})
}

type lostRow struct {
	forecast.LostRow
	Worth string `json:"worth" doc:"at the SKU's price lately, a decimal"`
}

// getReconciliation compares orders with stock.
func getReconciliation(x *exchange) error {
	from, to, err := x.days(30)
	if err != nil {
		return err
	}
	differ, err := x.flag("differing")
	if err != nil {
		return err
	}
	all, err := x.Forecasts.Reconciliation(x.ctx(), from, to)
	if err != nil {
		return err
	}
	rows := all[:0]
	for _, r := range all {
		if !differ || r.Difference != 0 {
			rows = append(rows, r)
		}
	}
	return tableOf(x, "reconciliation", rows, func(w io.Writer) error { return forecast.WriteReconciliation(w, rows) }, same[forecast.StockRow])
}

func same[T any](v T) T { return v }
