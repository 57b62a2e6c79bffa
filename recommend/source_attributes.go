package recommend

import "math"

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
	if len(likes.categories.names) == 0 {
		return
	}
	for _, t := range ask.History {
		out.filter.taste(t.Slot)
	}
	if s.proposeHot(likes, out); out.full() {
		return
	}
	for _, category := range likes.categories.names {
		slots := s.catalog.inAisle(category)
		// The newest entries are enough of a category that is very large.
		slots = slots[max(0, len(slots)-mostScanned/len(likes.categories.names)):]
		for _, slot := range slots {
			if !s.trends.listed(LastWeek, slot) {
				s.offer(slot, likes.of(s.catalog.glance(slot)), out)
			}
		}
	}
}

// proposeHot offers the hottest items of the shop, as far as they are of a
// category that the visitor likes: by whichever are fewer, the hottest items
// or those of the categories.
func (s *attributes) proposeHot(likes *likes, out *Offers) {
	hot, _ := s.trends.hot[LastWeek].slots()
	inAisles := 0
	for _, category := range likes.categories.names {
		inAisles += len(s.catalog.inAisle(category))
	}
	if inAisles >= len(hot) {
		for _, slot := range hot {
			if g := s.catalog.glance(slot); likes.categories.share(g.category()) > 0 {
				s.offer(slot, likes.of(g), out)
			}
		}
		return
	}
	for _, category := range likes.categories.names {
		for _, slot := range s.catalog.inAisle(category) {
			if g := s.catalog.glance(slot); g.category() == category && s.trends.listed(LastWeek, slot) {
				s.offer(slot, likes.of(g), out)
			}
		}
	}
}

// offer scores an item by how well it fits and by how far below the hottest
// one its heat is, in bits.
func (s *attributes) offer(slot Slot, fit float64, out *Offers) {
	if fit == 0 {
		return
	}
	heat := s.trends.heat[LastWeek].get(int(slot)) - s.trends.hottest(LastWeek)
	wanted := (max(0, heat+coldest) - coldest) / 4
	// Most items are too cool whatever the power is exactly: to find that out by
	// a bound of it takes a third of the time.
	if !out.wants(float32(fit*(0.05+exp2Above(wanted)))) || out.filter.tasted(slot) {
		return
	}
	out.Offer(slot, float32(fit*(0.05+exp2(wanted))))
}

// mostScanned bounds how many items one request looks at by category.
const mostScanned = 4000

// likes are the shares of categories and brands in a visitor's history.
type likes struct {
	known              bool
	categories, brands shares
}

// likedItems is how many items of the history count.
const likedItems = 20

func (a *Ask) likes(c *Catalog) *likes {
	if a.liked == nil {
		a.liked = &likes{}
	}
	if !a.liked.known {
		a.liked.learn(a.History[:min(likedItems, len(a.History))], c)
	}
	return a.liked
}

func (l *likes) learn(history []Taste, c *Catalog) {
	l.known = true
	total := 0.0
	for _, t := range history {
		if c.At(t.Slot) == nil {
			continue
		}
		weight := t.Weight * math.Pow(0.9, float64(t.Moment))
		total += weight
		g := c.glance(t.Slot)
		l.categories.add(g.category(), weight)
		l.brands.add(g.brand(), weight)
	}
	l.categories.divide(total)
	l.brands.divide(total)
}

func (l *likes) forget() {
	l.known = false
	l.categories.forget()
	l.brands.forget()
}

// of says how well an item fits, 0 to 1: its category counts twice its brand.
func (l *likes) of(g glance) float64 {
	return (2*l.categories.share(g.category()) + l.brands.share(g.brand())) / 3
}

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

func (s *shares) forget() {
	for _, name := range s.names {
		s.of[name] = 0
	}
	s.names = s.names[:0]
}
