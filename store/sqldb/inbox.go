package sqldb

import (
	"context"
	"database/sql"

	"github.com/spaolacci/murmur3"

	"github.com/peakday/peakday/events"
)

// logNumber stands for a log's id in the inbox, which has a row a record.
func logNumber(id string) int64 { return int64(murmur3.Sum64([]byte(id))) }

// Fresh implements events.Tx. The arrivals are of one log partition, so that
// their positions tell them apart.
func (tx *Tx) Fresh(ctx context.Context, arrivals []events.Arrival) ([]bool, error) {
	t := newTable("iiiiii", len(arrivals))
	for _, a := range arrivals {
		t.add(int64(a.Part), a.ID.Hi, a.ID.Lo, logNumber(a.Log), int64(a.Position), a.Day)
	}
	won := make(map[int64]bool, len(arrivals))
	err := t.query(ctx, tx.dialect, tx, `
		WITH k(part, hi, lo, log, pos, day) AS (ROWS)
		INSERT INTO inbox (part, hi, lo, log, pos, day) SELECT part, hi, lo, log, pos, day FROM k WHERE true
		ON CONFLICT DO NOTHING RETURNING pos`,
		func(r *sql.Rows) error { return scanTrue(r, won) })
	return pick(arrivals, won), err
}

// Winners implements events.Store.
func (db *DB) Winners(ctx context.Context, arrivals []events.Arrival) ([]bool, error) {
	t := newTable("iiiii", len(arrivals))
	for _, a := range arrivals {
		t.add(int64(a.Part), a.ID.Hi, a.ID.Lo, logNumber(a.Log), int64(a.Position))
	}
	won := make(map[int64]bool, len(arrivals))
	err := t.query(ctx, db.dialect, db.reader, `
		WITH k(part, hi, lo, log, pos) AS (ROWS)
		SELECT t.pos FROM k CROSS JOIN inbox t
		WHERE t.part = k.part AND t.hi = k.hi AND t.lo = k.lo AND t.log = k.log AND t.pos = k.pos`,
		func(r *sql.Rows) error { return scanTrue(r, won) })
	return pick(arrivals, won), err
}

// Applied implements events.Inbox.
func (db *DB) Applied(ctx context.Context, ids []events.InboxID) ([]bool, error) {
	t := newTable("iiii", len(ids))
	for i, id := range ids {
		t.add(int64(i), int64(id.Part), id.ID.Hi, id.ID.Lo)
	}
	out := make([]bool, len(ids))
	err := t.query(ctx, db.dialect, db.reader, `
		WITH k(i, part, hi, lo) AS (ROWS)
		SELECT k.i FROM k CROSS JOIN inbox t WHERE t.part = k.part AND t.hi = k.hi AND t.lo = k.lo`,
		func(r *sql.Rows) error {
			var i int64
			err := r.Scan(&i)
			if err == nil {
				out[i] = true
			}
			return err
		})
	return out, err
}

func scanTrue(r *sql.Rows, into map[int64]bool) error {
	var pos int64
	err := r.Scan(&pos)
	into[pos] = err == nil
	return err
}

func pick(arrivals []events.Arrival, won map[int64]bool) []bool {
	out := make([]bool, len(arrivals))
	for i, a := range arrivals {
		out[i] = won[int64(a.Position)]
	}
	return out
}
