package recommend

import (
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

func (s *attributes) Propose(ask *Ask, out *Offers) {
	likes := ask.likes(s.catalog)
	if len(likes.numbers) == 0 {
		return
	}
	hot, _ := s.trends.hot[LastWeek].slots()
	for _, slot := range hot {
		if likes.has(s.catalog.categoryOf(slot)) {
			s.offer(ask, likes, slot, out)
		}
	}
	if out.full() {
		return
	}
	for category := range likes.categories {
		slots := s.catalog.inCategory(category)
		// The newest entries are enough of a category that is very large.
		slots = slots[max(0, len(slots)-mostScanned/len(likes.categories)):]
		for _, slot := range slots {
			if !s.trends.listed(LastWeek, slot) {
				s.offer(ask, likes, slot, out)
			}
		}
	}
}

func (s *attributes) offer(ask *Ask, likes *likes, slot Slot, out *Offers) {
	it := s.catalog.At(slot)
	if it == nil || slices.ContainsFunc(ask.History, func(t Taste) bool { return t.Slot == slot }) {
		return
	}
	if fit := likes.of(it); fit > 0 {
		heat := max(0, s.trends.heat[LastWeek].get(int(slot))-s.trends.hottest(LastWeek)+coldest)
		out.Offer(slot, float32(fit*(0.05+math.Exp2((heat-coldest)/4))))
	}
}

// mostScanned bounds how many items one request looks at by category.
const mostScanned = 4000

// likes are the shares of categories and brands in a visitor's history.
type likes struct {
	categories, brands map[string]float64
	numbers            []uint32 // of the categories
}

func (l *likes) has(category uint32) bool {
	return category != 0 && slices.Contains(l.numbers, category)
}

// likedItems is how many items of the history count.
const likedItems = 20

func (a *Ask) likes(c *Catalog) *likes {
	if a.liked != nil {
		return a.liked
	}
	l := &likes{categories: map[string]float64{}, brands: map[string]float64{}}
	total := 0.0
	for _, t := range a.History[:min(likedItems, len(a.History))] {
		if it := c.At(t.Slot); it != nil {
			weight := t.Weight * math.Pow(0.9, float64(t.Moment))
			total += weight
			if it.Category != "" {
				l.categories[it.Category] += weight
			}
			if it.Brand != "" {
				l.brands[it.Brand] += weight
			}
		}
	}
	for _, shares := range []map[string]float64{l.categories, l.brands} {
		for name := range shares {
			shares[name] /= total
		}
	}
	for category := range l.categories {
		l.numbers = append(l.numbers, c.categoryNumber(category))
	}
	a.liked = l
	return l
}

// of says how well an item fits, 0 to 1: its category counts twice its brand.
func (l *likes) of(it *Item) float64 {
	return (2*l.categories[it.Category] + l.brands[it.Brand]) / 3
}
