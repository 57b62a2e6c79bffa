package recommend

import (
	"cmp"
	"math"
	"slices"
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

// affinity are the shares of categories and brands in a visitor's history.
type affinity struct {
	known              bool
	categories, brands shares
}

// affinityItems is how many items of the history count.
const affinityItems = 20

func (a *Query) affinity(c *Catalog) *affinity {
	if a.cachedAffinity == nil {
		a.cachedAffinity = &affinity{}
	}
	if !a.cachedAffinity.known {
		a.cachedAffinity.compute(a.History[:min(affinityItems, len(a.History))], c)
	}
	return a.cachedAffinity
}

func (l *affinity) compute(history []HistoryItem, c *Catalog) {
	l.known = true
	total := 0.0
	for _, t := range history {
		if c.At(t.Slot) == nil {
			continue
		}
		weight := t.Weight * math.Pow(0.9, float64(t.Moment))
		total += weight
		g := c.summary(t.Slot)
		l.categories.add(g.category(), weight)
		l.brands.add(g.brand(), weight)
	}
	l.categories.divide(total)
	l.brands.divide(total)
}

func (l *affinity) reset() {
	l.known = false
	l.categories.reset()
	l.brands.reset()
}

// itemFit says how well an item fits, 0 to 1.
func (l *affinity) itemFit(g itemSummary) float64 {
	return fit(l.categories.share(g.category()), l.brands.share(g.brand()))
}

// fit counts the share of an item's category twice that of its brand.
func fit(category, brand float64) float64 { return (2*category + brand) / 3 }

// shares are the weights of a few of many names, by their numbers.
type shares struct {
	names []uint32  // those with a weight
	of    []float64 // by number; what lies behind the end has none
}

func (s *shares) share(name uint32) float64 {
	if int(name) < len(s.of) {
		return s.of[name]
	}
	return 0
}

// most is the largest share.
func (s *shares) most() float64 {
	most := 0.0
	for _, name := range s.names {
		most = max(most, s.of[name])
	}
	return most
}

// ranked lists the names that have a share, the largest first.
func (s *shares) ranked() []uint32 {
	slices.SortFunc(s.names, func(a, b uint32) int { return cmp.Or(cmp.Compare(s.of[b], s.of[a]), cmp.Compare(a, b)) })
	return s.names
}

func (s *shares) add(name uint32, weight float64) {
	if name == 0 {
		return
	}
	for int(name) >= len(s.of) {
		s.of = append(s.of, 0)
	}
	if s.of[name] == 0 {
		s.names = append(s.names, name)
	}
	s.of[name] += weight
}

func (s *shares) divide(by float64) {
	for _, name := range s.names {
		s.of[name] /= by
	}
}

func (s *shares) reset() {
	for _, name := range s.names {
		s.of[name] = 0
	}
	s.names = s.names[:0]
}
