package experiments

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/stats"
)

// scanned is an experiment with what a scan found of units: n customers of which
// every tenth is a bot, in two arms, whose views fade in one of them.
func scanned(t testing.TB, n int) (*Experiment, Cells, *Findings, []UnitHistory) {
	t.Helper()
	e := running(t, "checkout", `{"unit":"user","primary":"views","secondary":["speed"],"segments":["tier"],
		"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	e.Metrics = []Metric{
		*metric(t, "views", `{"kind":"count","event":"product.viewed","window":"120h","pre_period":"0h"}`),
		*metric(t, "speed", `{"kind":"quantile","event":"metric.observed","metric":"latency","quantile":0.9,"window":"120h"}`),
	}
	other := running(t, "other", `{"unit":"user","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	d := Definitions{Revision: 1, Experiments: []*Experiment{e, other}}
	s := NewUnitScan(d, opening.Add(18*24*time.Hour), shanghai, "CNY")
	rng := rand.New(rand.NewPCG(5, 5))
	cells := Cells{}
	var all []UnitHistory
	for i := range n {
		variant := []string{"control", "b"}[i%2]
		at := opening.Add(time.Duration(i%30) * 12 * time.Hour)
		h := UnitHistory{Unit: events.UnitID(fmt.Sprintf("u%04d", i))}
		h.Exposures = []UnitExposure{
			{"checkout", h.Unit, variant, 1, at, []byte(fmt.Sprintf(`{"tier":"%s"}`, []string{"gold", "iron"}[rng.IntN(2)]))},
			{"other", h.Unit, []string{"control", "b"}[rng.IntN(2)], 1, at, nil},
		}
		fact := func(typ events.Type, after time.Duration, data string) {
			h.Facts = append(h.Facts, UnitFact{
				Unit: events.Unit{Kind: events.User, ID: h.Unit}, ID: events.RecordID{Hi: int64(len(h.Facts))}, At: at.Add(after), Type: typ, Raw: []byte(data),
			})
		}
		for day := range 5 {
			views := rng.IntN(3)
			if variant == "b" {
				views += 4 - day
			}
			for range views {
				fact(events.ProductViewed, time.Duration(day)*24*time.Hour+time.Hour, `{"user_id":"u","product_id":"p"}`)
			}
		}
		for range 2 {
			fact(events.MetricObserved, time.Hour, fmt.Sprintf(`{"unit":"u","metric":"latency","value":%.3f}`, math.Exp(rng.NormFloat64())))
		}
		if i%10 == 0 {
			fact(events.UserChanged, time.Hour, `{"user_id":"u","attributes":{"bot":true}}`)
		}
		mustDo(t, s.Take(h))
		contribute(cells, e, h.Exposures[:1], factsFor(e, h.Facts), shanghai, 1)
		all = append(all, h)
	}
	return e, cells, s.Findings()["checkout"], all
}

// TestUnitScanEqualsUnits: what a scan finds is what the units did.
func TestUnitScanEqualsUnits(t *testing.T) {
	t.Parallel()
	e, cells, found, all := scanned(t, 600)
	b, err := found.Encode()
	mustDo(t, err)
	again, err := DecodeFindings("checkout", b)
	mustDo(t, err)
	c, err := again.Encode()
	mustDo(t, err)
	if string(b) != string(c) {
		t.Error("findings change on the way through the store")
	}
	view := View{AsOf: found.AsOf, Zone: shanghai, Findings: again}

	var speeds []float64
	var owners []int
	units, suspects, mature, sane := map[string]int64{}, int64(0), int64(0), map[string]int64{}
	for i, h := range all {
		x := h.Exposures[0]
		units[x.Variant]++
		if i%10 == 0 {
			suspects++
		} else {
			sane[x.Variant]++
		}
		if !x.At.Add(120 * time.Hour).After(found.AsOf) {
			mature++
		}
		for _, f := range h.Facts {
			if f.Type == events.MetricObserved && x.Variant == "b" {
				var o struct{ Value float64 }
				mustDo(t, json.Unmarshal(f.Raw, &o))
				speeds, owners = append(speeds, o.Value), append(owners, i)
			}
		}
	}
	want, err := stats.Quantiles(speeds, owners, []float64{0.9})
	mustDo(t, err)
	r := view.Report(e, cells)
	speed := r.Metrics[1]
	if got := speed.Results[0]; got.Mean != want[0].Value || got.Units != units["b"] || speed.State != AsOfState || !speed.AsOf.Equal(found.AsOf) || got.AlwaysValid == nil {
		t.Errorf("p90 is %+v in state %s, want %+v", got, speed.State, want[0])
	}
	if got := r.Health.Bots; got.Reasons[Flagged] != suspects || got.Without == nil {
		t.Errorf("bots are %+v, want %d flagged", got, suspects)
	}
	if d := cmp.Diff(sane, View{AsOf: found.AsOf, Bots: WithoutBots, Findings: again}.Report(e, cells).Units); d != "" {
		t.Errorf("units without bots (-want +got):\n%s", d)
	}
	only := View{AsOf: found.AsOf, Bots: OnlyBots, Findings: again}.Report(e, cells)
	if only.Units["control"]+only.Units["b"] != suspects {
		t.Errorf("bots alone are %v", only.Units)
	}
	grown := View{AsOf: found.AsOf, Mature: true, Findings: again}.Report(e, cells)
	if n := grown.Units["control"] + grown.Units["b"]; n != mature || n == int64(len(all)) {
		t.Errorf("%d units are mature, want %d", n, mature)
	}
	if n := r.Metrics[0].MatureUnits; n == 0 || n > mature {
		t.Errorf("the report counts %d mature units of %d", n, mature)
	}
	if len(found.Novelty) != 1 || found.Novelty[0].Slope > -0.9 || found.Novelty[0].Slope < -1.1 || found.Novelty[0].Units != 260 {
		t.Errorf("novelty is %+v", found.Novelty)
	}
	if !strings.Contains(strings.Join(r.Warnings, "\n"), "changes with the days since exposure") {
		t.Errorf("nobody says that the effect wears off: %q", r.Warnings)
	}
	if len(found.Interactions) != 1 || found.Interactions[0].Experiment != "other" || found.Interactions[0].PValue < 0.001 {
		t.Errorf("interactions are %+v", found.Interactions)
	}
	checkUnitRows(t, e, all, r)
}

// checkUnitRows: an analyst who averages the rows finds the report's means.
func checkUnitRows(t *testing.T, e *Experiment, all []UnitHistory, r *Report) {
	t.Helper()
	columns := e.UnitColumns()
	sum, n := 0.0, 0.0
	for _, h := range all {
		row, err := e.UnitRow(h, "CNY")
		mustDo(t, err)
		if len(row) != len(columns) {
			t.Fatalf("a row has %d cells under %d columns %v", len(row), len(columns), columns)
		}
		if row[slices.Index(columns, "variant")] == "b" {
			var y float64
			_, err := fmt.Sscan(row[slices.Index(columns, "views")], &y)
			mustDo(t, err)
			sum, n = sum+y, n+1
		}
	}
	if got := r.Metrics[0].Results[0].Mean; math.Abs(sum/n-got) > 1e-12 {
		t.Errorf("the rows average %v, the report says %v", sum/n, got)
	}
}

func TestBotReason(t *testing.T) {
	t.Parallel()
	many := func(n, every int, h func(int) happened) (out []happened) {
		for i := range n {
			out = append(out, h(i*every))
		}
		return out
	}
	of := func(sku string) func(int) happened {
		return func(minute int) happened {
			return happened{minute, events.OrderPlaced, fmt.Sprintf(`{"user_id":"u1","order_id":"o%d","products":[{"product_id":"p","sku":"%s","quantity":1,"price":"1"}]}`, minute, sku)}
		}
	}
	second := func(i int) happened { return viewed(i / 20) }
	for name, c := range map[string]struct {
		what []happened
		want BotReason
	}{
		"nobody":             {nil, ""},
		"a customer":         {append(many(50, 3, viewed), of("s")(1), of("s")(2)), ""},
		"flagged":            {[]happened{{0, events.UserChanged, `{"user_id":"u1","attributes":{"brush":true}}`}}, Flagged},
		"flagged otherwise":  {[]happened{{0, events.UserChanged, `{"user_id":"u1","attributes":{"bot":false,"tier":"gold"}}`}}, ""},
		"too fast":           {many(601, 1, second), TooFast},
		"the same again":     {many(101, 10, viewed), Repetitive},
		"the same, slowly":   {many(101, 60, viewed), ""},
		"brush orders":       {many(6, 60, of("s")), Repetitive},
		"a month of orders":  {many(6, 5*inDays, of("s")), ""},
		"orders of anything": {many(31, 10, func(m int) happened { return of(fmt.Sprint("s", m))(m) }), Repetitive},
	} {
		if got := botReasonOf(events.Shop, factsOf(t, c.what...)); got != "" {
			t.Errorf("%s: a shop is taken for %q", name, got)
		}
		if got := botReasonOf(events.User, factsOf(t, c.what...)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestSegmentsInReport: broken ratios, odd segments and imbalances before the
// experiment are found and named.
func TestSegmentsInReport(t *testing.T) {
	t.Parallel()
	e := running(t, "checkout", `{"unit":"user","primary":"m","segments":["client"],"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	e.Metrics = []Metric{*metric(t, "m", `{"kind":"mean","event":"order.paid"}`)}
	cells := Cells{}
	put := func(segment, variant string, n int64, y, x int64) {
		for _, s := range []string{"", segment} {
			for _, c := range []struct {
				metric string
				v      []int64
			}{{"m", []int64{1, y, x}}, {"m", []int64{1, y + 200, x + 100}}, {"m", []int64{1, y + 300, x}}, {UnitsCell, []int64{1, 0, 0}}, {UnitsCell, []int64{1, 0, 0}}, {UnitsCell, []int64{1, 0, 0}}} {
				one := Cells{}
				fill(one, c.metric, variant, n, c.v...)
				for k, sum := range one {
					k.Segment = s
					if _, there := cells[k]; !there {
						cells[k] = NewTriangle(sum.Dim())
					}
					cells[k].Add(sum)
				}
			}
		}
	}
	put("client=web", "control", 2000, 100, 500)
	put("client=web", "b", 2000, 150, 500)
	put("client=ios", "control", 1000, 100, 500)
	put("client=ios", "b", 700, 300, 560)
	r := View{AsOf: opening.Add(10 * 24 * time.Hour), Zone: shanghai}.Report(e, cells)
	if r.SRM.Status != stats.Failed || r.Health.RatioCause != "client=ios" || r.Health.RatioParts[0].Part != "client=ios" {
		t.Errorf("the sample ratio %+v is blamed on %q: %+v", r.SRM, r.Health.RatioCause, r.Health.RatioParts)
	}
	if r.SRM.Sequential == nil || r.SRM.Sequential.Status != stats.Failed {
		t.Errorf("looked at all the time it is %+v", r.SRM.Sequential)
	}
	if p := r.Health.PreExposure; p == nil || p.Status != stats.Failed || p.Checks[0].Metric != "m" {
		t.Errorf("before the experiment: %+v", p)
	}
	if len(r.Heterogeneity) != 1 || r.Heterogeneity[0].PValue > 1e-6 || len(r.Heterogeneity[0].Deviations) != 2 {
		t.Errorf("heterogeneity is %+v", r.Heterogeneity)
	}
	if st := r.Metrics[0].Results[0].Stratified; st == nil || st.Estimate.Estimate < 0.6 || st.Estimate.Estimate > 1.2 {
		t.Errorf("post-stratified it is %+v", st)
	}
	if p := r.Power; p == nil || p.Units != 17100 || !p.Assumed || p.Target != 0.05 || float64(p.Detectable) <= 0 {
		t.Errorf("power is %+v", p)
	}
	noStrangeNumbers(t, r)
}
