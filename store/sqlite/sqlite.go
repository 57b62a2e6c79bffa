// Package sqlite opens the embedded database: one file, no server, pure Go.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/peakday/peakday/migrations"
	"github.com/peakday/peakday/store/sqldb"
)

// Open opens or creates the database file at path and brings its schema up to
// date.
func Open(ctx context.Context, path string, trace sqldb.Trace) (*sqldb.DB, error) {
	// A commit returns when it is on disk (synchronous FULL): the log behind it
	// may then be trimmed. One connection writes; the readers see the last
	// commit and never wait for it (WAL).
	write, err := sql.Open("sqlite", dsn(path, "journal_mode(wal)", "synchronous(full)", "cache_size(-65536)", "busy_timeout(10000)", "wal_autocheckpoint(4000)"))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	read, err := sql.Open("sqlite", dsn(path, "query_only(true)", "cache_size(-16384)", "busy_timeout(10000)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), write.Close())
	}
	write.SetMaxOpenConns(2) // one for the writing session, one for migrations and upkeep
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	db, err := sqldb.Open(ctx, Dialect{}, sqldb.Pools{Read: read, Write: write, Writers: 1, Trace: trace})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}

// readers is how many queries may run at a time.
const readers = 8

func dsn(path string, pragmas ...string) string {
	v := url.Values{}
	for _, p := range pragmas {
		v.Add("_pragma", p)
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
}

// Dialect is SQLite's.
type Dialect struct{}

// Migrations implements sqldb.Dialect.
func (Dialect) Migrations() (string, fs.FS) { return "sqlite3", migrations.SQLite() }

// LockMigrations implements sqldb.Dialect: the data directory is locked by one
// process already.
func (Dialect) LockMigrations(context.Context, *sql.DB) (func() error, error) {
	return func() error { return nil }, nil
}

// Begin implements sqldb.Dialect: a transaction that will write says so at
// once, so that it cannot fail half-way for want of the lock.
func (Dialect) Begin() string { return "BEGIN IMMEDIATE" }

// Rows implements sqldb.Dialect with VALUES. The parameters have no names: the
// driver looks named ones up by name, which costs n² for n of them.
func (Dialect) Rows(types string, n int, args []any) (string, []any) {
	row := "(?" + strings.Repeat(",?", len(types)-1) + ")"
	return "VALUES " + row + strings.Repeat(","+row, n-1), args
}

// Take implements sqldb.Dialect. Measured: 100 rows a statement insert at
// 139,000 rows/s, 10 at 104,000, 500 no faster than 100.
func (Dialect) Take(n int) int {
	for _, size := range [...]int{100, 20, 5} {
		if n >= size {
			return size
		}
	}
	return 1
}

// Judge implements sqldb.Dialect.
func (Dialect) Judge(err error) sqldb.Verdict {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return sqldb.Fails
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return sqldb.Again
	case sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH:
		return sqldb.BadValue
	}
	return sqldb.Fails
}

// Upkeep implements sqldb.Dialect.
func (Dialect) Upkeep(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "PRAGMA optimize")
	return err
}
