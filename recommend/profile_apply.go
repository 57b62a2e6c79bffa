package recommend

import (
	"slices"

	"github.com/spaolacci/murmur3"

	"github.com/peakday/peakday/events"
)

// Apply folds one fact of the visitor into the profile. Each fact must come
// once; facts that say nothing of a visitor's interest change nothing. Amounts are
// taken only in the shop's currency, in any if shop is empty.
func (p *Profile) Apply(f events.Fact, shop events.Currency) {
	at := events.Micros(f.Time)
	switch d := f.Data.(type) {
	case *events.Behaviour:
		p.behave(d, f.Type, at)
	case *events.Order:
		p.order(d, f.Type, at, shop == "" || d.Currency == shop)
	case *events.Shown:
		for _, item := range d.Items {
			p.show(Shown{item, at})
		}
	}
}

func (p *Profile) behave(b *events.Behaviour, t events.Type, at int64) {
	if t == events.ProductRemoved {
		p.cart(Carted{b.Item, at, true})
		return
	}
	action, ok := ActionOf(t)
	if !ok {
		return
	}
	if action == Cart {
		p.cart(Carted{b.Item, at, false})
	} else {
		p.Views = keepNewest(p.Views, Seen{b.Item, at, action}, maxSeen, compareSeen, Seen.item)
	}
	p.Recent = keepAll(p.Recent, Moment{at, action}, maxRecent, compareMoment)
}

func (p *Profile) cart(c Carted) {
	p.Carts = keepNewest(p.Carts, c, maxCarted, compareCarted, Carted.item)
}

func (p *Profile) order(o *events.Order, t events.Type, at int64, priced bool) {
	id := uint32(murmur3.Sum64([]byte(o.Order)))
	switch {
	case bought(t):
		for _, b := range boughtOf(o, at, id, priced) {
			p.Buys = keepNewest(p.Buys, b, maxBought, compareBought, Bought.key)
		}
		p.Recent = keepAll(p.Recent, Moment{at, Buy}, maxRecent, compareMoment)
	case t == events.OrderCancelled && len(o.Lines) == 0:
		p.Undone = keepNewest(p.Undone, Undo{"", at, id}, maxUndone, compareUndo, Undo.key)
	case t == events.OrderCancelled:
		for _, l := range o.Lines {
			p.Undone = keepNewest(p.Undone, Undo{l.Item, at, id}, maxUndone, compareUndo, Undo.key)
		}
	}
}

// boughtOf lists the items of an order, each once with what all its lines cost.
func boughtOf(o *events.Order, at int64, id uint32, priced bool) []Bought {
	out := make([]Bought, 0, len(o.Lines))
	for _, l := range o.Lines {
		i := slices.IndexFunc(out, func(b Bought) bool { return b.Item == l.Item })
		if i < 0 {
			i = len(out)
			out = append(out, Bought{Item: l.Item, Time: at, Order: id})
		}
		if priced {
			out[i].Amount += l.Amount()
		}
	}
	return out
}

// show enters an impression: at most maxPerItem of one item, maxShown in all,
// none older than shownFor behind the newest.
func (p *Profile) show(s Shown) {
	of, oldest := 0, -1
	for i, have := range p.Shown {
		if have.Item == s.Item {
			of, oldest = of+1, i
		}
	}
	if of == maxPerItem {
		if p.Shown[oldest].Time >= s.Time {
			return
		}
		p.Shown = slices.Delete(p.Shown, oldest, oldest+1)
	}
	p.Shown = keepAll(p.Shown, s, maxShown, compareShown)
	end := len(p.Shown)
	for end > 0 && p.Shown[0].Time-p.Shown[end-1].Time > shownFor.Microseconds() {
		end--
	}
	p.Shown = p.Shown[:end]
}

// keepAll puts v at its place and drops the last if there are too many.
func keepAll[T any](list []T, v T, limit int, compare func(a, b T) int) []T {
	at, _ := slices.BinarySearchFunc(list, v, compare)
	if at >= limit {
		return list
	}
	list = slices.Insert(list, at, v)
	return list[:min(len(list), limit)]
}

// keepNewest is keepAll for lists that hold each key once: the first by order.
func keepNewest[T any, K comparable](list []T, v T, limit int, compare func(a, b T) int, key func(T) K) []T {
	k := key(v)
	if i := slices.IndexFunc(list, func(have T) bool { return key(have) == k }); i >= 0 {
		if compare(list[i], v) <= 0 {
			return list
		}
		list = slices.Delete(list, i, i+1)
	}
	return keepAll(list, v, limit, compare)
}
