package experiments

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

var (
	shanghai = time.FixedZone("CST", 8*3600)
	opening  = time.Date(2026, 11, 1, 0, 0, 0, 0, shanghai)
)

// ledgerExperiment is a running experiment with one metric for each way in
// which facts become a number.
func ledgerExperiment(t testing.TB) *Experiment {
	t.Helper()
	e, err := ParseExperiment("checkout", []byte(`{"unit":"user","segments":["tier"],
		"variants":[{"key":"control","weight":1},{"key":"b","weight":1}],"overrides":{"u0":"b"}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []struct{ key, text string }{
		{"conversion", `{"kind":"proportion","event":"order.paid"}`},
		{"revenue", `{"kind":"mean","event":"order.paid","value":"total"}`},
		{"capped", `{"kind":"mean","event":"order.paid","value":"total","cap":{"value":3},"pre_period":"48h"}`},
		{"orders", `{"kind":"count","event":"order.paid","pre_period":"0h"}`},
		{"views", `{"kind":"count","event":"product.viewed","window":"30h"}`},
		{"red-views", `{"kind":"count","event":"product.viewed","where":{"placement":"red"}}`},
		{"latency", `{"kind":"mean","event":"metric.observed"}`},
		{"rating", `{"kind":"mean","event":"metric.observed","aggregate":"last","pre_period":"0h"}`},
		{"basket", `{"kind":"ratio","event":"order.paid","value":"total","denominator":{"event":"order.paid","aggregate":"count"}}`},
	} {
		parsed, err := ParseMetric(m.key, []byte(m.text), "CNY")
		if err != nil {
			t.Fatalf("%s: %v", m.key, err)
		}
		e.Metrics = append(e.Metrics, *parsed)
	}
	e.Status, e.Allocation = Running, allocate(e.Variants)
	e.Changes = []StatusChange{
		{opening, Running},
		{opening.Add(70 * time.Hour), Paused},
		{opening.Add(74 * time.Hour), Running},
	}
	return e
}

// history draws what happened to a few users: exposures, behaviour, orders
// that are paid twice, refunded, presold; some of it too late.
func history(t *rapid.T) []events.Delivery {
	n := rapid.IntRange(1, 60).Draw(t, "events")
	out := make([]events.Delivery, n)
	for i := range out {
		user := rapid.SampledFrom([]string{"u0", "u1", "u2", "u3"}).Draw(t, "user")
		typ, data := anyEvent(t, user)
		at := opening.Add(time.Duration(rapid.IntRange(-20*24*60, 12*24*60).Draw(t, "minute")) * time.Minute)
		late := time.Duration(rapid.SampledFrom([]int{0, 1, 71, 73}).Draw(t, "hours late")) * time.Hour
		out[i] = delivery(t, fmt.Sprint("e", i), user, typ, data, at, at.Add(late))
	}
	return out
}

func anyEvent(t *rapid.T, user string) (events.Type, string) {
	order := rapid.SampledFrom([]string{"o1", "o2", "o3"}).Draw(t, "order") + user
	amount := rapid.IntRange(0, 500).Draw(t, "fen")
	money := fmt.Sprintf("%d.%02d", amount/100, amount%100)
	switch rapid.IntRange(0, 9).Draw(t, "event") {
	case 0, 1, 2:
		return events.ExperimentExposed, fmt.Sprintf(`{"experiment":"checkout","variant":%q,"unit":%q,"attributes":{"tier":%q}}`,
			rapid.SampledFrom([]string{"control", "b", "nonsense"}).Draw(t, "variant"), user,
			rapid.SampledFrom([]string{"gold", "iron"}).Draw(t, "tier"))
	case 3:
		return events.ProductViewed, fmt.Sprintf(`{"user_id":%q,"product_id":"p","placement":%q}`, user,
			rapid.SampledFrom([]string{"red", "blue"}).Draw(t, "placement"))
	case 4:
		name := rapid.SampledFrom([]string{"latency", "rating", "other"}).Draw(t, "observed")
		return events.MetricObserved, fmt.Sprintf(`{"unit":%q,"metric":%q,"value":%d.25}`, user, name, amount)
	case 5:
		return events.OrderRefunded, fmt.Sprintf(`{"user_id":%q,"order_id":%q}`, user, order)
	case 6:
		return events.OrderCompleted, fmt.Sprintf(`{"user_id":%q,"order_id":%q,"products":[{"sku":"s","quantity":2,"price":%q}]}`, user, order, money)
	case 7:
		return events.OrderPaid, fmt.Sprintf(`{"user_id":%q,"order_id":%q,"currency":"JPY","total":%d}`, user, order, amount)
	}
	return events.OrderPaid, fmt.Sprintf(`{"user_id":%q,"order_id":%q,"total":%q}`, user, order, money)
}

func delivery(t interface{ Fatal(...any) }, id, user string, typ events.Type, data string, at, appended time.Time) events.Delivery {
	at = at.UTC()
	kind := events.Kind(events.User)
	if typ == events.ExperimentExposed || typ == events.MetricObserved {
		kind = events.Kind(events.AnyUnit)
	}
	r := events.Record{Source: "test", ID: id, Kind: kind, Key: user, Type: typ, Time: at, Data: []byte(data)}
	f, err := r.Fact("CNY")
	if err != nil {
		t.Fatal(id, data, err)
	}
	f.Appended = appended
	return events.Delivery{Record: r, Fact: f}
}

// TestLedgerEqualsBatch is the law of the ledger: however records are shuffled
// and cut into batches, the cells add up to what a separate computation finds
// in all records at once.
func TestLedgerEqualsBatch(t *testing.T) {
	t.Parallel()
	e := ledgerExperiment(t)
	rapid.Check(t, func(t *rapid.T) {
		all := history(t)
		tx := newMemoryTx(Definitions{Revision: 1, Experiments: []*Experiment{e}})
		ledger := &Ledger{Zone: shanghai, Shop: "CNY", Lateness: DefaultLateness}
		rest := rapid.Permutation(all).Draw(t, "order of arrival")
		for len(rest) > 0 {
			n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
			if err := ledger.Apply(context.Background(), tx, rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		want := oracle{e, all}.standings()
		got := standings(e, tx.cells)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("ledger differs from the batch computation (-batch +ledger):\n%s", d)
		}
	})
}

// standing names a cumulative triangle: a metric of a variant's segment as it
// stood at the end of a day.
type standing struct {
	Metric, Variant, Segment string
	Day                      Day
}

// lastDay is a day behind everything that history draws.
const daysAfter = 25

func days() []Day {
	first := DayOf(opening, shanghai) - 2
	var out []Day
	for d := first; d < first+daysAfter; d++ {
		out = append(out, d)
	}
	return out
}

// standings adds the cells up over the days. Standings of zero are left out.
func standings(e *Experiment, cells Cells) map[standing]string {
	out := map[standing]string{}
	type key struct{ metric, variant, segment string }
	dims := map[key]int{}
	for c, t := range cells {
		dims[key{c.Metric, c.Variant, c.Segment}] = t.Dim()
	}
	for k, dim := range dims {
		for _, day := range days() {
			sum := NewTriangle(dim)
			for c, t := range cells {
				if (key{c.Metric, c.Variant, c.Segment}) == k && c.Day <= day {
					sum.Add(t)
				}
			}
			if !sum.IsZero() {
				text, _ := sum.MarshalText()
				out[standing{k.metric, k.variant, k.segment, day}] = string(text)
			}
		}
	}
	return out
}

// oracle computes the standings from all records, the slow and obvious way.
type oracle struct {
	e   *Experiment
	all []events.Delivery
}

func (o oracle) standings() map[standing]string {
	sums := map[standing]Triangle{}
	for _, user := range []string{"u1", "u2", "u3"} { // u0 is overridden: never analysed
		first, met := o.firstExposure(user)
		if first == nil {
			continue
		}
		facts, late := o.facts(user)
		for _, day := range days() {
			end := day.Date().Add(24*time.Hour - 8*time.Hour) // midnight in Shanghai
			if !first.Fact.Time.Before(end) {
				continue
			}
			x := first.Fact.Data.(*events.Exposure)
			for _, segment := range []string{"", "tier=" + x.Attributes["tier"].(string)} {
				o.add(sums, standing{UnitsCell, x.Variant, segment, day}, []int64{1, late, met})
				for _, m := range o.e.Metrics {
					o.add(sums, standing{m.Key, x.Variant, segment, day}, o.vector(m, first.Fact.Time, end, facts))
				}
			}
		}
	}
	out := map[standing]string{}
	for k, t := range sums {
		text, _ := t.MarshalText()
		out[k] = string(text)
	}
	return out
}

func (o oracle) add(sums map[standing]Triangle, k standing, v []int64) {
	if _, ok := sums[k]; !ok {
		sums[k] = NewTriangle(len(v))
	}
	sums[k].addOuter(v, 1)
}

// firstExposure gives the exposure that decides, and 1 if the user met two
// variants.
func (o oracle) firstExposure(user string) (first *events.Delivery, flicker int64) {
	variants := map[string]bool{}
	for i := range o.all {
		d := &o.all[i]
		x, ok := d.Fact.Data.(*events.Exposure)
		if !ok || d.Key != user || x.Variant == "nonsense" || d.Fact.Appended.Sub(d.Fact.Time) > DefaultLateness {
			continue
		}
		at := d.Fact.Time.Sub(opening)
		if at < 0 || at >= 70*time.Hour && at < 74*time.Hour {
			continue // not running
		}
		variants[x.Variant] = true
		if first == nil || d.Fact.Time.Before(first.Fact.Time) || d.Fact.Time.Equal(first.Fact.Time) && tieBefore(d, first) {
			first = d
		}
	}
	if len(variants) > 1 {
		flicker = 1
	}
	return first, flicker
}

func tieBefore(a, b *events.Delivery) bool {
	x, y := a.Fact.Data.(*events.Exposure), b.Fact.Data.(*events.Exposure)
	if x.Variant != y.Variant {
		return x.Variant < y.Variant
	}
	return x.Attributes["tier"].(string) < y.Attributes["tier"].(string)
}

// facts gives the user's countable facts in order of time, and how many that
// a metric reads came too late.
func (o oracle) facts(user string) (facts []events.Delivery, late int64) {
	for _, d := range o.all {
		if d.Key != user || d.Type == events.ExperimentExposed {
			continue
		}
		if d.Fact.Appended.Sub(d.Fact.Time) > DefaultLateness {
			late++
			continue
		}
		facts = append(facts, d)
	}
	slices.SortFunc(facts, func(a, b events.Delivery) int {
		if c := a.Fact.Time.Compare(b.Fact.Time); c != 0 {
			return c
		}
		x, y := a.RecordID(), b.RecordID()
		if x.Hi < y.Hi || x.Hi == y.Hi && x.Lo < y.Lo {
			return -1
		}
		return 1
	})
	return facts, late
}

func (o oracle) vector(m Metric, t0, end time.Time, facts []events.Delivery) []int64 {
	if windowEnd := t0.Add(time.Duration(m.Window)); windowEnd.Before(end) {
		end = windowEnd
	}
	pre := t0.Add(-time.Duration(m.PrePeriod))
	v := []int64{1, number(m, m.Key, t0, end, facts)}
	if m.Kind == Ratio {
		v = append(v, number(m, "orders", t0, end, facts))
	}
	if m.PrePeriod > 0 {
		v = append(v, number(m, m.Key, pre, t0, facts))
		if m.Kind == Ratio {
			v = append(v, number(m, "orders", pre, t0, facts))
		}
	}
	return v
}

// number is a user's number from the facts in [from, to). Money is booked over
// the whole history: a refund knows what came in before the window.
func number(_ Metric, key string, from, to time.Time, facts []events.Delivery) int64 {
	in := func(d events.Delivery) bool { return !d.Fact.Time.Before(from) && d.Fact.Time.Before(to) }
	var n, last, fen int64
	orders, paidOnce, held := map[events.OrderID]bool{}, map[events.OrderID]bool{}, map[events.OrderID]int64{}
	countsMoney := key != "conversion" && key != "orders"
	for _, d := range facts {
		switch data := d.Fact.Data.(type) {
		case *events.Behaviour:
			if in(d) && (key == "views" || key == "red-views" && data.Placement == "red") {
				n++
			}
		case *events.Observation:
			if in(d) && data.Metric == key {
				n += int64(data.Value * 1e6)
				last = int64(data.Value * 1e6)
			}
		case *events.Order:
			if data.Currency != "CNY" && countsMoney {
				continue
			}
			switch {
			case d.Type == events.OrderPaid && paidOnce[data.Order]:
			case d.Type == events.OrderRefunded:
				if in(d) {
					fen -= held[data.Order]
				}
				held[data.Order] = 0
			default:
				paidOnce[data.Order] = paidOnce[data.Order] || d.Type == events.OrderPaid
				held[data.Order] += int64(data.Total)
				if in(d) {
					fen += int64(data.Total)
					orders[data.Order] = true
				}
			}
		}
	}
	switch key {
	case "conversion":
		return int64(min(len(orders), 1))
	case "orders":
		return int64(len(orders))
	case "revenue", "basket":
		return fen
	case "capped":
		return min(fen, 300)
	case "rating":
		return last
	}
	return n
}
