package forecast

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/peakday/peakday/events"
)

// ReadSupplies reads the table that WriteSupplies writes; columns may be left
// out but for sku, and come in any order. The rows of a SKU are merged. The
// error is an *events.Invalid that names the column and the line.
func ReadSupplies(in io.Reader, shop events.Currency) ([]Supply, error) {
	table := csv.NewReader(in)
	head, err := table.Read()
	if err != nil {
		return nil, badTable(err)
	}
	columns := map[string]int{}
	for i, name := range head {
		name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
		if !slices.Contains(supplyColumns(), name) {
			return nil, &events.Invalid{Field: events.Clip(name), Problem: "must be a column of supply data: " + strings.Join(supplyColumns(), ", ")}
		}
		columns[name] = i
	}
	var rows []Supply
	for {
		record, err := table.Read()
		if errors.Is(err, io.EOF) {
			return MergeSupplies(rows), nil
		}
		if err != nil {
			return nil, badTable(err)
		}
		s, err := ParseSupplyRow(func(name string) string {
			if i, ok := columns[name]; ok {
				return record[i]
			}
			return ""
		}, shop)
		var invalid *events.Invalid
		if errors.As(err, &invalid) {
			line, _ := table.FieldPos(0)
			return nil, &events.Invalid{Field: invalid.Field, Problem: fmt.Sprintf("%s (line %d)", invalid.Problem, line)}
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, s)
	}
}

// badTable says why rows cannot be read.
func badTable(err error) error {
	if errors.Is(err, io.EOF) {
		return &events.Invalid{Problem: "the table must begin with a line of column names"}
	}
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		return &events.Invalid{Problem: fmt.Sprintf("line %d of the table: %v", syntax.Line, syntax.Err)}
	}
	return fmt.Errorf("read the table: %w", err)
}

// ParseSupplyRow reads supply data from one row of a table: field gives the
// text under a name, empty if there is none. The names are those of the JSON,
// with sku, on_order_date and on_order_quantity. The error is an
// *events.Invalid that names the field.
func ParseSupplyRow(field func(name string) string, shop events.Currency) (Supply, error) {
	w := wireSupply{SKU: events.SKU(uncell(field("sku"))), Currency: shop, Cost: decimal(strings.TrimSpace(field("cost"))), Price: decimal(strings.TrimSpace(field("price")))}
	if err := events.CheckID("sku", string(w.SKU)); err != nil {
		return Supply{}, err
	}
	if c := strings.TrimSpace(field("currency")); c != "" && events.Currency(c) != shop {
		return Supply{}, &events.Invalid{Field: "currency", Problem: fmt.Sprintf("must be the shop's %s, got %q", shop, events.Clip(c))}
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
