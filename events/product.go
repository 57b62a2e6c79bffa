package events

import (
	"encoding/json"
	"fmt"
)

// Product is a change of the catalogue. A nil or empty field leaves what is
// known as it is. With a SKU it changes that SKU only.
type Product struct {
	Item       ItemID
	SKU        SKU
	Title      *string
	Category   *string
	Brand      *string
	Price      *Money
	Attributes map[string]any
	Regions    []string // where it is sold; empty: no change
	Published  *bool
}

func (*Product) units() []Unit { return nil }

func readProduct(data json.RawMessage, _ Type, shop Currency) (Data, error) {
	var w struct {
		Product    string         `json:"product_id"`
		SKU        string         `json:"sku"`
		Title      *string        `json:"title"`
		Category   *string        `json:"category"`
		Brand      *string        `json:"brand"`
		Price      *wireAmount    `json:"price"`
		Attributes map[string]any `json:"attributes"`
		Regions    []string       `json:"regions"`
		Published  *bool          `json:"published"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	if err := CheckID("product_id", w.Product); err != nil {
		return nil, err
	}
	if err := checkOptionalIDs("sku", w.SKU); err != nil {
		return nil, err
	}
	for i, r := range w.Regions {
		if err := CheckID(fmt.Sprintf("regions[%d]", i), r); err != nil {
			return nil, err
		}
	}
	p := &Product{
		Item: ItemID(w.Product), SKU: SKU(w.SKU), Title: w.Title, Category: w.Category, Brand: w.Brand,
		Attributes: w.Attributes, Regions: w.Regions, Published: w.Published,
	}
	if w.Price != nil {
		m, err := price("price", w.Price, shop)
		if err != nil {
			return nil, err
		}
		p.Price = &m
	}
	return p, nil
}
