package events

import "fmt"

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
