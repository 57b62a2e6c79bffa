package recommend

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

func newTrends(t testing.TB, facts ...fact) *Trends {
	t.Helper()
	tr := NewTrends(NewInterner(), "log")
	feed(t, tr, deliveries(t, facts...))
	return tr
}

// countsOf gives an item's decayed counts of the last day as of the newest event.
func countsOf(tr *Trends, item events.ItemID) (views, carts, buys float64) {
	slot, ok := tr.interner.Slot(item)
	if !ok || tr.items.get(int(slot)) == nil {
		return 0, 0, 0
	}
	now := float64(events.Micros(tr.AsOf())) / float64(LastDay.HalfLife().Microseconds())
	for _, c := range tr.items.get(int(slot)).counts[LastDay] {
		w := math.Exp2(float64(c.at)-now) / 256
		views, carts, buys = views+w*float64(c.sum[View]), carts+w*float64(c.sum[Cart]), buys+w*float64(c.sum[Buy])
	}
	return views, carts, buys
}

func TestTrendsCount(t *testing.T) {
	t.Parallel()
	both := `{"user_id":"u","anonymous_id":"d","product_id":"p","units":{"team":"t"}}`
	for _, c := range []struct {
		name               string
		facts              []fact
		views, carts, buys float64
	}{
		{"nothing", nil, 0, 0, 0},
		{"a view", []fact{{events.ProductViewed, noon, both}}, 1, 0, 0},
		{"of user, device and team it counts once", []fact{{events.ProductViewed, noon, both}, {events.ProductAdded, noon, both}}, 1, 1, 0},
		{"an anonymous visitor's device", []fact{{events.ProductClicked, noon, `{"anonymous_id":"d","product_id":"p"}`}}, 1, 0, 0},
		{"half after a half-life", []fact{{events.ProductViewed, noon.Add(-24 * time.Hour), both}, {events.ProductViewed, noon, both}}, 1.5, 0, 0},
		{"a quarter after two, without another view", []fact{{events.ProductViewed, noon.Add(-48 * time.Hour), both}, {events.StockLevelled, noon, `{"sku":"x","available":1,"version":1}`}}, 0.25, 0, 0},
		{"an order line by line", []fact{{events.OrderPlaced, noon, `{"order_id":"o","user_id":"u","products":[{"product_id":"p","quantity":5,"price":1},{"product_id":"q","quantity":1,"price":1}]}`}}, 0, 0, 1},
		{"a guest's order", []fact{{events.OrderPlaced, noon, `{"order_id":"o","products":[{"product_id":"p","quantity":5,"price":1},{"product_id":"q","quantity":1,"price":1}]}`}}, 0, 0, 1},
		{"payment is not another order", []fact{{events.OrderPaid, noon, `{"order_id":"o","user_id":"u","products":[{"product_id":"p","quantity":5,"price":1}]}`}}, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			views, carts, buys := countsOf(newTrends(t, c.facts...), "p")
			// A weight is kept to a 512th.
			if math.Abs(views-c.views) > .003 || math.Abs(carts-c.carts) > .003 || math.Abs(buys-c.buys) > .003 {
				t.Errorf("views %.4f, carts %.4f, buys %.4f; want %v, %v, %v", views, carts, buys, c.views, c.carts, c.buys)
			}
		})
	}
}

func someBehaviour(t *rapid.T) fact {
	types := []events.Type{events.ProductViewed, events.ProductFavorited, events.ProductAdded, events.OrderPlaced}
	span := rapid.SampledFrom([]int64{60, 86_400, 30 * 86_400}).Draw(t, "span")
	at := noon.Add(time.Duration(rapid.Int64Range(-span, span).Draw(t, "at")) * time.Second)
	return did(rapid.SampledFrom(types).Draw(t, "type"), at, rapid.SampledFrom([]string{"p", "q"}).Draw(t, "item"))
}

func TestTrendsForgetTheOrderOfFacts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		all := deliveries(t, rapid.SliceOfN(rapid.Custom(someBehaviour), 1, 60).Draw(rt, "facts")...)
		shuffled := shuffle(rt, all)
		first, second := NewTrends(NewInterner(), "log"), NewTrends(NewInterner(), "log")
		feed(t, first, all)
		cut := rapid.IntRange(0, len(shuffled)).Draw(rt, "cut")
		feed(t, second, shuffled[:cut])
		var file bytes.Buffer
		restarted := NewTrends(NewInterner(), "log")
		if err := errors.Join(second.Snapshot(&file), restarted.Restore(&file)); err != nil {
			rt.Fatal(err)
		}
		feed(t, restarted, shuffled[cut:])
		if !bytes.Equal(whole(slices.Values(first.encode())), whole(slices.Values(restarted.encode()))) {
			rt.Fatal("another order gave other trends")
		}
		for w := range Window(windows) {
			a, b := heats(first, w), heats(restarted, w)
			if fmt.Sprint(a) != fmt.Sprint(b) {
				rt.Fatalf("heat %v and %v", a, b)
			}
		}
	})
}

func heats(t *Trends, w Window) map[events.ItemID]float64 {
	out := map[events.ItemID]float64{}
	for i := range t.items.len() {
		if heat := math.Float64frombits((*t.heat[w].pages.Load())[0][i].Load()); heat != 0 {
			out[t.interner.Item(Slot(i))] = heat
		}
	}
	return out
}

// TestHeatOrdersAsTheFormulaDoes compares items by definition, at once.
func TestHeatOrdersAsTheFormulaDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		facts := rapid.SliceOfN(rapid.Custom(someBehaviour), 1, 40).Draw(rt, "facts")
		tr := newTrends(t, facts...)
		for w := range Window(windows) {
			want := map[events.ItemID]float64{}
			for _, d := range deliveries(t, facts...) {
				if !primary(&d) {
					continue
				}
				for _, in := range Interactions(d.Fact) {
					age := tr.AsOf().Sub(in.Time).Seconds() / w.HalfLife().Seconds()
					want[in.Item] += in.Action.weight() * math.Exp2(-age)
				}
			}
			now := float64(tr.newest.Load()) / float64(w.HalfLife().Microseconds())
			for item, heat := range heats(tr, w) {
				got := math.Exp2(heat-now) / 256
				if want[item] > 1e-300 && math.Abs(got-want[item]) > .004*want[item] {
					rt.Fatalf("window %d: %s has %g, want %g", w, item, got, want[item])
				}
			}
		}
	})
}

func TestTrendsRefuse(t *testing.T) {
	t.Parallel()
	tr := newTrends(t, did(events.ProductViewed, noon, "p"))
	if err := tr.Follow(t.Context(), 0, 0, 5, nil); !errors.Is(err, ErrStale) {
		t.Errorf("a replay: %v, want ErrStale", err)
	}
	var file bytes.Buffer
	if err := tr.Snapshot(&file); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"cut": file.Bytes()[:file.Len()-1], "empty": nil} {
		if err := NewTrends(NewInterner(), "log").Restore(bytes.NewReader(b)); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v, want ErrSealed", name, err)
		}
	}
}

func BenchmarkTrendsCount(b *testing.B) {
	tr := newTrends(b)
	in := Interaction{Item: "p", Action: View, Time: noon}
	b.ReportAllocs()
	for b.Loop() {
		tr.count(in)
	}
}
