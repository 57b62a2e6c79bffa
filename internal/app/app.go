package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/postgres"
	"github.com/peakday/peakday/store/segmentlog"
	"github.com/peakday/peakday/store/sqldb"
	"github.com/peakday/peakday/store/sqlite"
)

// App is a running peakday: its stores, its state, and what works on them.
type App struct {
	cfg      Config
	clock    func() time.Time
	logger   *slog.Logger
	registry *prometheus.Registry
	zone     *time.Location
	currency events.Currency

	db        *sqldb.DB
	log       *segmentlog.Log
	intake    *events.Intake
	consumer  *events.Consumer[*sqldb.Tx]
	followers followers

	definitions *experiments.Live
	recommender *recommend.Recommender
	book        *recommend.Policies
	audiences   *audienceCache
	sales       *forecast.Desk
	trainer     *trainer

	work    context.Context // of everything in the background; nil before Start
	stop    context.CancelCauseFunc
	running sync.WaitGroup
}

// Open opens the stores and the state of an instance, without starting it.
func Open(ctx context.Context, cfg Config) (_ *App, err error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, clock: cfg.Clock, logger: cfg.Logger, registry: prometheus.NewRegistry()}
	a.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	defer func() {
		if err != nil {
			err = errors.Join(err, a.closeStores())
		}
	}()
	if err := a.openStores(ctx); err != nil {
		return nil, err
	}
	if err := a.readSettings(ctx); err != nil {
		return nil, err
	}
	if err := a.openState(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

// logPartitions is the number of partitions of a new log. More let PostgreSQL
// apply batches side by side; SQLite has one writer, and two partitions are
// enough to read one batch while another is written.
// A log that exists keeps its own number (0).
func (c *Config) logPartitions(dir string) int {
	if _, err := os.Stat(dir); err == nil {
		return 0
	}
	if c.Postgres != "" {
		return 8
	}
	return 2
}

func (a *App) openStores(ctx context.Context) error {
	if err := os.MkdirAll(a.cfg.Data, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	// The log comes first: its lock keeps a second process out of the rest.
	dir := filepath.Join(a.cfg.Data, "log")
	log, err := segmentlog.Open(dir, segmentlog.Options{Partitions: a.cfg.logPartitions(dir), Now: a.clock, Logger: a.logger})
	if err != nil {
		return lockedHint(err, a.cfg.Data)
	}
	a.log = log
	if a.cfg.Postgres != "" {
		a.db, err = postgres.Open(ctx, a.cfg.Postgres, nil)
	} else {
		a.db, err = sqlite.Open(ctx, filepath.Join(a.cfg.Data, "peakday.db"), nil)
	}
	return err
}

// readSettings reads what was chosen at the first start, or chooses it.
func (a *App) readSettings(ctx context.Context) error {
	zone, err := a.setting(ctx, "timezone", a.cfg.Timezone, defaultTimezone)
	if err != nil {
		return err
	}
	if a.zone, err = time.LoadLocation(zone); err != nil {
		return fmt.Errorf("the stored time zone: %w", err)
	}
	if err := a.checkCurrency(ctx); err != nil {
		return err
	}
	currency, err := a.setting(ctx, "currency", a.cfg.Currency, defaultCurrency)
	a.currency = events.Currency(currency)
	return err
}

// checkCurrency refuses a currency that nobody pays with, unless the store was
// started with it.
func (a *App) checkCurrency(ctx context.Context) error {
	asked := events.Currency(a.cfg.Currency)
	if asked == "" || asked.Known() {
		return nil
	}
	stored, err := a.db.StoredSetting(ctx, "currency")
	if err != nil {
		return fmt.Errorf("read the setting currency: %w", err)
	}
	if stored == string(asked) {
		return nil
	}
	return usage("--currency %s is no currency of ISO 4217: such as CNY, USD or EUR was expected", asked)
}

func (a *App) setting(ctx context.Context, name, asked, otherwise string) (string, error) {
	value := asked
	if value == "" {
		value = otherwise
	}
	stands, err := a.db.Setting(ctx, name, value)
	if err != nil {
		return "", fmt.Errorf("read the setting %s: %w", name, err)
	}
	if asked != "" && asked != stands {
		return "", fmt.Errorf("--%s %s: this store was started with %s, and every day and amount in it depends on that", name, asked, stands)
	}
	return stands, nil
}

func (a *App) closeStores() error {
	var errs []error
	if a.followers.close != nil {
		errs = append(errs, a.followers.close())
	}
	if a.log != nil {
		errs = append(errs, a.log.Close())
	}
	if a.db != nil {
		errs = append(errs, a.db.Close())
	}
	return errors.Join(errs...)
}
