package experiments

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// scanHoldout counts 4000 users of a shop that held a tenth out on day 10, a fifth
// from day 12 on. Every third user came before that, the others on the days
// after; the treated order more.
func scanHoldout(t *testing.T, change func(*Holdout)) (*Definitions, *Holdout, *Findings) {
	t.Helper()
	day := func(n int) time.Time { return opening.AddDate(0, 0, n) }
	e := running(t, "shown", `{"unit":"user","primary":"buys","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	e.Changes[0].At = day(11)
	h := Holdout{Key: "q4", Unit: events.User, Share: 0.2, Version: 2, Steps: []HoldoutStep{{day(10), 0.1}, {day(12), 0.2}}}
	if change != nil {
		change(&h)
	}
	d := &Definitions{
		Experiments: []*Experiment{e}, Holdouts: []Holdout{h},
		Metrics: []Metric{*metric(t, "buys", `{"kind":"proportion","event":"order.paid","window":"1h","pre_period":"48h"}`)},
	}
	d.index()
	c := NewHoldoutScan(d, day(30), shanghai, "CNY")
	types, from, to := c.Wants()
	if h.Share+h.Steps[0].Share > 0 && (!slices.Contains(types, events.OrderPaid) || from.After(day(8)) || !to.After(day(30))) {
		t.Fatalf("it wants %v from %v to %v", types, from, to)
	}
	var circle hasher
	for i, id := range unitIDs(4000) {
		var facts []UnitFact
		fact := func(typ events.Type, at time.Time, data string) {
			facts = append(facts, UnitFact{Unit: events.Unit{Kind: events.User, ID: id}, ID: events.RecordID{Hi: int64(i), Lo: int64(len(facts))}, At: at, Type: typ, Raw: []byte(data)})
		}
		came := day(9)
		if i%3 > 0 {
			came = day(13 + i%7)
		}
		fact(events.ProductViewed, came, `{"user_id":"u","product_id":"p"}`)
		chance := 0.3
		if !below(0.2).Contains(circle.point(holdoutSalt("q4"), id)) {
			chance = 0.4
		}
		if float64(i%100) < 100*chance {
			fact(events.OrderPaid, came.AddDate(0, 0, 5), fmt.Sprintf(`{"user_id":"u","order_id":"o%d","total":"10.00","products":[{"product_id":"p","sku":"s","quantity":1,"price":"10.00"}]}`, i))
		}
		mustDo(t, c.Take(facts))
	}
	mustDo(t, c.Take(nil))
	f := c.Findings()[h.FindingsKey()]
	if f == nil {
		return d, &d.Holdouts[0], nil
	}
	b, err := f.Encode()
	mustDo(t, err)
	f, err = DecodeFindings(h.FindingsKey(), b)
	mustDo(t, err)
	return d, &d.Holdouts[0], f
}

// TestHoldoutReport: the arms are those of the hash, what happened after the
// start counts whenever a unit was first seen, and units that a larger share
// moved are in neither arm.
func TestHoldoutReport(t *testing.T) {
	t.Parallel()
	d, h, f := scanHoldout(t, nil)
	r := h.Report(d, View{Findings: f, Zone: shanghai})
	held, others := r.Units[HeldOut], r.Units[Others]
	if held+others+r.LeftOut != 4000 || math.Abs(float64(held)-400) > 80 || math.Abs(float64(r.LeftOut)-400) > 80 {
		t.Errorf("%d are held out, %d not, %d left out of 4000", held, others, r.LeftOut)
	}
	if r.SRM.Status != "ok" {
		t.Errorf("the sample ratio is %+v", r.SRM)
	}
	m := r.Metrics[0]
	effect := m.Results[0]
	if m.Control.Variant != HeldOut || m.State != AsOfState || math.Abs(m.Control.Mean-0.3) > 0.06 || math.Abs(float64(effect.Absolute.Estimate)-0.1) > 0.06 || effect.AlwaysValid == nil {
		t.Errorf("%+v against %+v", m.Control, effect)
	}
	if len(r.Launches) != 1 || r.Launches[0].Experiment != "shown" || r.Until != nil {
		t.Errorf("launches %+v until %v", r.Launches, r.Until)
	}
	if days := len(m.Series); days < 10 {
		t.Errorf("it has %d days", days)
	}
}

// TestHoldoutReportOfAStretch: what stood before, and what happened after the
// end, does not count.
func TestHoldoutReportOfAStretch(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return opening.AddDate(0, 0, n) }
	d, h, f := scanHoldout(t, func(h *Holdout) {
		h.Share, h.Steps = 0, []HoldoutStep{{day(0), 0.5}, {day(3), 0}, {day(10), 0.1}, {day(16), 0}}
	})
	r := h.Report(d, View{Findings: f, Zone: shanghai})
	if !r.Since.Equal(day(10)) || r.Until == nil || !r.Until.Equal(day(16)) {
		t.Fatalf("it stood from %v to %v", r.Since, r.Until)
	}
	// Of the two thirds that came on days 13 to 19 three sevenths came in time,
	// and none of these has bought by then.
	if n := r.Units[HeldOut] + r.Units[Others]; r.LeftOut != 0 || math.Abs(float64(n)-(1334+1143)) > 10 {
		t.Errorf("%d units, %d left out", n, r.LeftOut)
	}
	if got := r.Metrics[0].Results[0].Mean; math.Abs(got-0.4*1334/(1334+1143)) > 0.03 {
		t.Errorf("%g of the others bought", got)
	}
}

func TestHoldoutWithoutReport(t *testing.T) {
	t.Parallel()
	if _, _, f := scanHoldout(t, func(h *Holdout) { h.Share, h.Steps = 0, []HoldoutStep{{opening, 0}} }); f != nil {
		t.Errorf("a holdout that never stood has findings: %+v", f)
	}
	d, h, f := scanHoldout(t, nil)
	h.Version++
	if r := h.Report(d, View{Findings: f}); r != nil {
		t.Errorf("findings about another version make a report: %+v", r)
	}
	editor, _ := newEditor()
	if _, err := editor.PutMetric(t.Context(), by(1), metric(t, "visits", `{"kind":"count","identity":"device","event":"product.viewed"}`)); err != nil {
		t.Fatal(err)
	}
	for name, metrics := range map[string][]string{"unknown": {"nothing"}, "of devices": {"visits"}} {
		if _, err := editor.PutHoldout(t.Context(), by(2), &Holdout{Key: "q", Unit: events.User, Share: 0.1, Metrics: metrics}); err == nil {
			t.Errorf("metrics that are %s were taken", name)
		}
	}
}
