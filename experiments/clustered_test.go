package experiments

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// TestClusteredMetrics: which metrics by user an experiment on another unit
// takes, and as what.
func TestClusteredMetrics(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		metric string
		unit   events.UnitKind
		kind   MetricKind // empty: refused
		counts Aggregate
	}{
		"the same unit":         {`{"kind":"mean","identity":"shop","event":"order.paid"}`, events.Shop, Mean, Sum},
		"a proportion":          {`{"kind":"proportion","event":"order.placed"}`, events.Shop, Ratio, People},
		"a mean":                {`{"kind":"mean","event":"order.paid","value":"total"}`, events.Region, Ratio, Sum},
		"a count":               {`{"kind":"count","event":"product.viewed"}`, events.Team, Ratio, Tally},
		"a ratio":               {`{"kind":"ratio","event":"order.paid","denominator":{"event":"order.paid","aggregate":"count"}}`, events.Shop, Ratio, Sum},
		"a quantile":            {`{"kind":"quantile","event":"metric.observed","quantile":0.9}`, events.Shop, Quantile, Sum},
		"a capped mean":         {`{"kind":"mean","event":"order.paid","cap":{"value":9}}`, events.Shop, "", ""},
		"the last value":        {`{"kind":"mean","event":"metric.observed","aggregate":"last"}`, events.Shop, "", ""},
		"retention":             {`{"kind":"retention","event":"product.viewed","days":[7,7]}`, events.Shop, "", ""},
		"by user, on devices":   {`{"kind":"mean","event":"order.paid"}`, events.Device, "", ""},
		"by device, on shops":   {`{"kind":"mean","identity":"device","event":"order.paid"}`, events.Shop, "", ""},
		"by session, on a user": {`{"kind":"count","identity":"session","event":"product.viewed"}`, events.User, "", ""},
	} {
		got, err := metric(t, "m", c.metric).clusteredBy(c.unit)
		if (err != nil) != (c.kind == "") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err == nil && (got.Kind != c.kind || got.Aggregate != c.counts || got.Identity != c.unit) {
			t.Errorf("%s: it is a %s of %s by %s", name, got.Kind, got.Aggregate, got.Identity)
		}
		if err == nil {
			got.Per = ""
			if err := got.Check("CNY"); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestClusteredErrors: in forty shops without any effect, whose customers are
// alike within a shop, the interval is as wide as the shops' spread wants it,
// and not as the people's.
func TestClusteredErrors(t *testing.T) {
	t.Parallel()
	e := running(t, "shops", `{"unit":"shop","primary":"buys","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	own, err := metric(t, "buys", `{"kind":"proportion","event":"order.placed","pre_period":"0h"}`).clusteredBy(events.Shop)
	mustDo(t, err)
	e.Metrics = []Metric{own}
	rng := rand.New(rand.NewPCG(7, 7))
	cells := Cells{}
	var shops [2][]float64
	people := 0
	for shop := range 40 {
		variant := e.Variants[shop%2].Key
		id := events.UnitID(fmt.Sprint("shop", shop))
		chance := 0.05 + 0.3*rng.Float64()
		bought := 0
		var facts []UnitFact
		fact := func(typ events.Type, user int, data string) {
			f := UnitFact{
				Unit: events.Unit{Kind: events.Shop, ID: id}, ID: events.RecordID{Hi: int64(len(facts))}, At: opening.Add(time.Hour), Type: typ,
				Raw: fmt.Appendf(nil, `{"user_id":"u%d-%d"%s}`, shop, user, data),
			}
			mustDo(t, f.read("CNY"))
			facts = append(facts, f)
		}
		for user := range 200 {
			fact(events.ProductViewed, user, `,"product_id":"p"`)
			fact(events.ProductViewed, user, `,"product_id":"q"`)
			if rng.Float64() < chance {
				for k := range 2 {
					fact(events.OrderPlaced, user, fmt.Sprintf(`,"order_id":"o%d-%d-%d","total":"1.00","products":[{"product_id":"p","sku":"s","quantity":1,"price":"1.00"}]`, shop, user, k))
				}
				bought++
			}
			people++
		}
		sortFacts(facts)
		contribute(cells, e, []UnitExposure{{Experiment: e.Key, Unit: id, Variant: variant, Phase: 1, At: opening}}, factsFor(e, facts), shanghai, 1)
		shops[shop%2] = append(shops[shop%2], float64(bought)/200)
	}
	m := newReport(e, cells, "", opening.AddDate(0, 0, 10)).Metrics[0]
	mean := func(xs []float64) (m, v float64) {
		for _, x := range xs {
			m += x / float64(len(xs))
		}
		for _, x := range xs {
			v += (x - m) * (x - m) / float64(len(xs)-1)
		}
		return m, v
	}
	// As many people in each shop: the ratio is the mean of the shops' shares.
	mc, vc := mean(shops[0])
	mt, vt := mean(shops[1])
	want := math.Sqrt(vc/20 + vt/20)
	if m.Per != events.User || m.Control.Units != 20 || math.Abs(m.Control.Mean-mc) > 1e-12 || math.Abs(m.Results[0].Mean-mt) > 1e-12 {
		t.Errorf("control %+v, treatment %+v, want means %g and %g", m.Control, m.Results[0].ArmReport, mc, mt)
	}
	if got := float64(m.Results[0].StdError); math.Abs(got/want-1) > 1e-9 {
		t.Errorf("its standard error is %g, the shops' %g", got, want)
	}
	if naive := math.Sqrt(2 * mc * (1 - mc) / float64(people/2)); want < 2*naive {
		t.Errorf("the shops' error %g is not what people alone would not show (%g)", want, naive)
	}
}
