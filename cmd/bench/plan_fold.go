package main

import (
	"context"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/store/sqldb"
)

// noDeposits is a store that knows of no deposits.
type noDeposits struct{ *sqldb.DB }

func (noDeposits) PresaleHours(context.Context, time.Time, time.Time, func(forecast.PresaleHour) error) error {
	return nil
}

// folding applies events to the sales of a store, many at a time.
type folding struct {
	ctx   context.Context
	db    *sqldb.DB
	fold  forecast.Sales
	batch []events.Delivery
}

func (f *folding) take(e events.Event) error {
	fact, err := events.Parse(e, f.fold.Shop)
	if err != nil {
		return err
	}
	records, err := events.Route(e, fact)
	if err != nil {
		return err
	}
	for _, r := range records {
		if !f.fold.Wants(r.Kind, r.Type) {
			continue
		}
		part, err := r.Fact(f.fold.Shop)
		if err != nil {
			return err
		}
		f.batch = append(f.batch, events.Delivery{Record: r, Fact: part})
	}
	if len(f.batch) < 5000 {
		return nil
	}
	return f.flush()
}

func (f *folding) flush() error {
	seen := map[events.RecordID]bool{}
	fresh := f.batch[:0]
	for _, d := range f.batch { // the shop sends some events twice
		if id := d.RecordID(); !seen[id] {
			seen[id] = true
			fresh = append(fresh, d)
		}
	}
	f.batch = nil
	if len(fresh) == 0 {
		return nil
	}
	return f.db.InTx(f.ctx, func(tx *sqldb.Tx) error { return f.fold.Apply(f.ctx, tx, fresh) })
}
