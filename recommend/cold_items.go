package recommend

import (
	"slices"
	"sync"
)

// coldItems are the items that came after the model was trained, or that nobody
// had touched by then (cold start): the item tower gives them vectors from what the
// catalogue says of them, anew when that changes.
type coldItems struct {
	mu    sync.RWMutex
	seen  int // slots looked at so far
	items []coldItem
}

type coldItem struct {
	slot     Slot
	item     *Item   // as it was looked at; nil: the catalogue says nothing yet
	features []int32 // that the vector is of
	vector   []float32
}

// maxColdItems is how many are kept, the newest: a model is learned anew
// before there are more, or else most of a shop is not known to it.
const maxColdItems = 4096

// propose scores them all by the visitor's vector.
func (n *coldItems) propose(in *installed, user []float32, out *Proposals) {
	n.mu.RLock()
	if !n.current(in) {
		n.mu.RUnlock()
		n.refresh(in)
		n.mu.RLock()
	}
	defer n.mu.RUnlock()
	for i := range n.items {
		dot := float32(0)
		for d, x := range n.items[i].vector {
			dot += x * user[d]
		}
		out.Add(n.items[i].slot, dot)
	}
}

// current reports whether the catalogue still says the same.
func (n *coldItems) current(in *installed) bool {
	if n.seen != in.catalog.interner.Len() {
		return false
	}
	for i := range n.items {
		if in.catalog.At(n.items[i].slot) != n.items[i].item {
			return false
		}
	}
	return true
}

// refresh takes in what is new in the catalogue.
func (n *coldItems) refresh(in *installed) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for slots := in.catalog.interner.Len(); n.seen < slots; n.seen++ {
		if _, known := in.number(Slot(n.seen)); !known {
			n.items = append(n.items, coldItem{slot: Slot(n.seen)})
		}
	}
	n.items = n.items[max(0, len(n.items)-maxColdItems):]
	for i := range n.items {
		n.items[i].update(in)
	}
}

// update gives a cold item the vector of what the catalogue says now.
func (c *coldItem) update(in *installed) {
	it := in.catalog.At(c.slot)
	if it == c.item {
		return
	}
	c.item = it
	features := in.features(c.slot)
	if slices.Equal(features, c.features) {
		return
	}
	c.features, c.vector = features, nil
	if len(features) > 0 {
		c.vector, _ = in.model.towers.ItemVector(features) // the features are the model's own
	}
}
