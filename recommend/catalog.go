package recommend

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/peakday/peakday/events"
)

// Catalog knows every item: what product.changed said, which SKUs it has, how
// much of them is left, and, where nothing was said, what order lines and
// behaviour show. It does not depend on the order in which facts arrive.
//
// It is an events.Follower. Reading takes no lock that a writer holds: each
// Item is replaced as a whole, so that a sold-out item is out of the very next
// response.
type Catalog struct {
	interner *Interner
	log      string
	shop     events.Currency

	mu        sync.Mutex // of what writers share
	at        positions
	records   []*itemRecord // by slot; nil if only the interner knows it
	skus      map[events.SKU]*skuRecord
	writing   sync.Mutex // one snapshot at a time
	itemOrder snapshotOrder[*itemRecord]
	skuOrder  snapshotOrder[*skuRecord]

	items    pagedArray[Item] // by slot
	index    catalogIndex
	declared atomic.Int64
}

// itemRecord is all that has been said of an item.
type itemRecord struct {
	product
	item     events.ItemID
	slot     Slot
	standing source
	launched int64 // the oldest event time that named it
	sold     int64 // the newest of an order line; 0 if none
	skus     []events.SKU

	parsed map[string]any // the merged attributes; nil: not parsed yet
}

// skuRecord is all that has been said of a SKU. Until a fact links it to an
// item it belongs to the item of the same id, for shops that do not tell
// products from SKUs.
type skuRecord struct {
	product
	sku       events.SKU
	item      dated[events.ItemID]
	locations map[string]*events.Inventory // by location
}

// NewCatalog returns an empty catalogue that follows log. Prices in another
// currency than shop's are not taken.
func NewCatalog(interner *Interner, log string, shop events.Currency) *Catalog {
	return &Catalog{interner: interner, log: log, shop: shop, at: positions{}, skus: map[events.SKU]*skuRecord{}}
}

// Name implements events.Follower.
func (c *Catalog) Name() string { return "catalog" }

// Position implements events.Follower.
func (c *Catalog) Position(_ context.Context, number int) (events.Position, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at[partition{c.log, number}], nil
}

// Follow implements events.Follower. A batch that was partly applied before
// may be applied again: every fact counts once.
func (c *Catalog) Follow(_ context.Context, number int, from, to events.Position, batch []events.Delivery) error {
	at := partition{c.log, number}
	c.mu.Lock()
	err := c.at.check(at, from, to)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	for i := range batch {
		c.apply(&batch[i])
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at.advance(at, from, to)
}

// apply folds one record, the one of its fact that the catalogue reads.
func (c *Catalog) apply(d *events.Delivery) {
	at := events.Micros(d.Time)
	switch data := d.Fact.Data.(type) {
	case *events.Product:
		c.change(data, at)
	case *events.Stock:
		c.stock(data, d.Fact)
	case *events.Order:
		if d.Kind == events.ForSKU && len(data.Lines) > 0 {
			c.order(data, d.Type, at)
		}
	case *events.Behaviour:
		if primary(d) {
			c.behave(data, at)
		}
	}
}

func (c *Catalog) change(p *events.Product, at int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	it, _ := c.named(p.Item, byProduct, at)
	if p.SKU == "" {
		it.change(p, at)
		it.parsed = nil
		c.refresh(it)
		return
	}
	s := c.sku(p.SKU)
	s.change(p, at)
	c.link(s, p.Item, byProduct, at)
	owner := c.record(s.item.value)
	owner.parsed = nil
	c.refresh(owner)
	c.refresh(it)
}

// stock folds a stock fact. It does not make an item known.
func (c *Catalog) stock(st *events.Stock, f events.Fact) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.sku(st.SKU)
	shelf := s.locations[st.Location]
	if shelf == nil {
		if s.locations == nil {
			s.locations = map[string]*events.Inventory{}
		}
		shelf = &events.Inventory{}
		s.locations[st.Location] = shelf
	}
	shelf.Apply(f)
	c.refreshStock(c.record(s.item.value), s)
}

func (c *Catalog) order(o *events.Order, t events.Type, at int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range o.Lines {
		it, _ := c.named(l.Item, byOrder, at)
		s := c.sku(l.SKU)
		c.link(s, l.Item, byOrder, at)
		priced := o.Currency == c.shop && bought(t)
		s.see(l, priced, at)
		it.see(l, priced, at)
		if bought(t) {
			it.sold = max(it.sold, at)
		}
		c.refresh(it)
		if owner := c.record(s.item.value); owner != it {
			c.refresh(owner)
		}
	}
}

// behave learns of an item that somebody looked at. Nearly always it is known
// already, and then this takes no lock.
func (c *Catalog) behave(b *events.Behaviour, at int64) {
	if slot, ok := c.interner.Slot(b.Item); ok && b.SKU == "" {
		if it := c.items.get(int(slot)); it != nil && it.standing != nobody && events.Micros(it.Launched) <= at {
			return
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	it, changed := c.named(b.Item, byBehaviour, at)
	if b.SKU != "" {
		c.link(c.sku(b.SKU), b.Item, byBehaviour, at)
	}
	if changed {
		c.refresh(it)
	}
}

// record gives what is said of an item, entering it if it is new.
func (c *Catalog) record(item events.ItemID) *itemRecord {
	slot := c.interner.Intern(item)
	for int(slot) >= len(c.records) {
		c.records = append(c.records, nil)
	}
	if c.records[slot] == nil {
		c.records[slot] = &itemRecord{item: item, slot: slot}
		c.itemOrder.add(c.records[slot])
	}
	return c.records[slot]
}

// named is the record of an item that a fact names, and whether the fact
// changed it by that.
func (c *Catalog) named(item events.ItemID, by source, at int64) (it *itemRecord, changed bool) {
	it = c.record(item)
	if it.standing == nobody || at < it.launched {
		it.launched, changed = at, true
	}
	if by > it.standing {
		it.standing, changed = by, true
		if by == byProduct {
			c.declared.Add(1)
		}
	}
	return it, changed
}

// sku gives what is said of a SKU, entering it if it is new.
func (c *Catalog) sku(sku events.SKU) *skuRecord {
	s := c.skus[sku]
	if s == nil {
		s = &skuRecord{sku: sku}
		s.item.value = events.ItemID(sku)
		c.skus[sku] = s
		c.skuOrder.add(s)
		c.attach(s)
		c.refresh(c.record(s.item.value))
	}
	return s
}

// link moves the SKU to the item if this source knows better.
func (c *Catalog) link(s *skuRecord, item events.ItemID, by source, at int64) {
	before := s.item.value
	if !s.item.offer(item, at, by, cmp.Compare) || item == before {
		return
	}
	left := c.record(before)
	left.skus = slices.DeleteFunc(left.skus, func(sku events.SKU) bool { return sku == s.sku })
	left.parsed = nil
	c.refresh(left)
	c.attach(s)
	c.refresh(c.record(item))
}

func (c *Catalog) attach(s *skuRecord) {
	it := c.record(s.item.value)
	if at, has := slices.BinarySearch(it.skus, s.sku); !has {
		it.skus = slices.Insert(it.skus, at, s.sku)
		it.parsed = nil
	}
}

// Item returns what is known of an item. ok is false if no fact has named it.
func (c *Catalog) Item(item events.ItemID) (it *Item, ok bool) {
	slot, ok := c.interner.Slot(item)
	if !ok {
		return nil, false
	}
	if it = c.At(slot); it == nil || it.standing == nobody {
		return nil, false
	}
	return it, true
}

// ItemOf returns the item that a SKU belongs to.
func (c *Catalog) ItemOf(sku events.SKU) (*Item, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.skus[sku]
	if s == nil {
		return nil, false
	}
	return c.At(c.record(s.item.value).slot), true
}

// At returns the item of a slot, or nil if nothing is known of it.
func (c *Catalog) At(slot Slot) *Item { return c.items.get(int(slot)) }

// Len is one more than the highest slot that may have an item.
func (c *Catalog) Len() int { return c.items.len() }

// Listed reports whether the item may be shown at all. One that only
// browsers have named may be, until the shop begins to send product.changed:
// from then on an anonymous visitor's made-up id is not shown to others.
func (c *Catalog) Listed(it *Item) bool {
	return it.standing > byBehaviour || it.standing == byBehaviour && c.declared.Load() == 0
}
