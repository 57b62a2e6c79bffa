package api

import (
	"io"

	"github.com/peakday/peakday/forecast"
)

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
	return tableOf(x, "reconciliation", rows, func(w io.Writer) error { return forecast.WriteReconciliation(w, rows) }, identity[forecast.StockRow])
}
