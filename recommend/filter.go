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
	open     bool // all items are allowed, also those that the catalogue does not know

	round uint32 // of this request; a mark of another round is no mark
	marks []mark // by slot
}

type mark struct {
	round     uint32
	verdict   verdict
	candidate int32 // its place among the candidates, from 1; 0: not one yet
}

type verdict uint8

const (
	unknown verdict = iota
	allowed
	denied
)

// begin forgets the last request.
func (f *filter) begin(catalog *Catalog, slots int, region, category string) {
	f.catalog, f.region, f.category, f.open = catalog, region, category, false
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
		m.verdict = denied
	}
}

func (f *filter) denyItem(item events.ItemID) {
	if slot, ok := f.catalog.register.Slot(item); ok {
		f.deny(slot)
	}
}

func (f *filter) allows(slot Slot) bool {
	m := f.at(slot)
	if m == nil {
		return false
	}
	if m.verdict == unknown {
		m.verdict = denied
		if it := f.catalog.At(slot); f.open || it != nil && f.fits(it) {
			m.verdict = allowed
		}
	}
	return m.verdict == allowed
}

// fits asks the catalogue: never what is sold out, hidden or not sold here.
func (f *filter) fits(it *Item) bool {
	return f.catalog.Listed(it) && (f.category == "" || it.Category == f.category) && it.Available(f.region)
}

// denyKnown leaves out what the visitor bought, has in the cart, or was shown
// too often.
func (f *filter) denyKnown(p *Profile, policy *Policy, now time.Time) {
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
