package events

import (
	"encoding/json"
	"fmt"
)

// Behaviour is what a visitor did with a product: viewed, clicked, favorited,
// added to the cart or removed from it. The fact's type says which.
type Behaviour struct {
	Who
	Session   string
	Item      ItemID
	SKU       SKU
	Quantity  int64 // 1 if the sender gave none
	Price     Money
	Placement string // where on the page
	Request   string // the recommendation request that showed the item
}

func readBehaviour(data json.RawMessage, _ Type, shop Currency) (Data, error) {
	var w struct {
		wireWho
		Session   string      `json:"session_id"`
		Product   string      `json:"product_id"`
		SKU       string      `json:"sku"`
		Quantity  *int64      `json:"quantity"`
		Price     *wireAmount `json:"price"`
		Placement string      `json:"placement"`
		Request   string      `json:"request"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	who, err := w.someone()
	if err != nil {
		return nil, err
	}
	if err := CheckID("product_id", w.Product); err != nil {
		return nil, err
	}
	err = checkOptionalIDs("sku", w.SKU, "session_id", w.Session, "placement", w.Placement, "request", w.Request)
	if err != nil {
		return nil, err
	}
	b := &Behaviour{
		Who: who, Session: w.Session, Item: ItemID(w.Product), SKU: SKU(w.SKU),
		Quantity: 1, Placement: w.Placement, Request: w.Request,
	}
	if w.Quantity != nil {
		if b.Quantity, err = checkQuantity("quantity", *w.Quantity); err != nil {
			return nil, err
		}
	}
	b.Price, err = price("price", w.Price, shop)
	return b, err
}

// Shown says which items a recommendation request put before a visitor.
type Shown struct {
	Who
	Request   string
	Placement string
	Items     []ItemID
}

// maxShown bounds the items of one recommendation.shown.
const maxShown = 500

func readShown(data json.RawMessage, _ Type, _ Currency) (Data, error) {
	var w struct {
		wireWho
		Request   string   `json:"request"`
		Placement string   `json:"placement"`
		Products  []string `json:"product_ids"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	who, err := w.someone()
	if err != nil {
		return nil, err
	}
	if err := CheckID("request", w.Request); err != nil {
		return nil, err
	}
	if err := checkOptionalIDs("placement", w.Placement); err != nil {
		return nil, err
	}
	if n := len(w.Products); n < 1 || n > maxShown {
		return nil, &Invalid{Field: "product_ids", Problem: fmt.Sprintf("must name 1 to %d products, got %d", maxShown, n)}
	}
	s := &Shown{Who: who, Request: w.Request, Placement: w.Placement, Items: make([]ItemID, len(w.Products))}
	for i, p := range w.Products {
		if err := CheckID(fmt.Sprintf("product_ids[%d]", i), p); err != nil {
			return nil, err
		}
		s.Items[i] = ItemID(p)
	}
	return s, nil
}

// maxQuantity keeps sums of quantities far from 64 bits.
const maxQuantity = 1_000_000_000

func checkQuantity(field string, n int64) (int64, error) {
	if n < 1 || n > maxQuantity {
		return 0, &Invalid{Field: field, Problem: fmt.Sprintf("must be 1 to %d, got %d", maxQuantity, n)}
	}
	return n, nil
}
