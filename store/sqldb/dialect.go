package sqldb

import (
	"context"
	"database/sql"
	"io/fs"
)

// Dialect is what SQLite and PostgreSQL do not share.
type Dialect interface {
	// Migrations gives the schema and its name in goose.
	Migrations() (goose string, files fs.FS)

	// LockMigrations keeps other processes from migrating until unlock.
	LockMigrations(ctx context.Context, db *sql.DB) (unlock func() error, err error)

	// Begin is the statement that opens a writing transaction in which what
	// was read cannot change before the commit.
	Begin() string

	// Rows spells a table of n rows, whose values stand in args row by row.
	// types has a letter a column: i BIGINT, t TEXT, r DOUBLE PRECISION,
	// b bytes.
	Rows(types string, n int, args []any) (expr string, bound []any)

	// Take says how many of n waiting rows the next statement takes, at least
	// 1. Few different numbers keep the prepared statements few where the
	// statement's text depends on it.
	Take(n int) int

	// Judge says what follows from an error of the database.
	Judge(err error) Verdict

	// Upkeep does what the database wants done from time to time: statistics,
	// space.
	Upkeep(ctx context.Context, db *sql.DB) error
}

// Verdict is what follows from an error of the database.
type Verdict int

// The verdicts.
const (
	Fails    Verdict = iota // the statement or the database is wrong
	Again                   // the transaction may succeed when it is run again
	BadValue                // a value that it was given can never be stored
)
