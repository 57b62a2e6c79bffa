package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// shopData makes a shop's products and what its users did, always the same of
// one seed: each user prefers three categories, popularity within one is
// Zipf's, how much a user does is log-normal, and a view leads to a cart with
// 0.2 and that to an order with 0.3.
type shopData struct {
	Name                             string
	Items, Users, Events, Categories int
	Seed                             uint64
}

// act is one thing that a user did.
type act struct {
	at         int64
	user, item int32
	kind       byte // v, c or b
}

const (
	shopDays  = 60
	daySecond = 86400
)

func (d shopData) end() time.Time   { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) }
func (d shopData) start() int64     { return d.end().Unix() - shopDays*daySecond }
func (d shopData) perCategory() int { return d.Items / d.Categories }

func (d shopData) item(i int32) string { return fmt.Sprintf("i%05d", i) }
func (d shopData) user(u int32) string { return fmt.Sprintf("u%05d", u) }

func (d shopData) category(i int) string {
	return fmt.Sprintf("c%02d", i/d.perCategory()%d.Categories)
}

// make draws products and acts, the acts oldest first.
func (d shopData) make() (products []events.Event, acts []act) {
	rng := rand.New(rand.NewPCG(d.Seed, d.Seed))
	for i := range d.Items {
		products = append(products, d.product(i, math.Exp(3+rng.NormFloat64()), d.start()-rng.Int64N(90*daySecond)))
	}
	wanted, total := make([]float64, d.perCategory()), 0.0
	for k := range wanted {
		total += 1 / float64(k+1)
		wanted[k] = total
	}
	active, all := make([]float64, d.Users), 0.0
	likes := make([][3]int, d.Users)
	for u := range active {
		all += math.Exp(0.8 * rng.NormFloat64())
		active[u] = all
		likes[u] = [3]int{rng.IntN(d.Categories), rng.IntN(d.Categories), rng.IntN(d.Categories)}
	}
	for len(acts) < d.Events {
		u := sort.SearchFloat64s(active, rng.Float64()*all)
		category := rng.IntN(d.Categories)
		switch x := rng.Float64(); {
		case x < .54:
			category = likes[u][0]
		case x < .81:
			category = likes[u][1]
		case x < .90:
			category = likes[u][2]
		}
		i := int32(category*d.perCategory() + sort.SearchFloat64s(wanted, rng.Float64()*total))
		at := d.start() + rng.Int64N(shopDays*daySecond-3600)
		acts = append(acts, act{at, int32(u), i, 'v'})
		if rng.Float64() < .2 {
			acts = append(acts, act{at + 60, int32(u), i, 'c'})
			if rng.Float64() < .3 {
				acts = append(acts, act{at + 600, int32(u), i, 'b'})
			}
		}
	}
	slices.SortStableFunc(acts, func(a, b act) int { return cmp.Compare(a.at, b.at) })
	return products, acts
}

func (d shopData) product(i int, price float64, at int64) events.Event {
	id := d.item(int32(i))
	return events.Event{
		ID: "product-" + id, Source: "bench", Type: string(events.ProductChanged), Time: time.Unix(at, 0).UTC(),
		Data: fmt.Appendf(nil, `{"product_id":%q,"title":"Item %d","category":%q,"price":"%.2f"}`, id, i, d.category(i), price),
	}
}

func (d shopData) event(n int, a act) events.Event {
	e := events.Event{ID: fmt.Sprint(n), Source: "bench", Time: time.Unix(a.at, 0).UTC()}
	e.Data = json.RawMessage(fmt.Sprintf(`{"user_id":%q,"product_id":%q}`, d.user(a.user), d.item(a.item)))
	switch a.kind {
	case 'v':
		e.Type = string(events.ProductViewed)
	case 'c':
		e.Type = string(events.ProductAdded)
	case 'b':
		e.Type = string(events.OrderCompleted)
		e.Data = json.RawMessage(fmt.Sprintf(`{"order_id":"o%d","user_id":%q,"products":[{"product_id":%q,"quantity":1,"price":"9.90"}]}`, n, d.user(a.user), d.item(a.item)))
	}
	return e
}

// batches are the products and then the acts, as events, a thousand at a time.
func (d shopData) batches(products []events.Event, acts []act) iter.Seq[[]events.Event] {
	const size = 1000
	return func(yield func([]events.Event) bool) {
		for batch := range slices.Chunk(products, size) {
			if !yield(batch) {
				return
			}
		}
		room := make([]events.Event, 0, size)
		for from := 0; from < len(acts); from += size {
			room = room[:0]
			for n, a := range acts[from:min(from+size, len(acts))] {
				room = append(room, d.event(from+n, a))
			}
			if !yield(room) {
				return
			}
		}
	}
}

// interactions are the acts as a training reads them.
func (d shopData) interactions(acts []act) iter.Seq[recommend.Interaction] {
	return func(yield func(recommend.Interaction) bool) {
		for _, a := range acts {
			action := recommend.View
			switch a.kind {
			case 'c':
				action = recommend.Cart
			case 'b':
				action = recommend.Buy
			}
			visitor := events.Unit{Kind: events.User, ID: events.UnitID(d.user(a.user))}
			if !yield(recommend.Interaction{Visitor: visitor, Item: events.ItemID(d.item(a.item)), Action: action, Time: time.Unix(a.at, 0).UTC()}) {
				return
			}
		}
	}
}

// paths ask for users of the shop, one in five within a category.
func (d shopData) paths(n int) []string {
	rng := rand.New(rand.NewPCG(d.Seed, 3))
	out := make([]string, n)
	for i := range out {
		out[i] = "/v1/recommendations?limit=20&user=" + d.user(int32(rng.IntN(d.Users)))
		if rng.IntN(5) == 0 {
			out[i] += "&category=" + d.category(rng.IntN(d.Items))
		}
	}
	return out
}
