package experiments

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

// happened is a fact, some minutes after the opening.
type happened struct {
	minute int
	typ    events.Type
	data   string
}

// factsOf reads what happened as the ledger does. The ids follow the order in
// which the facts are written, so that it is the last resort among equals.
func factsOf(t testing.TB, all ...happened) []UnitFact {
	t.Helper()
	var facts []UnitFact
	for i, h := range all {
		f := UnitFact{
			Unit: events.Unit{Kind: events.User, ID: "u1"}, ID: events.RecordID{Hi: int64(i)},
			At: opening.Add(time.Duration(h.minute) * time.Minute), Type: h.typ, Raw: []byte(h.data),
		}
		if err := f.read("CNY"); err != nil {
			t.Fatalf("fact %d: %v", i, err)
		}
		facts = append(facts, f)
	}
	sortFacts(facts)
	return facts
}

// moved is a reading in words: when, and by how much.
type moved struct {
	Minute int
	Value  int64
}

func movements(rs []reading) []moved {
	var out []moved
	for _, r := range rs {
		out = append(out, moved{int(r.at.Sub(opening) / time.Minute), r.value})
	}
	return out
}

// Facts of one order, o1: two mugs of 10.00 and a pot of 30.00, and what can
// become of it.
const (
	paidLines  = `{"order_id":"o1","products":[{"sku":"mug","quantity":2,"price":"10.00"},{"sku":"pot","quantity":1,"price":"30.00"}]}`
	paidTotal  = `{"order_id":"o1","total":"55.00","products":[{"sku":"mug","quantity":2,"price":"10.00"},{"sku":"pot","quantity":1,"price":"30.00"}]}` // 5.00 shipping
	discounted = `{"order_id":"o1","total":"40.00","products":[{"sku":"mug","quantity":2,"price":"10.00"},{"sku":"pot","quantity":1,"price":"30.00"}]}`
	onlyTotal  = `{"order_id":"o1","total":"50.00"}`
	nothing    = `{"order_id":"o1"}`
	oneMug     = `{"order_id":"o1","products":[{"sku":"mug","quantity":1}]}`
	mugForFour = `{"order_id":"o1","products":[{"sku":"mug","quantity":1,"price":"4.00"}]}`
	threeMugs  = `{"order_id":"o1","products":[{"sku":"mug","quantity":3,"price":"10.00"}]}`
	thePot     = `{"order_id":"o1","products":[{"sku":"pot","quantity":1,"price":"30.00"}]}`
	aKettle    = `{"order_id":"o1","products":[{"sku":"kettle","quantity":1,"price":"99.00"}]}`
	deposit    = `{"order_id":"o1","user_id":"u1","event":"d11","sku":"pot","quantity":1,"total":"5.00"}`
	balance    = `{"order_id":"o1","user_id":"u1","event":"d11","sku":"pot","quantity":1,"total":"25.00"}`
)

// TestCash says what order.paid means in money (the contract's paragraph on
// sales): amounts are in fen.
func TestCash(t *testing.T) {
	t.Parallel()
	paid, completed, refunded, cancelled := events.OrderPaid, events.OrderCompleted, events.OrderRefunded, events.OrderCancelled
	for _, c := range []struct {
		name  string
		facts []happened
		want  []moved
	}{
		{"paid", []happened{{0, paid, paidLines}}, []moved{{0, 5000}}},
		{"with shipping", []happened{{0, paid, paidTotal}}, []moved{{0, 5500}}},
		{"for nothing", []happened{{0, paid, nothing}}, []moved{{0, 0}}},
		{"paid twice", []happened{{0, paid, paidLines}, {1, paid, paidLines}}, []moved{{0, 5000}}},
		{"two orders", []happened{{0, paid, paidLines}, {1, paid, `{"order_id":"o2","total":"1.00"}`}}, []moved{{0, 5000}, {1, 100}}},
		{"imported line by line", []happened{{0, completed, oneMugFor("10.00")}, {0, completed, oneMugFor("10.00")}, {1, completed, thePot}}, []moved{{0, 1000}, {0, 1000}, {1, 3000}}},

		{"refunded whole", []happened{{0, paid, paidTotal}, {5, refunded, nothing}}, []moved{{0, 5500}, {5, -5500}}},
		{"refunded whole, twice", []happened{{0, paid, paidTotal}, {5, refunded, nothing}, {6, cancelled, nothing}}, []moved{{0, 5500}, {5, -5500}}},
		{"cancelled lines by name", []happened{{0, paid, paidTotal}, {5, cancelled, thePot}}, []moved{{0, 5500}, {5, -3000}}},
		{"refunded one of two at its price", []happened{{0, paid, paidLines}, {5, refunded, oneMug}}, []moved{{0, 5000}, {5, -1000}}},
		{"refunded one of two for less", []happened{{0, paid, paidLines}, {5, refunded, mugForFour}}, []moved{{0, 5000}, {5, -400}}},
		{"then the other, for what is left of it", []happened{{0, paid, paidLines}, {5, refunded, mugForFour}, {6, refunded, oneMug}}, []moved{{0, 5000}, {5, -400}, {6, -1600}}},
		{"then all the rest", []happened{{0, paid, paidTotal}, {5, refunded, mugForFour}, {6, refunded, nothing}}, []moved{{0, 5500}, {5, -400}, {6, -5100}}},
		{"refunded more pieces than were paid", []happened{{0, paid, paidLines}, {5, refunded, threeMugs}}, []moved{{0, 5000}, {5, -2000}}},
		{"refunded what was not in it", []happened{{0, paid, paidLines}, {5, refunded, aKettle}}, []moved{{0, 5000}}},
		{"refunded lines of an order without lines", []happened{{0, paid, onlyTotal}, {5, refunded, thePot}}, []moved{{0, 5000}}},
		{"refunded before it was paid", []happened{{0, refunded, nothing}, {5, paid, paidLines}}, []moved{{5, 5000}}},
		{"refunded in the minute in which it was paid", []happened{{0, refunded, nothing}, {0, paid, paidLines}}, []moved{{0, 5000}, {0, -5000}}},
		{"refunded lines of a discounted order", []happened{{0, paid, discounted}, {5, refunded, thePot}, {6, refunded, threeMugs}}, []moved{{0, 4000}, {5, -3000}, {6, -1000}}},
		{"and then all of it", []happened{{0, paid, discounted}, {5, refunded, thePot}, {6, refunded, threeMugs}, {7, refunded, nothing}}, []moved{{0, 4000}, {5, -3000}, {6, -1000}}},

		{"goods back without their order", []happened{{0, paid, paidLines}, {5, events.OrderReturned, `{"order_id":"r1","products":[{"sku":"pot","quantity":1,"price":"30.00"}]}`}}, []moved{{0, 5000}, {5, -3000}}},

		{"deposit alone", []happened{{0, events.DepositPaid, deposit}}, nil},
		{"deposit and balance", []happened{{0, events.DepositPaid, deposit}, {9, events.BalancePaid, balance}}, []moved{{9, 3000}}},
		{"in one minute", []happened{{9, events.BalancePaid, balance}, {9, events.DepositPaid, deposit}}, []moved{{9, 3000}}},
		{"the deposit behind the balance", []happened{{8, events.BalancePaid, balance}, {9, events.DepositPaid, deposit}}, []moved{{8, 2500}, {9, 500}}},
		{"balance twice", []happened{{0, events.DepositPaid, deposit}, {8, events.BalancePaid, balance}, {9, events.BalancePaid, balance}}, []moved{{8, 3000}}},
		{"balance, then paid", []happened{{0, events.DepositPaid, deposit}, {8, events.BalancePaid, balance}, {9, paid, thePot}}, []moved{{8, 3000}}},
		{"balance, then paid without lines", []happened{{8, events.BalancePaid, balance}, {9, paid, onlyTotal}}, []moved{{8, 2500}}},
		{"paid, then balance", []happened{{0, events.DepositPaid, deposit}, {8, paid, thePot}, {9, events.BalancePaid, balance}}, []moved{{8, 3000}}},
		{"paid without lines, then balance", []happened{{0, events.DepositPaid, deposit}, {8, paid, onlyTotal}, {9, events.BalancePaid, balance}}, []moved{{8, 5000}}},
		{"paid other lines, then balance", []happened{{0, events.DepositPaid, deposit}, {8, paid, oneMugFor("10.00")}, {9, events.BalancePaid, balance}}, []moved{{8, 1000}, {9, 3000}}},
		{"balance, then paid with other lines", []happened{{0, events.DepositPaid, deposit}, {8, events.BalancePaid, balance}, {9, paid, paidTotal}}, []moved{{8, 3000}, {9, 2500}}},
		{"balance, then paid for the other lines only", []happened{{8, events.BalancePaid, balance}, {9, paid, `{"order_id":"o1","total":"20.00","products":[{"sku":"mug","quantity":2,"price":"10.00"},{"sku":"pot","quantity":1,"price":"30.00"}]}`}}, []moved{{8, 2500}, {9, 2000}}},
		{"deposit, balance, refund of the line", []happened{{0, events.DepositPaid, deposit}, {8, events.BalancePaid, balance}, {9, refunded, `{"order_id":"o1","products":[{"sku":"pot","quantity":1}]}`}}, []moved{{8, 3000}, {9, -3000}}},
		{"deposit, refund, no balance", []happened{{0, events.DepositPaid, deposit}, {1, refunded, nothing}}, nil},

		{"another currency", []happened{{0, paid, `{"order_id":"o1","currency":"JPY","total":5000}`}, {1, refunded, nothing}}, nil},
		{"refund in another currency", []happened{{0, paid, paidLines}, {1, refunded, `{"order_id":"o1","currency":"JPY"}`}}, []moved{{0, 5000}}},
		{"not of order.paid", []happened{{0, events.OrderPlaced, paidLines}, {1, events.OrderPaymentFailed, paidLines}, {2, events.CouponRedeemed, `{"user_id":"u1","coupon":"c","value":"3.00"}`}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := metric(t, "revenue", `{"kind":"mean","event":"order.paid"}`)
			got := movements(m.readings(factsOf(t, c.facts...)))
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func oneMugFor(price string) string {
	return `{"order_id":"o1","products":[{"sku":"mug","quantity":1,"price":"` + price + `"}]}`
}

// TestCashOfOtherAggregates reads the same story in other ways.
func TestCashOfOtherAggregates(t *testing.T) {
	t.Parallel()
	story := []happened{
		{0, events.OrderPaid, paidTotal},
		{1, events.OrderPaid, `{"order_id":"o2","total":"7.00","region":"north"}`},
		{2, events.OrderCompleted, `{"order_id":"o3","products":[{"sku":"mug","quantity":1,"price":"10.00"}]}`},
		{3, events.OrderCompleted, `{"order_id":"o3","products":[{"sku":"pot","quantity":1,"price":"30.00"}]}`},
		{4, events.OrderPaid, `{"order_id":"o4","currency":"JPY","total":500,"products":[{"sku":"cup","quantity":4,"price":100}]}`},
		{5, events.OrderRefunded, oneMug},
		{6, events.OrderReturned, `{"order_id":"r1","products":[{"sku":"cup","quantity":2,"price":"1.00"}]}`},
	}
	for _, c := range []struct {
		name, metric string
		want         int64
	}{
		{"money", `{"kind":"mean","event":"order.paid"}`, 5500 + 700 + 1000 + 3000 - 1000 - 200},
		{"pieces, of any currency", `{"kind":"mean","event":"order.paid","value":"quantity"}`, 3 + 1 + 1 + 4 - 1 - 2},
		{"distinct orders, of any currency", `{"kind":"count","event":"order.paid"}`, 4},
		{"any", `{"kind":"proportion","event":"order.paid"}`, 1},
		{"newest amount", `{"kind":"mean","event":"order.paid","aggregate":"last"}`, 3000},
		{"newest quantity", `{"kind":"mean","event":"order.paid","aggregate":"last","value":"quantity"}`, 4},
		{"of the north", `{"kind":"mean","event":"order.paid","where":{"region":"north"}}`, 700},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := metric(t, "m", c.metric)
			g := aggregator{aggregate: m.Aggregate}
			for _, r := range m.readings(factsOf(t, story...)) {
				g.take(r)
			}
			if g.y != c.want {
				t.Errorf("it is %d, want %d", g.y, c.want)
			}
		})
	}
}

// TestCashCondition: the condition is on the payment. What it left out cannot
// come back, and what it took in comes back although a refund says nothing of
// where the order came from.
func TestCashCondition(t *testing.T) {
	t.Parallel()
	const north, south = `{"order_id":"o1","region":"north","total":"50.00"}`, `{"order_id":"o2","region":"south","total":"30.00"}`
	for _, c := range []struct {
		name, where string
		facts       []happened
		want        []moved
	}{
		{"refunds follow their orders", `{"region":"north"}`,
			[]happened{{0, events.OrderPaid, north}, {1, events.OrderPaid, south}, {2, events.OrderRefunded, `{"order_id":"o1"}`}, {3, events.OrderRefunded, `{"order_id":"o2"}`}},
			[]moved{{0, 5000}, {2, -5000}}},
		{"nothing comes back of what was left out", `{"region":{"$ne":"north"}}`,
			[]happened{{0, events.OrderPaid, north}, {2, events.OrderRefunded, `{"order_id":"o1"}`}},
			nil},
		{"a balance repeats an order that was left out", `{"region":{"$ne":"north"}}`,
			[]happened{{0, events.OrderPaid, north}, {2, events.BalancePaid, balance}},
			nil},
		{"goods that came back stand for themselves", `{"region":"north"}`,
			[]happened{{0, events.OrderReturned, `{"order_id":"r1","region":"north","products":[{"sku":"pot","quantity":1,"price":"3.00"}]}`},
				{1, events.OrderReturned, `{"order_id":"r2","products":[{"sku":"pot","quantity":1,"price":"3.00"}]}`}},
			[]moved{{0, -300}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := metric(t, "m", `{"kind":"mean","event":"order.paid","where":`+c.where+`}`)
			if d := cmp.Diff(c.want, movements(m.readings(factsOf(t, c.facts...)))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestCashOfHugeAmounts divides products of more than 64 bits.
func TestCashOfHugeAmounts(t *testing.T) {
	t.Parallel()
	m := metric(t, "m", `{"kind":"mean","event":"order.paid"}`)
	got := movements(m.readings(factsOf(t,
		happened{0, events.OrderPaid, `{"order_id":"o1","products":[{"sku":"s","quantity":1000000000,"price":"10000000.00"}]}`},
		happened{1, events.OrderRefunded, `{"order_id":"o1","products":[{"sku":"s","quantity":999999999}]}`},
	)))
	if d := cmp.Diff([]moved{{0, 1e18}, {1, -1e18 + 1e9}}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestLateCashIsLeftOut(t *testing.T) {
	t.Parallel()
	m := metric(t, "m", `{"kind":"mean","event":"order.paid"}`)
	facts := factsOf(t, happened{0, events.OrderPaid, paidLines}, happened{1, events.OrderPaid, `{"order_id":"o2","total":"7.00"}`})
	facts[0].TooLate = true
	if d := cmp.Diff([]moved{{1, 700}}, movements(m.readings(facts))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestCashEqualsBookkeeper is the law of money alone, on histories in which a
// few orders are paid, presold, balanced and refunded over and over within a
// few minutes: what the tills say moved is what the oracle's bookkeeper says.
func TestCashEqualsBookkeeper(t *testing.T) {
	t.Parallel()
	metrics := map[string]*Metric{}
	for _, name := range []string{"revenue", "north", "pieces", "orders"} {
		metrics[name] = metric(t, name, metricTexts()[name])
	}
	end := opening.Add(time.Hour)
	rapid.Check(t, func(t *rapid.T) {
		var all []events.Delivery
		for i := range rapid.IntRange(1, 12).Draw(t, "facts") {
			typ, data := presaleOrOrder(t)
			at := opening.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "minute")) * time.Minute)
			for _, d := range told(t, fmt.Sprint("e", i), typ, data, at, 0) {
				if d.Kind == "user" && d.Key == "u1" {
					all = append(all, d)
				}
			}
		}
		var facts []UnitFact
		for _, d := range all {
			facts = append(facts, newUnitFact(d, DefaultLateness, "CNY"))
		}
		sortFacts(facts)
		sorted, _ := oracle{all}.facts(lawOfExperiment("checkout"), "u1")
		for name, m := range metrics {
			g := aggregator{aggregate: m.Aggregate}
			for _, r := range m.readings(facts) {
				g.take(r)
			}
			if want := number(name, opening, end, sorted); g.y != want {
				t.Fatalf("%s is %d, the bookkeeper says %d", name, g.y, want)
			}
			if g.y < 0 && !slices.ContainsFunc(all, func(d events.Delivery) bool { return d.Type == events.OrderReturned }) {
				t.Fatalf("%s is %d: more came back than came in", name, g.y)
			}
		}
	})
}

func presaleOrOrder(t *rapid.T) (events.Type, string) {
	if rapid.IntRange(0, 2).Draw(t, "presale") == 0 {
		return presale(t)
	}
	return order(t)
}
