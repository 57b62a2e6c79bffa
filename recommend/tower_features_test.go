package recommend

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

// visitorsOfTwoKinds do something with neutral items, by which before tells their
// kind, and then look at one item of half a or half b of the shop.
func visitorsOfTwoKinds(before func(kind int, neutral Interaction) []Interaction) []Interaction {
	rng := rand.New(rand.NewPCG(8, 8))
	var out []Interaction
	for v := range 1200 {
		visitor := events.Unit{Kind: events.User, ID: events.UnitID(fmt.Sprint("u", v))}
		neutral := events.ItemID(fmt.Sprint("n", v/2%5))
		out = append(out, before(v%2, Interaction{Visitor: visitor, Item: neutral, Time: noon.AddDate(0, 0, -3)})...)
		item := events.ItemID(fmt.Sprint(string("ab"[v%2]), rng.IntN(40)))
		out = append(out, Interaction{Visitor: visitor, Item: item, Time: noon})
	}
	return out
}

// ofHalfA counts the items of half a among the 20 that two towers put first
// after a look at a neutral item, for a visitor of this tier and region.
func ofHalfA(in *installed, tier Tier, region string) int {
	slot, _ := in.catalog.interner.Slot("n1")
	d := &workspace{}
	d.begin(in.catalog, "", "", nil)
	d.filter.open = true
	d.offers.best.reset(20)
	newNearest(in).Propose(&Query{History: []HistoryItem{{Slot: slot, Weight: 1}}, Tier: tier, Region: region}, &d.offers)
	n := 0
	for _, s := range d.offers.best.ranked() {
		if in.catalog.interner.Item(Slot(s.index))[0] == 'a' {
			n++
		}
	}
	return n
}

func TestUserTowerReadsTheRegion(t *testing.T) {
	t.Parallel()
	did := visitorsOfTwoKinds(func(kind int, neutral Interaction) []Interaction {
		neutral.Action, neutral.Region = Buy, []string{"north", "south"}[kind]
		return []Interaction{neutral}
	})
	c := newCatalog(t)
	in := install(train(t, did, Training{Seed: 1, Dims: 16, Catalog: c, Prefer: always}), c)
	if north, south := ofHalfA(in, "", "north"), ofHalfA(in, "", "south"); north < 10 || south > 3 {
		t.Errorf("of 20 items, %d are the north's in the north, %d in the south", north, south)
	}
	if ofHalfA(in, "", "elsewhere") != ofHalfA(in, "", "") {
		t.Error("a region that training has not seen counts")
	}
}

func TestARequestTellsTheTowerItsRegion(t *testing.T) {
	t.Parallel()
	did := visitorsOfTwoKinds(func(kind int, neutral Interaction) []Interaction {
		neutral.Action, neutral.Region = Buy, []string{"north", "south"}[kind]
		return []Interaction{neutral}
	})
	var facts []fact
	for i := range 40 {
		for _, half := range []string{"a", "b"} {
			facts = append(facts, fact{events.ProductChanged, noon, fmt.Sprintf(`{"product_id":"%s%d","sku":"%s%d"}`, half, i, half, i)})
		}
	}
	c := newCatalog(t, facts...)
	r := New(c, NewTrends(c.interner, "log"), nil, Policy{Weights: []Weight{{SourceTowers, 1}}, Candidates: 40})
	r.Install(train(t, did, Training{Seed: 1, Dims: 16, Catalog: c, Prefer: always}))
	first := func(region string) (half byte) {
		answer, err := r.Recommend(t.Context(), Request{Session: []Step{{Item: "n1"}}, Region: region, Limit: 5}, noon)
		if err != nil || len(answer.Items) != 5 {
			t.Fatal(answer, err)
		}
		return answer.Items[0].Item[0]
	}
	if north, south := first("north"), first("south"); north != 'a' || south != 'b' {
		t.Errorf("the north is shown an item of half %c first, the south one of %c", north, south)
	}
}

func TestUserTowerReadsTheTier(t *testing.T) {
	t.Parallel()
	did := visitorsOfTwoKinds(func(kind int, neutral Interaction) []Interaction {
		var out []Interaction
		for i := range 3 {
			neutral.Action, neutral.Time = []Action{Buy, View}[kind], neutral.Time.AddDate(0, 0, -i)
			out = append(out, neutral)
			neutral.Item = events.ItemID(fmt.Sprint("n", 4-i))
		}
		return out
	})
	c := newCatalog(t)
	in := install(train(t, did, Training{Seed: 1, Dims: 16, Catalog: c, Prefer: always}), c)
	slot, _ := c.interner.Slot("n1")
	vectorOf := func(tier Tier) []float32 {
		user := make([]float32, 16)
		if !in.userVector(user, &Query{History: []HistoryItem{{Slot: slot, Weight: 1}}, Tier: tier}) {
			t.Fatal("the model knows nothing of the visitor")
		}
		return user
	}
	if slices.Equal(vectorOf(Loyal), vectorOf(NoBuyer)) {
		t.Error("a loyal visitor and one who never bought are the same to the user tower")
	}
	if !slices.Equal(vectorOf(AtRisk), vectorOf("")) {
		t.Error("a tier that training has not seen counts")
	}
}

func TestTierBeforeAStep(t *testing.T) {
	t.Parallel()
	const day = 24 * 60 * 60
	steps := []step{
		{group: 0, second: 10 * day, action: Buy}, {group: 0, second: 10 * day, action: Buy},
		{group: 1, second: 11 * day, action: View},
		{group: 2, second: 12 * day, action: Buy},
		{group: 3, second: 13 * day, action: Buy}, {group: 3, second: 13 * day, action: Buy},
	}
	for _, c := range []struct {
		name string
		end  int
		at   int64
		want Tier
	}{
		{"nothing yet", 0, 10 * day, NoBuyer},
		{"one order of two lines", 2, 11 * day, FirstTime},
		{"not the order that is asked about", 5, 13 * day, Promising},
		{"after all", 6, 14 * day, Loyal},
		{"months later", 6, 113 * day, AtRisk},
		{"a year later", 6, 400 * day, NoBuyer},
	} {
		if got := tierBefore(steps, c.end, c.at); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestItemTowerReadsAttributesAndAge(t *testing.T) {
	t.Parallel()
	it := &Item{Category: "tents", Priced: true, Price: 30000, Launched: noon.AddDate(0, 0, -5), Attributes: map[string]any{
		"season": "summer", "tags": []any{"light", "new"}, "waterproof": true, "persons": 2., "size": map[string]any{"cm": 3},
		"text": "A description, which is longer than what an attribute is that items have in common.",
	}}
	var got []string
	featuresOf(it, noon, func(field, text string) (int32, bool) {
		got = append(got, field+"="+text)
		return 0, true
	})
	want := []string{
		"category=tents", "price=15", "attribute persons=2", "attribute season=summer",
		"attribute tags=light", "attribute tags=new", "attribute waterproof=true", "age=3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := featuresOf(&Item{Launched: noon}, noon, func(_, _ string) (int32, bool) { return 0, true }); got != nil {
		t.Errorf("an item of which only the age is known has features: %v", got)
	}
}

// A new item that has nothing but a tag goes to those who look at items of it.
func TestANewItemWorksFromATag(t *testing.T) {
	t.Parallel()
	var facts []fact
	for _, half := range []string{"a", "b"} {
		for i := range 41 {
			id := fmt.Sprint(half, i)
			facts = append(facts, fact{events.ProductChanged, noon, fmt.Sprintf(`{"product_id":%q,"sku":%q,"attributes":{"tags":[%q,"own-%s"]}}`, id, id, "of-"+half, id)})
		}
	}
	c := newCatalog(t, facts...)
	m := train(t, twoInterests(), Training{Seed: 1, Dims: 16, Catalog: c, Prefer: always})
	if _, known := m.towers.Vocabulary().Find(fieldOther+"tags", "own-a1"); known {
		t.Error("what only one item has is a feature")
	}
	in := install(m, c)
	slot, _ := c.interner.Slot("a3")
	d := &workspace{}
	d.begin(c, "", "", nil)
	d.offers.best.reset(41)
	newNearest(in).Propose(&Query{History: []HistoryItem{{Slot: slot, Weight: 1}}}, &d.offers)
	proposed := func(item events.ItemID) bool {
		return slices.ContainsFunc(d.offers.best.ranked(), func(s scored) bool { return c.interner.Item(Slot(s.index)) == item })
	}
	if !proposed("a40") || proposed("b40") {
		t.Errorf("after a3, the new item of its tag is proposed: %v, that of the other: %v", proposed("a40"), proposed("b40"))
	}
}
