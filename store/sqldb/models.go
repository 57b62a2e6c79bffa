package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
)

// Model is a trained recommender model as it is stored.
type Model struct {
	Version string
	Created time.Time
	Active  bool
	About   []byte // its offline report, as JSON
}

// AddModel stores a model that is not active yet.
func (db *DB) AddModel(ctx context.Context, m Model, data []byte) error {
	return db.InTx(ctx, func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO models (version, created, active, about, data) VALUES ($1, $2, 0, $3, $4)",
			m.Version, events.Micros(m.Created), string(m.About), data)
		return err
	})
}

// ActivateModel makes a stored model the one in use; found is false if there
// is none of that version.
func (db *DB) ActivateModel(ctx context.Context, version string) (found bool, err error) {
	err = db.InTx(ctx, func(tx *Tx) error {
		res, err := tx.ExecContext(ctx, "UPDATE models SET active = CASE WHEN version = $1 THEN 1 ELSE 0 END WHERE version = $1 OR active = 1 AND EXISTS (SELECT 1 FROM models WHERE version = $1)", version)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		found = n > 0
		return err
	})
	return found, err
}

// Models lists the stored models, the newest first.
func (db *DB) Models(ctx context.Context) ([]Model, error) {
	var out []Model
	err := query(ctx, db.reader, "SELECT version, created, active, about FROM models ORDER BY created DESC, version DESC", nil,
		func(r *sql.Rows) error {
			var m Model
			var created, active int64
			if err := r.Scan(&m.Version, &created, &active, &m.About); err != nil {
				return err
			}
			m.Created, m.Active = events.FromMicros(created), active != 0
			out = append(out, m)
			return nil
		})
	return out, err
}

// ActiveModel returns the version of the model in use and its bytes; empty if
// there is none.
func (db *DB) ActiveModel(ctx context.Context) (version string, data []byte, err error) {
	err = query(ctx, db.reader, "SELECT version, data FROM models WHERE active = 1", nil,
		func(r *sql.Rows) error { return r.Scan(&version, &data) })
	return version, data, err
}

// ActiveVersion is the version of the model in use; empty if there is none.
func (db *DB) ActiveVersion(ctx context.Context) (version string, err error) {
	err = query(ctx, db.reader, "SELECT version FROM models WHERE active = 1", nil,
		func(r *sql.Rows) error { return r.Scan(&version) })
	return version, err
}

// ModelData returns the bytes of a stored model; found is false if there is
// none of that version.
func (db *DB) ModelData(ctx context.Context, version string) (data []byte, found bool, err error) {
	err = query(ctx, db.reader, "SELECT data FROM models WHERE version = $1", []any{version}, func(r *sql.Rows) error {
		found = true
		return r.Scan(&data)
	})
	return data, found, err
}

// PruneModels keeps the newest n models, the active one, and those of the
// versions named.
func (db *DB) PruneModels(ctx context.Context, n int, named ...string) error {
	text := `
			DELETE FROM models WHERE active = 0 AND version NOT IN
				(SELECT version FROM models ORDER BY created DESC, version DESC LIMIT $1)`
	args := []any{n}
	for _, version := range named {
		args = append(args, version)
		text += fmt.Sprintf(" AND version <> $%d", len(args))
	}
	return db.InTx(ctx, func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, text, args...)
		return err
	})
}

// EachFact hands over the kept facts of users and devices of the given types:
// all of a unit one after another. f gets the unit, the type, when it happened
// and the event's data.
func (db *DB) EachFact(ctx context.Context, types []events.Type, f func(events.Unit, events.Type, time.Time, []byte) error) error {
	return query(ctx, db.reader, `
		SELECT unit, kind, type, at, data FROM facts
		WHERE kind IN ('user', 'device') AND type IN (`+literals(types)+`) ORDER BY part, unit, type, at`, nil,
		func(r *sql.Rows) error {
			var (
				u    events.Unit
				t    events.Type
				at   int64
				data []byte
			)
			if err := r.Scan(&u.ID, &u.Kind, &t, &at, &data); err != nil {
				return err
			}
			return f(u, t, events.FromMicros(at), data)
		})
}
