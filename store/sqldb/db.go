package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/peakday/peakday/events"
)

// DB is an open database with peakday's schema. Its methods may be called from
// any goroutine.
type DB struct {
	dialect Dialect
	reader  querier // pool, traced
	pool    *sql.DB // for reading
	writer  *sql.DB
	writers chan *session // idle writing sessions
}

// Trace is told of every statement that runs, with its arguments.
type Trace func(text string, args []any)

// Pools are the connections of a database.
type Pools struct {
	Read    *sql.DB
	Write   *sql.DB // may be Read
	Writers int     // writing transactions at a time
	Trace   Trace   // nil for none
}

// Open migrates the schema and returns the database. It takes over the pools
// and closes them, also when it fails.
func Open(ctx context.Context, d Dialect, pools Pools) (*DB, error) {
	db := &DB{dialect: d, pool: pools.Read, writer: pools.Write, writers: make(chan *session, pools.Writers)}
	db.reader = traced{pools.Read, pools.Trace}
	if err := db.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for range pools.Writers {
		db.writers <- &session{dialect: d, trace: pools.Trace}
	}
	return db, nil
}

func (db *DB) migrate(ctx context.Context) (err error) {
	unlock, err := db.dialect.LockMigrations(ctx, db.writer)
	if err != nil {
		return fmt.Errorf("lock the migrations: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	name, files := db.dialect.Migrations()
	provider, err := goose.NewProvider(goose.Dialect(name), db.writer, files)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Close releases the connections. Transactions must have ended.
func (db *DB) Close() error {
	close(db.writers)
	var errs []error
	for s := range db.writers {
		errs = append(errs, s.close())
	}
	errs = append(errs, db.pool.Close())
	if db.writer != db.pool {
		errs = append(errs, db.writer.Close())
	}
	return errors.Join(errs...)
}

// Upkeep does the database's housekeeping.
func (db *DB) Upkeep(ctx context.Context) error { return db.dialect.Upkeep(ctx, db.writer) }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.pool.PingContext(ctx) }

// maxTries bounds how often a transaction is run again.
const maxTries = 20

// InTx implements events.Store: fn runs in a writing transaction, again if the
// database asks for it.
func (db *DB) InTx(ctx context.Context, fn func(*Tx) error) error {
	s, err := db.take(ctx)
	if err != nil {
		return err
	}
	defer func() { db.writers <- s }()
	for try := 1; ; try++ {
		err := s.run(ctx, db.writer, fn)
		if err == nil || ctx.Err() != nil {
			return err
		}
		switch db.dialect.Judge(err) {
		case BadValue:
			// The consumer then looks for the record that holds it, instead of
			// trying the same batch for ever.
			return &events.Invalid{Problem: "cannot be stored: " + err.Error()}
		case Fails:
			return err
		}
		if try == maxTries {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try*try) * time.Millisecond):
		}
	}
}

// take waits for an idle writing session.
func (db *DB) take(ctx context.Context) (*session, error) {
	select {
	case s, open := <-db.writers:
		if !open {
			return nil, errors.New("the database is closed")
		}
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
