package app

import (
	"context"
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/store/sqldb"
)

// unitScanner looks again and again at all exposed units, for what sums cannot tell.
type unitScanner struct {
	*App
	next time.Time // not before, by the machine's clock
	seen [2]int64  // records applied and revision at the last scan
}

// scanShare bounds scanning to a twentieth of the time.
const scanShare = 20

// scan looks at all units unless nothing has happened since the last time, or
// that was too short ago for what it takes.
func (s *unitScanner) scan(ctx context.Context) error {
	if time.Now().Before(s.next) {
		return nil
	}
	store := sqldb.Experiments{DB: s.db}
	if err := experiments.NewEditor(store, s.currency).FreezeCaps(ctx, store, s.clock()); err != nil {
		return fmt.Errorf("freeze caps: %w", err)
	}
	d, err := store.Definitions(ctx)
	if err != nil {
		return err
	}
	asOf, applied, err := s.applied(ctx)
	if err != nil {
		return err
	}
	now := [2]int64{applied, d.Revision}
	if now == s.seen {
		return nil
	}
	began := time.Now()
	if err := scanUnits(ctx, store, s.db, experiments.NewUnitScan(d, asOf, s.zone, s.currency), d); err != nil {
		return fmt.Errorf("scan of all units: %w", err)
	}
	if err := s.scanHoldouts(ctx, store, &d, asOf); err != nil {
		return fmt.Errorf("scan for the holdouts: %w", err)
	}
	s.seen, s.next = now, time.Now().Add(scanShare*time.Since(began))
	return nil
}

// stockReader is what tells when SKUs were sold out.
type stockReader interface {
	StockMoves(ctx context.Context, skus []events.SKU, each func(forecast.StockMove) error) error
}

// scanUnits looks at all units and stores what was found.
func scanUnits(ctx context.Context, archive experiments.Archive, stock stockReader, s *experiments.UnitScan, d experiments.Definitions) error {
	for part := range events.Parts {
		units, err := archive.Histories(ctx, part, s.Types())
		if err != nil {
			return err
		}
		for _, u := range units {
			if err := s.Take(u); err != nil {
				return err
			}
		}
	}
	found := s.Findings()
	for _, e := range d.Experiments {
		f := found[e.Key]
		if f == nil {
			continue
		}
		var err error
		if f.SoldOut, err = soldOut(ctx, stock, f.SKUs, e.StartedAt(), e.EndedAt(f.AsOf)); err != nil {
			return err
		}
		if err := archive.SaveFindings(ctx, e.Key, f); err != nil {
			return err
		}
	}
	return nil
}

// soldOut tells which of the SKUs were out of stock at any time between from and
// to.
func soldOut(ctx context.Context, stock stockReader, skus []events.SKU, from, to time.Time) ([]experiments.SoldOut, error) {
	if len(skus) == 0 {
		return nil, nil
	}
	moves := map[events.SKU][]forecast.StockMove{}
	err := stock.StockMoves(ctx, skus, func(m forecast.StockMove) error {
		moves[m.SKU] = append(moves[m.SKU], m)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []experiments.SoldOut
	for _, sku := range skus {
		if moves[sku] == nil {
			continue
		}
		for _, outage := range forecast.NewOnHand(moves[sku]).In("").Outages {
			if outage.From.Before(to) && (outage.To.IsZero() || outage.To.After(from)) {
				out = append(out, experiments.SoldOut{SKU: sku, Since: outage.From})
				break
			}
		}
	}
	return out, nil
}
