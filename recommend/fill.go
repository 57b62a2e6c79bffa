package recommend

import (
	"cmp"
	"slices"
)

// fill completes the order from the catalogue when the sources had too few:
// items of the preferred category first, and of those the newest.
func (d *workspace) fill(limit int, prefer string) {
	missing := limit - len(d.order)
	if missing <= 0 {
		return
	}
	placed := make(map[Slot]bool, len(d.order))
	for _, at := range d.order {
		placed[d.candidates[at].slot] = true
	}
	catalog := d.filter.catalog
	var more []*Item
	consider := func(slot Slot) {
		if !placed[slot] && d.filter.allows(slot) {
			placed[slot] = true
			more = append(more, catalog.At(slot))
		}
	}
	if only := cmp.Or(d.filter.category, prefer); only != "" {
		for _, slot := range catalog.inCategory(only) {
			consider(slot)
		}
	}
	if d.filter.category == "" && len(more) < missing {
		for _, l := range catalog.newest() {
			consider(l.slot)
		}
		// Only when even that is not enough, all items are looked at.
		for slot := Slot(0); len(more) < missing && slot < Slot(catalog.Len()); slot++ {
			consider(slot)
		}
	}
	slices.SortFunc(more, func(a, b *Item) int {
		return cmp.Or(
			-compareBool(a.Category == prefer, b.Category == prefer),
			b.Launched.Compare(a.Launched), cmp.Compare(a.ID, b.ID))
	})
	for _, it := range more[:min(len(more), missing)] {
		slot, _ := catalog.interner.Slot(it.ID)
		at := d.candidate(slot)
		d.candidates[at].item = it
		d.order = append(d.order, int32(at))
	}
}
