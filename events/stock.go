package events

import (
	"encoding/json"
	"fmt"
)

// Stock is a level of stock, or a change of it, at one location.
type Stock struct {
	SKU      SKU
	Location string // "default" if the sender has only one
	Region   string // the location's, else the location itself
	Quantity int64  // pieces available (stock.level) or their change (stock.adjusted)
	Version  int64  // orders the events of a location: the sender's version, or updated_at in microseconds
	Reason   string
}

func (*Stock) units() []Unit { return nil }

func readStock(data json.RawMessage, t Type, _ Currency) (Data, error) {
	var w struct {
		SKU       string `json:"sku"`
		Location  string `json:"location_id"`
		Region    string `json:"region"`
		Available *int64 `json:"available"`
		Delta     *int64 `json:"delta"`
		Version   *int64 `json:"version"`
		UpdatedAt string `json:"updated_at"`
		Reason    string `json:"reason"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	if err := CheckID("sku", w.SKU); err != nil {
		return nil, err
	}
	if err := checkOptionalIDs("location_id", w.Location, "region", w.Region); err != nil {
		return nil, err
	}
	s := &Stock{SKU: SKU(w.SKU), Location: w.Location, Region: w.Region, Reason: w.Reason}
	if s.Location == "" {
		s.Location = "default"
	}
	if s.Region == "" {
		s.Region = s.Location
	}
	switch {
	case w.Version != nil && *w.Version >= 0:
		s.Version = *w.Version
	case w.Version != nil:
		return nil, &Invalid{Field: "version", Problem: fmt.Sprintf("must not be negative, got %d", *w.Version)}
	case w.UpdatedAt != "":
		at, err := readTime("updated_at", w.UpdatedAt)
		if err != nil {
			return nil, err
		}
		s.Version = Micros(at)
	default:
		return nil, &Invalid{Field: "version", Problem: "or updated_at is required, so that a late event cannot undo a newer one"}
	}
	quantity, field := w.Available, "available"
	if t == StockAdjusted {
		quantity, field = w.Delta, "delta"
	}
	if quantity == nil {
		return nil, &Invalid{Field: field, Problem: "is required"}
	}
	if *quantity > maxQuantity || *quantity < -maxQuantity {
		return nil, &Invalid{Field: field, Problem: fmt.Sprintf("must be within ±%d, got %d", maxQuantity, *quantity)}
	}
	s.Quantity = *quantity
	return s, nil
}
