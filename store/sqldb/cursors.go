package sqldb

import (
	"context"
	"database/sql"

	"github.com/peakday/peakday/events"
)

var _ events.Store[*Tx] = (*DB)(nil)

// Take implements events.Store.
func (db *DB) Take(ctx context.Context, log string, partition int) (events.Cursor, error) {
	c := events.Cursor{Log: log, Partition: partition}
	err := db.InTx(ctx, func(tx *Tx) error {
		return query(ctx, tx, `
			INSERT INTO cursors AS c (log, log_part, epoch, pos, applied, duplicates, dead, unknown, newest)
			VALUES ($1, $2, 1, 0, 0, 0, 0, 0, 0)
			ON CONFLICT (log, log_part) DO UPDATE SET epoch = c.epoch + 1
			RETURNING epoch, pos`,
			[]any{log, partition},
			func(r *sql.Rows) error { return r.Scan(&c.Epoch, &c.Position) })
	})
	return c, err
}

// Advance implements events.Tx.
func (tx *Tx) Advance(ctx context.Context, s events.Step) error {
	res, err := tx.ExecContext(ctx, `
		UPDATE cursors SET pos = $1, applied = applied + $2, duplicates = duplicates + $3, dead = dead + $4,
			unknown = unknown + $5, newest = CASE WHEN newest < $6 THEN $6 ELSE newest END
		WHERE log = $7 AND log_part = $8 AND epoch = $9 AND pos = $10`,
		int64(s.To), s.Applied, s.Duplicates, s.Dead, s.Unknown, s.Newest,
		s.Log, s.Partition, s.Epoch, int64(s.Position))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return events.ErrFenced
}

// Progress gives how far each partition of log has been applied and what was
// counted, ordered by partition.
func (db *DB) Progress(ctx context.Context, log string) ([]events.Progress, error) {
	var out []events.Progress
	err := query(ctx, db.reader, `
		SELECT log_part, epoch, pos, applied, duplicates, dead, unknown, newest
		FROM cursors WHERE log = $1 ORDER BY log_part`, []any{log},
		func(r *sql.Rows) error {
			s := events.Progress{Cursor: events.Cursor{Log: log}}
			var newest int64
			if err := r.Scan(&s.Partition, &s.Epoch, &s.Position, &s.Applied, &s.Duplicates, &s.Dead, &s.Unknown, &newest); err != nil {
				return err
			}
			if newest > 0 {
				s.Newest = events.FromMicros(newest)
			}
			out = append(out, s)
			return nil
		})
	return out, err
}
