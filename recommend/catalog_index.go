package recommend

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// index finds items of the catalogue without looking at all of them. Writers
// hold the catalogue's lock; reading takes none. What it gives may be out of
// date, so readers ask the item itself.
type index struct {
	aisles   sync.Map // category → *aisle
	count    uint32   // of aisles
	numbers  pages[uint32]
	launches launches
}

// aisle lists the slots of the items that are, or once were, of a category.
type aisle struct {
	number uint32 // from 1, in this process
	slots  atomic.Pointer[[]Slot]
}

// see enters an item that is shown for the first time, or otherwise than before.
func (x *index) see(slot Slot, before, it *Item) {
	if it.Category != "" && (before == nil || before.Category != it.Category) {
		a := x.aisle(it.Category)
		x.numbers.put(int(slot), &a.number)
		var have []Slot
		if p := a.slots.Load(); p != nil {
			have = *p
		}
		grown := append(have, slot) // readers of have do not look behind its end
		a.slots.Store(&grown)
	}
	if before == nil || !before.Launched.Equal(it.Launched) {
		x.launches.see(launch{slot, it.Launched.UnixMicro()})
	}
}

func (x *index) aisle(category string) *aisle {
	if v, ok := x.aisles.Load(category); ok {
		return v.(*aisle)
	}
	x.count++
	a := &aisle{number: x.count}
	x.aisles.Store(category, a)
	return a
}

// categoryNumber is a category's number, 0 for one that no item has.
func (c *Catalog) categoryNumber(category string) uint32 {
	if v, ok := c.index.aisles.Load(category); ok {
		return v.(*aisle).number
	}
	return 0
}

// categoryOf is the number of an item's category, 0 if it has none. It costs
// less than to look at the item.
func (c *Catalog) categoryOf(slot Slot) uint32 {
	if n := c.index.numbers.get(int(slot)); n != nil {
		return *n
	}
	return 0
}

// inCategory lists the slots of a category, some of them perhaps twice.
func (c *Catalog) inCategory(category string) []Slot {
	if v, ok := c.index.aisles.Load(category); ok {
		if p := v.(*aisle).slots.Load(); p != nil {
			return *p
		}
	}
	return nil
}

// newest lists the newest items, up to keptLaunches, the newest first.
func (c *Catalog) newest() []launch { return c.index.launches.list() }

// launches keeps the items of the newest launches.
type launches struct {
	mu     sync.Mutex
	kept   []launch // at least the keptLaunches newest of those seen
	floor  int64    // what is not newer than this is not kept
	dirty  atomic.Bool
	sorted atomic.Pointer[[]launch]
}

type launch struct {
	slot Slot
	at   int64 // microseconds
}

// keptLaunches is how many new items can be found: more than a shop launches
// in the time in which they are new to it, or enough to choose from.
const keptLaunches = 2048

func (l *launches) see(v launch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if v.at <= l.floor {
		return
	}
	l.kept = append(l.kept, v)
	if len(l.kept) >= 2*keptLaunches {
		l.prune()
	}
	l.dirty.Store(true)
}

func (l *launches) prune() {
	slices.SortFunc(l.kept, func(a, b launch) int {
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.slot, b.slot))
	})
	l.kept = slices.Compact(l.kept)
	if len(l.kept) > keptLaunches {
		l.kept = l.kept[:keptLaunches]
		l.floor = l.kept[keptLaunches-1].at - 1 // equal ones may still come
	}
}

func (l *launches) list() []launch {
	if l.dirty.CompareAndSwap(true, false) {
		l.mu.Lock()
		l.prune()
		sorted := slices.Clone(l.kept)
		l.sorted.Store(&sorted)
		l.mu.Unlock()
	}
	if p := l.sorted.Load(); p != nil {
		return *p
	}
	return nil
}
