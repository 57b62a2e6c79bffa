package recommend

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// twoInterests are visitors who keep to one of two halves of a shop, whose
// categories are a and b.
func twoInterests() []Interaction {
	rng := rand.New(rand.NewPCG(6, 6))
	var out []Interaction
	for v := range 250 {
		half := string("ab"[v%2])
		for i := range 12 {
			out = append(out, Interaction{
				Visitor: events.Unit{Kind: events.User, ID: events.UnitID(fmt.Sprint("u", v))},
				Item:    events.ItemID(fmt.Sprint(half, rng.IntN(40))),
				Action:  Action(rng.IntN(actions)), Time: noon.Add(time.Duration(i) * time.Minute),
			})
		}
	}
	return out
}

// twoHalves is the catalogue of that shop, and one cold item to each half.
func twoHalves(t *testing.T) *Catalog {
	t.Helper()
	var facts []fact
	for _, half := range []string{"a", "b"} {
		for i := range 41 {
			id := fmt.Sprint(half, i)
			if i == 40 {
				id = half + "-new"
			}
			facts = append(facts, fact{events.ProductChanged, noon, fmt.Sprintf(`{"product_id":%q,"sku":%q,"category":%q}`, id, id, half)})
		}
	}
	return newCatalog(t, facts...)
}

// always has two towers serve.
func always(_, _ *Model) bool { return true }

func TestTowersServeTheHalfThatWasLooked(t *testing.T) {
	t.Parallel()
	c := twoHalves(t)
	m := train(t, twoInterests(), Training{Seed: 1, Dims: 16, Catalog: c, Prefer: always})
	if got := m.Vectors(); got != "two-tower, 16 dimensions" {
		t.Fatalf("vectors are %q", got)
	}
	m, err := DecodeModel(bytes.NewReader(encoded(t, m)))
	if err != nil {
		t.Fatal(err)
	}
	in := install(m, c)
	for _, first := range []events.ItemID{"a3", "b7", "a-new", "b-new"} {
		slot, _ := c.interner.Slot(first)
		query := Query{History: []HistoryItem{{Slot: slot, Weight: 1, Second: noon.Unix()}}, AsOf: noon}
		d := &workspace{}
		d.begin(c, "", "", nil)
		d.offers.best.reset(41)
		newNearest(in).Propose(&query, &d.offers)
		same, cold := 0, false
		for _, s := range d.offers.best.ranked() {
			item := string(c.interner.Item(Slot(s.index)))
			if item[0] == first[0] {
				same++
			}
			cold = cold || item == string(first[0])+"-new"
		}
		if same < 38 || !cold {
			t.Errorf("after %s: %d of 41 are of its half, its cold %v", first, same, cold)
		}
	}
}

func TestTowersAreDeterministic(t *testing.T) {
	t.Parallel()
	c, in := twoHalves(t), twoInterests()
	how := Training{Seed: 1, Dims: 8, Catalog: c, Prefer: always}
	want := encoded(t, train(t, in, how))
	slices.Reverse(in)
	if !bytes.Equal(want, encoded(t, train(t, in, how))) {
		t.Error("of the same interactions in another order it is another model")
	}
}

func TestColdItemsFollowTheCatalogue(t *testing.T) {
	t.Parallel()
	c := twoHalves(t)
	in := install(train(t, twoInterests(), Training{Seed: 1, Dims: 16, Catalog: c, Prefer: always}), c)
	slot, _ := c.interner.Slot("a3")
	query := Query{History: []HistoryItem{{Slot: slot, Weight: 1}}}
	offered := func(item events.ItemID) bool {
		d := &workspace{}
		d.begin(c, "", "", nil)
		d.offers.best.reset(100)
		newNearest(in).Propose(&query, &d.offers)
		return slices.ContainsFunc(d.offers.best.ranked(), func(s scored) bool { return c.interner.Item(Slot(s.index)) == item })
	}
	if offered("late") {
		t.Fatal("an item is offered before the catalogue knows it")
	}
	feed(t, c, deliveries(t, fact{events.ProductChanged, noon.Add(time.Minute), `{"product_id":"late","sku":"late","title":"Late"}`}))
	if offered("late") {
		t.Error("an item is offered of which nothing is known")
	}
	feed(t, c, deliveries(t, fact{events.ProductChanged, noon.Add(2 * time.Minute), `{"product_id":"late","sku":"late","category":"a"}`}))
	if !offered("late") {
		t.Error("an item of the visitor's category is not offered")
	}
}

func TestColdItemsComeWhileServing(t *testing.T) {
	t.Parallel()
	c := twoHalves(t)
	in := install(train(t, twoInterests(), Training{Seed: 1, Dims: 8, Catalog: c, Prefer: always}), c)
	slot, _ := c.interner.Slot("a3")
	var askers sync.WaitGroup
	for range 4 {
		askers.Go(func() {
			for range 200 {
				d := &workspace{}
				d.begin(c, "", "", nil)
				d.offers.best.reset(10)
				newNearest(in).Propose(&Query{History: []HistoryItem{{Slot: slot, Weight: 1}}}, &d.offers)
			}
		})
	}
	for i := range 100 {
		id := fmt.Sprint("late", i)
		feed(t, c, deliveries(t, fact{events.ProductChanged, noon, fmt.Sprintf(`{"product_id":%q,"sku":%q,"category":"a"}`, id, id)}))
	}
	askers.Wait()
	d := &workspace{}
	d.begin(c, "", "", nil)
	d.offers.best.reset(200)
	newNearest(in).Propose(&Query{History: []HistoryItem{{Slot: slot, Weight: 1}}}, &d.offers)
	late := 0
	for _, s := range d.offers.best.ranked() {
		if strings.HasPrefix(string(c.interner.Item(Slot(s.index))), "late") {
			late++
		}
	}
	if late != 100 {
		t.Errorf("%d of 100 cold items are offered", late)
	}
}

func TestWithoutTowersTheModelSaysWhy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in   []Interaction
		how  Training
		want string
	}{
		"few steps":   {steps("ann:a b"), Training{Prefer: always}, "32 factors: two towers need 2000 steps"},
		"no test set": {twoInterests(), Training{Dims: 8}, "8 factors: nothing was held out"},
		"no better":   {twoInterests(), Training{Dims: 8, Prefer: func(_, _ *Model) bool { return false }}, "8 factors: two towers were not clearly better"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := train(t, test.in, test.how).Vectors(); !strings.HasPrefix(got, test.want) {
				t.Errorf("vectors are %q, want %q", got, test.want)
			}
		})
	}
}
