package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// session is a connection for writing that keeps its prepared statements:
// parsing a statement of a hundred rows costs more than running it.
type session struct {
	dialect  Dialect
	trace    Trace
	conn     *sql.Conn // nil until it is needed, and after it broke
	prepared map[string]*sql.Stmt
}

// Tx is a writing transaction. It implements events.Tx, experiments.LedgerTx
// and forecast.SalesTx.
type Tx struct{ *session }

// run runs fn in one transaction.
func (s *session) run(ctx context.Context, pool *sql.DB, fn func(*Tx) error) error {
	if s.conn == nil {
		conn, err := pool.Conn(ctx)
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		s.conn, s.prepared = conn, map[string]*sql.Stmt{}
	}
	if _, err := s.conn.ExecContext(ctx, s.dialect.Begin()); err != nil {
		return s.broken(fmt.Errorf("begin: %w", err))
	}
	err := fn(&Tx{s})
	if err == nil {
		_, err = s.conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		// A transaction may have ended by itself; a connection on which even
		// ROLLBACK fails is of no more use. ctx may be the reason to roll back.
		if _, rollback := s.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); rollback != nil {
			return s.broken(err)
		}
		if errors.Is(err, driver.ErrBadConn) {
			return s.broken(err)
		}
	}
	return err
}

// broken drops the connection; the next transaction opens another one.
func (s *session) broken(err error) error {
	_ = s.close() // it failed already, and err says how
	return err
}

func (s *session) close() error {
	if s.conn == nil {
		return nil
	}
	var errs []error
	for _, st := range s.prepared {
		errs = append(errs, st.Close())
	}
	errs = append(errs, s.conn.Close())
	s.conn, s.prepared = nil, nil
	return errors.Join(errs...)
}

// maxPrepared bounds the statements that a session keeps.
const maxPrepared = 500

func (s *session) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if st := s.prepared[text]; st != nil {
		return st, nil
	}
	if len(s.prepared) >= maxPrepared {
		for text, st := range s.prepared {
			_ = st.Close() // it was only a copy kept for speed
			delete(s.prepared, text)
			break
		}
	}
	st, err := s.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", firstLine(text), err)
	}
	s.prepared[text] = st
	return st, nil
}

// QueryContext runs a statement of this transaction.
func (s *session) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s.trace.tell(text, args)
	st, err := s.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// ExecContext runs a statement of this transaction.
func (s *session) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	s.trace.tell(text, args)
	st, err := s.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(ctx, args...)
}

func firstLine(text string) string {
	const most = 80
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}
