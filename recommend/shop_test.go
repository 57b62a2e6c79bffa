package recommend_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/memory"
)

// noon is when the tests' shops are asked.
var noon = time.Date(2026, 11, 11, 12, 0, 0, 0, time.UTC)

// made is a shop whose visitors have tastes: each likes three categories, and
// within a category half of their steps follow its chain of items (after a
// kettle, tea). The others fall on popular items of a category they like.
type made struct {
	items, users, categories int
	steps                    []recommend.Interaction // by user, then time
	next                     []events.ItemID         // by user: the step held out
}

func makeShop(seed uint64, items, users, categories, each int) made {
	rng := rand.New(rand.NewPCG(seed, 7))
	m := made{items: items, users: users, categories: categories}
	size := items / categories
	for u := range users {
		likes := rng.Perm(categories)[:3]
		at := noon.Add(-time.Duration(rng.IntN(20*24)) * time.Hour)
		category, place := likes[0], rng.IntN(size)
		seen := map[int]bool{}
		for len(seen) < each+1 {
			if rng.Float64() < .5 {
				place = (place + 1) % size
			} else {
				category = likes[rng.IntN(len(likes))]
				place = int(float64(size) * rng.Float64() * rng.Float64())
			}
			item := category*size + place
			if seen[item] {
				continue
			}
			seen[item] = true
			at = at.Add(time.Duration(1+rng.IntN(3600)) * time.Second)
			if len(seen) == each+1 {
				m.next = append(m.next, itemID(item))
				break
			}
			action := recommend.View
			if rng.Float64() < .2 {
				action = recommend.Cart
			}
			m.steps = append(m.steps, recommend.Interaction{Visitor: m.user(u), Item: itemID(item), Action: action, Time: at})
		}
	}
	return m
}

func itemID(i int) events.ItemID { return events.ItemID(fmt.Sprintf("item-%05d", i)) }

func (m *made) user(u int) events.Unit {
	return events.Unit{Kind: events.User, ID: events.UnitID(fmt.Sprintf("user-%05d", u))}
}

func (m *made) category(i int) string { return fmt.Sprint("category-", i/(m.items/m.categories)) }

func (m *made) interactions() iter.Seq[recommend.Interaction] { return slices.Values(m.steps) }

// live is a shop that answers.
type live struct {
	*recommend.Recommender
	catalog  *recommend.Catalog
	trends   *recommend.Trends
	profiles *memory.Profiles
	profiler *recommend.Profiler
	at       events.Position
}

func open(policy recommend.Policy, store recommend.Profiles, more ...recommend.Source) *live {
	register := recommend.NewInterner()
	l := &live{
		catalog:  recommend.NewCatalog(register, "log", "CNY"),
		trends:   recommend.NewTrends(register, "log"),
		profiles: memory.NewProfiles(time.Hour, func() time.Time { return noon }),
	}
	if store == nil {
		store = l.profiles
	}
	l.profiler = recommend.NewProfiler(l.profiles, "log")
	l.Recommender = recommend.New(l.catalog, l.trends, store, policy, more...)
	return l
}

// with is the same shop under another policy.
func (l *live) with(policy recommend.Policy) *live {
	other := *l
	other.Recommender = recommend.New(l.catalog, l.trends, l.profiles, policy)
	other.Install(l.Model())
	return &other
}

// happened hands facts to all followers, one record each: that of the visitor,
// or of the SKU or item.
func (l *live) happened(t testing.TB, facts ...events.Fact) {
	t.Helper()
	batch := make([]events.Delivery, len(facts))
	for i, f := range facts {
		kind, key := keyOf(f)
		batch[i] = events.Delivery{
			Record:   events.Record{Kind: kind, Key: key, Type: f.Type, Time: f.Time, ID: f.ID},
			Fact:     f,
			Position: l.at + events.Position(i+1),
		}
	}
	to := l.at + events.Position(len(batch))
	for _, f := range []events.Follower{l.catalog, l.trends, l.profiler} {
		if err := f.Follow(t.Context(), 0, l.at, to, batch); err != nil {
			t.Fatal(err)
		}
	}
	l.at = to
}

func keyOf(f events.Fact) (events.Kind, string) {
	switch d := f.Data.(type) {
	case *events.Behaviour:
		v, _ := d.Visitor()
		return events.Kind(v.Kind), string(v.ID)
	case *events.Shown:
		v, _ := d.Visitor()
		return events.Kind(v.Kind), string(v.ID)
	case *events.Order:
		if v, ok := d.Visitor(); ok {
			return events.Kind(v.Kind), string(v.ID)
		}
	case *events.Stock:
		return events.ForSKU, string(d.SKU)
	case *events.Product:
		return events.ForItem, string(d.Item)
	}
	return events.ForNoKey, f.ID
}

func who(v events.Unit) events.Who {
	if v.Kind == events.Device {
		return events.Who{Device: v.ID}
	}
	return events.Who{User: events.UserID(v.ID)}
}

func viewed(v events.Unit, item events.ItemID, at time.Time) events.Fact {
	return events.Fact{Type: events.ProductViewed, Time: at, Data: &events.Behaviour{Who: who(v), Item: item}}
}

func ordered(v events.Unit, item events.ItemID, at time.Time) events.Fact {
	o := &events.Order{Who: who(v), Order: events.OrderID(fmt.Sprint(v.ID, at)), Lines: []events.Line{{Item: item, SKU: events.SKU(item), Quantity: 1}}}
	return events.Fact{Type: events.OrderPlaced, Time: at, Data: o}
}

func shown(v events.Unit, at time.Time, items ...events.ItemID) events.Fact {
	return events.Fact{Type: events.Recommended, Time: at, Data: &events.Shown{Who: who(v), Request: "r", Items: items}}
}

func stocked(item events.ItemID, region string, n, version int64) events.Fact {
	return events.Fact{Type: events.StockLevelled, Time: noon, Data: &events.Stock{SKU: events.SKU(item), Location: region, Region: region, Quantity: n, Version: version}}
}

func product(item events.ItemID, category string, at time.Time) events.Fact {
	title := "The " + string(item)
	return events.Fact{Type: events.ProductChanged, Time: at, Data: &events.Product{Item: item, Title: &title, Category: &category}}
}

// facts are the shop's catalogue and all that its visitors did.
func (m *made) facts() []events.Fact {
	var facts []events.Fact
	for i := range m.items {
		facts = append(facts, product(itemID(i), m.category(i), noon.Add(-90*24*time.Hour)))
	}
	for _, s := range m.steps {
		f := viewed(s.Visitor, s.Item, s.Time)
		if s.Action == recommend.Cart {
			f.Type = events.ProductAdded
		}
		facts = append(facts, f)
	}
	return facts
}

// play opens the shop: its catalogue, all that its visitors did, and a model.
func (m *made) play(t testing.TB, policy recommend.Policy, store recommend.Profiles, more ...recommend.Source) *live {
	t.Helper()
	l := open(policy, store, more...)
	l.happened(t, m.facts()...)
	model, err := recommend.Train(t.Context(), m.interactions(), recommend.Training{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	l.Install(model)
	return l
}
