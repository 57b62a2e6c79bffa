package experiments

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
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

// metricTexts are the metrics of the law's experiments: one for each way in
// which facts become a number. The oracle knows them by name only.
func metricTexts() map[string]string {
	return map[string]string{
		"conversion": `{"kind":"proportion","event":"order.paid"}`,
		"revenue":    `{"kind":"mean","event":"order.paid","value":"total"}`,
		"capped":     `{"kind":"mean","event":"order.paid","value":"total","cap":{"value":3},"pre_period":"48h"}`,
		"north":      `{"kind":"mean","event":"order.paid","where":{"region":"north"}}`,
		"pieces":     `{"kind":"mean","event":"order.paid","value":"quantity","window":"48h"}`,
		"orders":     `{"kind":"count","event":"order.paid","pre_period":"0h"}`,
		"basket":     `{"kind":"ratio","event":"order.paid","value":"total","denominator":{"event":"order.paid","aggregate":"count"}}`,
		"deposits":   `{"kind":"mean","event":"presale.deposit_paid"}`,
		"placed":     `{"kind":"mean","event":"order.placed","pre_period":"0h"}`,
		"views":      `{"kind":"count","event":"product.viewed","window":"30h"}`,
		"red-views":  `{"kind":"count","event":"product.viewed","where":{"placement":"red"}}`,
		"latency":    `{"kind":"mean","event":"metric.observed"}`,
		"rating":     `{"kind":"mean","event":"metric.observed","aggregate":"last","pre_period":"0h"}`,
		"coupons":    `{"kind":"mean","event":"coupon.redeemed"}`,
	}
}

// lawExperiment is a started experiment with some of the metrics.
func lawExperiment(t testing.TB, key, unit string, start time.Time, metrics ...string) *Experiment {
	t.Helper()
	e := draft(t, key, fmt.Sprintf(`{"unit":%q,"segments":["tier"],"variants":[{"key":"control","weight":1},{"key":"b","weight":1},{"key":"c","weight":1}]}`, unit))
	for _, name := range metrics {
		m := metric(t, name, metricTexts()[name])
		m.Identity = events.UnitKind(unit)
		e.Metrics = append(e.Metrics, *m)
	}
	e.open(start)
	mustDo(t, e.enter(Running, start))
	return e
}

// The three experiments of the law: one whose weights changed three times, that
// was paused for some hours and has an override, one on devices, and one that starts when most has happened. It
// reads coupons, which nobody has asked for before.
func checkoutLaw(t testing.TB) *Experiment {
	e := lawExperiment(t, "checkout", "user", opening,
		"conversion", "revenue", "capped", "north", "pieces", "orders", "basket", "deposits", "placed", "views", "red-views", "latency", "rating")
	e.Overrides = map[events.UnitID]string{"u0": "b"}
	for i, since := range []time.Duration{30 * time.Hour, 72 * time.Hour, 110 * time.Hour} {
		e.Variants[1].Weight = float64(2 + i)
		e.reweigh(opening.Add(since))
	}
	mustDo(t, e.enter(Paused, opening.Add(70*time.Hour)))
	mustDo(t, e.enter(Running, opening.Add(74*time.Hour)))
	return e
}

func appLaw(t testing.TB) *Experiment {
	return lawExperiment(t, "app", "device", opening.Add(-10*24*time.Hour), "orders", "views", "latency")
}

func lateLaw(t testing.TB) *Experiment {
	return lawExperiment(t, "late", "user", opening.Add(72*time.Hour), "revenue", "coupons")
}

// TestLedgerEqualsBatch is the law of the ledger: however records are shuffled
// and cut into batches, whenever a process starts anew and an experiment is
// added, the cells add up to what a separate computation finds in all records
// at once.
func TestLedgerEqualsBatch(t *testing.T) {
	t.Parallel()
	first := []*Experiment{checkoutLaw(t), appLaw(t)}
	all := append(slices.Clone(first), lateLaw(t))
	rapid.Check(t, func(t *rapid.T) {
		before, behind := history(t)
		tx := newMemoryTx(Definitions{Revision: 1, Experiments: first})
		ledger := newLedger()
		before = shuffled(t, before)
		cut := rapid.IntRange(0, len(before)).Draw(t, "before the third experiment")
		applyAll(t, &ledger, tx, before[:cut])
		tx.define(Definitions{Revision: 2, Experiments: all})
		applyAll(t, &ledger, tx, shuffled(t, append(slices.Clone(before[cut:]), behind...)))

		o := oracle{append(before, behind...)}
		for _, e := range all {
			want, got := o.standings(e.Key), standings(e.Key, tx.cells)
			if !maps.Equal(want, got) {
				t.Fatalf("the ledger of %s differs from the batch computation (-batch +ledger):\n%s", e.Key, cmp.Diff(want, got))
			}
		}
	})
}

func newLedger() *Ledger {
	return &Ledger{Zone: shanghai, Shop: "CNY", Lateness: DefaultLateness}
}

func shuffled(t *rapid.T, ds []events.Delivery) []events.Delivery {
	if len(ds) == 0 {
		return nil
	}
	return rapid.Permutation(ds).Draw(t, "order of arrival")
}

// applyAll applies records in batches, now and then by a process that has just
// started and knows nothing.
func applyAll(t *rapid.T, ledger **Ledger, tx LedgerTx, rest []events.Delivery) {
	for len(rest) > 0 {
		if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
			*ledger = newLedger()
		}
		n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
		if err := (*ledger).Apply(context.Background(), tx, rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
}

// standing names a cumulative triangle: a metric of a variant's segment in a
// phase as it stood at the end of a day.
type standing struct {
	Phase                    int
	Metric, Variant, Segment string
	Day                      Day
}

// days are all on which anything can change: history draws from less.
func days() []Day {
	var out []Day
	for d := DayOf(opening, shanghai) - 12; d < DayOf(opening, shanghai)+25; d++ {
		out = append(out, d)
	}
	return out
}

// standings adds an experiment's cells up over the days. Standings of zero are
// left out.
func standings(experiment string, cells Cells) map[standing]string {
	type row struct {
		phase                    int
		metric, variant, segment string
	}
	rows := map[row]map[Day]Triangle{}
	for c, t := range cells {
		if c.Experiment != experiment {
			continue
		}
		k := row{c.Phase, c.Metric, c.Variant, c.Segment}
		if rows[k] == nil {
			rows[k] = map[Day]Triangle{}
		}
		rows[k][c.Day] = t
	}
	out := map[standing]string{}
	for k, byDay := range rows {
		var sum Triangle
		for _, day := range days() {
			if t, ok := byDay[day]; ok {
				if sum.Dim() == 0 {
					sum = NewTriangle(t.Dim())
				}
				sum.Add(t)
				delete(byDay, day)
			}
			if sum.Dim() > 0 && !sum.IsZero() {
				text, _ := sum.MarshalText()
				out[standing{k.phase, k.metric, k.variant, k.segment, day}] = string(text)
			}
		}
		for day := range byDay {
			out[standing{k.phase, k.metric, k.variant, k.segment, day}] = "a cell on a day on which nothing can have happened"
		}
	}
	return out
}

// told makes the records of one event as the ingest does, appended some time
// after it happened.
func told(t interface{ Fatal(...any) }, id string, typ events.Type, data string, at time.Time, lateness time.Duration) []events.Delivery {
	e := events.Event{ID: id, Source: "test", Type: string(typ), Time: at.UTC(), Data: []byte(data)}
	f, err := events.Parse(e, "CNY")
	if err != nil {
		t.Fatal(id, " ", data, ": ", err)
	}
	records, err := events.Route(e, f)
	if err != nil {
		t.Fatal(id, " ", data, ": ", err)
	}
	var out []events.Delivery
	for _, r := range records {
		if r.Kind != events.ForSKU && r.Kind != events.ForNoKey {
			f.Appended = at.Add(lateness)
			out = append(out, events.Delivery{Record: r, Fact: f})
		}
	}
	return out
}

const (
	exposedControl = `{"experiment":"checkout","variant":"control","unit":"u1","attributes":{"tier":"gold"}}`
	exposedB       = `{"experiment":"checkout","variant":"b","unit":"u1","attributes":{"tier":"iron"}}`
)

// TestExposuresThatCount is the table of exposures that make a unit part of the
// analysis, told after a view on the first day.
func TestExposuresThatCount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		data     string
		at, late time.Duration
		variant  string // in which the unit is analysed; empty for not at all
	}{
		{"at the start", exposedControl, 0, 0, "control"},
		{"before the start", exposedControl, -time.Microsecond, 0, ""},
		{"while paused", exposedB, 71 * time.Hour, 0, ""},
		{"when it goes on", exposedB, 74*time.Hour + time.Microsecond, 0, "b"},
		{"just in time", exposedControl, time.Hour, DefaultLateness, "control"},
		{"too late", exposedControl, time.Hour, DefaultLateness + time.Microsecond, ""},
		{"no such variant", `{"experiment":"checkout","variant":"z","unit":"u1"}`, 0, 0, ""},
		{"no such experiment", `{"experiment":"search","variant":"b","unit":"u1"}`, 0, 0, ""},
		{"a draft", `{"experiment":"draft","variant":"b","unit":"u1"}`, 0, 0, ""},
		{"put there by hand", `{"experiment":"checkout","variant":"b","unit":"u0"}`, 0, 0, ""},
		{"stopped since", `{"experiment":"stopped","variant":"b","unit":"u1"}`, time.Hour, 0, "b"},
		{"after the stop", `{"experiment":"stopped","variant":"b","unit":"u1"}`, 3 * time.Hour, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stopped := lawExperiment(t, "stopped", "user", opening, "views")
			mustDo(t, stopped.enter(Stopped, opening.Add(2*time.Hour)))
			tx := newMemoryTx(Definitions{Revision: 1, Experiments: []*Experiment{checkoutLaw(t), draft(t, "draft", twoVariants), stopped}})
			batch := told(t, "x", events.ExperimentExposed, c.data, opening.Add(c.at), c.late)
			mustDo(t, newLedger().Apply(t.Context(), tx, batch))
			got := ""
			for cell, sum := range tx.cells {
				if cell.Metric == UnitsCell && cell.Segment == "" && sum.At(0, 0).Int64() == 1 {
					got += cell.Variant
				}
			}
			if got != c.variant {
				t.Errorf("the unit is analysed in %q, want %q", got, c.variant)
			}
		})
	}
}

// TestEarlierExposureMovesTheUnit: its cells leave one variant and segment for
// another, and nothing stays behind.
func TestEarlierExposureMovesTheUnit(t *testing.T) {
	t.Parallel()
	tx := newMemoryTx(Definitions{Revision: 1, Experiments: []*Experiment{checkoutLaw(t)}})
	ledger := newLedger()
	for _, batch := range [][]events.Delivery{
		told(t, "x1", events.ExperimentExposed, exposedB, opening.Add(10*time.Hour), 0),
		told(t, "v1", events.ProductViewed, `{"user_id":"u1","product_id":"p"}`, opening.Add(11*time.Hour), 0),
		told(t, "x2", events.ExperimentExposed, exposedControl, opening.Add(9*time.Hour), 0),
		told(t, "x3", events.ExperimentExposed, exposedB, opening.Add(12*time.Hour), 0),
	} {
		mustDo(t, ledger.Apply(t.Context(), tx, batch))
	}
	day := DayOf(opening, shanghai)
	got := standings("checkout", tx.cells)
	for k, want := range map[standing]string{
		{1, UnitsCell, "control", "", day}:          "1 0 1 0 0 1", // one unit, no late fact, met two variants
		{1, UnitsCell, "control", "tier=gold", day}: "1 0 1 0 0 1",
		{1, "views", "control", "", day}:            "1 1 0 1 0 0",
		{1, UnitsCell, "b", "", day}:                "",
		{1, "views", "b", "tier=iron", day}:         "",
	} {
		if got[k] != want {
			t.Errorf("%+v is %q, want %q", k, got[k], want)
		}
	}
}

// TestDefinitionsAreReadWhenTheyChange, and only then.
func TestDefinitionsAreReadWhenTheyChange(t *testing.T) {
	t.Parallel()
	tx := newMemoryTx(Definitions{Revision: 0}) // an empty shop: revision 0 must be read as well
	ledger := newLedger()
	view := func(id string) []events.Delivery {
		return told(t, id, events.ProductViewed, `{"user_id":"u1","product_id":"p"}`, opening.Add(time.Hour), 0)
	}
	mustDo(t, ledger.Apply(t.Context(), tx, view("v1")))
	mustDo(t, ledger.Apply(t.Context(), tx, view("v2")))
	if tx.reads != 1 {
		t.Errorf("the definitions were read %d times, want once", tx.reads)
	}
	tx.define(Definitions{Revision: 5, Experiments: []*Experiment{checkoutLaw(t)}})
	mustDo(t, ledger.Apply(t.Context(), tx, told(t, "x", events.ExperimentExposed, exposedControl, opening, 0)))
	if tx.reads != 2 {
		t.Errorf("the definitions were read %d times, want twice", tx.reads)
	}
	if got := standings("checkout", tx.cells)[standing{1, "views", "control", "", DayOf(opening, shanghai)}]; got != "1 2 0 4 0 0" {
		t.Errorf("views that came before the experiment are %q, want two", got)
	}
}

// TestFactsAreKeptWhoeverTheyAreOf: an experiment of tomorrow may ask for them.
func TestFactsAreKeptWhoeverTheyAreOf(t *testing.T) {
	t.Parallel()
	tx := newMemoryTx(Definitions{Revision: 1})
	mustDo(t, newLedger().Apply(t.Context(), tx, told(t, "v", events.ProductViewed,
		`{"user_id":"u1","anonymous_id":"u1","product_id":"p","units":{"team":"t1"}}`, opening, 0)))
	kinds := map[events.UnitKind]events.UnitID{}
	for _, f := range tx.facts {
		kinds[f.Unit.Kind] = f.Unit.ID
	}
	if d := cmp.Diff(map[events.UnitKind]events.UnitID{"user": "u1", "device": "u1", "team": "t1"}, kinds); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestLedgerPassesFailuresOn: whatever the transaction cannot do, the batch
// fails with it, so that nothing is committed, and can be applied again.
func TestLedgerPassesFailuresOn(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"revision", "definitions", "exposures", "facts", "save facts", "save exposures", "moments"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			boom := errors.New("boom")
			tx := newMemoryTx(Definitions{Revision: 1, Experiments: []*Experiment{checkoutLaw(t)}})
			ledger := newLedger()
			batch := told(t, "x", events.ExperimentExposed, exposedControl, opening, 0)
			batch = append(batch, told(t, "v", events.ProductViewed, `{"user_id":"u1","product_id":"p"}`, opening, 0)...)
			if err := ledger.Apply(t.Context(), failingTx{tx, call, boom}, batch); !errors.Is(err, boom) || !strings.Contains(err.Error(), strings.TrimPrefix(call, "save ")) {
				t.Fatalf("the error is %v, want one about %s", err, call)
			}
			fresh := newMemoryTx(tx.definitions)
			mustDo(t, ledger.Apply(t.Context(), fresh, batch))
			if got := standings("checkout", fresh.cells)[standing{1, "views", "control", "", DayOf(opening, shanghai)}]; got != "1 1 0 1 0 0" {
				t.Errorf("applied again, views are %q", got)
			}
		})
	}
}

func TestDamagedFact(t *testing.T) {
	t.Parallel()
	tx := newMemoryTx(Definitions{Revision: 1, Experiments: []*Experiment{checkoutLaw(t)}})
	tx.facts[events.RecordID{Hi: 1}] = UnitFact{Unit: events.Unit{Kind: events.User, ID: "u1"}, Type: events.OrderPaid, Raw: []byte(`{`)}
	err := newLedger().Apply(t.Context(), tx, told(t, "x", events.ExperimentExposed, exposedControl, opening, 0))
	if err == nil || !strings.Contains(err.Error(), "fact of user u1") {
		t.Errorf("the error is %v", err)
	}
}

func TestEmptyBatch(t *testing.T) {
	t.Parallel()
	tx := newMemoryTx(Definitions{Revision: 1, Experiments: []*Experiment{checkoutLaw(t)}})
	mustDo(t, newLedger().Apply(t.Context(), tx, nil))
	if len(tx.cells)+len(tx.facts)+len(tx.exposures) != 0 {
		t.Error("something came of nothing")
	}
}

func BenchmarkLedgerApply(b *testing.B) {
	tx := newMemoryTx(Definitions{Revision: 1, Experiments: []*Experiment{checkoutLaw(b)}})
	var batch []events.Delivery
	for i := range 1000 {
		unit := fmt.Sprint("u", i)
		batch = append(batch, told(b, fmt.Sprint("x", i), events.ExperimentExposed, strings.Replace(exposedB, "u1", unit, 1), opening, 0)...)
		batch = append(batch, told(b, fmt.Sprint("o", i), events.OrderPaid, fmt.Sprintf(`{"user_id":%q,"order_id":"o","total":"5.00"}`, unit), opening.Add(time.Hour), 0)...)
	}
	b.ReportAllocs()
	for b.Loop() {
		clear(tx.cells)
		clear(tx.facts)
		clear(tx.exposures)
		if err := newLedger().Apply(b.Context(), indexedTx{tx}, batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batch)), "ns/record")
}

// indexedTx spares the benchmark memoryTx's search through everything: there is
// nothing stored before its one batch.
type indexedTx struct{ *memoryTx }

func (indexedTx) Exposures(context.Context, []events.UnitID) ([]UnitExposure, error) { return nil, nil }
func (indexedTx) Facts(context.Context, []events.UnitID, []events.Type) ([]UnitFact, error) {
	return nil, nil
}

// failingTx fails one call.
type failingTx struct {
	*memoryTx
	call string
	err  error
}

func (f failingTx) fails(call string) error {
	if f.call == call {
		return f.err
	}
	return nil
}

func (f failingTx) Revision(ctx context.Context) (int64, error) {
	n, _ := f.memoryTx.Revision(ctx)
	return n, f.fails("revision")
}

func (f failingTx) Definitions(ctx context.Context) (Definitions, error) {
	d, _ := f.memoryTx.Definitions(ctx)
	return d, f.fails("definitions")
}

func (f failingTx) Exposures(context.Context, []events.UnitID) ([]UnitExposure, error) {
	return nil, f.fails("exposures")
}

func (f failingTx) Facts(context.Context, []events.UnitID, []events.Type) ([]UnitFact, error) {
	return nil, f.fails("facts")
}

func (f failingTx) SaveFacts(context.Context, []UnitFact) error { return f.fails("save facts") }

func (f failingTx) SaveExposures(context.Context, []UnitExposure) error {
	return f.fails("save exposures")
}

func (f failingTx) AddMoments(context.Context, int, []Cell, Cells) error { return f.fails("moments") }
