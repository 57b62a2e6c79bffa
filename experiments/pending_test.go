package experiments

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

// TestAddedLaterEqualsBatch: a metric and a segment that were added while the
// experiment ran report what they would have from the beginning.
func TestAddedLaterEqualsBatch(t *testing.T) {
	t.Parallel()
	all := people(200, 9)
	fromTheStart := spending(t)
	fromTheStart.Secondary = []string{"conversion"}
	late := fromTheStart.clone()
	late.Segments, late.Metrics = nil, late.Metrics[:1]
	late.Primary, late.Secondary, late.Guardrails = "revenue", nil, nil

	next := late.clone()
	next.Segments, next.Secondary = []string{"tier"}, []string{"conversion"}
	late.addPending(next, &Definitions{Metrics: fromTheStart.Metrics})
	next.Version = late.Version + 1
	if m := next.metric("conversion"); m == nil || m.Pending != next.Version || m.Row == "" || len(next.PendingSegments) != 1 {
		t.Fatalf("what was added is not pending: %+v", next.Metrics)
	}

	before, now, want := tell(t, late, all), tell(t, next, all), tell(t, fromTheStart, all)
	if d := cmp.Diff(textOf(before), textOf(now)); d != "" {
		t.Errorf("what is pending changes the ledger:\n%s", d)
	}
	s := NewUnitScan(Definitions{Experiments: []*Experiment{next}}, opening.Add(40*24*time.Hour), shanghai, "CNY")
	for _, h := range historiesOf(t, next, all) {
		mustDo(t, s.Take(h))
	}
	asOf := opening.Add(40 * 24 * time.Hour)
	if state := (View{AsOf: asOf, Zone: shanghai}).Report(next, now).Metrics[1].State; state != Rebuilding {
		t.Errorf("before a scan the metric is %s", state)
	}
	found := s.Findings()[next.Key]
	for _, segment := range []string{"", "tier=gold"} {
		got := View{Segment: segment, AsOf: asOf, Zone: shanghai, Findings: found}.Report(next, now)
		all := View{Segment: segment, AsOf: asOf, Zone: shanghai}.Report(fromTheStart, want)
		for _, name := range []string{"revenue", "conversion"} {
			m, have := got.find(name, "b")
			_, should := all.find(name, "b")
			if have == nil || have.Absolute == nil || *have.Absolute != *should.Absolute || have.Units != should.Units {
				t.Errorf("%s in %q is %+v, want %+v", name, segment, have, should)
			}
			if name == "conversion" && m.State != AsOfState {
				t.Errorf("after a scan %s is %s", name, m.State)
			}
		}
	}
}

func textOf(cells Cells) map[string]string {
	out := map[string]string{}
	for _, c := range cells.sorted() {
		text, _ := cells[c].MarshalText()
		out[fmt.Sprint(c)] = string(text)
	}
	return out
}

// historiesOf are the people as an archive keeps them.
func historiesOf(t *testing.T, e *Experiment, all []person) []UnitHistory {
	t.Helper()
	var out []UnitHistory
	for i, p := range all {
		at := opening.Add(time.Duration(i) * time.Minute)
		h := UnitHistory{Unit: events.UnitID(fmt.Sprint("u", i))}
		h.Exposures = []UnitExposure{{e.Key, h.Unit, p.variant, 1, at, []byte(fmt.Sprintf(`{"tier":%q}`, p.tier))}}
		for k, amount := range append(append([]int64(nil), p.before...), p.paid...) {
			day := k - len(p.before)
			h.Facts = append(h.Facts, UnitFact{
				Unit: events.Unit{Kind: events.User, ID: h.Unit}, ID: events.RecordID{Hi: int64(k)}, Type: events.OrderPaid,
				At: at.Add(time.Duration(day) * 24 * time.Hour), Raw: []byte(fmt.Sprintf(`{"user_id":"u","order_id":"o%d","total":"%d.%02d"}`, k, amount/100, amount%100)),
			})
		}
		out = append(out, h)
	}
	return out
}

// archive has the facts of before the opening.
type archive struct{ facts []UnitFact }

func (a archive) Histories(context.Context, int, []events.Type) ([]UnitHistory, error) {
	return nil, nil
}

func (a archive) FactsBetween(_ context.Context, part int, _ []events.Type, from, to time.Time) (out []UnitFact, _ error) {
	for _, f := range a.facts {
		if int(events.PartOf(f.Unit.ID)) == part && !f.At.Before(from) && f.At.Before(to) {
			out = append(out, f)
		}
	}
	return out, nil
}

func (a archive) Findings(context.Context, string) (*Findings, error) { return nil, nil }

func (a archive) SaveFindings(context.Context, string, *Findings) error { return nil }

// TestFreezeCaps: the cap is a quantile of what units did in the window before
// the start, and stays.
func TestFreezeCaps(t *testing.T) {
	t.Parallel()
	store := newMemoryStore()
	editor := NewEditor(store, "CNY")
	by := By{Author: "lin", Now: opening}
	for key, kind := range map[string]string{"money": "order.paid", "coupons": "coupon.redeemed"} {
		m := metric(t, key, fmt.Sprintf(`{"kind":"mean","event":%q,"cap":{"quantile":0.9}}`, kind))
		_, err := editor.PutMetric(t.Context(), by, m)
		mustDo(t, err)
	}
	_, err := editor.Put(t.Context(), by, draft(t, "checkout", `{"unit":"user","primary":"money","secondary":["coupons"],"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`))
	mustDo(t, err)
	e, err := editor.Start(t.Context(), by, "checkout")
	mustDo(t, err)
	if e.metric("money").Pending == 0 {
		t.Error("a metric without its cap is summed")
	}
	var a archive
	for i := range 100 {
		id := events.UnitID(fmt.Sprint("u", i))
		for k, at := range []time.Time{opening.Add(-time.Hour), opening.Add(-8 * 24 * time.Hour)} { // the second is before the window
			a.facts = append(a.facts, UnitFact{
				Unit: events.Unit{Kind: events.User, ID: id}, ID: events.RecordID{Hi: int64(k)}, At: at, Type: events.OrderPaid,
				Raw: []byte(fmt.Sprintf(`{"user_id":"u","order_id":"o%d","total":"%d"}`, k, i+1)),
			})
		}
	}
	mustDo(t, editor.FreezeCaps(t.Context(), a, opening.Add(time.Hour)))
	mustDo(t, editor.FreezeCaps(t.Context(), archive{}, opening.Add(time.Hour)))
	d, err := store.Definitions(t.Context())
	mustDo(t, err)
	e = d.Experiment("checkout")
	if c := e.metric("money").Cap; c.Value < 89 || c.Value > 91 || !c.Frozen {
		t.Errorf("the cap is %+v", c)
	}
	if c := e.metric("coupons").Cap; c.Value != 0 || !c.Frozen || e.metric("coupons").capped(1e9) != 1e9 {
		t.Errorf("a metric without traffic is capped at %+v", c)
	}
}
