package recommend

// glance is what requests ask of thousands of items, in one word: to read an
// Item of each would wait for the memory every time.
//
//	bits 0–23   number of the category, 0: none
//	bits 24–47  number of the brand, 0: none
//	bit 48      an order or product.changed has named the item
//	bit 49      only behaviour has
//	bit 50      it can be bought in some region
type glance uint64

const (
	glanceBits      = 24
	mostNumbers     = 1<<glanceBits - 1
	glanceDeclared  = glance(1) << 48
	glanceBehaved   = glance(1) << 49
	glanceAvailable = glance(1) << 50
)

func (g glance) category() uint32 { return uint32(g & mostNumbers) }
func (g glance) brand() uint32    { return uint32(g >> glanceBits & mostNumbers) }

// look makes the glance of an item, which stands in its slot already.
func (x *index) look(slot Slot, it *Item) {
	g := glance(x.categories.enter(it.Category)) | glance(x.brands.enter(it.Brand))<<glanceBits
	switch {
	case it.standing > byBehaviour:
		g |= glanceDeclared
	case it.standing == byBehaviour:
		g |= glanceBehaved
	}
	if it.available {
		g |= glanceAvailable
	}
	x.glances.grow(int(slot))
	x.glances.set(int(slot), uint64(g))
}

// glance is that of the slot's item, 0 of one that is not known.
func (c *Catalog) glance(slot Slot) glance { return glance(c.index.glances.get(int(slot))) }
