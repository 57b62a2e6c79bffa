package recommend

import (
	"cmp"
	"math"
	"slices"
)

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

// affinity is the share of each category and brand in a visitor's history.
type affinity struct {
	known              bool
	categories, brands shares
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
