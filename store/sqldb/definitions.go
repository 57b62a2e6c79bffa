package sqldb

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

var _ experiments.Store = Experiments{}

// Experiments is the database as package experiments sees it.
type Experiments struct {
	*DB
	Sums *SumCache // nil: every call of Moments reads all
}

// Revision implements experiments.Store.
func (db Experiments) Revision(ctx context.Context) (int64, error) { return revision(ctx, db.reader) }

// Revision implements experiments.LedgerTx.
func (tx *Tx) Revision(ctx context.Context) (int64, error) { return revision(ctx, tx) }

func revision(ctx context.Context, q querier) (n int64, err error) {
	err = query(ctx, q, "SELECT n FROM revision WHERE id = 1", nil, func(r *sql.Rows) error { return r.Scan(&n) })
	return n, err
}

// Definitions implements experiments.Store.
func (db Experiments) Definitions(ctx context.Context) (experiments.Definitions, error) {
	return definitions(ctx, db.reader)
}

// Definitions implements experiments.LedgerTx.
func (tx *Tx) Definitions(ctx context.Context) (experiments.Definitions, error) {
	return definitions(ctx, tx)
}

// definitions reads revision and documents in one statement, so that they are
// of one moment.
func definitions(ctx context.Context, q querier) (experiments.Definitions, error) {
	var (
		revision int64
		docs     []experiments.Change
	)
	err := query(ctx, q, `
		SELECT v.n, COALESCE(d.kind, ''), COALESCE(d.key, ''), COALESCE(d.version, 0), COALESCE(d.doc, '')
		FROM revision v LEFT JOIN definitions d ON 1 = 1 WHERE v.id = 1 ORDER BY d.kind, d.key`, nil,
		func(r *sql.Rows) error {
			var c experiments.Change
			err := r.Scan(&revision, &c.Kind, &c.Key, &c.Version, &c.Doc)
			if err == nil && c.Kind != "" {
				docs = append(docs, c)
			}
			return err
		})
	if err != nil {
		return experiments.Definitions{}, err
	}
	return experiments.ReadDefinitions(revision, docs)
}

// Commit implements experiments.Store.
func (db Experiments) Commit(ctx context.Context, changes []experiments.Change) error {
	return db.InTx(ctx, func(tx *Tx) error {
		for _, c := range changes {
			if err := tx.change(ctx, c); err != nil {
				return fmt.Errorf("%s %s: %w", c.Kind, c.Key, err)
			}
		}
		_, err := tx.ExecContext(ctx, "UPDATE revision SET n = n + 1 WHERE id = 1")
		return err
	})
}

// change stores one version if the stored one is that before it.
func (tx *Tx) change(ctx context.Context, c experiments.Change) error {
	res, err := tx.ExecContext(ctx, `
		INSERT INTO definitions AS d (kind, key, version, doc) VALUES ($1, $2, $3, $4)
		ON CONFLICT (kind, key) DO UPDATE SET version = excluded.version, doc = excluded.doc
		WHERE d.version = excluded.version - 1`,
		string(c.Kind), c.Key, c.Version, string(c.Doc))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return experiments.ErrConflict
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO definition_changes (kind, key, version, at, author, action, doc) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		string(c.Kind), c.Key, c.Version, events.Micros(c.At), c.Author, c.Action, string(c.Doc))
	return err
}

// History implements experiments.Store.
func (db Experiments) History(ctx context.Context, kind experiments.Kind, key string) ([]experiments.Change, error) {
	var out []experiments.Change
	err := query(ctx, db.reader, `
		SELECT version, at, author, action, doc FROM definition_changes
		WHERE kind = $1 AND key = $2 ORDER BY version`, []any{string(kind), key},
		func(r *sql.Rows) error {
			c := experiments.Change{Kind: kind, Key: key}
			var at int64
			if err := r.Scan(&c.Version, &at, &c.Author, &c.Action, &c.Doc); err != nil {
				return err
			}
			c.At = events.FromMicros(at)
			out = append(out, c)
			return nil
		})
	return out, err
}
