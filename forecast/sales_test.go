package forecast

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

// story is a few events and the hours that must come out of them, written as
// "day hour region quantity revenue foreign deposits".
type story struct {
	name   string
	events []string // "type day hour:minute json"
	want   []string
}

func salesStories() []story {
	line := func(q int, price string) string {
		return fmt.Sprintf(`"products":[{"product_id":"p","sku":"s","quantity":%d,"price":%s}]`, q, price)
	}
	placed := func(order, user string, q int, price string) string {
		return fmt.Sprintf(`{"order_id":%q,"user_id":%q,"region":"east",%s}`, order, user, line(q, price))
	}
	return []story{
		{"demand counts when the order is placed",
			[]string{"order.placed 10 20:15 " + placed("o1", "u", 2, "12.5"), "order.paid 11 09:00 " + placed("o1", "u", 2, "12.5")},
			[]string{"10 20 east 2 25.00 0 0"}},
		{"a completed order is placed and paid",
			[]string{"order.completed 10 20:15 " + placed("o1", "", 2, "12.5")},
			[]string{"10 20 east 2 25.00 0 0"}},
		{"a cancellation takes back on the day of the sale",
			[]string{"order.placed 10 20:15 " + placed("o1", "u", 3, "10"), "order.cancelled 12 08:00 " + `{"order_id":"o1",` + line(2, "10") + `}`},
			[]string{"10 20 east 1 10.00 0 0"}},
		{"no more is taken back than was sold",
			[]string{"order.placed 10 20:15 " + placed("o1", "u", 2, "10"), "order.cancelled 12 08:00 " + placed("o1", "u", 2, "10"), "order.refunded 13 08:00 " + placed("o1", "u", 2, "10")},
			nil},
		{"a cancellation of an unknown order waits",
			[]string{"order.cancelled 12 08:00 " + placed("o9", "u", 2, "10")}, nil},
		{"a presale counts at its balance, in its order's region, deposit included",
			[]string{
				`order.placed 01 10:00 {"order_id":"o1","user_id":"u","region":"east","presale":{"event":"11.11","deposit":20},` + line(2, "100") + `}`,
				`presale.deposit_paid 01 10:01 {"order_id":"o1","user_id":"u","event":"11.11","sku":"s","quantity":2,"total":20}`,
				`presale.balance_paid 10 20:05 {"order_id":"o1","user_id":"u","event":"11.11","sku":"s","quantity":2,"total":180}`,
			},
			[]string{"01 10 east 0 0.00 0 2", "10 20 east 2 200.00 0 0"}},
		{"an order whose deposit comes is a presale, said or not",
			[]string{
				"order.placed 01 10:00 " + placed("o1", "u", 1, "100"),
				`presale.deposit_paid 01 10:01 {"order_id":"o1","user_id":"u","event":"11.11","sku":"s","quantity":1,"total":20}`,
			},
			[]string{"01 10 east 0 0.00 0 1"}},
		{"a return takes back from the newest earlier sale, then from older ones",
			[]string{
				"order.completed 01 10:00 " + placed("o1", "u", 5, "1"),
				"order.completed 02 10:00 " + placed("o2", "u", 2, "2"),
				"order.completed 09 10:00 " + placed("o3", "u", 9, "3"),
				"order.completed 02 11:00 " + placed("o4", "other", 9, "3"),
				"order.returned 05 10:00 " + placed("r1", "u", 3, "2"),
			},
			[]string{"01 10 east 4 4.00 0 0", "02 11 east 9 27.00 0 0", "09 10 east 9 27.00 0 0"}},
		{"a return that finds no sale counts on its own day",
			[]string{"order.completed 01 10:00 " + placed("o1", "u", 1, "1"), "order.returned 05 10:00 " + placed("r1", "u", 3, "1")},
			[]string{"05 10 east -2 -2.00 0 0"}},
		{"a return by an unknown buyer counts on its own day",
			[]string{"order.completed 01 10:00 " + placed("o1", "", 1, "1"), "order.returned 05 10:00 " + placed("r1", "", 1, "1")},
			[]string{"01 10 east 1 1.00 0 0", "05 10 east -1 -1.00 0 0"}},
		{"a return at price 0 is no demand",
			[]string{"order.completed 01 10:00 " + placed("o1", "u", 4, "1"), "order.returned 05 10:00 " + placed("r1", "u", 3, "0")},
			[]string{"01 10 east 4 4.00 0 0"}},
		{"another currency counts its pieces only",
			[]string{
				"order.placed 10 20:15 " + placed("o1", "u", 2, "10"),
				`order.placed 10 20:25 {"order_id":"o2","currency":"USD","region":"east",` + line(3, "9.99") + `}`,
			},
			[]string{"10 20 east 5 20.00 3 0"}},
	}
}

func TestSalesOfAStory(t *testing.T) {
	t.Parallel()
	zone := shanghai(t)
	for _, s := range salesStories() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			var es []events.Event
			for i, line := range s.events {
				var kind, day, clock string
				if _, err := fmt.Sscan(line, &kind, &day, &clock); err != nil {
					t.Fatal(err)
				}
				data := line[len(kind)+len(day)+len(clock)+3:]
				es = append(es, event(i, events.Type(kind), at(t, zone, "2025-11-"+day+" "+clock), data))
			}
			batch := route(t, "CNY", es...)
			for _, backwards := range []bool{false, true} {
				store := newMemory()
				for i := range batch {
					if backwards {
						i = len(batch) - 1 - i
					}
					apply(t, Sales{"CNY", zone}, store, batch[i:i+1])
				}
				if diff := cmp.Diff(s.want, store.script(zone)); diff != "" {
					t.Errorf("backwards %v, hours (-want +got):\n%s", backwards, diff)
				}
			}
		})
	}
}

// script writes the stored hours that are not zero in the form of a story.
func (m *memory) script(zone *time.Location) []string {
	stored := hours{}
	for k, h := range m.hours {
		stored[k] = &h
	}
	var out []string
	for _, h := range difference(stored, nil) {
		out = append(out, fmt.Sprintf("%s %s %d %s %d %d", h.Start.In(zone).Format("02 15"), h.Region, h.Quantity,
			events.Currency("CNY").Format(h.Revenue), h.Foreign, h.Deposits))
	}
	return out
}

func apply(t testing.TB, s Sales, store *memory, batch []events.Delivery) {
	t.Helper()
	if err := s.Apply(context.Background(), store, batch); err != nil {
		t.Fatal(err)
	}
}

// The law of the fold: whatever the order of arrival and the cut into batches,
// the stored hours are those that one pure computation gives over all lines.
func TestSalesAreTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	zone := shanghai(t)
	rapid.Check(t, func(t *rapid.T) {
		all := drawSales(t)
		store := newMemory()
		fold := Sales{"CNY", zone}
		for rest := all; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
			if err := fold.Apply(context.Background(), store, rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		want, waiting := net(store.lines, zone)
		got := hours{}
		for k, h := range store.hours {
			got[k] = &h
		}
		if diff := cmp.Diff(difference(want, nil), difference(got, nil), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("hours (-batch +fold):\n%s", diff)
		}
		kept := presales{}
		for k, p := range store.presales {
			kept[k] = &p
		}
		if diff := cmp.Diff(difference(waiting, nil), difference(kept, nil), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("presale hours (-batch +fold):\n%s", diff)
		}
	})
}

// drawSales gives a shuffled lot of order events on few SKUs, orders and users.
func drawSales(t *rapid.T) []events.Delivery {
	kinds := []events.Type{
		events.OrderPlaced, events.OrderCompleted, events.OrderCancelled, events.OrderRefunded,
		events.OrderReturned, events.DepositPaid, events.BalancePaid,
	}
	users := []events.UserID{"", "u1", "u2"}
	n := rapid.IntRange(1, 40).Draw(t, "n")
	out := make([]events.Delivery, n)
	for i := range out {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		sku := rapid.SampledFrom([]events.SKU{"s1", "s2"}).Draw(t, "sku")
		order := events.OrderID(fmt.Sprint("o", rapid.IntRange(1, 5).Draw(t, "order")))
		user := rapid.SampledFrom(users).Draw(t, "user")
		q := rapid.Int64Range(1, 4).Draw(t, "q")
		when := time.Date(2025, 11, 1, rapid.IntRange(0, 60).Draw(t, "hour"), 30, 0, 0, time.UTC)
		f := events.Fact{Type: kind, Time: when}
		switch kind {
		case events.DepositPaid, events.BalancePaid:
			if user == "" {
				user = "u1"
			}
			f.Data = &events.Payment{Who: events.Who{User: user}, Order: order, Event: "11.11", SKU: sku, Quantity: q, Total: events.Money(q * 7)}
		default:
			o := &events.Order{
				Who: events.Who{User: user}, Order: order, Currency: rapid.SampledFrom([]events.Currency{"CNY", "USD"}).Draw(t, "currency"),
				Region: rapid.SampledFrom([]string{"", "east", "west"}).Draw(t, "region"),
				Lines:  []events.Line{{Item: "p", SKU: sku, Quantity: q, Price: events.Money(rapid.IntRange(0, 3).Draw(t, "price"))}},
			}
			if kind == events.OrderPlaced && rapid.Bool().Draw(t, "presale") {
				o.Presale = &events.Presale{Event: "11.11"}
			}
			f.Data = o
		}
		r := events.Record{Source: "t", ID: fmt.Sprint(i), Kind: events.ForSKU, Key: string(sku), Type: kind, Time: when}
		out[i] = events.Delivery{Record: r, Fact: f}
	}
	return out
}

func TestSalesWantOnlyRecordsOfSKUs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind events.Kind
		typ  events.Type
		want bool
	}{
		{events.ForSKU, events.OrderPlaced, true},
		{events.ForSKU, events.StockAdjusted, true},
		{events.ForSKU, events.ProductChanged, false},
		{events.ForSKU, events.OrderPaid, false}, // demand counts when the order is placed
		{events.Kind(events.User), events.OrderPlaced, false},
	} {
		if got := (Sales{}).Wants(c.kind, c.typ); got != c.want {
			t.Errorf("Wants(%s, %s) = %v, want %v", c.kind, c.typ, got, c.want)
		}
	}
}

func TestSalesRefuseALineBeyondAllSums(t *testing.T) {
	t.Parallel()
	batch := route(t, "CNY", event(1, events.OrderPlaced, time.Unix(1e9, 0),
		`{"order_id":"o","products":[{"product_id":"p","quantity":1000000,"price":1000000}]}`))
	err := (Sales{"CNY", time.UTC}).Apply(context.Background(), newMemory(), batch)
	var invalid *events.Invalid
	if !errors.As(err, &invalid) {
		t.Errorf("error %v, want an *events.Invalid", err)
	}
}

func TestSalesMarkTheNewestOrderAndEveryChange(t *testing.T) {
	t.Parallel()
	store := newMemory()
	fold := Sales{"CNY", time.UTC}
	t1, t2 := time.Unix(1e9, 0).UTC(), time.Unix(2e9, 0).UTC()
	order := `{"order_id":"o","products":[{"product_id":"s","quantity":1,"price":1}]}`
	for i, e := range []events.Event{
		event(1, events.OrderPlaced, t2, order),
		event(2, events.OrderPlaced, t1, order),
		event(3, events.StockLevelled, t2.Add(time.Hour), `{"sku":"s","available":3,"version":1}`),
	} {
		apply(t, fold, store, route(t, "CNY", e))
		want := Mark{Newest: t2, Version: int64(i + 1)}
		if got := store.marks[events.PartOf("s")]; got != want {
			t.Errorf("mark after %d events %v, want %v", i+1, got, want)
		}
	}
	if len(store.moves) != 1 {
		t.Errorf("%d stock moves, want 1", len(store.moves))
	}
}

func TestHourBeginsOnTheShopsClock(t *testing.T) {
	t.Parallel()
	kolkata := time.FixedZone("Asia/Kolkata", 5*3600+1800)
	for _, c := range []struct {
		zone *time.Location
		time string
		want string
	}{
		{time.UTC, "2025-11-10T16:45:00Z", "2025-11-10T16:00:00Z"},
		{shanghai(t), "2025-11-10T16:45:00Z", "2025-11-10T16:00:00Z"},
		{kolkata, "2025-11-10T18:29:59Z", "2025-11-10T17:30:00Z"},
		{kolkata, "2025-11-10T18:30:00Z", "2025-11-10T18:30:00Z"}, // midnight there
	} {
		in, _ := time.Parse(time.RFC3339, c.time)
		if got := time.Unix(hourStart(in, c.zone), 0).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("hour of %s in %s: %s, want %s", c.time, c.zone, got, c.want)
		}
	}
}

func BenchmarkSalesApply(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	start := time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC)
	const n = 4096
	next := 0
	batch := func() []events.Delivery {
		out := make([]events.Delivery, n)
		for i := range out {
			next++
			sku := fmt.Sprint("sku-", rng.IntN(500))
			when := start.Add(time.Duration(next) * time.Second)
			out[i] = events.Delivery{
				Record: events.Record{Source: "t", ID: fmt.Sprint(next), Kind: events.ForSKU, Key: sku, Type: events.OrderPlaced, Time: when},
				Fact: events.Fact{Type: events.OrderPlaced, Time: when, Data: &events.Order{
					Who: events.Who{User: events.UserID(fmt.Sprint("u", rng.IntN(20000)))}, Order: events.OrderID(fmt.Sprint("o", next)),
					Currency: "CNY", Region: "east", Lines: []events.Line{{SKU: events.SKU(sku), Quantity: 1, Price: 100}},
				}},
			}
		}
		return out
	}
	store, fold := newMemory(), Sales{"CNY", shanghai(b)}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		next := batch()
		b.StartTimer()
		apply(b, fold, store, next)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
