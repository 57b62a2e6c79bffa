package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/sqldb"
)

// assemble makes what answers and what consumes out of stores and state.
func (a *App) assemble() {
	f := a.followers
	a.definitions = experiments.NewLive(sqldb.Experiments{DB: a.db})
	a.recommender = recommend.New(f.catalog, f.trends, f.reading, recommend.DefaultPolicy())
	a.book = recommend.NewPolicies(sqldb.Recommendations{DB: a.db}, recommend.DefaultPolicy())
	a.recommender.UsePolicies(a.book)
	a.audiences = &audienceCache{recommender: a.recommender, census: f.census, clock: a.clock}
	a.trainer = &trainer{
		db: a.db, recommender: a.recommender, catalog: f.catalog, book: a.book,
		shop: a.currency, clock: a.clock, logger: a.logger, applied: a.applied,
	}
	a.sales = &forecast.Desk{
		Reader: a.db, Zone: a.zone, Currency: a.currency,
		Category: a.categoryOf, Brand: a.brandOf, Item: a.itemOf, Stock: a.stockOf,
		Refresh: salesRefresh, Background: true,
	}
	a.intake = events.NewIntake(a.log, a.db, a.currency, a.clock)
	a.consumer = &events.Consumer[*sqldb.Tx]{
		Log: a.log, Store: a.db, Flows: a.flows(), Followers: f.all, Shop: a.currency, Logger: a.logger,
	}
}

// categoryOf asks the catalogue.
func (a *App) categoryOf(item events.ItemID) string {
	if it, ok := a.followers.catalog.Item(item); ok {
		return it.Category
	}
	return ""
}

// itemOf asks the catalogue.
func (a *App) itemOf(sku events.SKU) events.ItemID {
	if it, ok := a.followers.catalog.ItemOf(sku); ok && it != nil {
		return it.ID
	}
	return ""
}

// brandOf asks the catalogue.
func (a *App) brandOf(item events.ItemID) string {
	if it, ok := a.followers.catalog.Item(item); ok {
		return it.Brand
	}
	return ""
}

// stockOf asks the catalogue what is left of a SKU this very second.
func (a *App) stockOf(sku events.SKU, region string) (pieces int64, known bool) {
	it, ok := a.followers.catalog.ItemOf(sku)
	if !ok || it == nil {
		return 0, false
	}
	for i := range it.Offers {
		if it.Offers[i].SKU == sku {
			return it.Offers[i].Stock(region)
		}
	}
	return 0, false
}

// Start begins to consume and to do background work, until Close.
func (a *App) Start(ctx context.Context) error {
	if err := a.refresh(ctx); err != nil {
		return err
	}
	// Background work ends with Close and not with the caller's ctx: what was
	// accepted is applied and snapshotted in peace.
	a.work, a.stop = context.WithCancelCause(context.WithoutCancel(ctx))
	a.background("consumer", a.consumer.Run)
	for _, job := range a.jobs() {
		a.background(job.name, job.run)
	}
	return nil
}

// applied is the event time of the newest record that was applied, and how many
// were.
func (a *App) applied(ctx context.Context) (newest time.Time, n int64, err error) {
	all, err := a.db.Progress(ctx, a.log.ID())
	for _, s := range all {
		n += s.Applied
		if s.Newest.After(newest) {
			newest = s.Newest
		}
	}
	return newest, n, err
}

// refresh follows what analysts define, here and on other replicas.
func (a *App) refresh(ctx context.Context) error {
	return errors.Join(a.definitions.Refresh(ctx), a.book.Refresh(ctx))
}

// background runs fn until the work is to end. An error of its own ends
// everything: the service must not run on with a part of it dead.
func (a *App) background(name string, fn func(context.Context) error) {
	a.running.Go(func() {
		if err := fn(a.work); err != nil && a.work.Err() == nil {
			a.logger.Error("stopping: a part of the service failed", "part", name, "error", err)
			a.stop(fmt.Errorf("%s: %w", name, err))
		}
	})
}

// CaughtUp waits until all that was accepted before is applied, and a model
// has been trained if there never was one.
func (a *App) CaughtUp(ctx context.Context) error {
	if err := a.consumer.CaughtUp(ctx); err != nil {
		return err
	}
	found, err := a.trainer.load(ctx)
	if err != nil || found {
		return err
	}
	return a.trainer.train(ctx)
}

// Close ends the background work, writes the snapshots and closes the stores.
func (a *App) Close() error {
	var errs []error
	if a.stop != nil {
		a.stop(nil)
		a.running.Wait()
		errs = append(errs, a.snapshotAll())
	}
	return errors.Join(append(errs, a.closeStores())...)
}
