package sqldb

import (
	"context"
	"database/sql"
)

func (t Trace) tell(text string, args []any) {
	if t != nil {
		t(text, args)
	}
}

// traced is a pool that tells of its statements.
type traced struct {
	pool  *sql.DB
	trace Trace
}

// QueryContext implements querier.
func (p traced) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	p.trace.tell(text, args)
	return p.pool.QueryContext(ctx, text, args...)
}

// ExecContext implements querier.
func (p traced) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	p.trace.tell(text, args)
	return p.pool.ExecContext(ctx, text, args...)
}
