package forecast

import (
	"testing"

	"github.com/peakday/peakday/events"
)

// What is on its way is not ordered again.
func TestAnAlertsOrderCountsWhatIsOnOrder(t *testing.T) {
	t.Parallel()
	m, desk := openShop(t)
	now := at(t, desk.Zone, "2025-10-20 12:00")
	m.moves = []StockMove{{ID: events.RecordID{Lo: 1}, SKU: "s4", Location: "l", Region: "east", Level: true, Quantity: 20, Version: 1, Time: NewDay(2025, 10, 1).In(desk.Zone)}}
	alert := func(onOrder ...Receipt) Alert {
		t.Helper()
		m.supplies = []Supply{{SKU: "s4", Currency: "CNY", Cost: 600, Price: 1000, LeadTimeDays: 5, Pack: 1, OnOrder: onOrder}}
		all, err := desk.Alerts(t.Context(), AlertQuery{}, now)
		if err != nil || len(all) != 1 || all[0].SKU != "s4" {
			t.Fatalf("%+v, %v", all, err)
		}
		return all[0]
	}
	far := NewDay(2025, 10, 28)
	none, some := alert(), alert(Receipt{far, 30})
	if none.Order < 40 || some.Order != none.Order-30 || some.OnOrder != 30 || some.Until != far-1 {
		t.Errorf("%d with nothing on order, %+v with 30", none.Order, some)
	}
}
