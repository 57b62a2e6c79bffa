package recommend

// itemSummary is what requests ask of thousands of items, in one word: to read an
// Item of each would wait for the memory every time.
//
//	bits 0–23   number of the category, 0: none
//	bits 24–47  number of the brand, 0: none
//	bit 48      an order or product.changed has named the item
//	bit 49      only behaviour has
//	bit 50      it can be bought in some region
type itemSummary uint64

const (
	nameBits         = 24
	maxNameNumber    = 1<<nameBits - 1
	summaryDeclared  = itemSummary(1) << 48
	summaryBehaved   = itemSummary(1) << 49
	summaryAvailable = itemSummary(1) << 50
)

func (g itemSummary) category() uint32 { return uint32(g & maxNameNumber) }
func (g itemSummary) brand() uint32    { return uint32(g >> nameBits & maxNameNumber) }

// summarise makes the summary of an item, which stands in its slot already.
func (x *catalogIndex) summarise(slot Slot, it *Item) {
	g := itemSummary(x.categories.enter(it.Category)) | itemSummary(x.brands.enter(it.Brand))<<nameBits
	switch {
	case it.standing > byBehaviour:
		g |= summaryDeclared
	case it.standing == byBehaviour:
		g |= summaryBehaved
	}
	if it.available {
		g |= summaryAvailable
	}
	x.summaries.grow(int(slot))
	x.summaries.set(int(slot), uint64(g))
}

// summary is that of the slot's item, 0 of one that is not known.
func (c *Catalog) summary(slot Slot) itemSummary {
	return itemSummary(c.index.summaries.get(int(slot)))
}
