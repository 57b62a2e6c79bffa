package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

var (
	_ forecast.Reader      = (*DB)(nil)
	_ forecast.Definitions = (*DB)(nil)
)

// SalesMark implements forecast.Reader.
func (db *DB) SalesMark(ctx context.Context) (forecast.Mark, error) {
	var m forecast.Mark
	var newest int64
	err := query(ctx, db.reader, "SELECT CAST(COALESCE(MAX(newest), 0) AS BIGINT), CAST(COALESCE(SUM(version), 0) AS BIGINT) FROM sale_marks", nil,
		func(r *sql.Rows) error { return r.Scan(&newest, &m.Version) })
	if newest > 0 {
		m.Newest = events.FromMicros(newest)
	}
	return m, err
}

// ofSKUs runs a query over all rows, or over those of the SKUs given. all and
// some must select the same columns.
func (db *DB) ofSKUs(ctx context.Context, skus []events.SKU, all, some string, scan func(*sql.Rows) error) error {
	if len(skus) == 0 {
		return query(ctx, db.reader, all, nil, scan)
	}
	t := newTable("it", len(skus))
	for _, sku := range skus {
		t.add(int64(events.PartOf(sku)), string(sku))
	}
	return t.query(ctx, db.dialect, db.reader, some, scan)
}

// SaleHours implements forecast.Reader.
func (db *DB) SaleHours(ctx context.Context, skus []events.SKU, from, before time.Time, each func(forecast.Hour) error) error {
	const columns = "t.sku, t.region, t.start, t.quantity, t.revenue, t.other_currency, t.deposits"
	when := between("t.start", from, before)
	return db.ofSKUs(ctx, skus,
		"SELECT "+columns+" FROM sale_hours t WHERE "+when+" ORDER BY t.part, t.sku, t.start, t.region",
		"WITH k(part, sku) AS (ROWS) SELECT "+columns+` FROM k CROSS JOIN sale_hours t
			WHERE t.part = k.part AND t.sku = k.sku AND `+when+` ORDER BY t.part, t.sku, t.start, t.region`,
		func(r *sql.Rows) error {
			var h forecast.Hour
			var start int64
			if err := r.Scan(&h.SKU, &h.Region, &start, &h.Quantity, &h.Revenue, &h.Foreign, &h.Deposits); err != nil {
				return err
			}
			h.Start = events.FromMicros(start)
			return each(h)
		})
}

// between is the condition from <= column < before. Of a long time nearly every
// row is wanted: the unary plus then keeps a planner without statistics from
// the index on the time, which would have it sort them all.
func between(column string, from, before time.Time) string {
	const long = 14 * 24 * time.Hour
	if before.Sub(from) > long {
		column = "+" + column
	}
	return fmt.Sprintf("%s >= %d AND %s < %d", column, events.Micros(from), column, events.Micros(before))
}

// PresaleHours implements forecast.Reader.
func (db *DB) PresaleHours(ctx context.Context, from, before time.Time, each func(forecast.PresaleHour) error) error {
	return query(ctx, db.reader, `SELECT t.sku, t.event, t.start, t.deposits, t.deposit_value, t.void, t.paid, t.returned, t.balances
		FROM presale_hours t WHERE `+between("t.start", from, before)+" ORDER BY t.part, t.sku, t.event, t.start", nil,
		func(r *sql.Rows) error {
			var p forecast.PresaleHour
			var start int64
			if err := r.Scan(&p.SKU, &p.Event, &start, &p.Deposits, &p.DepositValue, &p.Void, &p.Paid, &p.Returned, &p.Balances); err != nil {
				return err
			}
			p.Start = events.FromMicros(start)
			return each(p)
		})
}

// StockMoves implements forecast.Reader.
func (db *DB) StockMoves(ctx context.Context, skus []events.SKU, each func(forecast.StockMove) error) error {
	const columns = "t.sku, t.location, t.version, t.hi, t.lo, t.region, t.level, t.quantity, t.at"
	return db.ofSKUs(ctx, skus,
		"SELECT "+columns+" FROM stock_moves t ORDER BY t.part, t.sku, t.location, t.version, t.hi, t.lo",
		"WITH k(part, sku) AS (ROWS) SELECT "+columns+` FROM k CROSS JOIN stock_moves t
			WHERE t.part = k.part AND t.sku = k.sku ORDER BY t.part, t.sku, t.location, t.version, t.hi, t.lo`,
		func(r *sql.Rows) error {
			var m forecast.StockMove
			var level, at int64
			if err := r.Scan(&m.SKU, &m.Location, &m.Version, &m.ID.Hi, &m.ID.Lo, &m.Region, &level, &m.Quantity, &at); err != nil {
				return err
			}
			m.Level, m.Time = level != 0, events.FromMicros(at)
			return each(m)
		})
}

// SaleProducts implements forecast.Reader. The category is not the store's to
// know: the catalogue fills it in.
func (db *DB) SaleProducts(ctx context.Context, skus []events.SKU) ([]forecast.Product, error) {
	var out []forecast.Product
	err := db.ofSKUs(ctx, skus,
		"SELECT sku, item FROM sale_skus UNION SELECT sku, '' FROM supplies WHERE sku NOT IN (SELECT sku FROM sale_skus) ORDER BY sku",
		`WITH k(part, sku) AS (ROWS)
			SELECT t.sku, t.item FROM k CROSS JOIN sale_skus t WHERE t.part = k.part AND t.sku = k.sku
			UNION SELECT s.sku, '' FROM k CROSS JOIN supplies s WHERE s.part = k.part AND s.sku = k.sku
				AND NOT EXISTS (SELECT 1 FROM sale_skus t WHERE t.part = s.part AND t.sku = s.sku) ORDER BY 1`,
		func(r *sql.Rows) error {
			var p forecast.Product
			err := r.Scan(&p.SKU, &p.Item)
			out = append(out, p)
			return err
		})
	return out, err
}
