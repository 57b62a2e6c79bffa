package sqldb

import (
	"context"
	"database/sql"
)

// Setting stores value under name unless there is one already, and returns
// what stands there.
func (db *DB) Setting(ctx context.Context, name, value string) (stands string, err error) {
	err = db.InTx(ctx, func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", name, value)
		if err != nil {
			return err
		}
		return query(ctx, tx, "SELECT value FROM settings WHERE name = $1", []any{name},
			func(r *sql.Rows) error { return r.Scan(&stands) })
	})
	return stands, err
}

// StoredSetting returns the value under name, or "" if there is none.
func (db *DB) StoredSetting(ctx context.Context, name string) (value string, err error) {
	err = query(ctx, db.reader, "SELECT value FROM settings WHERE name = $1", []any{name},
		func(r *sql.Rows) error { return r.Scan(&value) })
	return value, err
}
