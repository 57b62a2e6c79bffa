// Package migrations holds the schema of the store as embedded SQL, once for
// each dialect. The two differ only where SQLite and PostgreSQL have no common
// word: BLOB and BYTEA, clustered tables, storage settings.
//
// Times are BIGINT microseconds since 1970, money BIGINT minor units, JSON and
// exact sums TEXT. Every table with a key of a unit, a user or a SKU leads with
// part, its virtual partition, so that a batch and a join stay on one shard.
package migrations

import (
	"embed"
	"io/fs"
)

//go:embed sqlite/*.sql
var sqliteFiles embed.FS

//go:embed postgres/*.sql
var postgresFiles embed.FS

// SQLite gives the migrations for SQLite, in the form that goose reads.
func SQLite() fs.FS { return below(sqliteFiles, "sqlite") }

// Postgres gives the migrations for PostgreSQL, in the form that goose reads.
func Postgres() fs.FS { return below(postgresFiles, "postgres") }

func below(files embed.FS, dir string) fs.FS {
	sub, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the directory is part of the program
	}
	return sub
}
