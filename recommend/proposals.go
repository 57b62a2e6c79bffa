package recommend

import "math"

// Proposals takes a source's proposals, keeps the best of those that the request
// allows, and forgets the others.
type Proposals struct {
	filter *filter
	best   topK
}

// begin makes o take proposals for a request with this filter.
func (o *Proposals) begin(f *filter) {
	o.filter = f
	interner := f.catalog.interner
	o.best.first = func(a, b int32) bool { return interner.Item(Slot(a)) < interner.Item(Slot(b)) }
}

// Add proposes an item.
func (o *Proposals) Add(slot Slot, score float32) {
	if !(score > 0 && score <= math.MaxFloat32) || !o.best.wants(score) {
		return // not a proposal, or not wanted any more
	}
	if o.filter.allows(slot) {
		o.best.offer(int32(slot), score)
	}
}

// wants reports whether something of that score may be kept: a loop over
// thousands asks before it calls Add for the few.
func (o *Proposals) wants(score float32) bool { return o.best.wants(score) }

// Threshold is the score that a proposal must reach to be kept, 0 while all are. Of
// equal scores the item whose id comes first is kept, so that answers do not
// depend on the order in which the shop learned of its items.
func (o *Proposals) Threshold() float32 { return o.best.threshold }

// full reports whether there are enough proposals; a worse one is not kept.
func (o *Proposals) full() bool { return o.best.full() }

// rescale changes the scores by a rising function.
func (o *Proposals) rescale(by func(float32) float32) {
	kept := o.best.trim()
	for i := range kept {
		kept[i].score = by(kept[i].score)
	}
	o.best.threshold = by(o.best.threshold)
}
