package recommend

import (
	"time"

	"github.com/peakday/peakday/events"
)

// filter says which items a request may be answered with. What it found out
// of an item it remembers until the next request.
type filter struct {
	catalog  *Catalog
	region   string
	category string
	number   uint32 // of the category
	declared bool   // the shop sends product.changed: what only browsers have named, such as a made-up id, is not shown
	open     bool   // all items are allowed, also those that the catalogue does not know

	round uint32 // of this request; a mark of another round is no mark
	marks []mark // by slot
}

// mark is what is known of an item in one round. It takes eight bytes: the
// marks of a shop of some thousand items stay in the cache.
type mark struct {
	round uint32
	notes notes
}

// notes hold, from bit 3 on, the item's place among the candidates, from 1.
type notes uint32

const (
	allowed notes = 1 << iota
	denied
	tasted // it is in the visitor's history
	candidateBit
)

func (m *mark) candidate() int32 { return int32(m.notes / candidateBit) }

func (m *mark) setCandidate(n int32) { m.notes = m.notes%candidateBit | notes(n)*candidateBit }

// begin forgets the last request.
func (f *filter) begin(catalog *Catalog, slots int, region, category string) {
	f.catalog, f.region, f.category, f.open = catalog, region, category, false
	f.declared = catalog.declared.Load() > 0
	if f.number = catalog.categoryNumber(category); f.number == 0 && category != "" {
		f.number = maxNameNumber // that of no item
	}
	if f.round++; f.round == 0 { // after four billion requests
		clear(f.marks)
		f.round = 1
	}
	if slots > len(f.marks) {
		f.marks = append(f.marks, make([]mark, slots-len(f.marks))...)
	}
}

// at gives the item's mark, of this round. An item that came after begin has
// none: it is not shown yet.
func (f *filter) at(slot Slot) *mark {
	if int(slot) >= len(f.marks) {
		return nil
	}
	m := &f.marks[slot]
	if m.round != f.round {
		*m = mark{round: f.round}
	}
	return m
}

func (f *filter) deny(slot Slot) {
	if m := f.at(slot); m != nil {
		m.notes = m.notes&^allowed | denied
	}
}

func (f *filter) denyItem(item events.ItemID) {
	if slot, ok := f.catalog.interner.Slot(item); ok {
		f.deny(slot)
	}
}

func (f *filter) allows(slot Slot) bool {
	m := f.at(slot)
	if m == nil {
		return false
	}
	if m.notes&(allowed|denied) == 0 {
		if f.open || f.fits(slot) {
			m.notes |= allowed
		} else {
			m.notes |= denied
		}
	}
	return m.notes&allowed != 0
}

// fits asks the catalogue: never what is sold out, hidden or not sold here.
func (f *filter) fits(slot Slot) bool {
	g := f.catalog.summary(slot)
	return g&summaryAvailable != 0 && (g&summaryDeclared != 0 || g&summaryBehaved != 0 && !f.declared) &&
		(f.number == 0 || g.category() == f.number) && (f.region == "" || f.catalog.At(slot).Available(f.region))
}

// categorySlots lists the items of the category that is asked for.
func (f *filter) categorySlots() []Slot { return f.catalog.inCategoryNumber(f.number) }

// interest notes that the visitor knows the item.
func (f *filter) taste(slot Slot) {
	if m := f.at(slot); m != nil {
		m.notes |= tasted
	}
}

func (f *filter) tasted(slot Slot) bool {
	m := f.at(slot)
	return m != nil && m.notes&tasted != 0
}

// denyKnown leaves out what the visitor bought or has in the cart, as the
// profile or the session tells, or was shown too often.
func (f *filter) denyKnown(p *Profile, session []Step, policy *Policy, now time.Time) {
	for _, s := range session {
		if policy.HideCart && s.Action == Cart || policy.HideBought && s.Action == Buy {
			f.denyItem(s.Item)
		}
	}
	if policy.HideBought {
		for _, b := range p.Kept() {
			f.denyItem(b.Item)
		}
	}
	if policy.HideCart {
		for _, c := range p.Carts {
			if !c.Out {
				f.denyItem(c.Item)
			}
		}
	}
	if policy.Cap > 0 && len(p.Shown) > 0 {
		for item, n := range p.ShownWithin(policy.CapWindow, now) {
			if n >= policy.Cap {
				f.denyItem(item)
			}
		}
	}
}
