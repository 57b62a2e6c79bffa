package recommend

import (
	"maps"
	"slices"

	"github.com/peakday/peakday/events"
)

// refresh puts what is known of an item where readers find it.
func (c *Catalog) refresh(r *itemRecord) {
	it := &Item{
		ID: r.item, Published: true, Regions: r.regions.value, standing: r.standing,
		Launched: events.FromMicros(r.launched),
	}
	it.freshest = max(r.launched, r.sold)
	if r.sold != 0 {
		it.Sold = events.FromMicros(r.sold)
	}
	if r.published.known() {
		it.Published = r.published.value
	}
	said := make([]*product, 1, 1+len(r.skus))
	said[0] = &r.product
	for _, sku := range r.skus {
		s := c.skus[sku]
		said = append(said, &s.product)
		it.Offers = append(it.Offers, s.offer())
	}
	it.Title = firstKnown(said, func(p *product) *dated[string] { return &p.title })
	it.Category = firstKnown(said, func(p *product) *dated[string] { return &p.category })
	it.Brand = firstKnown(said, func(p *product) *dated[string] { return &p.brand })
	if r.parsed == nil {
		r.parsed = mergedAttributes(said)
	}
	it.Attributes = r.parsed
	it.Price, it.Priced = priceOf(said)
	it.available = it.availableIn("")
	before := c.items.get(int(r.slot))
	c.items.put(int(r.slot), it)
	c.index.summarise(r.slot, it)
	c.watchers.notify(it.Offers)
	if it.standing != nobody {
		if before != nil && before.standing == nobody {
			before = nil
		}
		c.index.update(r.slot, before, it)
	}
}

// refreshStock shows the item with the stock of one SKU changed, which is all that
// changes in a sale's busiest hour.
func (c *Catalog) refreshStock(r *itemRecord, s *skuRecord) {
	before := c.items.get(int(r.slot))
	at := slices.IndexFunc(before.Offers, func(o Offer) bool { return o.SKU == s.sku })
	if at < 0 {
		c.refresh(r)
		return
	}
	it := *before
	it.Offers = slices.Clone(before.Offers)
	it.Offers[at] = s.offer()
	it.available = it.availableIn("")
	c.items.put(int(r.slot), &it)
	c.index.summarise(r.slot, &it)
	c.watchers.notify(it.Offers[at : at+1])
}

// firstKnown prefers what was declared to what was only seen, and the item to
// its SKUs.
func firstKnown(said []*product, field func(*product) *dated[string]) string {
	for _, by := range []source{byProduct, byOrder} {
		for _, p := range said {
			if d := field(p); d.by == by {
				return d.value
			}
		}
	}
	return ""
}

// priceOf is the item's declared price, else the lowest declared one of its
// SKUs, else what was last paid.
func priceOf(said []*product) (price events.Money, known bool) {
	own := said[0].price
	if own.by == byProduct {
		return own.value, true
	}
	for _, p := range said[1:] {
		if p.price.by == byProduct && (!known || p.price.value < price) {
			price, known = p.price.value, true
		}
	}
	if known {
		return price, true
	}
	return own.value, own.known()
}

func (s *skuRecord) offer() Offer {
	o := Offer{
		SKU: s.sku, Title: s.title.value, Price: s.price.value, Priced: s.price.known(),
		Regions: s.regions.value, Published: true,
	}
	if s.published.known() {
		o.Published = s.published.value
	}
	for _, location := range slices.Sorted(maps.Keys(s.locations)) {
		inventory := s.locations[location]
		pieces, known := inventory.Remaining()
		o.Locations = append(o.Locations, LocationStock{location, inventory.Region(), pieces, known})
	}
	return o
}
