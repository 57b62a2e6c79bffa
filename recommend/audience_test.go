package recommend_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

func bought(order string, daysAgo int, price events.Money) events.Fact {
	o := &events.Order{Who: who(ann), Order: events.OrderID(order), Currency: "CNY"}
	for _, item := range []events.ItemID{"a", "b", "a"} {
		o.Lines = append(o.Lines, events.Line{Item: item, SKU: events.SKU(item), Quantity: 2, Price: price})
	}
	return events.Fact{Type: events.OrderPlaced, Time: noon.AddDate(0, 0, -daysAgo), Data: o}
}

func TestRFM(t *testing.T) {
	t.Parallel()
	cancelled := events.Fact{Type: events.OrderCancelled, Time: noon, Data: &events.Order{Who: who(ann), Order: "1"}}
	for _, c := range []struct {
		name  string
		facts []events.Fact
		want  recommend.RFM
		tier  recommend.Tier
	}{
		{"nothing", nil, recommend.RFM{}, recommend.NoBuyer},
		{"once", []events.Fact{bought("1", 3, 100)}, recommend.RFM{Since: 72 * time.Hour, Orders: 1, Spent: 600}, recommend.FirstTime},
		{"twice", []events.Fact{bought("1", 3, 100), bought("2", 50, 10)}, recommend.RFM{Since: 72 * time.Hour, Orders: 2, Spent: 660}, recommend.Promising},
		{"cancelled", []events.Fact{bought("1", 3, 100), cancelled}, recommend.RFM{}, recommend.NoBuyer},
		{"too long ago", []events.Fact{bought("1", 400, 100)}, recommend.RFM{Since: 400 * 24 * time.Hour}, recommend.NoBuyer},
		{"lapsed", []events.Fact{bought("1", 91, 100)}, recommend.RFM{Since: 91 * 24 * time.Hour, Orders: 1, Spent: 600}, recommend.Lapsed},
		{"three", []events.Fact{bought("1", 80, 1), bought("2", 90, 1), bought("3", 300, 1)}, recommend.RFM{Since: 80 * 24 * time.Hour, Orders: 3, Spent: 18}, recommend.Loyal},
		{"three, long ago", []events.Fact{bought("1", 100, 1), bought("2", 101, 1), bought("3", 300, 1)}, recommend.RFM{Since: 100 * 24 * time.Hour, Orders: 3, Spent: 18}, recommend.AtRisk},
		{"five", []events.Fact{bought("1", 1, 1), bought("2", 2, 1), bought("3", 3, 1), bought("4", 4, 1), bought("5", 5, 1)}, recommend.RFM{Since: 24 * time.Hour, Orders: 5, Spent: 30}, recommend.Champion},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var p recommend.Profile
			for _, f := range c.facts {
				p.Apply(f, "")
			}
			coded, err := recommend.DecodeProfile(recommend.EncodeProfile(nil, &p))
			if err != nil {
				t.Fatal(err)
			}
			got := coded.RFM(noon)
			if diff := cmp.Diff(c.want, got); diff != "" || got.Tier() != c.tier {
				t.Errorf("tier %s, want %s\n%s", got.Tier(), c.tier, diff)
			}
			attributes := recommend.Attributes(&p, noon)
			if attributes[recommend.AttributeTier] != string(c.tier) || attributes[recommend.AttributeOrders] != float64(c.want.Orders) {
				t.Errorf("attributes %v", attributes)
			}
		})
	}
}

// TestLookalike asks for users like those who walk through one category: others
// who like it must lead.
func TestLookalike(t *testing.T) {
	t.Parallel()
	m := makeShop(1, 200, 600, 10, 12)
	l := m.play(t, recommend.DefaultPolicy(), nil)
	fans := map[events.UserID]int{}
	for _, s := range m.steps {
		if s.Item < itemID(20) {
			fans[events.UserID(s.Visitor.ID)]++
		}
	}
	var seeds []events.UserID
	for u := range m.users {
		if id := events.UserID(m.user(u).ID); fans[id] >= 8 && len(seeds) < 10 {
			seeds = append(seeds, id)
		}
	}
	a, err := l.BuildAudience(t.Context(), l.profiles, noon)
	if err != nil {
		t.Fatal(err)
	}
	found, known, err := a.Lookalike(append(seeds, "nobody"), 20)
	if err != nil || known != len(seeds) || len(found) != 20 || a.Users() != m.users {
		t.Fatalf("%d found, %d of %d seeds known, %d users: %v", len(found), known, len(seeds), a.Users(), err)
	}
	liked, all := 0, 0
	for i, f := range found {
		liked += fans[f.User]
		for _, s := range seeds {
			if f.User == s {
				t.Errorf("%s is a seed", s)
			}
		}
		if f.Score <= 0 || f.Score > 1 || i > 0 && f.Score > found[i-1].Score {
			t.Errorf("score %g", f.Score)
		}
	}
	for _, n := range fans {
		all += n
	}
	if mean, usual := float64(liked)/20, float64(all)/float64(m.users); mean < 3*usual {
		t.Errorf("they took %.2f steps there, users take %.2f", mean, usual)
	}
	sum := 0
	for _, c := range a.CountTiers() {
		sum += c.Users
	}
	if sum != m.users {
		t.Errorf("%d users have tiers", sum)
	}
	var invalid *events.Invalid
	if _, _, err := a.Lookalike(nil, 5); !errors.As(err, &invalid) || invalid.Field != "users" {
		t.Errorf("no seeds: %v", err)
	}
	if _, _, err := a.Lookalike(seeds, 0); !errors.As(err, &invalid) || invalid.Field != "limit" {
		t.Errorf("limit 0: %v", err)
	}
}

func TestAnAudienceWithoutAModel(t *testing.T) {
	t.Parallel()
	l := small(t, recommend.DefaultPolicy(), viewed(ann, "a", noon))
	a, err := l.BuildAudience(t.Context(), l.profiles, noon)
	if err != nil || a.Users() != 1 || a.Model() != "" {
		t.Fatal(a, err)
	}
	if found, known, err := a.Lookalike([]events.UserID{"ann"}, 5); err != nil || known != 0 || len(found) != 0 {
		t.Errorf("%v, %d, %v", found, known, err)
	}
}

func TestBoughtTogether(t *testing.T) {
	t.Parallel()
	l := open(recommend.DefaultPolicy(), nil)
	var steps []recommend.Interaction
	for i := range 30 {
		buyer := events.Unit{Kind: events.User, ID: events.UnitID(fmt.Sprint("b", i))}
		basket := []events.ItemID{"tent", "stove"}
		if i%3 == 0 {
			basket = []events.ItemID{"tent", "lamp"}
		}
		for _, item := range basket {
			steps = append(steps, recommend.Interaction{Visitor: buyer, Item: item, Action: recommend.Buy, Time: noon})
		}
		// What is only viewed beside it is not bought with it.
		steps = append(steps, recommend.Interaction{Visitor: buyer, Item: "piano", Action: recommend.View, Time: noon})
	}
	model, err := recommend.Train(t.Context(), each(steps), recommend.Training{})
	if err != nil {
		t.Fatal(err)
	}
	l.Install(model)
	for _, item := range []events.ItemID{"tent", "stove", "lamp", "piano"} {
		l.happened(t, product(item, "x", noon))
	}
	for _, c := range []struct {
		item events.ItemID
		want string
	}{{"tent", "[stove lamp]"}, {"lamp", "[tent]"}, {"piano", "[]"}} {
		got, err := l.BoughtTogether(c.item, recommend.List{Limit: 5})
		var items []events.ItemID
		for _, s := range got {
			items = append(items, s.Item)
		}
		if err != nil || fmt.Sprint(items) != c.want {
			t.Errorf("%s: %v, want %s: %v", c.item, items, c.want, err)
		}
	}
	l.happened(t, stocked("stove", "r", 0, 1))
	if got, _ := l.BoughtTogether("tent", recommend.List{Limit: 5}); len(got) != 1 || got[0].Item != "lamp" {
		t.Errorf("sold out, but %v", got)
	}
	if _, err := l.BoughtTogether("unheard of", recommend.List{Limit: 5}); !errors.Is(err, recommend.ErrUnknownItem) {
		t.Errorf("an unknown item: %v", err)
	}
}

func each(steps []recommend.Interaction) func(func(recommend.Interaction) bool) {
	return func(yield func(recommend.Interaction) bool) {
		for _, s := range steps {
			if !yield(s) {
				return
			}
		}
	}
}
