package forecast

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/peakday/peakday/events"
)

// Supply is what a planner tells about buying one SKU.
type Supply struct {
	SKU          events.SKU
	Currency     events.Currency
	Cost         events.Money // of one piece; 0 if unknown
	Price        events.Money // that one piece sells for; 0 if unknown
	LeadTimeDays float64      // from order to receipt, on average
	LeadTimeSD   float64      // its standard deviation, in days
	Pack         int64        // orders are multiples of it, at least 1
	MinOrder     int64        // no order is smaller, 0 for no limit
	OnOrder      []Receipt    // what was ordered and has not come yet, by date
	Version      int64
}

// Receipt is a quantity that is expected on a day.
type Receipt struct {
	Date     Day   `json:"date"`
	Quantity int64 `json:"quantity"`
}

// Bounds of what a planner may say about supply.
const (
	maxLeadDays = 730
	maxPieces   = 1_000_000_000
	maxReceipts = 1000
)

// wireSupply is Supply as JSON: amounts are decimals of the major unit.
type wireSupply struct {
	SKU          events.SKU      `json:"sku,omitempty"`
	Currency     events.Currency `json:"currency,omitempty"`
	Cost         decimal         `json:"cost"`
	Price        decimal         `json:"price"`
	LeadTimeDays float64         `json:"lead_time_days"`
	LeadTimeSD   float64         `json:"lead_time_sd"`
	Pack         *int64          `json:"pack"`
	MinOrder     int64           `json:"min_order"`
	OnOrder      []Receipt       `json:"on_order"`
	Version      int64           `json:"version"`
}

// ParseSupply reads the JSON of a SKU's supply data; amounts are in shop. Pack
// is 1 if it is left out; receipts of one day are added up. The error is an
// *events.Invalid.
func ParseSupply(sku events.SKU, body []byte, shop events.Currency) (Supply, error) {
	if err := events.CheckID("sku", string(sku)); err != nil {
		return Supply{}, err
	}
	var w wireSupply
	if err := events.DecodeStrictly(body, &w); err != nil {
		return Supply{}, err
	}
	if w.SKU != "" && w.SKU != sku {
		return Supply{}, &events.Invalid{Field: "sku", Problem: fmt.Sprintf("must be %q as in the path, got %q", events.Clip(string(sku)), events.Clip(string(w.SKU)))}
	}
	if w.Currency != "" && w.Currency != shop {
		return Supply{}, &events.Invalid{Field: "currency", Problem: fmt.Sprintf("must be the shop's %s, got %q", shop, events.Clip(string(w.Currency)))}
	}
	w.SKU, w.Currency = sku, shop
	return w.supply()
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Supply) UnmarshalJSON(body []byte) error {
	var w wireSupply
	if err := json.Unmarshal(body, &w); err != nil {
		return err
	}
	read, err := w.supply()
	if err != nil {
		return err
	}
	*s = read
	return nil
}

// MarshalJSON writes amounts as decimal strings in the currency beside them.
func (s Supply) MarshalJSON() ([]byte, error) {
	pack := max(1, s.Pack)
	on := s.OnOrder
	if on == nil {
		on = []Receipt{}
	}
	return json.Marshal(wireSupply{
		SKU: s.SKU, Currency: s.Currency, Cost: decimal(s.Currency.Format(s.Cost)), Price: decimal(s.Currency.Format(s.Price)),
		LeadTimeDays: s.LeadTimeDays, LeadTimeSD: s.LeadTimeSD, Pack: &pack, MinOrder: s.MinOrder, OnOrder: on, Version: s.Version,
	})
}

// supply checks the fields.
func (w *wireSupply) supply() (Supply, error) {
	s := Supply{SKU: w.SKU, Currency: w.Currency, LeadTimeDays: w.LeadTimeDays, LeadTimeSD: w.LeadTimeSD, Pack: 1, MinOrder: w.MinOrder, Version: w.Version}
	if w.Pack != nil {
		s.Pack = *w.Pack
	}
	for _, f := range []struct {
		name string
		from decimal
		to   *events.Money
	}{{"cost", w.Cost, &s.Cost}, {"price", w.Price, &s.Price}} {
		if err := f.from.amount(f.name, w.Currency, f.to); err != nil {
			return Supply{}, err
		}
	}
	for _, f := range []struct {
		name string
		days float64
	}{{"lead_time_days", s.LeadTimeDays}, {"lead_time_sd", s.LeadTimeSD}} {
		if !(f.days >= 0 && f.days <= maxLeadDays) {
			return Supply{}, &events.Invalid{Field: f.name, Problem: fmt.Sprintf("must be 0 to %d days, got %g", maxLeadDays, f.days)}
		}
	}
	if err := pieces("pack", s.Pack, 1); err != nil {
		return Supply{}, err
	}
	if err := pieces("min_order", s.MinOrder, 0); err != nil {
		return Supply{}, err
	}
	if n := len(w.OnOrder); n > maxReceipts {
		return Supply{}, &events.Invalid{Field: "on_order", Problem: fmt.Sprintf("must be at most %d receipts, got %d", maxReceipts, n)}
	}
	for i, r := range w.OnOrder {
		if err := pieces(fmt.Sprintf("on_order[%d].quantity", i), r.Quantity, 1); err != nil {
			return Supply{}, err
		}
	}
	s.OnOrder = mergeReceipts(w.OnOrder)
	return s, nil
}

func pieces(field string, n, least int64) error {
	if n < least || n > maxPieces {
		return &events.Invalid{Field: field, Problem: fmt.Sprintf("must be %d to %d, got %d", least, maxPieces, n)}
	}
	return nil
}

// mergeReceipts orders receipts by date and adds up those of one day.
func mergeReceipts(rs []Receipt) []Receipt {
	sorted := slices.Clone(rs)
	slices.SortFunc(sorted, func(a, b Receipt) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Quantity, b.Quantity))
	})
	var out []Receipt
	for _, r := range sorted {
		if n := len(out); n > 0 && out[n-1].Date == r.Date {
			out[n-1].Quantity += r.Quantity
			continue
		}
		out = append(out, r)
	}
	return out
}
