package recommend

import (
	"cmp"
	"slices"

	"github.com/peakday/peakday/events"
)

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
	inventory := s.locations[st.Location]
	if inventory == nil {
		if s.locations == nil {
			s.locations = map[string]*events.Inventory{}
		}
		inventory = &events.Inventory{}
		s.locations[st.Location] = inventory
	}
	inventory.Apply(f)
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
