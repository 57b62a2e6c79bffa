package dbtest

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/store/sqldb"
)

func line(n int64, sku, order, user string, kind forecast.LineKind) forecast.Line {
	return forecast.Line{
		ID: events.RecordID{Hi: n, Lo: -n}, SKU: events.SKU(sku), Item: events.ItemID("item of " + sku), Kind: kind,
		Order: events.OrderID(order), User: events.UserID(user), Region: "east", Time: day.Add(time.Duration(n) * time.Second),
		Quantity: n, Amount: events.Money(100 * n), Foreign: n%2 == 0, Event: "11.11",
	}
}

func byNumber(lines []forecast.Line) []forecast.Line {
	slices.SortFunc(lines, func(a, b forecast.Line) int { return int(a.ID.Hi - b.ID.Hi) })
	return lines
}

func saleLines(t *testing.T, db *sqldb.DB) {
	all := []forecast.Line{
		line(1, "s1", "o1", "u1", forecast.Sold), line(2, "s1", "o1", "u1", forecast.Cancelled),
		line(3, "s1", "r1", "u1", forecast.Returned), line(4, "s1", "o2", "", forecast.Sold),
		line(5, "s2", "o1", "u1", forecast.Sold), line(6, "s1", "o3", "u2", forecast.Returned),
	}
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return tx.AddSaleLines(ctx, all) })
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		orders, err := tx.SaleLinesOfOrders(ctx, []forecast.OrderKey{{SKU: "s1", Order: "o1"}, {SKU: "s1", Order: "o2"}, {SKU: "s2", Order: "o2"}})
		must(t, err)
		users, err := tx.SaleLinesOfUsers(ctx, []forecast.UserKey{{SKU: "s1", User: "u1"}})
		must(t, err)
		returns, err := tx.SaleReturnsOfUsers(ctx, []forecast.UserKey{{SKU: "s1", User: "u1"}, {SKU: "s2", User: "u1"}, {SKU: "s1", User: "u2"}})
		must(t, err)
		for _, c := range []struct {
			name      string
			got, want []forecast.Line
		}{
			{"of orders", orders, []forecast.Line{all[0], all[1], all[3]}},
			{"of users", users, []forecast.Line{all[0], all[1], all[2]}},
			{"of returns", returns, []forecast.Line{all[2], all[5]}},
		} {
			if d := cmp.Diff(c.want, byNumber(c.got)); d != "" {
				t.Errorf("lines %s (-want +got):\n%s", c.name, d)
			}
		}
		return nil
	})
}

func hour(sku, region string, h int, quantity int64) forecast.Hour {
	return forecast.Hour{
		SKU: events.SKU(sku), Region: region, Start: day.Add(time.Duration(h) * time.Hour),
		Quantity: quantity, Revenue: events.Money(quantity * 1000), Foreign: 1, Deposits: 2,
	}
}

func saleHours(t *testing.T, db *sqldb.DB) {
	ctx := t.Context()
	for range 2 {
		inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			return tx.AddSaleHours(ctx, []forecast.Hour{hour("s1", "east", 2, 5), hour("s1", "west", 2, -1), hour("s1", "east", 1, 3), hour("s2", "", 1, 7)})
		})
	}
	read := func(skus []events.SKU, from, before int) (out []forecast.Hour) {
		must(t, db.SaleHours(ctx, skus, day.Add(time.Duration(from)*time.Hour), day.Add(time.Duration(before)*time.Hour), func(h forecast.Hour) error {
			out = append(out, h)
			return nil
		}))
		return out
	}
	twice := func(h forecast.Hour) forecast.Hour {
		h.Quantity, h.Revenue, h.Foreign, h.Deposits = 2*h.Quantity, 2*h.Revenue, 2*h.Foreign, 2*h.Deposits
		return h
	}
	want := []forecast.Hour{twice(hour("s1", "east", 1, 3)), twice(hour("s1", "east", 2, 5)), twice(hour("s1", "west", 2, -1))}
	if d := cmp.Diff(want, read([]events.SKU{"s1", "unknown"}, 0, 10)); d != "" {
		t.Errorf("hours of s1 (-want +got):\n%s", d)
	}
	if d := cmp.Diff(want[:1], read([]events.SKU{"s1"}, 1, 2)); d != "" {
		t.Errorf("hours of s1 in [1, 2) (-want +got):\n%s", d)
	}
	all := read(nil, 0, 10)
	if len(all) != 4 {
		t.Errorf("all hours: %v", all)
	}
	stop := errors.New("enough")
	if err := db.SaleHours(ctx, nil, day, day.Add(time.Hour*9), func(forecast.Hour) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("reading went on after the reader's error: %v", err)
	}
}

func stockMoves(t *testing.T, db *sqldb.DB) {
	moves := []forecast.StockMove{
		{ID: events.RecordID{Hi: 1}, SKU: "s1", Location: "w1", Region: "east", Level: true, Quantity: 10, Version: 1, Time: day},
		{ID: events.RecordID{Hi: 2}, SKU: "s1", Location: "w1", Region: "east", Quantity: -3, Version: 2, Time: day},
		{ID: events.RecordID{Hi: 3}, SKU: "s2", Location: "w2", Region: "west", Level: true, Quantity: 0, Version: math.MaxInt64, Time: day},
	}
	for range 2 {
		inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return tx.AddStockMoves(ctx, moves) })
	}
	read := func(skus []events.SKU) (out []forecast.StockMove) {
		must(t, db.StockMoves(t.Context(), skus, func(m forecast.StockMove) error {
			out = append(out, m)
			return nil
		}))
		return out
	}
	if d := cmp.Diff(moves[:2], read([]events.SKU{"s1"})); d != "" {
		t.Errorf("moves of s1 (-want +got):\n%s", d)
	}
	if n := len(read(nil)); n != 3 {
		t.Errorf("%d moves in all, want 3", n)
	}
}

func saleProducts(t *testing.T, db *sqldb.DB) {
	ctx := t.Context()
	unnamed := line(2, "s2", "o1", "u1", forecast.Deposit)
	unnamed.Item = ""
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		if err := tx.AddSaleLines(ctx, []forecast.Line{line(1, "s1", "o1", "u1", forecast.Sold), unnamed}); err != nil {
			return err
		}
		return tx.AddStockMoves(ctx, []forecast.StockMove{{SKU: "s3", Location: "w", Time: day}, {SKU: "s1", Location: "w", Time: day}})
	})
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		return tx.AddSaleLines(ctx, []forecast.Line{line(3, "s2", "o1", "u1", forecast.Presold)})
	})
	_, err := db.PutSupply(ctx, forecast.Supply{SKU: "s4", Version: forecast.AnyVersion})
	must(t, err)
	_, err = db.PutSupply(ctx, forecast.Supply{SKU: "s1", Version: forecast.AnyVersion})
	must(t, err)
	all, err := db.SaleProducts(ctx, nil)
	must(t, err)
	want := []forecast.Product{{SKU: "s1", Item: "item of s1"}, {SKU: "s2", Item: "item of s2"}, {SKU: "s3"}, {SKU: "s4"}}
	if d := cmp.Diff(want, all); d != "" {
		t.Errorf("products (-want +got):\n%s", d)
	}
	some, err := db.SaleProducts(ctx, []events.SKU{"s2", "s4", "s9"})
	must(t, err)
	if d := cmp.Diff([]forecast.Product{want[1], want[3]}, some); d != "" {
		t.Errorf("some products (-want +got):\n%s", d)
	}
}

func salesMark(t *testing.T, db *sqldb.DB) {
	ctx := t.Context()
	empty, err := db.SalesMark(ctx)
	must(t, err)
	if !empty.Newest.IsZero() || empty.Version != 0 {
		t.Fatalf("an empty store is marked %+v", empty)
	}
	for _, m := range []struct {
		part events.Part
		at   time.Time
	}{{1, day}, {2, day.Add(time.Hour)}, {2, day}, {1, time.Time{}}} {
		inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return tx.MarkSales(ctx, m.part, m.at) })
	}
	got, err := db.SalesMark(ctx)
	must(t, err)
	if want := (forecast.Mark{Newest: day.Add(time.Hour), Version: 4}); got != want {
		t.Fatalf("mark is %+v, want %+v", got, want)
	}
}

func documents(t *testing.T, db *sqldb.DB) {
	ctx := t.Context()
	if _, err := db.CalendarEvent(ctx, "11.11"); !errors.Is(err, forecast.ErrNotFound) {
		t.Errorf("an event that was never put: %v", err)
	}
	event := forecast.Event{Key: "11.11", Name: "双十一"}
	version, err := db.PutCalendarEvent(ctx, event)
	must(t, err)
	if version != 1 {
		t.Fatalf("the first version is %d", version)
	}
	if _, err := db.PutCalendarEvent(ctx, event); !errors.Is(err, forecast.ErrChanged) {
		t.Errorf("version 0 replaced version 1: %v", err)
	}
	event.Version, event.Name = 1, "Double 11"
	if version, err = db.PutCalendarEvent(ctx, event); err != nil || version != 2 {
		t.Fatalf("the second version is %d: %v", version, err)
	}
	if _, err := db.PutCalendarEvent(ctx, event); !errors.Is(err, forecast.ErrChanged) {
		t.Errorf("version 1 replaced version 2: %v", err)
	}
	missing := forecast.Event{Key: "6.18", Version: 1}
	if _, err := db.PutCalendarEvent(ctx, missing); !errors.Is(err, forecast.ErrChanged) {
		t.Errorf("a version of nothing was replaced: %v", err)
	}
	if _, err := db.CalendarEvent(ctx, "6.18"); !errors.Is(err, forecast.ErrNotFound) {
		t.Errorf("the refused event was stored: %v", err)
	}
	event.Version = 2
	all, err := db.CalendarEvents(ctx)
	must(t, err)
	if d := cmp.Diff([]forecast.Event{event}, all); d != "" {
		t.Errorf("calendar (-want +got):\n%s", d)
	}

	supply := forecast.Supply{SKU: "s 1/红", Cost: 100, LeadTimeDays: 2.5, Pack: 1, Version: forecast.AnyVersion}
	for want := int64(1); want <= 2; want++ {
		if version, err = db.PutSupply(ctx, supply); err != nil || version != want {
			t.Fatalf("supply version %d, want %d: %v", version, want, err)
		}
	}
	supply.Version = 2
	got, err := db.Supply(ctx, supply.SKU)
	must(t, err)
	if d := cmp.Diff(supply, got); d != "" {
		t.Errorf("supply (-want +got):\n%s", d)
	}
	some, err := db.Supplies(ctx, []events.SKU{supply.SKU, "other"})
	must(t, err)
	if d := cmp.Diff([]forecast.Supply{supply}, some); d != "" {
		t.Errorf("supplies (-want +got):\n%s", d)
	}

	plan := forecast.Plan{ID: "p1", Event: "11.11", Created: day}
	must(t, db.AddStockPlan(ctx, plan))
	if err := db.AddStockPlan(ctx, plan); err == nil {
		t.Error("a plan was replaced")
	}
	stored, err := db.StockPlan(ctx, "p1")
	must(t, err)
	if stored.Event != plan.Event || !stored.Created.Equal(plan.Created) {
		t.Errorf("plan came back as %+v", stored)
	}
	if _, err := db.StockPlan(ctx, "p2"); !errors.Is(err, forecast.ErrNotFound) {
		t.Errorf("a plan that does not exist: %v", err)
	}
}

// oddText stores what a shop may send as ids: quotes, blanks, other scripts,
// long names, things that look like SQL or parameters.
func oddText(t *testing.T, db *sqldb.DB) {
	odd := []string{"' OR 1=1 --", "$1", "?", "双 11 🎉", "a\"b", "per%cent", strings.Repeat("长", 85), "ROWS"}
	var lines []forecast.Line
	for i, s := range odd {
		lines = append(lines, line(int64(i+1), s, s, s, forecast.Sold))
	}
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return tx.AddSaleLines(ctx, lines) })
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		for i, s := range odd {
			got, err := tx.SaleLinesOfOrders(ctx, []forecast.OrderKey{{SKU: events.SKU(s), Order: events.OrderID(s)}})
			if err != nil {
				return err
			}
			if d := cmp.Diff(lines[i:i+1], got); d != "" {
				t.Errorf("%q (-want +got):\n%s", s, d)
			}
		}
		return nil
	})
}
