package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// CalendarEvents implements forecast.Reader.
func (db *DB) CalendarEvents(ctx context.Context) ([]forecast.Event, error) {
	var out []forecast.Event
	err := query(ctx, db.reader, "SELECT doc, version FROM calendar_events ORDER BY key", nil, func(r *sql.Rows) error {
		var e forecast.Event
		var version int64
		if err := scanDocument(r, &e, &version); err != nil {
			return err
		}
		e.Version = version
		out = append(out, e)
		return nil
	})
	return out, err
}

// CalendarEvent implements forecast.Definitions.
func (db *DB) CalendarEvent(ctx context.Context, key string) (forecast.Event, error) {
	var e forecast.Event
	version, err := db.document(ctx, &e, "SELECT doc, version FROM calendar_events WHERE key = $1", key)
	e.Version = version
	return e, err
}

// PutCalendarEvent implements forecast.Definitions.
func (db *DB) PutCalendarEvent(ctx context.Context, e forecast.Event) (int64, error) {
	return db.put(ctx, e, e.Version, `
		INSERT INTO calendar_events AS d (key, version, doc) VALUES ($1, 1, $2)
		ON CONFLICT (key) DO UPDATE SET version = d.version + 1, doc = excluded.doc
		WHERE $3 = -1 OR d.version = $3 RETURNING version`, e.Key)
}

// Supplies implements forecast.Reader.
func (db *DB) Supplies(ctx context.Context, skus []events.SKU) ([]forecast.Supply, error) {
	var out []forecast.Supply
	err := db.ofSKUs(ctx, skus,
		"SELECT doc, version FROM supplies ORDER BY sku",
		`WITH k(part, sku) AS (ROWS) SELECT t.doc, t.version FROM k CROSS JOIN supplies t
			WHERE t.part = k.part AND t.sku = k.sku ORDER BY t.sku`,
		func(r *sql.Rows) error {
			var s forecast.Supply
			var version int64
			if err := scanDocument(r, &s, &version); err != nil {
				return err
			}
			s.Version = version
			out = append(out, s)
			return nil
		})
	return out, err
}

// Supply implements forecast.Definitions.
func (db *DB) Supply(ctx context.Context, sku events.SKU) (forecast.Supply, error) {
	var s forecast.Supply
	version, err := db.document(ctx, &s, "SELECT doc, version FROM supplies WHERE part = $1 AND sku = $2", int64(events.PartOf(sku)), string(sku))
	s.Version = version
	return s, err
}

// PutSupply implements forecast.Definitions.
func (db *DB) PutSupply(ctx context.Context, s forecast.Supply) (int64, error) {
	return db.put(ctx, s, s.Version, `
		INSERT INTO supplies AS d (part, sku, version, doc) VALUES ($4, $1, 1, $2)
		ON CONFLICT (part, sku) DO UPDATE SET version = d.version + 1, doc = excluded.doc
		WHERE $3 = -1 OR d.version = $3 RETURNING version`, string(s.SKU), int64(events.PartOf(s.SKU)))
}

// Overrides implements forecast.Reader.
func (db *DB) Overrides(ctx context.Context, skus []events.SKU) ([]forecast.Override, error) {
	var out []forecast.Override
	err := db.ofSKUs(ctx, skus,
		"SELECT doc, version FROM overrides ORDER BY sku, version",
		`WITH k(part, sku) AS (ROWS) SELECT t.doc, t.version FROM k CROSS JOIN overrides t
			WHERE t.part = k.part AND t.sku = k.sku ORDER BY t.sku, t.version`,
		func(r *sql.Rows) error {
			var o forecast.Override
			var version int64
			if err := scanDocument(r, &o, &version); err != nil {
				return err
			}
			o.Version = version
			out = append(out, o)
			return nil
		})
	return out, err
}

// PutOverride implements forecast.Definitions.
func (db *DB) PutOverride(ctx context.Context, o forecast.Override) (int64, error) {
	doc, err := json.Marshal(o)
	if err != nil {
		return 0, fmt.Errorf("write the override of %s: %w", o.SKU, err)
	}
	var newest, added int64
	part := int64(events.PartOf(o.SKU))
	err = db.InTx(ctx, func(tx *Tx) error {
		newest, added = 0, 0
		err := query(ctx, tx, "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM overrides WHERE part = $1 AND sku = $2", []any{part, string(o.SKU)},
			func(r *sql.Rows) error { return r.Scan(&newest) })
		if err != nil {
			return err
		}
		if o.Version != forecast.AnyVersion && o.Version != newest {
			return forecast.ErrChanged
		}
		err = query(ctx, tx, "INSERT INTO overrides (part, sku, version, doc) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING version",
			[]any{part, string(o.SKU), newest + 1, string(doc)}, func(r *sql.Rows) error { return r.Scan(&added) })
		if err == nil && added == 0 {
			err = forecast.ErrChanged // another one came in between
		}
		return err
	})
	if errors.Is(err, forecast.ErrChanged) {
		return 0, forecast.ErrChanged
	}
	return added, err
}

// StockPlans implements forecast.Reader.
func (db *DB) StockPlans(ctx context.Context, q forecast.PlanQuery) ([]forecast.PlanHead, error) {
	var out []forecast.PlanHead
	const statement = `SELECT id, created, event, from_day, to_day FROM stock_plans
		WHERE ($1 = '' OR event = $1) AND ($2 = 0 OR to_day <= $2) ORDER BY created DESC, id DESC LIMIT $3`
	err := query(ctx, db.reader, statement, []any{q.Event, int64(q.Until), q.Limit}, func(r *sql.Rows) error {
		var h forecast.PlanHead
		var created int64
		err := r.Scan(&h.ID, &created, &h.Event, &h.From, &h.To)
		h.Created = events.FromMicros(created)
		out = append(out, h)
		return err
	})
	return out, err
}

// AddStockPlan implements forecast.Definitions.
func (db *DB) AddStockPlan(ctx context.Context, p forecast.Plan) error {
	doc, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write plan %s: %w", p.ID, err)
	}
	return db.InTx(ctx, func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO stock_plans (id, created, event, from_day, to_day, doc) VALUES ($1, $2, $3, $4, $5, $6)",
			p.ID, events.Micros(p.Created), p.Event, int64(p.From), int64(p.To), string(doc))
		return err
	})
}

// StockPlan implements forecast.Definitions.
func (db *DB) StockPlan(ctx context.Context, id string) (forecast.Plan, error) {
	var p forecast.Plan
	_, err := db.document(ctx, &p, "SELECT doc, 1 FROM stock_plans WHERE id = $1", id)
	return p, err
}

func scanDocument(r *sql.Rows, into any, version *int64) error {
	var doc []byte
	if err := r.Scan(&doc, version); err != nil {
		return err
	}
	return json.Unmarshal(doc, into)
}

// document reads the one document of a query, or forecast.ErrNotFound.
func (db *DB) document(ctx context.Context, into any, text string, args ...any) (version int64, err error) {
	found := false
	err = query(ctx, db.reader, text, args, func(r *sql.Rows) error {
		found = true
		return scanDocument(r, into, &version)
	})
	if err == nil && !found {
		err = forecast.ErrNotFound
	}
	return version, err
}

// put stores a document in place of version (forecast.AnyVersion: of any).
// text takes the key as $1, the document as $2, the version as $3, and more
// from $4 on.
func (db *DB) put(ctx context.Context, doc any, version int64, text, key string, more ...any) (int64, error) {
	b, err := json.Marshal(doc)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", key, err)
	}
	var stored int64
	err = db.InTx(ctx, func(tx *Tx) error {
		stored = 0
		args := append([]any{key, string(b), version}, more...)
		err := query(ctx, tx, text, args, func(r *sql.Rows) error { return r.Scan(&stored) })
		if err == nil && (stored == 0 || version > 0 && stored == 1) {
			// Either another version stands there, or none where one was expected.
			err = forecast.ErrChanged
		}
		return err
	})
	if errors.Is(err, forecast.ErrChanged) {
		return 0, forecast.ErrChanged
	}
	return stored, err
}
