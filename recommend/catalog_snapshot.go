package recommend

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/peakday/peakday/events"
)

const (
	catalogKind    = "catalog"
	catalogVersion = 1
)

// Snapshot writes all that is known, with the positions it was known at. It
// holds up writers, not readers, while it encodes into memory.
func (c *Catalog) Snapshot(w io.Writer) error {
	return Seal(w, catalogKind, catalogVersion, c.encode())
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

// encode writes items and SKUs by id, so that equal catalogues give equal
// bytes whatever order they learned in.
func (c *Catalog) encode() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := make([]*itemRecord, 0, len(c.items))
	for _, r := range c.items {
		if r != nil && r.standing != nobody {
			known = append(known, r)
		}
	}
	slices.SortFunc(known, func(a, b *itemRecord) int { return strings.Compare(string(a.item), string(b.item)) })
	b := c.at.encode(nil)
	b = appendCount(b, len(known))
	for _, r := range known {
		b = r.encode(b)
	}
	b = appendCount(b, len(c.skus))
	for _, sku := range slices.Sorted(maps.Keys(c.skus)) {
		b = c.skus[sku].encode(b)
	}
	return b
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
	b = appendCount(b, len(s.shelves))
	for _, location := range slices.Sorted(maps.Keys(s.shelves)) {
		b = appendString(b, location)
		b = appendString(b, string(s.shelves[location].Encode(nil)))
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
	for _, r := range c.items {
		if r != nil {
			c.show(r)
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
		shelf, rest, err := events.DecodeShelf([]byte(d.string()))
		if err != nil || len(rest) > 0 {
			d.fail()
			return
		}
		if s.shelves == nil {
			s.shelves = map[string]*events.Shelf{}
		}
		s.shelves[location] = &shelf
	}
	if d.err != nil || s.sku == "" {
		d.fail()
		return
	}
	c.skus[s.sku] = s
	c.attach(s)
}
