package recommend

import "sync"

// newcomers are the items that came after the model was learned, or that nobody
// had touched by then: the item tower gives them vectors by what the catalogue
// says of them, anew when that changes.
type newcomers struct {
	mu    sync.RWMutex
	seen  int // slots looked at so far
	items []newcomer
}

type newcomer struct {
	slot   Slot
	face   *Item // that the vector is of; nil: the catalogue says nothing yet
	vector []float32
}

// mostNewcomers is how many are kept, the newest: a model is learned anew
// before there are more, or else most of a shop is not known to it.
const mostNewcomers = 4096

// offer scores them all against a visitor's vector.
func (n *newcomers) offer(in *installed, query []float32, out *Offers) {
	n.mu.RLock()
	fresh := n.fresh(in)
	if !fresh {
		n.mu.RUnlock()
		n.look(in)
		n.mu.RLock()
	}
	defer n.mu.RUnlock()
	for i := range n.items {
		dot := float32(0)
		for d, x := range n.items[i].vector {
			dot += x * query[d]
		}
		out.Offer(n.items[i].slot, dot)
	}
}

// fresh reports whether the catalogue still says the same.
func (n *newcomers) fresh(in *installed) bool {
	if n.seen != in.catalog.register.Len() {
		return false
	}
	for i := range n.items {
		if in.catalog.At(n.items[i].slot) != n.items[i].face {
			return false
		}
	}
	return true
}

// look takes in what is new in the catalogue.
func (n *newcomers) look(in *installed) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for slots := in.catalog.register.Len(); n.seen < slots; n.seen++ {
		if _, known := in.number(Slot(n.seen)); !known {
			n.items = append(n.items, newcomer{slot: Slot(n.seen)})
		}
	}
	n.items = n.items[max(0, len(n.items)-mostNewcomers):]
	for i := range n.items {
		n.items[i].meet(in)
	}
}

// meet gives a newcomer the vector of what the catalogue says now.
func (c *newcomer) meet(in *installed) {
	face := in.catalog.At(c.slot)
	if face == c.face {
		return
	}
	same := c.face != nil && face.Category == c.face.Category && face.Brand == c.face.Brand &&
		face.Priced == c.face.Priced && face.Price == c.face.Price
	c.face = face
	if same {
		return
	}
	c.vector = nil
	if features := in.features(c.slot); len(features) > 0 {
		c.vector, _ = in.model.towers.ItemVector(features) // the features are the model's own
	}
}
