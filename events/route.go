package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Route gives one record for each key that a fold needs of e: for each unit
// that it names, for each SKU of its lines, for the item of a catalogue
// change. Each fold then reads only records of its own key, and every join
// stays in one partition.
//
// f is e, parsed. The records come in a fixed order with fixed ids, so that
// routing e again gives the same ones.
func Route(e Event, f Fact) ([]Record, error) {
	base := Record{Source: e.Source, ID: e.ID, Type: f.Type, Time: e.Time, Imported: f.Imported, Data: e.Data}
	var out []Record
	add := func(kind Kind, index int, key string, data []byte) {
		r := base
		r.Kind, r.Index, r.Key, r.Data = kind, index, key, data
		out = append(out, r)
	}
	for _, u := range f.Units() {
		add(Kind(u.Kind), 0, string(u.ID), e.Data)
	}
	switch d := f.Data.(type) {
	case *Order:
		lines, err := splitLines(e.Data, len(d.Lines))
		if err != nil {
			return nil, fmt.Errorf("route %s %s: %w", e.Source, e.ID, err)
		}
		for i, l := range d.Lines {
			add(ForSKU, i, string(l.SKU), lines[i])
		}
	case *Payment:
		add(ForSKU, 0, string(d.SKU), e.Data)
	case *Stock:
		add(ForSKU, 0, string(d.SKU), e.Data)
	case *Product:
		if d.SKU != "" {
			add(ForSKU, 0, string(d.SKU), e.Data)
		} else {
			add(ForItem, 0, string(d.Item), e.Data)
		}
	}
	if len(out) == 0 {
		// An unknown type, or a fact of nothing that a fold reads: kept and counted.
		add(ForNoKey, 0, e.ID, e.Data)
	}
	return out, nil
}

// maxSplit bounds the bytes that the SKUs' records of one order may take: each
// of them repeats all of the order but its products.
const maxSplit = 64 << 20

// splitLines makes one copy of an order's data for each of its products, with
// only that product in it; unknown fields are kept.
func splitLines(data json.RawMessage, n int) ([][]byte, error) {
	if n <= 1 {
		return [][]byte{data}, nil
	}
	head, products, tail, err := cutProducts(data)
	if err != nil {
		return nil, err
	}
	if len(products) != n {
		return nil, fmt.Errorf("the data has %d products, the fact %d", len(products), n)
	}
	if n*(len(head)+len(tail)) > maxSplit {
		return nil, &Invalid{Field: "data", Problem: fmt.Sprintf("is too large beside its %d products", n)}
	}
	out := make([][]byte, n)
	for i, p := range products {
		out[i] = slices.Concat(head, p, tail)
	}
	return out, nil
}

// cutProducts takes an order's data apart into what comes before the list's
// first product, the products, and what comes behind the last. The order of
// its fields stays: if one stands there twice, the later one counts. The total
// is left out, since the whole order's says nothing about one line.
func cutProducts(data json.RawMessage) (head []byte, products []json.RawMessage, tail []byte, err error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if _, err := dec.Token(); err != nil {
		return nil, nil, nil, err
	}
	part := []byte{'{'}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, nil, nil, err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, nil, nil, err
		}
		// Go's decoder takes names in any case; so must we.
		switch name := name.(string); {
		case strings.EqualFold(name, "total") || strings.EqualFold(name, "products") && string(value) == "null":
		case strings.EqualFold(name, "products"):
			if err := json.Unmarshal(value, &products); err != nil {
				return nil, nil, nil, err
			}
			head, part = append(part, `"products":[`...), []byte("],")
		default:
			quoted, err := json.Marshal(name)
			if err != nil {
				return nil, nil, nil, err
			}
			part = append(append(append(append(part, quoted...), ':'), value...), ',')
		}
	}
	return head, products, append(bytes.TrimSuffix(part, []byte{','}), '}'), nil
}
