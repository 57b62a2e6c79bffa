package recommend

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/peakday/peakday/events"
)

const (
	catalogKind    = "catalog"
	catalogVersion = 1
)

// Snapshot writes all that is known, with the positions it was known at; an
// item or SKU may be further than that, since each fact counts once whenever it
// comes again. It holds up writers for a moment at a time, and readers never.
func (c *Catalog) Snapshot(w io.Writer) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	return SealPieces(w, catalogKind, catalogVersion, c.pieces())
}

// Restore takes over a snapshot; the catalogue must be empty. A file that is
// cut short, damaged or of another kind is refused with ErrSealed.
func (c *Catalog) Restore(r io.Reader) error {
	payload, err := Unseal(r, catalogKind, catalogVersion)
	if err != nil {
		return err
	}
	if err := c.decode(payload); err != nil {
		return fmt.Errorf("%s: %w", catalogKind, err)
	}
	return nil
}

// pieces are items and SKUs by id, so that equal catalogues give equal bytes
// whatever order they learned in.
func (c *Catalog) pieces() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		c.mu.Lock()
		head, newItems, newSKUs := c.at.encode(nil), c.itemOrder.take(), c.skuOrder.take()
		c.mu.Unlock()
		items := c.known(c.itemOrder.merge(newItems, func(a, b *itemRecord) int { return cmp.Compare(a.item, b.item) }))
		skus := c.skuOrder.merge(newSKUs, func(a, b *skuRecord) int { return cmp.Compare(a.sku, b.sku) })
		if yield(appendCount(head, len(items))) && piecesOf(&c.mu, items, (*itemRecord).encode, yield) && yield(appendCount(nil, len(skus))) {
			piecesOf(&c.mu, skus, (*skuRecord).encode, yield)
		}
	}
}

// known are those of the items that a fact has named.
func (c *Catalog) known(items []*itemRecord) []*itemRecord {
	known := make([]*itemRecord, 0, len(items))
	for some := range slices.Chunk(items, pieceRecords) {
		c.mu.Lock()
		for _, r := range some {
			if r.standing != nobody {
				known = append(known, r)
			}
		}
		c.mu.Unlock()
		runtime.Gosched()
	}
	return known
}

// pieceRecords is how many records are encoded at a time: some 50 µs of work.
const pieceRecords = 256

// piecesOf yields records in pieces, each encoded under the lock; false if
// yield has enough.
func piecesOf[R any](mu sync.Locker, records []R, encode func(R, []byte) []byte, yield func([]byte) bool) bool {
	var b []byte
	for some := range slices.Chunk(records, pieceRecords) {
		b = b[:0]
		mu.Lock()
		for _, r := range some {
			b = encode(r, b)
		}
		mu.Unlock()
		if !yield(b) {
			return false
		}
	}
	return true
}

func (r *itemRecord) encode(b []byte) []byte {
	b = appendString(b, r.item)
	b = append(b, byte(r.standing))
	b = binary.AppendVarint(b, r.launched)
	b = binary.AppendVarint(b, r.sold)
	return r.product.encode(b)
}

func (s *skuRecord) encode(b []byte) []byte {
	b = appendString(b, s.sku)
	b = s.product.encode(b)
	b = s.item.encode(b, appendString)
	b = appendCount(b, len(s.locations))
	for _, location := range slices.Sorted(maps.Keys(s.locations)) {
		b = appendString(b, location)
		b = appendString(b, string(s.locations[location].Encode(nil)))
	}
	return b
}

// maxItems bounds what a file may ask for: the slots.
const maxItems = 1 << 30

func (c *Catalog) decode(payload []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := &decoder{b: string(payload)}
	at := decodePositions(d)
	for range d.count(maxItems, 10) {
		c.decodeItem(d)
	}
	for range d.count(maxItems, 10) {
		c.decodeSKU(d)
	}
	if err := d.done(); err != nil {
		return err
	}
	c.at = at
	for _, r := range c.records {
		if r != nil {
			c.refresh(r)
		}
	}
	return nil
}

func (c *Catalog) decodeItem(d *decoder) {
	item := events.ItemID(strings.Clone(string(d.item())))
	standing := source(d.byte())
	launched, sold := d.varint(), d.varint()
	if standing == nobody || standing > byProduct {
		d.fail()
	}
	if d.err != nil {
		return
	}
	r, _ := c.named(item, standing, launched)
	r.sold = sold
	r.product.decode(d)
}

func (c *Catalog) decodeSKU(d *decoder) {
	s := &skuRecord{sku: events.SKU(strings.Clone(d.string()))}
	s.product.decode(d)
	s.item.value = events.ItemID(s.sku)
	s.item.decode(d, func(d *decoder) events.ItemID { return events.ItemID(strings.Clone(string(d.item()))) })
	for range d.count(1<<20, 3) {
		location := strings.Clone(d.string())
		inventory, rest, err := events.DecodeInventory([]byte(d.string()))
		if err != nil || len(rest) > 0 {
			d.fail()
			return
		}
		if s.locations == nil {
			s.locations = map[string]*events.Inventory{}
		}
		s.locations[location] = &inventory
	}
	if d.err != nil || s.sku == "" || c.skus[s.sku] != nil {
		d.fail()
		return
	}
	c.skus[s.sku] = s
	c.skuOrder.add(s)
	c.attach(s)
}
