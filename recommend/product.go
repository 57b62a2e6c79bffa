package recommend

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/peakday/peakday/events"
)

// product is what facts have said of an item, or of one SKU, field by field.
type product struct {
	title, category, brand dated[string]
	price                  dated[events.Money]
	regions                dated[[]string] // sorted
	published              dated[bool]
	attributes             map[string]dated[string] // as JSON, each by itself
}

// change merges a product.changed: what it does not say stays.
func (p *product) change(c *events.Product, at int64) {
	offerPointer(&p.title, c.Title, at, cmp.Compare)
	offerPointer(&p.category, c.Category, at, cmp.Compare)
	offerPointer(&p.brand, c.Brand, at, cmp.Compare)
	offerPointer(&p.price, c.Price, at, cmp.Compare)
	offerPointer(&p.published, c.Published, at, compareBool)
	if len(c.Regions) > 0 {
		sorted := slices.Sorted(slices.Values(c.Regions))
		p.regions.offer(slices.Compact(sorted), at, byProduct, slices.Compare)
	}
	for name, value := range c.Attributes {
		text, err := json.Marshal(value)
		if err != nil {
			continue // cannot be: it came as JSON
		}
		if p.attributes == nil {
			p.attributes = map[string]dated[string]{}
		}
		d := p.attributes[name]
		d.offer(string(text), at, byProduct, cmp.Compare)
		p.attributes[name] = d
	}
}

// see takes the title and the price of an order line, which fill unknown ones.
func (p *product) see(l events.Line, priced bool, at int64) {
	if l.Title != "" {
		p.title.offer(l.Title, at, byOrder, cmp.Compare)
	}
	if priced {
		p.price.offer(l.Price, at, byOrder, cmp.Compare)
	}
}

func (p *product) encode(b []byte) []byte {
	for _, d := range []*dated[string]{&p.title, &p.category, &p.brand} {
		b = d.encode(b, appendString)
	}
	b = p.price.encode(b, appendMoney)
	b = p.regions.encode(b, appendStrings)
	b = p.published.encode(b, appendBool)
	b = appendCount(b, len(p.attributes))
	for _, name := range slices.Sorted(maps.Keys(p.attributes)) {
		d := p.attributes[name]
		b = appendString(b, name)
		b = d.encode(b, appendString)
	}
	return b
}

func (p *product) decode(d *decoder) {
	text := func(d *decoder) string { return strings.Clone(d.string()) }
	for _, f := range []*dated[string]{&p.title, &p.category, &p.brand} {
		f.decode(d, text)
	}
	p.price.decode(d, func(d *decoder) events.Money { return events.Money(d.varint()) })
	p.regions.decode(d, decodeStrings)
	p.published.decode(d, (*decoder).bool)
	for range d.count(1<<20, 2) {
		name := text(d)
		var v dated[string]
		v.decode(d, text)
		if p.attributes == nil {
			p.attributes = map[string]dated[string]{}
		}
		p.attributes[name] = v
	}
}

// mergedAttributes gives the attributes of the item and, where it has none of a name,
// those of its SKUs in their order.
func mergedAttributes(all []*product) map[string]any {
	out := map[string]any{}
	for _, p := range all {
		for name, d := range p.attributes {
			if _, has := out[name]; has {
				continue
			}
			var v any
			if json.Unmarshal([]byte(d.value), &v) != nil {
				continue
			}
			out[name] = v
		}
	}
	return out
}
