package postgres_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/store/postgres"
	"github.com/peakday/peakday/store/sqldb"
	dbtest "github.com/peakday/peakday/store/storetest/db"
	"github.com/peakday/peakday/store/storetest/services"
)

var seqScan = regexp.MustCompile(`Seq Scan on (\w+)`)

// TestConformance also looks at the plan of every statement that the suite runs.
func TestConformance(t *testing.T) {
	t.Parallel()
	server := services.Postgres(t)
	database := services.NewDatabase(t, server)
	schema, err := postgres.Open(t.Context(), database, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Close(); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	// Empty tables would always be scanned: forbid it where an index will do.
	if _, err := conn.Exec(t.Context(), "SET enable_seqscan = off"); err != nil {
		t.Fatal(err)
	}
	dbtest.RunPlans(t,
		func(t *testing.T, trace sqldb.Trace) *sqldb.DB { return open(t, server, trace) },
		func(t *testing.T, text string, args []any) (tables []string) {
			if strings.HasPrefix(text, "BEGIN") || text == "COMMIT" || text == "ROLLBACK" {
				return nil
			}
			rows, err := conn.Query(t.Context(), "EXPLAIN "+text, args...)
			if err != nil {
				t.Fatalf("explain %s: %v", text, err)
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatalf("explain %s: %v", text, err)
			}
			for _, m := range seqScan.FindAllStringSubmatch(strings.Join(lines, "\n"), -1) {
				tables = append(tables, m[1])
			}
			return tables
		})
}

func TestAValueThatCannotBeStoredIsNamedAsSuch(t *testing.T) {
	t.Parallel()
	db := open(t, services.Postgres(t), nil)
	err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), "INSERT INTO settings (name, value) VALUES ($1, $2)", "n", "a\x00b")
		return err
	})
	var invalid *events.Invalid
	if !errors.As(err, &invalid) {
		t.Errorf("a text with a zero byte failed with %v, want an *events.Invalid", err)
	}
}
