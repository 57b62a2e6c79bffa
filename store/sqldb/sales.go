package sqldb

import (
	"context"
	"database/sql"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

var _ forecast.SalesTx = (*Tx)(nil)

const lineColumns = `t.sku, t.order_id, t.hi, t.lo, t.user_id, t.kind, t.item, t.region, t.at, t.quantity, t.amount, t.other_currency, t.event`

func scanLine(r *sql.Rows) (forecast.Line, error) {
	var l forecast.Line
	var at, foreign int64
	err := r.Scan(&l.SKU, &l.Order, &l.ID.Hi, &l.ID.Lo, &l.User, &l.Kind, &l.Item, &l.Region, &at, &l.Quantity, &l.Amount, &foreign, &l.Event)
	l.Time, l.Foreign = events.FromMicros(at), foreign != 0
	return l, err
}

// lines runs a query that selects lineColumns.
func (tx *Tx) lines(ctx context.Context, t *table, text string) ([]forecast.Line, error) {
	var out []forecast.Line
	err := t.query(ctx, tx.dialect, tx, text, func(r *sql.Rows) error {
		l, err := scanLine(r)
		out = append(out, l)
		return err
	})
	return out, err
}

// SaleLinesOfOrders implements forecast.SalesTx.
func (tx *Tx) SaleLinesOfOrders(ctx context.Context, keys []forecast.OrderKey) ([]forecast.Line, error) {
	t := newTable("itt", len(keys))
	for _, k := range keys {
		t.add(int64(events.PartOf(k.SKU)), string(k.SKU), string(k.Order))
	}
	return tx.lines(ctx, t, `
		WITH k(part, sku, order_id) AS (ROWS)
		SELECT `+lineColumns+` FROM k CROSS JOIN sale_lines t
		WHERE t.part = k.part AND t.sku = k.sku AND t.order_id = k.order_id`)
}

// SaleLinesOfUsers implements forecast.SalesTx.
func (tx *Tx) SaleLinesOfUsers(ctx context.Context, keys []forecast.UserKey) ([]forecast.Line, error) {
	return tx.lines(ctx, userKeys(keys), linesOfUsers)
}

// SaleReturnsOfUsers implements forecast.SalesTx.
func (tx *Tx) SaleReturnsOfUsers(ctx context.Context, keys []forecast.UserKey) ([]forecast.Line, error) {
	return tx.lines(ctx, userKeys(keys), linesOfUsers+` AND t.kind = '`+string(forecast.Returned)+`'`)
}

// linesOfUsers hides t.part from the planner: SQLite, which has no statistics of
// a young file, would rather read all sales of the SKU or of the part by the
// primary key than the few of the user by their index (100,000 look-ups among
// as many lines: 1.9 s, and 0.06 s by the index).
const linesOfUsers = `
		WITH k(part, sku, user_id) AS (ROWS)
		SELECT ` + lineColumns + ` FROM k CROSS JOIN sale_lines t
		WHERE t.part + 0 = k.part AND t.user_id = k.user_id AND t.sku = k.sku`

func userKeys(keys []forecast.UserKey) *table {
	t := newTable("itt", len(keys))
	for _, k := range keys {
		t.add(int64(events.PartOf(k.SKU)), string(k.SKU), string(k.User))
	}
	return t
}

// AddSaleLines implements forecast.SalesTx.
func (tx *Tx) AddSaleLines(ctx context.Context, lines []forecast.Line) error {
	t := newTable("ittiittttiiiit", len(lines))
	items := map[events.SKU]events.ItemID{}
	for _, l := range lines {
		t.add(int64(events.PartOf(l.SKU)), string(l.SKU), string(l.Order), l.ID.Hi, l.ID.Lo, string(l.User), string(l.Kind),
			string(l.Item), l.Region, events.Micros(l.Time), l.Quantity, int64(l.Amount), boolInt(l.Foreign), l.Event)
		if _, seen := items[l.SKU]; !seen || l.Item != "" {
			items[l.SKU] = l.Item
		}
	}
	if err := tx.addSKUs(ctx, items); err != nil {
		return err
	}
	return t.exec(ctx, tx.dialect, tx, `
		WITH k(part, sku, order_id, hi, lo, user_id, kind, item, region, at, quantity, amount, other_currency, event) AS (ROWS)
		INSERT INTO sale_lines (part, sku, order_id, hi, lo, user_id, kind, item, region, at, quantity, amount, other_currency, event)
		SELECT part, sku, order_id, hi, lo, user_id, kind, item, region, at, quantity, amount, other_currency, event FROM k WHERE true
		ON CONFLICT DO NOTHING`)
}

// addSKUs notes SKUs that have sales or stock; an item, once known, stays.
func (tx *Tx) addSKUs(ctx context.Context, items map[events.SKU]events.ItemID) error {
	t := newTable("itt", len(items))
	for _, sku := range sortedKeys(items) {
		t.add(int64(events.PartOf(sku)), string(sku), string(items[sku]))
	}
	return t.exec(ctx, tx.dialect, tx, `
		WITH k(part, sku, item) AS (ROWS)
		INSERT INTO sale_skus AS s (part, sku, item) SELECT part, sku, item FROM k WHERE true
		ON CONFLICT (part, sku) DO UPDATE SET item = excluded.item WHERE s.item = '' AND excluded.item <> ''`)
}

// AddSaleHours implements forecast.SalesTx.
func (tx *Tx) AddSaleHours(ctx context.Context, rows []forecast.Hour) error {
	t := newTable("ititiiii", len(rows))
	for _, h := range rows {
		t.add(int64(events.PartOf(h.SKU)), string(h.SKU), events.Micros(h.Start), h.Region, h.Quantity, int64(h.Revenue), h.Foreign, h.Deposits)
	}
	return t.exec(ctx, tx.dialect, tx, `
		WITH k(part, sku, start, region, quantity, revenue, other_currency, deposits) AS (ROWS)
		INSERT INTO sale_hours AS s (part, sku, start, region, quantity, revenue, other_currency, deposits)
		SELECT part, sku, start, region, quantity, revenue, other_currency, deposits FROM k WHERE true
		ON CONFLICT (part, sku, start, region) DO UPDATE SET quantity = s.quantity + excluded.quantity,
			revenue = s.revenue + excluded.revenue, other_currency = s.other_currency + excluded.other_currency,
			deposits = s.deposits + excluded.deposits`)
}

// AddPresaleHours implements forecast.SalesTx.
func (tx *Tx) AddPresaleHours(ctx context.Context, rows []forecast.PresaleHour) error {
	t := newTable("ittiiiiiii", len(rows))
	for _, p := range rows {
		t.add(int64(events.PartOf(p.SKU)), string(p.SKU), p.Event, events.Micros(p.Start), p.Deposits, int64(p.DepositValue), p.Void, p.Paid, p.Returned, p.Balances)
	}
	return t.exec(ctx, tx.dialect, tx, `
		WITH k(part, sku, event, start, deposits, deposit_value, void, paid, returned, balances) AS (ROWS)
		INSERT INTO presale_hours AS s (part, sku, event, start, deposits, deposit_value, void, paid, returned, balances)
		SELECT part, sku, event, start, deposits, deposit_value, void, paid, returned, balances FROM k WHERE true
		ON CONFLICT (part, sku, event, start) DO UPDATE SET deposits = s.deposits + excluded.deposits,
			deposit_value = s.deposit_value + excluded.deposit_value, void = s.void + excluded.void,
			paid = s.paid + excluded.paid, returned = s.returned + excluded.returned, balances = s.balances + excluded.balances`)
}

// AddStockMoves implements forecast.SalesTx.
func (tx *Tx) AddStockMoves(ctx context.Context, moves []forecast.StockMove) error {
	t := newTable("ittiiitiii", len(moves))
	items := map[events.SKU]events.ItemID{}
	for _, m := range moves {
		t.add(int64(events.PartOf(m.SKU)), string(m.SKU), m.Location, m.Version, m.ID.Hi, m.ID.Lo, m.Region, boolInt(m.Level), m.Quantity, events.Micros(m.Time))
		items[m.SKU] = ""
	}
	if err := tx.addSKUs(ctx, items); err != nil {
		return err
	}
	return t.exec(ctx, tx.dialect, tx, `
		WITH k(part, sku, location, version, hi, lo, region, level, quantity, at) AS (ROWS)
		INSERT INTO stock_moves (part, sku, location, version, hi, lo, region, level, quantity, at)
		SELECT part, sku, location, version, hi, lo, region, level, quantity, at FROM k WHERE true
		ON CONFLICT DO NOTHING`)
}

// MarkSales implements forecast.SalesTx.
func (tx *Tx) MarkSales(ctx context.Context, part events.Part, newest time.Time) error {
	at := int64(0)
	if !newest.IsZero() {
		at = events.Micros(newest)
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO sale_marks AS m (part, newest, version) VALUES ($1, $2, 1)
		ON CONFLICT (part) DO UPDATE SET version = m.version + 1,
			newest = CASE WHEN m.newest < excluded.newest THEN excluded.newest ELSE m.newest END`, int64(part), at)
	return err
}
