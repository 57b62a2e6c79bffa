package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// querier is a session or a pool.
type querier interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
}

// table is a list of rows to put into a statement where it says ROWS.
type table struct {
	types string // a letter a column, as in Dialect.Rows
	args  []any  // row by row
}

func newTable(types string, rows int) *table {
	return &table{types, make([]any, 0, rows*len(types))}
}

// add appends a row.
func (t *table) add(values ...any) { t.args = append(t.args, values...) }

// exec runs text once for each piece of t that the dialect can take.
func (t *table) exec(ctx context.Context, d Dialect, q querier, text string) error {
	return t.pieces(d, text, func(text string, args []any) error {
		_, err := q.ExecContext(ctx, text, args...)
		return err
	})
}

// query runs text once for each piece of t and hands over every row of the
// answers. scan must not use q.
func (t *table) query(ctx context.Context, d Dialect, q querier, text string, scan func(*sql.Rows) error) error {
	return t.pieces(d, text, func(text string, args []any) error {
		return query(ctx, q, text, args, scan)
	})
}

// query runs text and hands over every row of the answer.
func query(ctx context.Context, q querier, text string, args []any, scan func(*sql.Rows) error) error {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t *table) pieces(d Dialect, text string, run func(text string, args []any) error) error {
	width := len(t.types)
	for rest := t.args; len(rest) > 0; {
		n := d.Take(len(rest) / width)
		expr, bound := d.Rows(t.types, n, rest[:n*width])
		if err := run(strings.Replace(text, "ROWS", expr, 1), bound); err != nil {
			return fmt.Errorf("%q: %w", firstLine(text), err)
		}
		rest = rest[n*width:]
	}
	return nil
}
