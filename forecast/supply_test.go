package forecast

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/peakday/peakday/events"
)

func TestParseSupplyReadsAmountsExactly(t *testing.T) {
	t.Parallel()
	s, err := ParseSupply("s", []byte(`{"cost":"12.30","price":19.99,"lead_time_days":7.5,"lead_time_sd":2,"pack":6,"min_order":12,
		"on_order":[{"date":"2025-11-01","quantity":5},{"date":"2025-10-20","quantity":7},{"date":"2025-11-01","quantity":1}]}`), "CNY")
	if err != nil {
		t.Fatal(err)
	}
	want := Supply{
		SKU: "s", Currency: "CNY", Cost: 1230, Price: 1999, LeadTimeDays: 7.5, LeadTimeSD: 2, Pack: 6, MinOrder: 12,
		OnOrder: []Receipt{{day(t, "2025-10-20"), 7}, {day(t, "2025-11-01"), 6}},
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
	body, err := json.Marshal(s)
	if err != nil || !strings.Contains(string(body), `"cost":"12.30","price":"19.99"`) {
		t.Errorf("JSON %s, %v", body, err)
	}
	var back Supply
	if err := json.Unmarshal(body, &back); err != nil || cmp.Diff(s, back) != "" {
		t.Errorf("after JSON: %v, %s", err, cmp.Diff(s, back))
	}
}

func TestParseSupplyNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, field string }{
		{`[]`, ""},
		{`{"coast":1}`, "coast"},
		{`{"sku":"other"}`, "sku"},
		{`{"currency":"USD"}`, "currency"},
		{`{"cost":"12.345"}`, "cost"},
		{`{"cost":"-1"}`, "cost"},
		{`{"cost":"a lot"}`, "cost"},
		{`{"price":true}`, "price"},
		{`{"price":"99999999999999999"}`, "price"},
		{`{"lead_time_days":-1}`, "lead_time_days"},
		{`{"lead_time_sd":1e9}`, "lead_time_sd"},
		{`{"pack":0}`, "pack"},
		{`{"pack":1.5}`, "pack"},
		{`{"min_order":-1}`, "min_order"},
		{`{"on_order":[{"date":"2025-11-01","quantity":0}]}`, "on_order[0].quantity"},
	} {
		t.Run(c.body, func(t *testing.T) {
			t.Parallel()
			_, err := ParseSupply("s", []byte(c.body), "CNY")
			var invalid *events.Invalid
			if !errors.As(err, &invalid) || invalid.Field != c.field {
				t.Errorf("error %v, want one of field %q", err, c.field)
			}
		})
	}
}

func row(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestSupplyRowsOfOneSKUMerge(t *testing.T) {
	t.Parallel()
	var rows []Supply
	for _, r := range []func(string) string{
		row("sku", "b", "cost", "3"),
		row("sku", "a", "cost", " 2.50 ", "lead_time_days", "7", "on_order_date", "2025-11-01", "on_order_quantity", "5"),
		row("sku", "a", "cost", "2.60", "lead_time_days", "8", "pack", "4", "on_order_date", "2025-10-01", "on_order_quantity", "6"),
	} {
		s, err := ParseSupplyRow(r, "CNY")
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, s)
	}
	want := []Supply{
		{SKU: "a", Currency: "CNY", Cost: 260, LeadTimeDays: 8, Pack: 4, OnOrder: []Receipt{{day(t, "2025-10-01"), 6}, {day(t, "2025-11-01"), 5}}},
		{SKU: "b", Currency: "CNY", Cost: 300, Pack: 1},
	}
	if diff := cmp.Diff(want, MergeSupplies(rows)); diff != "" {
		t.Error(diff)
	}
}

func TestSupplyRowNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		row   func(string) string
		field string
	}{
		{row("cost", "1"), "sku"},
		{row("sku", "a", "cost", "1,50"), "cost"},
		{row("sku", "a", "lead_time_days", "soon"), "lead_time_days"},
		{row("sku", "a", "lead_time_days", "NaN"), "lead_time_days"},
		{row("sku", "a", "pack", "1.5"), "pack"},
		{row("sku", "a", "on_order_date", "tomorrow", "on_order_quantity", "1"), "on_order_date"},
		{row("sku", "a", "on_order_date", "2025-11-01"), "on_order_quantity"},
		{row("sku", "a", "on_order_quantity", "4"), "on_order_date"},
	} {
		_, err := ParseSupplyRow(c.row, "CNY")
		var invalid *events.Invalid
		if !errors.As(err, &invalid) || invalid.Field != c.field {
			t.Errorf("error %v, want one of field %q", err, c.field)
		}
	}
}

func FuzzParseSupply(f *testing.F) {
	f.Add([]byte(`{"cost":"12.30","price":19.99,"lead_time_days":7.5,"pack":6,"on_order":[{"date":"2025-11-01","quantity":5}]}`))
	f.Add([]byte(`{"cost":null,"lead_time_sd":1e308}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := ParseSupply("s", body, "CNY")
		if err != nil {
			var invalid *events.Invalid
			if !errors.As(err, &invalid) {
				t.Fatalf("%v is not an *events.Invalid", err)
			}
			return
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Supply
		if err := json.Unmarshal(again, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, back); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzParseSupplyRow(f *testing.F) {
	f.Add("s", "1.5", "7", "6", "2025-11-01", "5")
	f.Fuzz(func(t *testing.T, sku, cost, lead, pack, date, quantity string) {
		s, err := ParseSupplyRow(row("sku", sku, "cost", cost, "lead_time_days", lead, "pack", pack, "on_order_date", date, "on_order_quantity", quantity), "CNY")
		if err != nil {
			var invalid *events.Invalid
			if !errors.As(err, &invalid) {
				t.Fatalf("%v is not an *events.Invalid", err)
			}
			return
		}
		if s.Cost < 0 || s.Pack < 1 || !(s.LeadTimeDays >= 0) {
			t.Fatalf("%+v", s)
		}
	})
}

func FuzzReadSupplies(f *testing.F) {
	f.Add("sku,currency,cost,price,lead_time_days,lead_time_sd,pack,min_order,on_order_date,on_order_quantity\ns1,CNY,5.00,19.90,6,0,12,0,2026-11-13,24\ns1,CNY,5,19.9,6,0,12,0,2026-11-20,12\n")
	f.Add("cost,sku\n1,'=s\n2,''=s\n")
	f.Add("\ufeffsku\n\"a\nb\"\n")
	f.Fuzz(func(t *testing.T, table string) {
		rows, err := ReadSupplies(strings.NewReader(table), "CNY")
		if err != nil {
			var invalid *events.Invalid
			if !errors.As(err, &invalid) {
				t.Fatalf("%v is no fault of the table", err)
			}
			return
		}
		var written strings.Builder
		if err := WriteSupplies(&written, rows); err != nil {
			t.Fatal(err)
		}
		again, err := ReadSupplies(strings.NewReader(written.String()), "CNY")
		if diff := cmp.Diff(rows, again, cmpopts.EquateEmpty(), cmpopts.EquateApprox(0, 1e-6)); err != nil || diff != "" {
			t.Fatalf("%v (-read +read again):\n%s", err, diff)
		}
	})
}

func FuzzParsePlanRequest(f *testing.F) {
	f.Add([]byte(`{"event":"11.11","skus":["a"],"from":"2025-11-01","to":"2025-11-11","service_level":0.95,"leftover_loss":0.3}`))
	f.Add([]byte(`{"event":""}`))
	f.Add([]byte(`{"to":"2000-01-01"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := ParsePlanRequest(body, "CNY")
		var invalid *events.Invalid
		if err != nil && !errors.As(err, &invalid) {
			t.Fatalf("%v is not an *events.Invalid", err)
		}
		if err == nil && (r.ServiceLevel < 0 || r.ServiceLevel > .999 || r.Event == "" && r.To == 0) {
			t.Fatalf("%+v", r)
		}
	})
}
