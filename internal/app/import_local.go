package app

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// localSink is a store that this process has opened itself.
type localSink struct{ *App }

func (s localSink) settings(ctx context.Context) (*time.Location, events.Currency, error) {
	// What an interrupted import has stored is applied first: only what is
	// applied is known to be a duplicate.
	return s.zone, s.currency, s.consumer.CaughtUp(ctx)
}

func (s localSink) send(ctx context.Context, batch []events.Decoded) (events.Receipt, error) {
	for i := range batch {
		s.checkExposure(&batch[i])
	}
	return s.intake.Accept(ctx, batch, events.Channel{Trusted: true, Imported: true})
}

// checkExposure refuses exposures to what does not exist, as the service does
// over HTTP.
func (s localSink) checkExposure(d *events.Decoded) {
	if events.Type(d.Event.Type) != events.ExperimentExposed {
		return
	}
	f, err := events.Parse(d.Event, s.currency)
	if shown, ok := f.Data.(*events.Exposure); err == nil && ok {
		d.Err = s.definitions.Catalog().CheckExposure(shown)
	}
}

func (s localSink) supply(ctx context.Context, row supplyRow) (changed bool, err error) {
	before, err := s.db.Supply(ctx, row.SKU)
	if err != nil && !errors.Is(err, forecast.ErrNotFound) {
		return false, err
	}
	before.Version = row.Version
	if err == nil && reflect.DeepEqual(before, row.Supply) {
		return false, nil
	}
	_, err = s.db.PutSupply(ctx, row.Supply)
	return true, err
}

func (s localSink) finish(ctx context.Context) error {
	if err := s.consumer.CaughtUp(ctx); err != nil {
		return err
	}
	return s.trainer.train(ctx)
}
