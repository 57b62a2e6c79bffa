package migrations_test

import (
	"context"
	"database/sql"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/migrations"
	"github.com/peakday/peakday/store/postgres"
	"github.com/peakday/peakday/store/sqldb"
	"github.com/peakday/peakday/store/sqlite"
	"github.com/peakday/peakday/store/storetest/services"
)

// TestPlansOfOldAreListedWithTheirWindows migrates a database that had plans
// before their list told event and window.
func TestPlansOfOldAreListedWithTheirWindows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, driver string
		dialect      goose.Dialect
		files        fs.FS
		address      func(t *testing.T) string
		open         func(ctx context.Context, address string, trace sqldb.Trace) (*sqldb.DB, error)
	}{
		{"sqlite", "sqlite", goose.DialectSQLite3, migrations.SQLite(), func(t *testing.T) string { return filepath.Join(t.TempDir(), "old.db") }, sqlite.Open},
		{"postgres", "pgx", goose.DialectPostgres, migrations.Postgres(), func(t *testing.T) string { return services.NewDatabase(t, services.Postgres(t)) }, postgres.Open},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			address := c.address(t)
			addOldPlans(t, c.driver, address, c.dialect, c.files)
			db, err := c.open(t.Context(), address, nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			got, err := db.StockPlans(t.Context(), forecast.PlanQuery{Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			from, to := forecast.NewDay(2026, 12, 10), forecast.NewDay(2026, 12, 12)
			want := []forecast.PlanHead{{ID: "sale", Created: events.FromMicros(2), Event: "12.12", From: from, To: to}, {ID: "days", Created: events.FromMicros(1), From: from, To: to}}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("plans (-want +got):\n%s", d)
			}
		})
	}
}

// addOldPlans makes the schema of before, with two plans.
func addOldPlans(t *testing.T, driver, address string, dialect goose.Dialect, files fs.FS) {
	t.Helper()
	old, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	before, err := goose.NewProvider(dialect, old, files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := before.UpTo(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"INSERT INTO stock_plans (id, created, doc) VALUES ('days', 1, '{\"event\":\"\",\"from\":\"2026-12-10\",\"to\":\"2026-12-12\"}')",
		"INSERT INTO stock_plans (id, created, doc) VALUES ('sale', 2, '{\"event\":\"12.12\",\"from\":\"2026-12-10\",\"to\":\"2026-12-12\"}')",
	} {
		if _, err := old.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
}
