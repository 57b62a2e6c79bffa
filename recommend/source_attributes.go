package recommend

import (
	"math"
)

// attributes proposes what is wanted now in the categories of the visitor's
// items, of their brands first. It needs no model, so it works from the first click
// and for items that the model does not know.
type attributes struct {
	catalog *Catalog
	trends  *Trends
}

func (s *attributes) Name() string { return SourceAttributes }

// Propose looks at one category after the other, the most liked first, until
// nothing of the next one can be among the best.
func (s *attributes) Propose(query *Query, out *Proposals) {
	affinity := query.affinity(s.catalog)
	for _, t := range query.History {
		out.filter.taste(t.Slot)
	}
	brand := affinity.brands.most()
	left := mostScanned
	for _, category := range affinity.categories.ranked() {
		most := fit(affinity.categories.share(category), brand)
		if !out.wants(float32(most * wantedAbove(0))) {
			return
		}
		if out.filter.number == 0 || out.filter.number == category {
			left -= s.proposeOf(category, most, left, affinity, out)
		}
	}
}

// proposeOf offers what is wanted of a category, and gives how many entries it
// has looked at. The hottest and the newest are enough of one that is very
// large: more than half of what is left to be looked at.
func (s *attributes) proposeOf(category uint32, most float64, left int, affinity *affinity, out *Proposals) (seen int) {
	slots := s.catalog.inCategoryNumber(category)
	heats, hottest, below := s.trends.heat[LastWeek].all(), s.trends.hottest(LastWeek), math.Inf(1)
	look := func(slots []Slot) {
		for _, slot := range slots {
			heat := heatAt(heats, slot)
			bits := (max(0, heat-hottest+coldest) - coldest) / 4
			// Most items are too cool, whatever their brand is and the power exactly.
			if heat >= below || !out.wants(float32(most*wantedAbove(bits))) {
				continue
			}
			if g := s.catalog.summary(slot); g.category() == category && !out.filter.tasted(slot) {
				out.Add(slot, float32(affinity.itemFit(g)*wanted(bits)))
			}
		}
	}
	if half := left / 2; len(slots) > half {
		hot, _ := s.trends.hot[LastWeek].slots()
		look(hot)
		slots, below = slots[len(slots)-half:], max(s.trends.bar(LastWeek), math.SmallestNonzeroFloat64)
	}
	look(slots)
	return len(slots)
}

// wanted is how much an item is wanted whose heat is so many quarters of bits
// above the hottest one's.
func wanted(bits float64) float64 { return 0.05 + exp2(bits) }

// wantedAbove is an upper bound of it, which takes a third of the time.
func wantedAbove(bits float64) float64 { return 0.05 + exp2Above(bits) }

// mostScanned bounds how many items one request looks at by category.
const mostScanned = 4000
