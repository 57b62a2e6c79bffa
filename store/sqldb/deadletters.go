package sqldb

import (
	"context"
	"database/sql"
	"time"

	"github.com/peakday/peakday/events"
)

// Bury implements events.Tx.
func (tx *Tx) Bury(ctx context.Context, letters []events.DeadLetter) error {
	t := newTable("tiiitbi", len(letters))
	for _, l := range letters {
		t.add(l.Log, int64(l.Partition), int64(l.Position), events.Micros(l.Appended), l.Reason, l.Data, int64(0))
	}
	return t.exec(ctx, tx.dialect, tx, `
		WITH k(log, log_part, pos, appended, reason, data, replayed) AS (ROWS)
		INSERT INTO dead_letters (log, log_part, pos, appended, reason, data, replayed)
		SELECT log, log_part, pos, appended, reason, data, replayed FROM k WHERE true
		ON CONFLICT DO NOTHING`)
}

// DeadLetters lists up to limit dead letters that were not replayed, oldest
// position first, behind the given one (the zero value begins).
func (db *DB) DeadLetters(ctx context.Context, behind events.DeadLetter, limit int) ([]events.DeadLetter, error) {
	var out []events.DeadLetter
	err := query(ctx, db.reader, `
		SELECT log, log_part, pos, appended, reason, data FROM dead_letters
		WHERE replayed = 0 AND (log > $1 OR log = $1 AND (log_part > $2 OR log_part = $2 AND pos > $3))
		ORDER BY log, log_part, pos LIMIT $4`,
		[]any{behind.Log, behind.Partition, int64(behind.Position), limit},
		func(r *sql.Rows) error {
			var l events.DeadLetter
			var appended int64
			if err := r.Scan(&l.Log, &l.Partition, &l.Position, &appended, &l.Reason, &l.Data); err != nil {
				return err
			}
			l.Appended = events.FromMicros(appended)
			out = append(out, l)
			return nil
		})
	return out, err
}

// MarkReplayed notes that dead letters were sent again, so that they are not
// listed any more.
func (db *DB) MarkReplayed(ctx context.Context, letters []events.DeadLetter, now time.Time) error {
	return db.InTx(ctx, func(tx *Tx) error {
		for _, l := range letters {
			_, err := tx.ExecContext(ctx,
				"UPDATE dead_letters SET replayed = $1 WHERE log = $2 AND log_part = $3 AND pos = $4",
				events.Micros(now), l.Log, l.Partition, int64(l.Position))
			if err != nil {
				return err
			}
		}
		return nil
	})
}
