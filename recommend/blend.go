package recommend

import (
	"cmp"
	"slices"

	"github.com/peakday/peakday/events"
)

// desk is what one request works on. Desks are used again.
type desk struct {
	filter     filter
	offers     Offers
	top        best
	tastes     []Taste
	candidates []candidate
	shares     []float32 // of each candidate: one number a source
	order      []int32
}

// candidate is an item that some source has proposed.
type candidate struct {
	slot  Slot
	item  *Item
	score float64
}

// sourced is a source with its weight in the blend.
type sourced struct {
	Source
	weight float64
}

// blend asks the sources and ranks the union of what they propose: each score
// is divided by the source's highest, weighted, added up, and multiplied by the
// item's recency weight. It leaves the limit best in d.order, as numbers of
// d.candidates; all are allowed ones.
func (d *desk) blend(ask *Ask, sources []sourced, policy *Policy, limit int) {
	d.candidates, d.shares, d.order = d.candidates[:0], d.shares[:0], d.order[:0]
	total := 0.0
	for i, s := range sources {
		d.offers.best.reset(max(policy.Candidates, limit))
		s.Propose(ask, &d.offers)
		d.take(i, len(sources), s.weight)
		total += s.weight
	}
	for i := range d.candidates {
		c := &d.candidates[i]
		c.item = d.filter.catalog.At(c.slot)
		c.score *= policy.fresh(c.item, ask.AsOf) / total
		d.order = append(d.order, int32(i))
	}
	d.rank(limit)
}

// rank puts the limit best in order and drops the others. Only those that
// reach the bar of a first pass are sorted.
func (d *desk) rank(limit int) {
	if len(d.order) > 4*limit {
		top := &d.top
		top.reset(limit)
		for _, at := range d.order {
			top.offer(at, float32(d.candidates[at].score))
		}
		bar, _ := top.bar()
		d.order = slices.DeleteFunc(d.order, func(at int32) bool { return float32(d.candidates[at].score) < bar })
	}
	slices.SortFunc(d.order, func(a, b int32) int {
		x, y := &d.candidates[a], &d.candidates[b]
		if x.score != y.score {
			return cmp.Compare(y.score, x.score)
		}
		return cmp.Compare(x.item.ID, y.item.ID)
	})
	d.order = d.order[:min(limit, len(d.order))]
}

// take adds one source's proposals to the candidates.
func (d *desk) take(source, sources int, weight float64) {
	proposed := d.offers.best.heap
	top := float32(0)
	for _, p := range proposed {
		top = max(top, p.score)
	}
	for _, p := range proposed {
		m := d.filter.at(Slot(p.index))
		if m.candidate == 0 {
			d.candidates = append(d.candidates, candidate{slot: Slot(p.index)})
			for range sources {
				d.shares = append(d.shares, 0)
			}
			m.candidate = int32(len(d.candidates))
		}
		share := weight * float64(p.score/top)
		at := int(m.candidate) - 1
		d.candidates[at].score += share
		d.shares[at*sources+source] = float32(share)
	}
}

// fill completes the order from the catalogue when the sources had too few:
// items of the preferred category first, and of those the newest.
func (d *desk) fill(limit, sources int, prefer string) {
	if len(d.order) >= limit {
		return
	}
	catalog := d.filter.catalog
	var more []*candidate
	for slot := range Slot(catalog.Len()) {
		if d.filter.allows(slot) && d.filter.at(slot).candidate == 0 {
			more = append(more, &candidate{slot: slot, item: catalog.At(slot)})
		}
	}
	slices.SortFunc(more, func(a, b *candidate) int {
		return cmp.Or(
			-compareBool(a.item.Category == prefer, b.item.Category == prefer),
			b.item.Launched.Compare(a.item.Launched), cmp.Compare(a.item.ID, b.item.ID))
	})
	for _, c := range more[:min(len(more), limit-len(d.order))] {
		d.order = append(d.order, int32(len(d.candidates)))
		d.candidates = append(d.candidates, *c)
		for range sources {
			d.shares = append(d.shares, 0)
		}
	}
}

// begin clears the desk for a request.
func (d *desk) begin(c *Catalog, region, category string, exclude []events.ItemID) {
	d.filter.begin(c, c.register.Len(), region, category)
	d.offers.begin(&d.filter)
	for _, item := range exclude {
		d.filter.denyItem(item)
	}
}
