package dbtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/store/sqldb"
)

func presaleHours(t *testing.T, db *sqldb.DB) {
	row := func(sku, event string, h int, deposits int64) forecast.PresaleHour {
		return forecast.PresaleHour{
			SKU: events.SKU(sku), Event: event, Start: day.Add(time.Duration(h) * time.Hour),
			Deposits: deposits, DepositValue: events.Money(deposits * 100), Void: 1, Paid: 2, Returned: 3, Balances: -1,
		}
	}
	for range 2 {
		inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			return tx.AddPresaleHours(ctx, []forecast.PresaleHour{row("s1", "11.11", 1, 5), row("s1", "11.11", 30*24, 7), row("s2", "6.18", 1, 2)})
		})
	}
	read := func(before time.Duration) (out []forecast.PresaleHour) {
		must(t, db.PresaleHours(t.Context(), day, day.Add(before), func(p forecast.PresaleHour) error {
			out = append(out, p)
			return nil
		}))
		return out
	}
	if n := len(read(365 * 24 * time.Hour)); n != 3 {
		t.Errorf("%d rows in a year, want 3", n)
	}
	got := read(2 * time.Hour)
	want := forecast.PresaleHour{SKU: "s1", Event: "11.11", Start: day.Add(time.Hour), Deposits: 10, DepositValue: 1000, Void: 2, Paid: 4, Returned: 6, Balances: -2}
	for _, p := range got {
		if p.SKU == "s1" {
			if d := cmp.Diff(want, p); d != "" {
				t.Errorf("rows that were added twice (-want +got):\n%s", d)
			}
		}
	}
	if len(got) != 2 {
		t.Errorf("%d rows in two hours, want 2", len(got))
	}
}

func overrides(t *testing.T, db *sqldb.DB) {
	ctx := t.Context()
	o := forecast.Override{SKU: "s 1/红", Author: "li", Reason: "live stream", From: 1, To: 2, Factor: 1.5, Made: day}
	for want := int64(1); want <= 2; want++ {
		version, err := db.PutOverride(ctx, o)
		if err != nil || version != want {
			t.Fatalf("version %d, want %d: %v", version, want, err)
		}
		o.Version = version
	}
	o.Version = 1
	if _, err := db.PutOverride(ctx, o); !errors.Is(err, forecast.ErrChanged) {
		t.Errorf("an override of an old version: %v", err)
	}
	o.Version = forecast.AnyVersion
	if version, err := db.PutOverride(ctx, o); err != nil || version != 3 {
		t.Errorf("over any version: %d, %v", version, err)
	}
	some, err := db.Overrides(ctx, []events.SKU{o.SKU, "other"})
	must(t, err)
	all, err := db.Overrides(ctx, nil)
	must(t, err)
	if len(some) != 3 || len(all) != 3 || some[2].Version != 3 || some[0].Reason != "live stream" || !some[0].Made.Equal(day) {
		t.Errorf("%d of some, %d of all: %+v", len(some), len(all), some)
	}
	for _, id := range []string{"p1", "p2"} {
		must(t, db.AddStockPlan(ctx, forecast.Plan{ID: id, Created: day, Event: "双11", From: 20768, To: 20770}))
	}
	must(t, db.AddStockPlan(ctx, forecast.Plan{ID: "p3", Created: day.Add(-time.Hour), From: 20700, To: 20760}))
	head := func(id string) forecast.PlanHead {
		return forecast.PlanHead{ID: id, Created: day, Event: "双11", From: 20768, To: 20770}
	}
	days := forecast.PlanHead{ID: "p3", Created: day.Add(-time.Hour), From: 20700, To: 20760}
	for _, c := range []struct {
		name string
		q    forecast.PlanQuery
		want []forecast.PlanHead
	}{
		{"all", forecast.PlanQuery{Limit: 9}, []forecast.PlanHead{head("p2"), head("p1"), days}},
		{"the newest", forecast.PlanQuery{Limit: 1}, []forecast.PlanHead{head("p2")}},
		{"of an event", forecast.PlanQuery{Event: "双11", Limit: 9}, []forecast.PlanHead{head("p2"), head("p1")}},
		{"of another event", forecast.PlanQuery{Event: "12.12", Limit: 9}, nil},
		{"closed by the day before", forecast.PlanQuery{Until: 20769, Limit: 9}, []forecast.PlanHead{days}},
		{"of an event, closed by its last day", forecast.PlanQuery{Event: "双11", Until: 20770, Limit: 9}, []forecast.PlanHead{head("p2"), head("p1")}},
	} {
		heads, err := db.StockPlans(ctx, c.q)
		must(t, err)
		if d := cmp.Diff(c.want, heads); d != "" {
			t.Errorf("plans, %s (-want +got):\n%s", c.name, d)
		}
	}
}
