package app

import (
	"context"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/sqldb"
)

// flows is the whole answer to "which fact feeds which fold":
//
//	fold      records of kind             facts                             state
//	ledger    user, device, … , unit      all                               exposures, facts, moments
//	sales     sku                         orders, presale payments, stock   sale lines, hours, stock moves
//	credits   user, device, sku           shown, clicked, carts, orders     what policies earned
//
// Followers (followers.go) then keep, outside the transaction:
//
//	profiles  user, device                behaviour, orders, shown          a visitor's last steps
//	catalog   sku, item                   products, orders, stock           what can be recommended
//	trends    user, device, sku           behaviour, orders                 what is wanted now
func (a *App) flows() []events.Flow[*sqldb.Tx] {
	sales := forecast.Sales{Shop: a.currency, Zone: a.zone}
	credits := recommend.Credits{Shop: a.currency, Zone: a.zone, Known: a.issued}
	return []events.Flow[*sqldb.Tx]{
		{Fold: a.newLedgers(), Wants: func(k events.Kind, _ events.Type) bool {
			return k == events.Kind(events.AnyUnit) || events.UnitKind(k).Valid()
		}},
		{Fold: salesFold{sales}, Wants: sales.Wants},
		{Fold: creditsFold{credits}, Wants: credits.Wants},
	}
}

// ledgers gives each log partition a ledger of its own: partitions are applied
// side by side.
type ledgers []experiments.Ledger

func (a *App) newLedgers() ledgers {
	ls := make(ledgers, a.log.Partitions())
	for p := range ls {
		ls[p] = experiments.Ledger{
			Shard: p % experiments.Shards, Zone: a.zone, Shop: a.currency, Lateness: experiments.DefaultLateness,
		}
	}
	return ls
}

// Name implements events.Fold.
func (ledgers) Name() string { return "ledger" }

// Apply implements events.Fold.
func (ls ledgers) Apply(ctx context.Context, tx *sqldb.Tx, batch []events.Delivery) error {
	return ls[batch[0].Partition].Apply(ctx, tx, batch)
}

// salesFold lets the store's transaction stand for forecast's interface.
type salesFold struct{ forecast.Sales }

// Apply implements events.Fold.
func (s salesFold) Apply(ctx context.Context, tx *sqldb.Tx, batch []events.Delivery) error {
	return s.Sales.Apply(ctx, tx, batch)
}

// creditsFold lets the store's transaction stand for recommend's interface.
type creditsFold struct{ recommend.Credits }

// Apply implements events.Fold.
func (c creditsFold) Apply(ctx context.Context, tx *sqldb.Tx, batch []events.Delivery) error {
	return c.Credits.Apply(ctx, tx, batch)
}

// issued reports whether peakday may have given a request id of this stamp. A
// policy or an experiment, once defined, is never deleted.
func (a *App) issued(s recommend.Attribution) bool {
	for _, key := range s.Policies {
		if _, ok := a.book.Policy(key); !ok {
			return false
		}
	}
	if s.Experiment == "" {
		return true
	}
	_, ok := a.definitions.Catalog().Evaluate(s.Experiment, experiments.Subject{}, nil)
	return ok
}
