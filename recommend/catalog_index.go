package recommend

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// catalogIndex finds items of the catalogue without looking at all of them. Writers
// hold the catalogue's lock; reading takes none. What it gives may be out of
// date, so readers ask the item itself.
type catalogIndex struct {
	categories names
	brands     names
	summaries  pagedWords                // by slot
	byCategory pagedArray[categoryItems] // by the category's number
	launches   launches
}

// names gives numbers from 1, in this process, to categories or brands. Only
// one goroutine enters at a time.
type names struct {
	numbers sync.Map // name → uint32
	count   uint32
}

// enter gives the name's number, 0 for an empty one or if there are too many.
func (n *names) enter(name string) uint32 {
	if number := n.number(name); number != 0 || name == "" || n.count == maxNameNumber {
		return number
	}
	n.count++
	n.numbers.Store(name, n.count)
	return n.count
}

// number is the name's number, 0 for one that was never entered.
func (n *names) number(name string) uint32 {
	if name == "" {
		return 0
	}
	v, _ := n.numbers.Load(name)
	number, _ := v.(uint32)
	return number
}

// categoryItems lists the slots of the items that are, or once were, of a category.
type categoryItems struct{ slots atomic.Pointer[[]Slot] }

// update enters an item that is shown for the first time, or otherwise than before.
func (x *catalogIndex) update(slot Slot, before, it *Item) {
	if before == nil || before.Category != it.Category {
		x.addToCategory(slot, x.categories.enter(it.Category), before != nil)
	}
	if before == nil || !before.Launched.Equal(it.Launched) {
		x.launches.see(launch{slot, it.Launched.UnixMicro()})
	}
}

// addToCategory enters a slot into the list of a category, once.
func (x *catalogIndex) addToCategory(slot Slot, category uint32, moved bool) {
	if category == 0 {
		return
	}
	a := x.byCategory.get(int(category))
	if a == nil {
		a = &categoryItems{}
		a.slots.Store(&[]Slot{})
		x.byCategory.put(int(category), a)
	}
	have := *a.slots.Load()
	if moved && slices.Contains(have, slot) {
		return // it was here before
	}
	grown := append(have, slot) // readers of have do not look behind its end
	a.slots.Store(&grown)
}

// categoryNumber is a category's number, 0 for one that no item has.
func (c *Catalog) categoryNumber(category string) uint32 { return c.index.categories.number(category) }

// inCategory lists the slots of the items that are or once were of a category.
func (c *Catalog) inCategory(category string) []Slot {
	return c.inCategoryNumber(c.categoryNumber(category))
}

func (c *Catalog) inCategoryNumber(category uint32) []Slot {
	if a := c.index.byCategory.get(int(category)); a != nil {
		return *a.slots.Load()
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
