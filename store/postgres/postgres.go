// Package postgres opens the production database by pgx. It uses nothing that
// Citus, CockroachDB or YugabyteDB lack: no advisory locks, no LISTEN, no
// sequences.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/peakday/peakday/migrations"
	"github.com/peakday/peakday/store/sqldb"
)

// Open connects to the database at url (postgres://…) and brings its schema up
// to date; trace may be nil. The error does not repeat the URL: it may hold a password.
func Open(ctx context.Context, url string, trace sqldb.Trace) (*sqldb.DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the PostgreSQL URL must have the form postgres://user:password@host:5432/database")
	}
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(writers + readers)
	pool.SetMaxIdleConns(writers + readers)
	db, err := sqldb.Open(ctx, Dialect{}, sqldb.Pools{Read: pool, Write: pool, Writers: writers, Trace: trace})
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL at %s:%d/%s: %w", config.Host, config.Port, config.Database, err)
	}
	return db, nil
}

// A process holds at most this many connections.
const (
	writers = 8
	readers = 8
)

// Dialect is PostgreSQL's.
type Dialect struct{}

// Migrations implements sqldb.Dialect.
func (Dialect) Migrations() (string, fs.FS) { return "postgres", migrations.Postgres() }

// LockMigrations implements sqldb.Dialect by a row that one transaction holds
// while another connection migrates.
func (Dialect) LockMigrations(ctx context.Context, db *sql.DB) (func() error, error) {
	for _, text := range []string{
		"CREATE TABLE IF NOT EXISTS migration_lock (id BIGINT NOT NULL PRIMARY KEY)",
		"INSERT INTO migration_lock (id) VALUES (1) ON CONFLICT DO NOTHING",
	} {
		// Two processes that create the table at once: one of them may be told
		// that it exists after all.
		if _, err := db.ExecContext(ctx, text); err != nil && !isDuplicate(err) {
			return nil, err
		}
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, "SELECT id FROM migration_lock WHERE id = 1 FOR UPDATE"); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx.Rollback, nil
}

// Begin implements sqldb.Dialect. Under this isolation, a row that someone else
// changed after it was read fails the transaction, which is then run again.
func (Dialect) Begin() string { return "BEGIN ISOLATION LEVEL REPEATABLE READ" }

// Rows implements sqldb.Dialect with one array a column.
func (Dialect) Rows(types string, n int, args []any) (string, []any) {
	var expr strings.Builder
	bound := make([]any, len(types))
	for c := range types {
		if c > 0 {
			expr.WriteString(", ")
		}
		fmt.Fprintf(&expr, "$%d::%s[]", c+1, sqlType(types[c]))
		bound[c] = column(types[c], c, len(types), n, args)
	}
	return "SELECT * FROM unnest(" + expr.String() + ")", bound
}

func sqlType(letter byte) string {
	switch letter {
	case 'i':
		return "bigint"
	case 'r':
		return "double precision"
	case 'b':
		return "bytea"
	}
	return "text"
}

// column gathers column c of n rows into a slice of its type.
func column(letter byte, c, width, n int, args []any) any {
	switch letter {
	case 'i':
		return gather[int64](c, width, n, args)
	case 'r':
		return gather[float64](c, width, n, args)
	case 'b':
		return gather[[]byte](c, width, n, args)
	}
	return gather[string](c, width, n, args)
}

func gather[T any](c, width, n int, args []any) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = args[i*width+c].(T)
	}
	return out
}

// Take implements sqldb.Dialect: the statement's text is the same for any
// number of rows.
func (Dialect) Take(n int) int { return min(n, 10_000) }

// Judge implements sqldb.Dialect: serialisation failures, deadlocks and two
// transactions that insert the same key at once are run again; data exceptions
// (class 22) and rows beyond a limit (54000) are values that cannot be stored.
func (Dialect) Judge(err error) sqldb.Verdict {
	var e *pgconn.PgError
	switch {
	case !errors.As(err, &e):
		return sqldb.Fails
	case e.Code == "40001" || e.Code == "40P01" || isDuplicate(err):
		return sqldb.Again
	case strings.HasPrefix(e.Code, "22") || e.Code == "54000":
		return sqldb.BadValue
	}
	return sqldb.Fails
}

func isDuplicate(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "23505" || e.Code == "42P07")
}

// Upkeep implements sqldb.Dialect; autovacuum does the rest.
func (Dialect) Upkeep(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "ANALYZE")
	return err
}
