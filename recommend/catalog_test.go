package recommend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

// noon is the time of the tests' facts.
var noon = time.Date(2026, 11, 11, 12, 0, 0, 0, time.UTC)

// fact is an event of the tests: what a shop sends, less the envelope.
type fact struct {
	typ  events.Type
	at   time.Time
	data string
}

// deliveries parses and routes facts as the intake does, in one partition.
func deliveries(t testing.TB, facts ...fact) []events.Delivery {
	t.Helper()
	var out []events.Delivery
	for i, f := range facts {
		e := events.Event{ID: fmt.Sprintf("%s-%d-%d", f.typ, f.at.UnixMicro(), i), Source: "test", Type: string(f.typ), Time: f.at, Data: []byte(f.data)}
		parsed, err := events.Parse(e, "CNY")
		if err != nil {
			t.Fatalf("%s %s: %v", f.typ, f.data, err)
		}
		records, err := events.Route(e, parsed)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			of, err := r.Fact("CNY")
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, events.Delivery{Record: r, Fact: of, Position: events.Position(len(out) + 1)})
		}
	}
	return out
}

// feed hands batch to a follower as the next records of partition 0.
func feed(t testing.TB, f events.Follower, batch []events.Delivery) {
	t.Helper()
	at, err := f.Position(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range batch {
		batch[i].Position = at + events.Position(i+1)
	}
	if err := f.Follow(context.Background(), 0, at, at+events.Position(len(batch)), batch); err != nil {
		t.Fatal(err)
	}
}

func newCatalog(t testing.TB, facts ...fact) *Catalog {
	t.Helper()
	c := NewCatalog(NewInterner(), "log", "CNY")
	feed(t, c, deliveries(t, facts...))
	return c
}

func TestCatalogLearns(t *testing.T) {
	t.Parallel()
	line := func(at time.Time, typ events.Type, product, more string) fact {
		return fact{typ, at, fmt.Sprintf(`{"order_id":"o","user_id":"u","products":[{%s,"quantity":1%s}]}`, product, more)}
	}
	for _, c := range []struct {
		name  string
		facts []fact
		check func(it *Item) bool
	}{
		{"a product", []fact{{events.ProductChanged, noon, `{"product_id":"p","title":"Kettle","category":"kitchen","price":12.5,"regions":["b","a"]}`}},
			func(it *Item) bool {
				return it.Title == "Kettle" && it.Category == "kitchen" && it.Price == 1250 && it.Priced && it.Published && cmp.Equal(it.Regions, []string{"a", "b"})
			}},
		{"what a change leaves out stays", []fact{
			{events.ProductChanged, noon, `{"product_id":"p","title":"Kettle","attributes":{"colour":"red","size":1}}`},
			{events.ProductChanged, noon.Add(1e9), `{"product_id":"p","price":3,"attributes":{"size":2}}`}},
			func(it *Item) bool {
				return it.Title == "Kettle" && it.Price == 300 && cmp.Equal(it.Attributes, map[string]any{"colour": "red", "size": 2.0})
			}},
		{"an older change arriving later loses", []fact{
			{events.ProductChanged, noon, `{"product_id":"p","title":"new"}`},
			{events.ProductChanged, noon.Add(-1e9), `{"product_id":"p","title":"old","brand":"b"}`}},
			func(it *Item) bool { return it.Title == "new" && it.Brand == "b" }},
		{"a change of a SKU leaves the item", []fact{
			{events.ProductChanged, noon, `{"product_id":"p","title":"item","price":9}`},
			{events.ProductChanged, noon.Add(1e9), `{"product_id":"p","sku":"s","title":"sku","price":7}`}},
			func(it *Item) bool {
				return it.Title == "item" && it.Price == 900 && it.Offers[0].Title == "sku" && it.Offers[0].Price == 700
			}},
		{"SKUs fill in what the item does not say", []fact{
			{events.ProductChanged, noon, `{"product_id":"p","sku":"s2","category":"c","price":7}`},
			{events.ProductChanged, noon, `{"product_id":"p","sku":"s1","price":8}`}},
			func(it *Item) bool { return it.Category == "c" && it.Price == 700 && len(it.Offers) == 2 }},
		{"an order line fills in title and price", []fact{line(noon, events.OrderPlaced, `"product_id":"p","sku":"s","title":"Kettle"`, `,"price":5`)},
			func(it *Item) bool {
				return it.Title == "Kettle" && it.Price == 500 && it.Sold.Equal(noon) && it.Offers[0].SKU == "s"
			}},
		{"but does not override them", []fact{
			{events.ProductChanged, noon, `{"product_id":"p","title":"Kettle","price":9}`},
			line(noon.Add(1e9), events.OrderPlaced, `"product_id":"p","title":"KTL 9"`, `,"price":5`)},
			func(it *Item) bool { return it.Title == "Kettle" && it.Price == 900 }},
		{"prices in another currency are not taken", []fact{{events.OrderPlaced, noon, `{"order_id":"o","currency":"JPY","products":[{"product_id":"p","quantity":1,"price":5}]}`}},
			func(it *Item) bool { return !it.Priced && !it.Sold.IsZero() }},
		{"a cancellation is no sale", []fact{line(noon, events.OrderCancelled, `"product_id":"p","title":"Kettle"`, ``)},
			func(it *Item) bool { return it.Sold.IsZero() && !it.Priced && it.Title == "Kettle" }},
		{"a view makes it known, with its SKU", []fact{{events.ProductViewed, noon, `{"anonymous_id":"d","product_id":"p","sku":"s"}`}},
			func(it *Item) bool { return it.Offers[0].SKU == "s" && it.Launched.Equal(noon) }},
		{"launched when first named", []fact{
			{events.ProductViewed, noon, `{"anonymous_id":"d","product_id":"p"}`},
			{events.ProductViewed, noon.Add(-1e9), `{"anonymous_id":"d","product_id":"p"}`}},
			func(it *Item) bool { return it.Launched.Equal(noon.Add(-1e9)) }},
		{"a declared link beats a browser's", []fact{
			{events.ProductChanged, noon, `{"product_id":"p","sku":"s"}`},
			{events.ProductViewed, noon.Add(1e9), `{"anonymous_id":"d","product_id":"q","sku":"s"}`}},
			func(it *Item) bool { return len(it.Offers) == 1 }},
		{"a SKU moves to its item", []fact{
			{events.StockLevelled, noon, `{"sku":"s","available":0,"version":1}`},
			{events.ProductChanged, noon, `{"product_id":"p","sku":"s"}`}},
			func(it *Item) bool { return len(it.Offers) == 1 && !it.Available("") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			it, ok := newCatalog(t, c.facts...).Item("p")
			if !ok || !c.check(it) {
				t.Errorf("item %+v, known %v", it, ok)
			}
		})
	}
}

func TestAvailable(t *testing.T) {
	t.Parallel()
	product := fact{events.ProductChanged, noon, `{"product_id":"p"}`}
	stock := func(sku, location, region string, n, version int) fact {
		return fact{events.StockLevelled, noon, fmt.Sprintf(`{"sku":%q,"location_id":%q,"region":%q,"available":%d,"version":%d}`, sku, location, region, n, version)}
	}
	sku := func(sku, more string) fact {
		return fact{events.ProductChanged, noon, fmt.Sprintf(`{"product_id":"p","sku":%q%s}`, sku, more)}
	}
	for _, c := range []struct {
		name   string
		facts  []fact
		region string
		want   bool
	}{
		{"without a stock event", []fact{product}, "", true},
		{"without a stock event, in a region", []fact{product}, "east", true},
		{"sold out", []fact{sku("s", ""), stock("s", "", "", 0, 1)}, "", false},
		{"in stock", []fact{sku("s", ""), stock("s", "", "", 3, 1)}, "", true},
		{"restocked", []fact{sku("s", ""), stock("s", "", "", 0, 1), stock("s", "", "", 3, 2)}, "", true},
		{"a late level does not restock", []fact{sku("s", ""), stock("s", "", "", 0, 2), stock("s", "", "", 3, 1)}, "", false},
		{"any SKU will do", []fact{sku("s", ""), sku("t", ""), stock("s", "", "", 0, 1), stock("t", "", "", 1, 1)}, "", true},
		{"a SKU without a stock event is available", []fact{sku("s", ""), sku("t", ""), stock("s", "", "", 0, 1)}, "", true},
		{"the sum over locations", []fact{sku("s", ""), stock("s", "a", "east", 0, 1), stock("s", "b", "east", 2, 1)}, "east", true},
		{"stock elsewhere does not help", []fact{sku("s", ""), stock("s", "a", "west", 5, 1)}, "east", false},
		{"but anywhere it does", []fact{sku("s", ""), stock("s", "a", "west", 5, 1)}, "", true},
		{"the location is the region", []fact{sku("s", ""), stock("s", "east", "", 5, 1)}, "east", true},
		{"only changes: not known, so available", []fact{sku("s", ""), {events.StockAdjusted, noon, `{"sku":"s","delta":-4,"version":1}`}}, "", true},
		{"taken away to the last piece", []fact{sku("s", ""), stock("s", "", "", 4, 1), {events.StockAdjusted, noon, `{"sku":"s","delta":-4,"version":2}`}}, "", false},
		{"not published", []fact{{events.ProductChanged, noon, `{"product_id":"p","published":false}`}}, "", false},
		{"its only SKU is not published", []fact{sku("s", `,"published":false`)}, "", false},
		{"not sold in the region", []fact{{events.ProductChanged, noon, `{"product_id":"p","regions":["west"]}`}}, "east", false},
		{"a SKU sold in the region", []fact{{events.ProductChanged, noon, `{"product_id":"p","regions":["west"]}`}, sku("s", `,"regions":["east"]`)}, "east", true},
		{"a shop that has no SKUs", []fact{product, stock("p", "", "", 0, 1)}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			it, ok := newCatalog(t, c.facts...).Item("p")
			if !ok || it.Available(c.region) != c.want {
				t.Errorf("available in %q: %v, want %v (%+v)", c.region, !c.want, c.want, it)
			}
		})
	}
}

func TestStockAloneMakesNoItem(t *testing.T) {
	t.Parallel()
	c := newCatalog(t, fact{events.StockLevelled, noon, `{"sku":"s","available":3,"version":1}`})
	if it, ok := c.Item("s"); ok {
		t.Errorf("item %+v", it)
	}
	if it, ok := c.ItemOf("s"); !ok || it.ID != "s" {
		t.Errorf("the SKU's item is %v %v", it, ok)
	}
}

func mayBeShown(c *Catalog, item events.ItemID) bool {
	var f filter
	f.begin(c, c.interner.Len(), "", "")
	slot, ok := c.interner.Slot(item)
	return ok && f.allows(slot)
}

func TestAnonymousVisitorsCannotListItemsInADeclaredCatalog(t *testing.T) {
	t.Parallel()
	seen := fact{events.ProductViewed, noon, `{"anonymous_id":"d","product_id":"made-up"}`}
	c := newCatalog(t, seen)
	if !mayBeShown(c, "made-up") {
		t.Error("not listed although nothing was ever declared")
	}
	c = newCatalog(t, seen, fact{events.ProductChanged, noon, `{"product_id":"p"}`})
	if mayBeShown(c, "made-up") {
		t.Error("listed beside a declared catalogue")
	}
}

// someFact draws facts that meet on few items, SKUs and times.
func someFact(t *rapid.T) fact {
	pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	at := noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "at")) * time.Second)
	n := rapid.IntRange(0, 3).Draw(t, "n")
	item, sku := pick("item", "p", "q"), pick("sku", "s", "p", "r")
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		return fact{events.ProductChanged, at, fmt.Sprintf(`{"product_id":%q,"title":"t%d","published":%v,"attributes":{"a":%d}}`, item, n, n > 0, n)}
	case 1:
		return fact{events.ProductChanged, at, fmt.Sprintf(`{"product_id":%q,"sku":%q,"price":%d,"regions":["r%d"]}`, item, sku, n, n)}
	case 2:
		return fact{events.OrderPlaced, at, fmt.Sprintf(`{"order_id":"o","user_id":"u","products":[{"product_id":%q,"sku":%q,"title":"l%d","quantity":1,"price":%d}]}`, item, sku, n, n)}
	case 3:
		return fact{events.StockLevelled, at, fmt.Sprintf(`{"sku":%q,"location_id":"l%d","available":%d,"version":%d}`, sku, n%2, n, n)}
	case 4:
		return fact{events.StockAdjusted, at, fmt.Sprintf(`{"sku":%q,"location_id":"l%d","delta":%d,"version":%d}`, sku, n%2, -n, n)}
	default:
		return fact{events.ProductViewed, at, fmt.Sprintf(`{"anonymous_id":"d","product_id":%q,"sku":%q}`, item, sku)}
	}
}

func TestCatalogForgetsTheOrderOfFacts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		facts := rapid.SliceOfN(rapid.Custom(someFact), 1, 25).Draw(rt, "facts")
		all := deliveries(t, facts...)
		shuffled := shuffle(rt, all)
		first, second := NewCatalog(NewInterner(), "log", "CNY"), NewCatalog(NewInterner(), "log", "CNY")
		feed(t, first, append([]events.Delivery(nil), all...))
		cut := rapid.IntRange(0, len(shuffled)).Draw(rt, "cut")
		feed(t, second, append([]events.Delivery(nil), shuffled[:cut]...))
		second = restored(t, second)
		feed(t, second, append([]events.Delivery(nil), shuffled[cut:]...))
		if !bytes.Equal(whole(first.pieces()), whole(second.pieces())) {
			rt.Fatal("another order gave another catalogue")
		}
		for _, id := range []events.ItemID{"p", "q", "s", "r"} {
			a, _ := first.Item(id)
			b, _ := second.Item(id)
			if diff := cmp.Diff(a, b, cmp.AllowUnexported(Item{})); diff != "" {
				rt.Fatalf("item %s: %s", id, diff)
			}
			if a != nil {
				whole := *first.At(mustSlot(t, first, id))
				first.mu.Lock()
				first.refresh(first.record(id))
				first.mu.Unlock()
				if diff := cmp.Diff(whole, *first.At(mustSlot(t, first, id)), cmp.AllowUnexported(Item{})); diff != "" {
					rt.Fatalf("what is shown of %s is not what is known: %s", id, diff)
				}
			}
		}
	})
}

// shuffle draws an order of the records.
func shuffle(t *rapid.T, all []events.Delivery) []events.Delivery {
	at := make([]int, len(all))
	for i := range at {
		at[i] = i
	}
	out := make([]events.Delivery, 0, len(all))
	for _, i := range rapid.Permutation(at).Draw(t, "order") {
		out = append(out, all[i])
	}
	return out
}

func mustSlot(t testing.TB, c *Catalog, id events.ItemID) Slot {
	t.Helper()
	s, ok := c.interner.Slot(id)
	if !ok {
		t.Fatalf("no slot for %s", id)
	}
	return s
}

func restored(t testing.TB, c *Catalog) *Catalog {
	t.Helper()
	var file bytes.Buffer
	if err := c.Snapshot(&file); err != nil {
		t.Fatal(err)
	}
	out := NewCatalog(NewInterner(), c.log, c.shop)
	if err := out.Restore(&file); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestCatalogSnapshotBesideFacts lets facts arrive between the pieces of a
// snapshot: with what came after its position, it gives the same catalogue.
func TestCatalogSnapshotBesideFacts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		all := deliveries(t, rapid.SliceOfN(rapid.Custom(someFact), 1, 25).Draw(rt, "facts")...)
		cut := rapid.IntRange(0, len(all)).Draw(rt, "cut")
		c, again := NewCatalog(NewInterner(), "log", "CNY"), NewCatalog(NewInterner(), "log", "CNY")
		feed(t, c, slices.Clone(all[:cut]))
		late, payload := slices.Clone(all[cut:]), []byte(nil)
		for piece := range c.pieces() {
			payload = append(payload, piece...)
			some := min(len(late), rapid.IntRange(0, 5).Draw(rt, "between"))
			feed(t, c, late[:some])
			late = late[some:]
		}
		feed(t, c, late)
		if err := again.decode(payload); err != nil {
			rt.Fatal(err)
		}
		feed(t, again, slices.Clone(all[cut:]))
		if !bytes.Equal(whole(c.pieces()), whole(again.pieces())) {
			rt.Fatal("the snapshot and what came after it gave another catalogue")
		}
	})
}

func TestFollowersRefuseTheWrongPosition(t *testing.T) {
	t.Parallel()
	c := newCatalog(t, fact{events.ProductChanged, noon, `{"product_id":"p"}`})
	for _, from := range []events.Position{0, 2} {
		if err := c.Follow(context.Background(), 0, from, 5, nil); !errors.Is(err, ErrStale) {
			t.Errorf("from %d: %v, want ErrStale", from, err)
		}
	}
	if at, _ := restored(t, c).Position(context.Background(), 0); at != 1 {
		t.Errorf("position %d after a restart, want 1", at)
	}
	other := NewCatalog(NewInterner(), "another log", "CNY")
	var file bytes.Buffer
	if err := errors.Join(c.Snapshot(&file), other.Restore(&file)); err != nil {
		t.Fatal(err)
	}
	if at, _ := other.Position(context.Background(), 0); at != 0 {
		t.Errorf("position %d in a log never read, want 0", at)
	}
}

func TestSnapshotsThatAreCutOrForeignAreRefused(t *testing.T) {
	t.Parallel()
	c := newCatalog(t, fact{events.ProductChanged, noon, `{"product_id":"p","title":"Kettle"}`})
	var file bytes.Buffer
	if err := c.Snapshot(&file); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	refuse := func(name string, b []byte) {
		t.Helper()
		if err := NewCatalog(NewInterner(), "log", "CNY").Restore(bytes.NewReader(b)); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v, want ErrSealed", name, err)
		}
	}
	for n := range whole {
		refuse(fmt.Sprintf("cut at %d", n), whole[:n])
	}
	refuse("longer", append(bytes.Clone(whole), 0))
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 0x40
		refuse(fmt.Sprintf("byte %d changed", i), b)
	}
}

// TestReadersSeeStockAtOnce runs readers beside a writer: each of them must
// see a change as soon as Follow has returned.
func TestReadersSeeStockAtOnce(t *testing.T) {
	t.Parallel()
	c := newCatalog(t, fact{events.ProductChanged, noon, `{"product_id":"p","sku":"s"}`})
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if it, ok := c.Item("p"); !ok || len(it.Offers) != 1 {
						t.Errorf("torn item %+v", it)
						return
					}
				}
			}
		})
	}
	for v := range 500 {
		feed(t, c, deliveries(t, fact{events.StockLevelled, noon, fmt.Sprintf(`{"sku":"s","available":%d,"version":%d}`, v%2, v)}))
		if it, _ := c.Item("p"); it.Available("") != (v%2 == 1) {
			t.Fatalf("version %d is not seen", v)
		}
	}
	close(stop)
	readers.Wait()
}

func BenchmarkCatalogReadBesideWriter(b *testing.B) {
	c := newCatalog(b)
	for i := range 10_000 {
		feed(b, c, deliveries(b, fact{events.ProductChanged, noon, fmt.Sprintf(`{"product_id":"p%d","sku":"s%d","title":"t"}`, i, i)}))
	}
	var batch []events.Delivery
	for i := range 4096 {
		batch = append(batch, deliveries(b, fact{events.StockAdjusted, noon, fmt.Sprintf(`{"sku":"s%d","delta":-1,"version":%d}`, i%10_000, i)})...)
	}
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				feed(b, c, batch)
			}
		}
	})
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		it := c.At(Slot(i % 10_000))
		if !it.Available("") && it.ID == "" {
			b.Fatal("impossible")
		}
		i++
	}
	close(stop)
	writer.Wait()
}

func BenchmarkCatalogStock(b *testing.B) {
	c := newCatalog(b, fact{events.ProductChanged, noon, `{"product_id":"p","sku":"s","attributes":{"a":"b"}}`}, fact{events.StockLevelled, noon, `{"sku":"s","available":1000,"version":0}`})
	batch := deliveries(b, fact{events.StockLevelled, noon, `{"sku":"s","available":1000,"version":1}`})
	b.ReportAllocs()
	for b.Loop() {
		c.apply(&batch[0])
	}
}
