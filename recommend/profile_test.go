package recommend

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

// profileOf folds what user u did.
func profileOf(t testing.TB, facts ...fact) Profile {
	t.Helper()
	var p Profile
	for _, d := range deliveries(t, facts...) {
		if d.Kind == events.Kind(events.User) {
			p.Apply(d.Fact, "")
		}
	}
	return p
}

// did is a fact of user u and one product.
func did(typ events.Type, at time.Time, item string) fact {
	switch typ {
	case events.OrderPlaced, events.OrderCompleted, events.OrderCancelled:
		return fact{typ, at, fmt.Sprintf(`{"order_id":"o-%s","user_id":"u","products":[{"product_id":%q,"quantity":1,"price":1}]}`, item, item)}
	case events.Recommended:
		return fact{typ, at, fmt.Sprintf(`{"user_id":"u","request":"r","product_ids":[%q]}`, item)}
	}
	return fact{typ, at, fmt.Sprintf(`{"user_id":"u","product_id":%q}`, item)}
}

func items[T any](list []T, item func(T) events.ItemID) string {
	out := ""
	for _, v := range list {
		out += string(item(v)) + " "
	}
	return out
}

func inCart(p *Profile) string {
	out := ""
	for _, c := range p.Carts {
		if !c.Out {
			out += string(c.Item) + " "
		}
	}
	return out
}

func TestProfileRemembers(t *testing.T) {
	t.Parallel()
	at := func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }
	for _, c := range []struct {
		name  string
		facts []fact
		got   func(p *Profile) string
		want  string
	}{
		{"views newest first, each item once", []fact{did(events.ProductViewed, at(1), "a"), did(events.ProductClicked, at(3), "b"), did(events.ProductViewed, at(4), "a"), did(events.ProductFavorited, at(2), "c")},
			func(p *Profile) string { return items(p.Views, Seen.item) }, "a b c "},
		{"the cart without what was taken out", []fact{did(events.ProductAdded, at(1), "a"), did(events.ProductAdded, at(2), "b"), did(events.ProductRemoved, at(3), "a")},
			func(p *Profile) string { return inCart(p) }, "b "},
		{"a removal that arrives before its addition", []fact{did(events.ProductRemoved, at(3), "a"), did(events.ProductAdded, at(1), "a")},
			func(p *Profile) string { return inCart(p) }, ""},
		{"put back into the cart", []fact{did(events.ProductRemoved, at(3), "a"), did(events.ProductAdded, at(5), "a")},
			func(p *Profile) string { return inCart(p) }, "a "},
		{"buys, placed or imported", []fact{did(events.OrderPlaced, at(1), "a"), did(events.OrderCompleted, at(2), "b"), did(events.OrderPlaced, at(3), "c")},
			func(p *Profile) string {
				return items(p.Kept(), func(b Bought) events.ItemID { return b.Item })
			}, "c b a "},
		{"not what was cancelled, in any order", []fact{did(events.OrderCancelled, at(2), "a"), did(events.OrderPlaced, at(1), "a"), did(events.OrderPlaced, at(1), "b"), {events.OrderCancelled, at(9), `{"order_id":"o-b","user_id":"u"}`}, did(events.OrderPlaced, at(1), "c")},
			func(p *Profile) string {
				return items(p.Kept(), func(b Bought) events.ItemID { return b.Item })
			}, "c "},
		{"impressions of the last day", []fact{did(events.Recommended, at(0), "a"), did(events.Recommended, at(0).Add(-23*time.Hour), "a"), did(events.Recommended, at(0).Add(-25*time.Hour), "a"), did(events.Recommended, at(0), "b")},
			func(p *Profile) string { return fmt.Sprint(p.ShownWithin(24*time.Hour, at(1))) }, "map[a:2 b:1]"},
		{"the last half hour", []fact{did(events.ProductViewed, at(0), "a"), did(events.ProductAdded, at(0).Add(-29*time.Minute), "a"), did(events.ProductViewed, at(0).Add(-31*time.Minute), "b")},
			func(p *Profile) string { return fmt.Sprint(recentActions(p, nil)) }, "2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := profileOf(t, c.facts...)
			if got := c.got(&p); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// manyFacts draws more facts of one visitor than the bounds hold.
func manyFacts(t *rapid.T, n int) []events.Fact {
	types := []events.Type{events.ProductViewed, events.ProductFavorited, events.ProductAdded, events.ProductRemoved, events.OrderPlaced, events.OrderCancelled, events.Recommended}
	r := rapid.Uint64().Draw(t, "seed")
	next := func(below int) int {
		r = r*6364136223846793005 + 1442695040888963407
		return int(r>>33) % below
	}
	span := rapid.SampledFrom([]int{100, 3_000, 300_000}).Draw(t, "seconds")
	out := make([]events.Fact, n)
	for i := range out {
		f := events.Fact{Type: types[next(len(types))], Time: noon.Add(time.Duration(next(span)) * time.Second)}
		item := events.ItemID(fmt.Sprint("i", next(80)))
		switch f.Type {
		case events.OrderPlaced, events.OrderCancelled:
			f.Data = &events.Order{Order: events.OrderID(fmt.Sprint("o", next(30))), Lines: []events.Line{{Item: item}, {Item: item + "x"}}}
		case events.Recommended:
			f.Data = &events.Shown{Items: []events.ItemID{item, item + "y", item + "z", "hot"}}
		default:
			f.Data = &events.Behaviour{Item: item}
		}
		out[i] = f
	}
	return out
}

func TestProfileForgetsTheOrderOfFacts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		facts := manyFacts(rt, rapid.IntRange(0, 400).Draw(rt, "n"))
		var forward, backward, coded Profile
		for i := range facts {
			forward.Apply(facts[i], "")
			backward.Apply(facts[len(facts)-1-i], "")
			coded.Apply(facts[(i*7919)%len(facts)], "")
			if i%50 == 0 {
				var err error
				if coded, err = DecodeProfile(EncodeProfile(nil, &coded)); err != nil {
					rt.Fatal(err)
				}
			}
		}
		if diff := cmp.Diff(forward, backward); diff != "" {
			rt.Fatalf("backward: %s", diff)
		}
		if len(facts)%7919 != 0 && !bytes.Equal(EncodeProfile(nil, &forward), EncodeProfile(nil, &coded)) {
			rt.Fatal("shuffled and stored in between, it differs")
		}
		for name, list := range map[string][2]int{
			"views": {len(forward.Views), maxSeen}, "carts": {len(forward.Carts), maxCarted}, "buys": {len(forward.Buys), maxBought},
			"undone": {len(forward.Undone), maxUndone}, "shown": {len(forward.Shown), maxShown}, "recent": {len(forward.Recent), maxRecent},
		} {
			if list[0] > list[1] {
				rt.Fatalf("%d %s, at most %d", list[0], name, list[1])
			}
		}
	})
}

func TestMergingAProfileWithItselfChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var p Profile
		seen := map[string]bool{}
		for _, f := range manyFacts(rt, 80) {
			if key := fmt.Sprint(f.Time, f.Type); !seen[key] { // two facts of one moment merge into one
				seen[key] = true
				p.Apply(f, "")
			}
		}
		twice, err := DecodeProfile(EncodeProfile(nil, &p))
		if err != nil {
			rt.Fatal(err)
		}
		twice.Merge(&p)
		if diff := cmp.Diff(p, twice); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestMergeJoinsUserAndDevice(t *testing.T) {
	t.Parallel()
	u := profileOf(t, did(events.ProductViewed, noon, "a"), did(events.OrderPlaced, noon, "b"))
	d := profileOf(t, did(events.ProductViewed, noon.Add(1e9), "c"), did(events.ProductViewed, noon.Add(-1e9), "a"))
	u.Merge(&d)
	if got := items(u.Views, Seen.item); got != "c a " || u.Views[1].Time != events.Micros(noon) || len(u.Buys) != 1 {
		t.Errorf("merged into %+v", u)
	}
}

func TestFullProfileIsCompact(t *testing.T) {
	t.Parallel()
	var p Profile
	for i := range 2000 {
		at := noon.Add(time.Duration(i) * 7 * time.Second)
		item := events.ItemID(fmt.Sprintf("item-%06d", i%700))
		p.Apply(events.Fact{Type: events.ProductViewed, Time: at, Data: &events.Behaviour{Item: item}}, "")
		p.Apply(events.Fact{Type: events.ProductAdded, Time: at, Data: &events.Behaviour{Item: item}}, "")
		p.Apply(events.Fact{Type: events.OrderPlaced, Time: at, Data: &events.Order{Order: events.OrderID(fmt.Sprint(i)), Lines: []events.Line{{Item: item}}}}, "")
		p.Apply(events.Fact{Type: events.Recommended, Time: at, Data: &events.Shown{Items: []events.ItemID{item}}}, "")
	}
	if n := len(EncodeProfile(nil, &p)); n > 20<<10 {
		t.Errorf("a full profile has %d bytes", n)
	}
}

func FuzzDecodeProfile(f *testing.F) {
	p := profileOf(f, did(events.ProductViewed, noon, "a"), did(events.ProductAdded, noon, "b"), did(events.OrderPlaced, noon, "c"),
		did(events.OrderCancelled, noon, "c"), did(events.Recommended, noon, "a"), did(events.ProductViewed, noon.Add(-1e9), "b"))
	f.Add(EncodeProfile(nil, &p))
	f.Add([]byte{profileVersion, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := DecodeProfile(b)
		if err != nil {
			return
		}
		again, err := DecodeProfile(EncodeProfile(nil, &p))
		if err != nil || !cmp.Equal(p, again) {
			t.Fatalf("%+v comes back as %+v: %v", p, again, err)
		}
		again.Apply(events.Fact{Type: events.ProductViewed, Time: noon, Data: &events.Behaviour{Item: "new"}}, "")
		again.Apply(events.Fact{Type: events.Recommended, Time: noon, Data: &events.Shown{Items: []events.ItemID{"new"}}}, "")
		_, _ = again.Kept(), recentActions(&again, nil)
	})
}

func BenchmarkProfile(b *testing.B) {
	var p Profile
	for i := range 100 {
		at := noon.Add(time.Duration(i) * time.Minute)
		item := events.ItemID(fmt.Sprintf("item-%06d", i))
		p.Apply(events.Fact{Type: events.ProductViewed, Time: at, Data: &events.Behaviour{Item: item}}, "")
		p.Apply(events.Fact{Type: events.Recommended, Time: at, Data: &events.Shown{Items: []events.ItemID{item, item + "x", item + "y"}}}, "")
	}
	coded := EncodeProfile(nil, &p)
	view := events.Fact{Type: events.ProductViewed, Time: noon.Add(200 * time.Minute), Data: &events.Behaviour{Item: "item-000003"}}
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := DecodeProfile(coded); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("apply", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p, _ := DecodeProfile(coded)
			p.Apply(view, "")
			EncodeProfile(nil, &p)
		}
	})
}
