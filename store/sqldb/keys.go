package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
)

// Key is an access key. The secret itself is never stored.
type Key struct {
	ID      string
	Hash    string // of the secret
	Name    string
	Scopes  []string
	Origins []string // from which browsers may use it; empty for any
	Created time.Time
	Revoked time.Time // zero while it is in force
}

// ErrNoKey says that there is no key of that id.
var ErrNoKey = errors.New("no key of that id")

// AddKey stores a new key.
func (db *DB) AddKey(ctx context.Context, k Key) error {
	return db.InTx(ctx, func(tx *Tx) error {
		_, err := tx.ExecContext(ctx,
			"INSERT INTO api_keys (id, hash, name, scopes, origins, created, revoked) VALUES ($1, $2, $3, $4, $5, $6, 0)",
			k.ID, k.Hash, k.Name, strings.Join(k.Scopes, " "), strings.Join(k.Origins, " "), events.Micros(k.Created))
		return err
	})
}

// RevokeKey ends a key from now on; ErrNoKey if there is none in force.
func (db *DB) RevokeKey(ctx context.Context, id string, now time.Time) error {
	return db.InTx(ctx, func(tx *Tx) error {
		res, err := tx.ExecContext(ctx, "UPDATE api_keys SET revoked = $1 WHERE id = $2 AND revoked = 0", events.Micros(now), id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return ErrNoKey
	})
}

// Keys lists all keys, the oldest first.
func (db *DB) Keys(ctx context.Context) ([]Key, error) {
	var out []Key
	err := query(ctx, db.reader, "SELECT id, hash, name, scopes, origins, created, revoked FROM api_keys ORDER BY created, id", nil,
		func(r *sql.Rows) error {
			var k Key
			var scopes, origins string
			var created, revoked int64
			if err := r.Scan(&k.ID, &k.Hash, &k.Name, &scopes, &origins, &created, &revoked); err != nil {
				return err
			}
			k.Scopes, k.Origins, k.Created = strings.Fields(scopes), strings.Fields(origins), events.FromMicros(created)
			if revoked != 0 {
				k.Revoked = events.FromMicros(revoked)
			}
			out = append(out, k)
			return nil
		})
	return out, err
}
