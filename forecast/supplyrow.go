package forecast

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/peakday/peakday/events"
)

// ParseSupplyRow reads supply data from one row of a table: field gives the
// text under a name, empty if there is none. The names are those of the JSON,
// with sku, on_order_date and on_order_quantity. The error is an
// *events.Invalid that names the field.
func ParseSupplyRow(field func(name string) string, shop events.Currency) (Supply, error) {
	w := wireSupply{SKU: events.SKU(field("sku")), Currency: shop, Cost: decimal(strings.TrimSpace(field("cost"))), Price: decimal(strings.TrimSpace(field("price")))}
	if err := events.CheckID("sku", string(w.SKU)); err != nil {
		return Supply{}, err
	}
	for _, f := range []struct {
		name string
		into *float64
	}{{"lead_time_days", &w.LeadTimeDays}, {"lead_time_sd", &w.LeadTimeSD}} {
		if text := strings.TrimSpace(field(f.name)); text != "" {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return Supply{}, &events.Invalid{Field: f.name, Problem: fmt.Sprintf("must be a number of days, got %q", events.Clip(text))}
			}
			*f.into = v
		}
	}
	pack, minOrder, quantity := int64(1), int64(0), int64(0)
	for _, f := range []struct {
		name string
		into *int64
	}{{"pack", &pack}, {"min_order", &minOrder}, {"on_order_quantity", &quantity}} {
		if text := strings.TrimSpace(field(f.name)); text != "" {
			v, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return Supply{}, &events.Invalid{Field: f.name, Problem: fmt.Sprintf("must be a whole number, got %q", events.Clip(text))}
			}
			*f.into = v
		}
	}
	w.Pack, w.MinOrder = &pack, minOrder
	switch date := strings.TrimSpace(field("on_order_date")); {
	case date != "":
		var r Receipt
		if err := r.Date.UnmarshalText([]byte(date)); err != nil {
			return Supply{}, &events.Invalid{Field: "on_order_date", Problem: err.Error()}
		}
		if err := pieces("on_order_quantity", quantity, 1); err != nil {
			return Supply{}, err
		}
		r.Quantity = quantity
		w.OnOrder = []Receipt{r}
	case quantity != 0:
		return Supply{}, &events.Invalid{Field: "on_order_date", Problem: "is required beside on_order_quantity"}
	}
	return w.supply()
}

// MergeSupplies joins the rows of each SKU, in their order: the last row wins,
// receipts are added up. The result is ordered by SKU.
func MergeSupplies(rows []Supply) []Supply {
	bySKU := map[events.SKU]Supply{}
	for _, r := range rows {
		if before, ok := bySKU[r.SKU]; ok {
			r.OnOrder = mergeReceipts(append(slices.Clone(before.OnOrder), r.OnOrder...))
		}
		bySKU[r.SKU] = r
	}
	out := make([]Supply, 0, len(bySKU))
	for _, sku := range sortedKeys(bySKU) {
		out = append(out, bySKU[sku])
	}
	return out
}
