// Package sqldb keeps peakday's state in a SQL database. One SQL text serves
// SQLite and PostgreSQL (and what speaks PostgreSQL's protocol); what differs
// stands behind the five hooks of Dialect, which store/sqlite and
// store/postgres implement:
//
//	db, err := sqlite.Open(ctx, "peakday.db", nil)        // or
//	db, err := postgres.Open(ctx, "postgres://…", nil)
//	defer db.Close()
//
// Statements use the portable subset: BIGINT, TEXT, DOUBLE PRECISION and
// bytes, ON CONFLICT, RETURNING, CTEs. There is no business rule in them: what
// a row means is decided by experiments, forecast and recommend, whose
// interfaces DB and Tx implement.
//
// Many rows go in and come out through one form, a table of rows that each
// dialect spells in its own way:
//
//	WITH k(part, unit) AS (ROWS) SELECT … FROM k CROSS JOIN exposures t WHERE t.part = k.part …
package sqldb
