package app

import (
	"context"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// scanHoldouts looks at all units that were seen, for the reports of holdouts.
func (a *App) scanHoldouts(ctx context.Context, archive experiments.Archive, d *experiments.Definitions, asOf time.Time) error {
	c := experiments.NewHoldoutScan(d, asOf, a.zone, a.currency)
	types, from, to := c.Wants()
	if len(types) == 0 {
		return nil
	}
	for part := range events.Parts {
		facts, err := archive.FactsBetween(ctx, part, types, from, to)
		if err != nil {
			return err
		}
		if err := c.Take(facts); err != nil {
			return err
		}
	}
	for key, f := range c.Findings() {
		if err := archive.SaveFindings(ctx, key, f); err != nil {
			return err
		}
	}
	return nil
}
