package recommend

import (
	"cmp"
	"slices"
)

// pin puts the best item of each pinning rule at its position. Only what may
// be shown is pinned; where two rules want one place, the first has it and the
// other the next.
func (d *workspace) pin(rules []*Rule, limit int) {
	pinned := map[int32]bool{}
	var pins []int32
	for _, rule := range rules {
		if rule.Do != Pin {
			continue
		}
		if at, ok := d.pinnable(rule, pinned); ok {
			d.candidates[at].pinned = rule
			pinned[at] = true
			pins = append(pins, at)
		}
	}
	if len(pins) == 0 {
		return
	}
	slices.SortStableFunc(pins, func(a, b int32) int {
		return cmp.Compare(d.candidates[a].pinned.Position, d.candidates[b].pinned.Position)
	})
	d.order = slices.DeleteFunc(d.order, func(at int32) bool { return pinned[at] })
	free := 0
	for _, at := range pins {
		place := max(free, min(d.candidates[at].pinned.Position, limit)-1)
		d.order = slices.Insert(d.order, min(place, len(d.order)), at)
		free = place + 1
	}
	d.order = d.order[:min(limit, len(d.order))]
}

// pinnable is the best item that the rule is about: of those in the order,
// else of the candidates, else of the items that it names.
func (d *workspace) pinnable(rule *Rule, pinned map[int32]bool) (int32, bool) {
	for _, at := range d.order {
		if !pinned[at] && rule.Where.matches(d.candidates[at].item) {
			return at, true
		}
	}
	best := int32(-1)
	for i := range d.candidates {
		c := &d.candidates[i]
		if !pinned[int32(i)] && c.item != nil && rule.Where.matches(c.item) && (best < 0 || c.score > d.candidates[best].score) {
			best = int32(i)
		}
	}
	if best >= 0 {
		return best, true
	}
	for _, item := range rule.Where.Items {
		slot, ok := d.filter.catalog.interner.Slot(item)
		if !ok || !d.filter.allows(slot) {
			continue
		}
		if it := d.filter.catalog.At(slot); rule.Where.matches(it) {
			at := d.candidate(slot)
			d.candidates[at].item = it
			return int32(at), !pinned[int32(at)]
		}
	}
	return 0, false
}
