package recommend

import (
	"context"
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
	watchers stockWatchers
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
