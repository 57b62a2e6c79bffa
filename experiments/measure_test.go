package experiments

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

// TestReadings: what each event type is worth under each aggregate.
func TestReadings(t *testing.T) {
	t.Parallel()
	story := []happened{
		{0, events.ProductViewed, `{"user_id":"u1","product_id":"p","price":"9.90","placement":"home"}`},
		{1, events.ProductViewed, `{"user_id":"u1","product_id":"p","quantity":3}`},
		{2, events.ProductAdded, `{"user_id":"u1","product_id":"p","quantity":2}`},
		{3, events.OrderPlaced, `{"order_id":"o1","total":"12.50","products":[{"sku":"a","quantity":2,"price":"6.00"}]}`},
		{4, events.OrderCompleted, `{"order_id":"o2","products":[{"sku":"a","quantity":1,"price":"6.00"}]}`},
		{5, events.OrderCompleted, `{"order_id":"o2","products":[{"sku":"b","quantity":1,"price":"4.00"}]}`},
		{6, events.OrderPlaced, `{"order_id":"o3","currency":"JPY","products":[{"sku":"a","quantity":7,"price":600}]}`},
		{7, events.DepositPaid, deposit},
		{8, events.OrderRefunded, `{"order_id":"o2","total":"3.00"}`},
		{9, events.CouponRedeemed, `{"user_id":"u1","coupon":"c","value":"3.21"}`},
		{10, events.MetricObserved, `{"unit":"u1","metric":"latency","value":0.1}`},
		{11, events.MetricObserved, `{"unit":"u1","metric":"latency","value":-2.0000004}`},
		{12, events.MetricObserved, `{"unit":"u1","metric":"rating","value":5}`},
		{13, events.UserChanged, `{"user_id":"u1","attributes":{"tier":"gold"}}`},
	}
	for _, c := range []struct {
		name, metric string
		want         []moved
		number       int64
	}{
		{"views", `{"kind":"count","event":"product.viewed"}`, []moved{{0, 0}, {1, 0}}, 2},
		{"views at home", `{"kind":"count","event":"product.viewed","where":{"placement":"home"}}`, []moved{{0, 0}}, 1},
		{"prices seen", `{"kind":"mean","event":"product.viewed","value":"price"}`, []moved{{0, 990}, {1, 0}}, 990},
		{"pieces seen", `{"kind":"mean","event":"product.viewed"}`, []moved{{0, 1}, {1, 3}}, 4},
		{"pieces in the cart", `{"kind":"mean","event":"product.added"}`, []moved{{2, 2}}, 2},
		{"placed", `{"kind":"mean","event":"order.placed"}`, []moved{{3, 1250}, {4, 600}, {5, 400}}, 2250},
		{"pieces placed, of any currency", `{"kind":"mean","event":"order.placed","value":"quantity"}`, []moved{{3, 2}, {4, 1}, {5, 1}, {6, 7}}, 11},
		{"orders placed", `{"kind":"count","event":"order.placed"}`, []moved{{3, 0}, {4, 0}, {5, 0}, {6, 0}}, 3},
		{"last placed", `{"kind":"mean","event":"order.placed","aggregate":"last"}`, []moved{{3, 1250}, {4, 600}, {5, 400}}, 400},
		{"completed only", `{"kind":"mean","event":"order.completed"}`, []moved{{4, 600}, {5, 400}}, 1000},
		{"deposits", `{"kind":"mean","event":"presale.deposit_paid"}`, []moved{{7, 500}}, 500},
		{"refunds", `{"kind":"mean","event":"order.refunded"}`, []moved{{8, 300}}, 300},
		{"coupons", `{"kind":"mean","event":"coupon.redeemed"}`, []moved{{9, 321}}, 321},
		{"latency", `{"kind":"mean","event":"metric.observed","metric":"latency"}`, []moved{{10, 100_000}, {11, -2_000_000}}, -1_900_000},
		{"last latency", `{"kind":"mean","event":"metric.observed","metric":"latency","aggregate":"last"}`, []moved{{10, 100_000}, {11, -2_000_000}}, -2_000_000},
		{"any rating", `{"kind":"proportion","event":"metric.observed","metric":"rating"}`, []moved{{12, 0}}, 1},
		{"changes", `{"kind":"count","event":"user.changed"}`, []moved{{13, 0}}, 1},
		{"what never happened", `{"kind":"count","event":"order.cancelled"}`, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := metric(t, "m", c.metric)
			rs := m.readings(factsOf(t, story...))
			got := movements(rs)
			for i := range got {
				if m.Aggregate == Tally || m.Aggregate == Any {
					got[i].Value = 0 // nobody reads it
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("readings (-want +got):\n%s", d)
			}
			g := aggregator{aggregate: m.Aggregate}
			for _, r := range rs {
				g.take(r)
			}
			if g.y != c.number {
				t.Errorf("the unit's number is %d, want %d", g.y, c.number)
			}
		})
	}
}

// TestWindow: a fact counts from the exposure's own moment to just before the
// window's end, and as covariate from the pre-period's beginning to just before
// the exposure.
func TestWindow(t *testing.T) {
	t.Parallel()
	m := metric(t, "m", `{"kind":"count","event":"product.viewed","window":"60m","pre_period":"30m"}`)
	for _, c := range []struct {
		minute int
		want   []int64 // 1, y, x
	}{
		{-31, []int64{1, 0, 0}}, {-30, []int64{1, 0, 1}}, {-1, []int64{1, 0, 1}},
		{0, []int64{1, 1, 0}}, {59, []int64{1, 1, 0}}, {60, []int64{1, 0, 0}},
	} {
		facts := factsOf(t, happened{c.minute, events.ProductViewed, `{"user_id":"u1","product_id":"p"}`})
		w := newAccumulator(m, opening, facts)
		for _, s := range w.steps {
			w.take(s)
		}
		if d := cmp.Diff(c.want, w.vector()); d != "" {
			t.Errorf("a view in minute %d (-want +got):\n%s", c.minute, d)
		}
	}
}

// TestVectors: the order of the numbers is that of the report's columns.
func TestVectors(t *testing.T) {
	t.Parallel()
	story := []happened{
		{-10, events.OrderPaid, `{"order_id":"o0","total":"7.00"}`},
		{-9, events.OrderPaid, `{"order_id":"o1","total":"1.00"}`},
		{0, events.OrderPaid, `{"order_id":"o2","total":"30.00"}`},
		{5, events.OrderPaid, `{"order_id":"o3","total":"5.00"}`},
		{6, events.OrderRefunded, `{"order_id":"o3"}`},
	}
	for _, c := range []struct {
		name, metric string
		want         []int64
	}{
		{"mean", `{"kind":"mean","event":"order.paid","pre_period":"0h"}`, []int64{1, 3000}},
		{"mean with covariate", `{"kind":"mean","event":"order.paid"}`, []int64{1, 3000, 800}},
		{"capped", `{"kind":"mean","event":"order.paid","cap":{"value":10}}`, []int64{1, 1000, 800}},
		{"capped by less than a fen", `{"kind":"mean","event":"order.paid","cap":{"value":7.999}}`, []int64{1, 800, 800}},
		{"capped count", `{"kind":"count","event":"order.paid","cap":{"value":1}}`, []int64{1, 1, 1}},
		{"ratio", `{"kind":"ratio","event":"order.paid","pre_period":"0h","denominator":{"event":"order.paid","aggregate":"count"}}`, []int64{1, 3000, 2}},
		{"ratio with covariates", `{"kind":"ratio","event":"order.paid","denominator":{"event":"order.paid","aggregate":"count"}}`, []int64{1, 3000, 2, 800, 2}},
		{"ratio of counts", `{"kind":"ratio","event":"order.paid","aggregate":"count","denominator":{"event":"order.refunded","aggregate":"any"},"pre_period":"0h"}`, []int64{1, 2, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := metric(t, "m", c.metric)
			w := newAccumulator(m, opening, factsOf(t, story...))
			for _, s := range w.steps {
				w.take(s)
			}
			if d := cmp.Diff(c.want, w.vector()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if m.dim() != len(c.want) || len(m.columns()) < len(c.want)-1 {
				t.Errorf("the report expects %d numbers in columns %v", m.dim(), m.columns())
			}
		})
	}
}

func TestHoursJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{`"168h"`: `"168h"`, `"90m"`: `"1h30m0s"`, `"0s"`: `"0h"`, `"1h0m0.5s"`: `"1h0m0.5s"`, `"7h30m"`: `"7h30m0s"`} {
		var h Hours
		if err := json.Unmarshal([]byte(text), &h); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		b, err := json.Marshal(h)
		var again Hours
		if err != nil || string(b) != want || json.Unmarshal(b, &again) != nil || again != h {
			t.Errorf("%s is written as %s (%v), want %s", text, b, err, want)
		}
	}
}
