package app

import (
	"context"
	"errors"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/internal/imports"
)

// supplyRow is the supply data of one SKU, and how many lines said it.
type supplyRow struct {
	forecast.Supply
	lines int64
}

func supplyFields() (known, required []string) {
	return []string{"sku", "currency", "cost", "price", "lead_time_days", "lead_time_sd", "pack", "min_order", "on_order_date", "on_order_quantity"}, []string{"sku"}
}

// supplies reads the whole file, joins the rows of each SKU, and stores them.
func (im *importing) supplies(ctx context.Context, rows *imports.Rows, currency events.Currency) error {
	var all []forecast.Supply
	lines := map[events.SKU]int64{}
	for row, err := range rows.All() {
		var problem *imports.Problem
		if err != nil && !errors.As(err, &problem) {
			return err
		}
		im.counts.Read++
		var s forecast.Supply
		if problem == nil {
			s, err = forecast.ParseSupplyRow(row.Get, currency)
			var invalid *events.Invalid
			if errors.As(err, &invalid) {
				problem = row.Problem(invalid.Field, invalid.Problem)
			} else if err != nil {
				return err
			}
		}
		if problem != nil {
			im.reject(problem)
			continue
		}
		all = append(all, s)
		lines[s.SKU]++
	}
	for _, s := range forecast.MergeSupplies(all) {
		s.Version = forecast.AnyVersion
		changed, err := im.into.supply(ctx, supplyRow{s, lines[s.SKU]})
		if err != nil {
			return err
		}
		if changed {
			im.counts.Accepted += lines[s.SKU]
		} else {
			im.counts.Duplicates += lines[s.SKU]
		}
		im.bar.update(im.counts)
	}
	return nil
}
