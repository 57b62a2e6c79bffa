package experiments

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

// by is a change by an analyst, some hours after the opening.
func by(hours int) By { return By{Author: "lin", Now: opening.Add(time.Duration(hours) * time.Hour)} }

func ifVersion(v int64) By { return By{Author: "lin", Now: opening, IfVersion: v} }

func mustDo(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustPut(t testing.TB, d *Desk, key, text string) *Experiment {
	t.Helper()
	e, err := d.Put(t.Context(), by(0), draft(t, key, text))
	mustDo(t, err)
	return e
}

func mustStart(t testing.TB, d *Desk, key string) *Experiment {
	t.Helper()
	e, err := d.Start(t.Context(), by(1), key)
	mustDo(t, err)
	return e
}

func mustDefine(t testing.TB, d *Desk, m *Metric) {
	t.Helper()
	_, err := d.PutMetric(t.Context(), by(0), m)
	mustDo(t, err)
}

func newDesk() (*Desk, *memoryStore) {
	store := newMemoryStore()
	return NewDesk(store, "CNY"), store
}

// stored reads an experiment as every other process would.
func (m *memoryStore) stored(t testing.TB, key string) *Experiment {
	t.Helper()
	all, err := m.Definitions(t.Context())
	mustDo(t, err)
	return all.Experiment(key)
}

// kindOf says of an error what an HTTP status would.
func kindOf(err error) string {
	var invalid *events.Invalid
	var refused *RefusedError
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrNotFound):
		return "not found"
	case errors.Is(err, ErrConflict):
		return "conflict"
	case errors.As(err, &refused):
		return "refused"
	case errors.As(err, &invalid):
		return "invalid " + invalid.Field
	}
	return "error: " + err.Error()
}

// TestLifeCycle is the table of what can be done when, and where it leads.
func TestLifeCycle(t *testing.T) {
	t.Parallel()
	reach := map[Status][]string{
		"":      nil,
		Draft:   {"put"},
		Running: {"put", "start"},
		Paused:  {"put", "start", "pause"},
		Stopped: {"put", "start", "stop"},
		Shipped: {"put", "start", "ship b"},
	}
	for _, c := range []struct {
		action string
		from   Status
		want   string // the status after it, else why not
	}{
		{"put", "", "draft"}, {"start", "", "not found"}, {"pause", "", "not found"}, {"stop", "", "not found"}, {"ship b", "", "not found"},
		{"put", Draft, "draft"}, {"start", Draft, "running"}, {"pause", Draft, "refused"}, {"stop", Draft, "refused"}, {"ship b", Draft, "refused"},
		{"put", Running, "running"}, {"start", Running, "refused"}, {"pause", Running, "paused"}, {"stop", Running, "stopped"}, {"ship b", Running, "shipped"},
		{"put", Paused, "paused"}, {"start", Paused, "running"}, {"pause", Paused, "refused"}, {"stop", Paused, "stopped"}, {"ship b", Paused, "shipped"},
		{"put", Stopped, "stopped"}, {"start", Stopped, "refused"}, {"pause", Stopped, "refused"}, {"stop", Stopped, "refused"}, {"ship b", Stopped, "shipped"},
		{"put", Shipped, "shipped"}, {"start", Shipped, "refused"}, {"pause", Shipped, "refused"}, {"stop", Shipped, "refused"},
		{"ship control", Shipped, "shipped"}, // the way back from a mistake
		{"ship z", Running, "invalid variant"}, {"ship ", Running, "invalid variant"},
	} {
		t.Run(fmt.Sprintf("%s %s", c.action, c.from), func(t *testing.T) {
			t.Parallel()
			desk, store := newDesk()
			for _, action := range reach[c.from] {
				if _, err := act(t, desk, action); err != nil {
					t.Fatal(err)
				}
			}
			before := store.stored(t, "checkout")
			e, err := act(t, desk, c.action)
			got := kindOf(err)
			if err == nil {
				got = string(e.Status)
			}
			if got != c.want {
				t.Fatalf("it is %s (%v), want %s", got, err, c.want)
			}
			after := store.stored(t, "checkout")
			if err != nil {
				e = before
			}
			if d := cmp.Diff(e, after); d != "" {
				t.Errorf("the store holds something else (-returned +stored):\n%s", d)
			}
			if err == nil && before != nil && after.Version != before.Version+1 {
				t.Errorf("version %d follows %d", after.Version, before.Version)
			}
		})
	}
}

// act does what a word says to the experiment "checkout".
func act(t testing.TB, d *Desk, action string) (*Experiment, error) {
	ctx := t.Context()
	verb, variant, _ := strings.Cut(action, " ")
	switch verb {
	case "put":
		return d.Put(ctx, by(0), draft(t, "checkout", twoVariants))
	case "start":
		return d.Start(ctx, by(1), "checkout")
	case "pause":
		return d.Pause(ctx, by(2), "checkout")
	case "stop":
		return d.Stop(ctx, by(3), "checkout")
	case "ship":
		return d.Ship(ctx, by(4), "checkout", variant)
	}
	t.Fatalf("%q is no action", action)
	return nil, nil
}

func TestStartFixesTheRanges(t *testing.T) {
	t.Parallel()
	desk, store := newDesk()
	mustPut(t, desk, "checkout", twoVariants)
	started := mustStart(t, desk, "checkout")
	for _, action := range []string{"pause", "start", "stop", "ship b"} {
		_, err := act(t, desk, action)
		mustDo(t, err)
	}
	now := store.stored(t, "checkout")
	if d := cmp.Diff([]Share{{"control", Range{0, 1 << 63}}, {"b", Range{1 << 63, 0}}}, now.Allocation); d != "" {
		t.Errorf("allocation (-want +got):\n%s", d)
	}
	if now.StartedAt() != started.Changes[0].At || now.Shipped != "b" {
		t.Errorf("it started at %v and shipped %q", now.StartedAt(), now.Shipped)
	}
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	desk, _ := newDesk()
	mustPut(t, desk, "checkout", twoVariants)
	mustPut(t, desk, "checkout", twoVariants) // version 2: If-Match 0 means any
	ctx := t.Context()
	for _, c := range []struct {
		name string
		do   func(By) error
	}{
		{"put", func(b By) error { _, err := desk.Put(ctx, b, draft(t, "checkout", twoVariants)); return err }},
		{"start", func(b By) error { _, err := desk.Start(ctx, b, "checkout"); return err }},
		{"pause", func(b By) error { _, err := desk.Pause(ctx, b, "checkout"); return err }},
		{"stop", func(b By) error { _, err := desk.Stop(ctx, b, "checkout"); return err }},
		{"ship", func(b By) error { _, err := desk.Ship(ctx, b, "checkout", "b"); return err }},
	} {
		version := storedVersion(t, desk)
		for _, stale := range []int64{version - 1, version + 1, math.MaxInt64} {
			if err := c.do(ifVersion(stale)); !errors.Is(err, ErrConflict) {
				t.Errorf("%s from version %d of %d: %v, want a conflict", c.name, stale, version, err)
			}
		}
		if err := c.do(ifVersion(version)); err != nil {
			t.Errorf("%s from version %d: %v", c.name, version, err)
		}
	}
	if _, err := desk.Put(ctx, ifVersion(1), draft(t, "new", twoVariants)); !errors.Is(err, ErrConflict) {
		t.Errorf("an experiment that was gone was made again: %v", err)
	}
	if _, err := desk.PutMetric(ctx, ifVersion(1), metric(t, "m", `{"kind":"proportion","event":"order.paid"}`)); !errors.Is(err, ErrConflict) {
		t.Errorf("a metric: %v", err)
	}
	if _, err := desk.PutLayer(ctx, ifVersion(1), &Layer{Key: "l", Unit: events.User}); !errors.Is(err, ErrConflict) {
		t.Errorf("a layer: %v", err)
	}
}

func storedVersion(t testing.TB, d *Desk) int64 {
	t.Helper()
	return d.store.(*memoryStore).stored(t, "checkout").Version
}

const inLayer = `{"unit":"user","layer":"home","coverage":%g,"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`

func mustLayer(t testing.TB, d *Desk) {
	t.Helper()
	_, err := d.PutLayer(t.Context(), by(0), &Layer{Key: "home", Unit: events.User})
	mustDo(t, err)
}

// layerSlots gives the slots of all running experiments, and fails when two of
// them overlap.
func layerSlots(t testing.TB, store *memoryStore) (used []Range) {
	t.Helper()
	all, err := store.Definitions(t.Context())
	mustDo(t, err)
	used = all.usedSlots("home")
	if overlap(used) {
		t.Errorf("slots overlap: %v", used)
	}
	return used
}

func TestLayerIsFullAndFreeAgain(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	desk, store := newDesk()
	mustLayer(t, desk)
	for key, share := range map[string]float64{"a": 0.6, "b": 0.4, "c": 0.5, "d": 0.1} {
		mustPut(t, desk, key, fmt.Sprintf(inLayer, share))
	}
	mustStart(t, desk, "a")
	mustStart(t, desk, "b")
	if _, err := desk.Start(ctx, by(1), "d"); kindOf(err) != "refused" || !strings.Contains(err.Error(), "home") {
		t.Fatalf("the full layer took another one in: %v", err)
	}
	if e := store.stored(t, "d"); e.Status != Draft || len(e.Slots)+len(e.Metrics)+len(e.Changes) != 0 {
		t.Errorf("the refused start left %+v", e)
	}
	_, err := desk.Pause(ctx, by(2), "a")
	mustDo(t, err)
	if _, err := desk.Start(ctx, by(2), "d"); kindOf(err) != "refused" {
		t.Errorf("a paused experiment must keep its slots: %v", err)
	}
	_, err = desk.Stop(ctx, by(3), "b")
	mustDo(t, err)
	if _, err := desk.Start(ctx, by(3), "c"); kindOf(err) != "refused" {
		t.Errorf("0.5 does not fit into 0.4: %v", err)
	}
	mustStart(t, desk, "d")
	_, err = desk.Ship(ctx, by(4), "a", "b")
	mustDo(t, err)
	mustStart(t, desk, "c")
	got, want := sizes(layerSlots(t, store)), new(big.Int).Add(points(0.1), points(0.5))
	if got.Cmp(want) != 0 {
		t.Errorf("d and c hold %s points, want %s", got, want)
	}
}

// TestTwoStartsIntoOneLayer lets another replica start an experiment between
// this one's reading and its writing: one of them must lose.
func TestTwoStartsIntoOneLayer(t *testing.T) {
	t.Parallel()
	desk, store := newDesk()
	mustLayer(t, desk)
	mustPut(t, desk, "a", fmt.Sprintf(inLayer, 0.7))
	mustPut(t, desk, "b", fmt.Sprintf(inLayer, 0.3))
	store.afterRead = func() { mustStart(t, NewDesk(store, "CNY"), "b") }
	if _, err := desk.Start(t.Context(), by(1), "a"); !errors.Is(err, ErrConflict) {
		t.Fatalf("both took slots of one moment: %v", err)
	}
	if e := store.stored(t, "a"); e.Status != Draft {
		t.Errorf("the loser is %s", e.Status)
	}
	mustStart(t, desk, "a") // it may try again
	if got := layerSlots(t, store); len(got) != 2 {
		t.Errorf("slots are %v", got)
	}
}

// TestManyStartsAtOnce does the same without a script, each trying until it is
// in or the layer is full.
func TestManyStartsAtOnce(t *testing.T) {
	t.Parallel()
	desk, store := newDesk()
	mustLayer(t, desk)
	const experiments, room = 12, 5
	for i := range experiments {
		mustPut(t, desk, fmt.Sprint("e", i), fmt.Sprintf(inLayer, 0.2))
	}
	var all sync.WaitGroup
	for i := range experiments {
		all.Go(func() {
			for {
				_, err := NewDesk(store, "CNY").Start(context.WithoutCancel(t.Context()), by(1), fmt.Sprint("e", i))
				if errors.Is(err, ErrConflict) {
					continue
				}
				if kind := kindOf(err); kind != "" && kind != "refused" {
					t.Errorf("e%d: %v", i, err)
				}
				return
			}
		})
	}
	all.Wait()
	if got := layerSlots(t, store); len(got) != room {
		t.Errorf("%d experiments of a fifth fit into a layer: %v", len(got), got)
	}
}

// TestRenamedLayerWhileStarting: the definitions of a layer may not be
// overwritten by a start that has read the old ones.
func TestRenamedLayerWhileStarting(t *testing.T) {
	t.Parallel()
	desk, store := newDesk()
	mustLayer(t, desk)
	mustPut(t, desk, "a", fmt.Sprintf(inLayer, 0.7))
	store.afterRead = func() {
		_, err := desk.PutLayer(t.Context(), by(0), &Layer{Key: "home", Name: "Home page", Unit: events.User})
		mustDo(t, err)
	}
	if _, err := desk.Start(t.Context(), by(1), "a"); !errors.Is(err, ErrConflict) {
		t.Fatalf("the start is %v, want a conflict", err)
	}
	mustStart(t, desk, "a")
	all, err := store.Definitions(t.Context())
	mustDo(t, err)
	if l := all.Layer("home"); l.Name != "Home page" {
		t.Errorf("the layer's name is %q", l.Name)
	}
}

func TestLayerKeepsItsUnit(t *testing.T) {
	t.Parallel()
	desk, _ := newDesk()
	mustLayer(t, desk)
	if _, err := desk.PutLayer(t.Context(), by(0), &Layer{Key: "home", Unit: events.Device}); kindOf(err) != "refused" {
		t.Errorf("its unit was changed: %v", err)
	}
}

// full uses every field that an analyst can set.
const full = `{"name":"n","hypothesis":"h","unit":"user","coverage":0.5,
	"variants":[{"key":"control","weight":1,"value":{"a":1,"b":"<i>"}},{"key":"b","weight":1,"value":2}],
	"audience":{"tier":{"$in":["gold","<b>"]}},"overrides":{"tester":"b"},
	"primary":"m1","secondary":["m2","m3"],"guardrails":[{"metric":"m4","margin":0.02}],"segments":["tier"]}`

// TestPutAfterStart is the table of what may change once units were counted.
func TestPutAfterStart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		old, new  string // what is replaced in the definition
		refusedOn string // the field; empty if it may change
	}{
		{"nothing", "", "", ""},
		{"blanks", `{"a":1,"b":"<i>"}`, `{ "a" : 1, "b":"\u003ci>" }`, ""},
		{"name", `"name":"n"`, `"name":"other"`, ""},
		{"hypothesis", `"hypothesis":"h"`, `"hypothesis":"<other>"`, ""},
		{"overrides", `"overrides":{"tester":"b"}`, `"overrides":{"other":"control"}`, ""},
		{"margin", `0.02`, `0.1`, ""},
		{"alpha and correction", `"name":"n"`, `"alpha":0.01,"correction":"bh"`, ""},
		{"more coverage", `0.5`, `0.6`, ""},
		{"less coverage", `0.5`, `0.4`, "coverage"},
		{"weight", `"control","weight":1`, `"control","weight":2`, "variants"},
		{"value", `"value":2`, `"value":3`, "variants"},
		{"value of another type", `"value":2`, `"value":"2"`, "variants"},
		{"another variant", `{"key":"b",`, `{"key":"c","weight":0},{"key":"b",`, "variants"},
		{"unit", `"unit":"user"`, `"unit":"device"`, "metrics"}, // they count by user
		{"layer", `"coverage":0.5`, `"coverage":0.5,"layer":"home"`, "layer"},
		{"audience", `"gold",`, `"iron",`, "audience"},
		{"no audience", `"audience":{"tier":{"$in":["gold","<b>"]}},`, ``, "audience"},
		{"primary", `"primary":"m1"`, `"primary":"m5"`, "primary"},
		{"primary becomes secondary", `"primary":"m1","secondary":["m2",`, `"secondary":["m1","m2",`, "primary"},
		{"primary and secondary change places", `"primary":"m1","secondary":["m2",`, `"primary":"m2","secondary":["m1",`, "primary"},
		{"secondary", `["m2","m3"]`, `["m2"]`, "secondary"},
		{"guardrail becomes secondary", `"m3"],"guardrails":[{"metric":"m4","margin":0.02}]`, `"m3","m4"]`, "secondary"},
		{"another guardrail", `[{"metric":"m4"`, `[{"metric":"m5"},{"metric":"m4"`, "guardrails"},
		{"segments", `"segments":["tier"]`, `"segments":["city"]`, "segments"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			desk, store := newDesk()
			mustLayer(t, desk)
			for _, key := range []string{"m1", "m2", "m3", "m4", "m5"} {
				mustDefine(t, desk, metric(t, key, `{"kind":"proportion","event":"order.paid"}`))
			}
			mustPut(t, desk, "checkout", full)
			before := mustStart(t, desk, "checkout")
			text := strings.Replace(full, c.old, c.new, 1)
			if c.old != "" && text == full {
				t.Fatalf("%q is not in the definition", c.old)
			}
			_, err := desk.Put(t.Context(), by(2), draft(t, "checkout", text))
			if (err != nil) != (c.refusedOn != "") || err != nil && !strings.Contains(err.Error(), c.refusedOn) {
				t.Fatalf("the change is answered with %v, want one about %q", err, c.refusedOn)
			}
			after := store.stored(t, "checkout")
			if after.Status != Running || !slices.Equal(after.Allocation, before.Allocation) || len(after.Metrics) != 4 || len(after.Changes) != 1 {
				t.Errorf("the change has lost what the start had fixed: %+v", after)
			}
		})
	}
}

func TestDraftMayChangeEverything(t *testing.T) {
	t.Parallel()
	desk, _ := newDesk()
	mustPut(t, desk, "checkout", `{"unit":"user","variants":[{"key":"control","weight":1},{"key":"b","weight":1}],"segments":["tier"]}`)
	e := mustPut(t, desk, "checkout", `{"unit":"device","coverage":0.1,"audience":{"a":1},"variants":[{"key":"x","weight":1,"control":true},{"key":"y","weight":3}]}`)
	if e.Version != 2 || e.Status != Draft || e.Unit != events.Device {
		t.Errorf("it is %+v", e)
	}
}

func TestCoverageInALayerIsFixed(t *testing.T) {
	t.Parallel()
	desk, _ := newDesk()
	mustLayer(t, desk)
	mustPut(t, desk, "a", fmt.Sprintf(inLayer, 0.5))
	mustStart(t, desk, "a")
	if _, err := desk.Put(t.Context(), by(2), draft(t, "a", fmt.Sprintf(inLayer, 0.6))); kindOf(err) != "refused" {
		t.Errorf("its coverage was changed: %v", err)
	}
}

func TestMetricsArePinnedAtStart(t *testing.T) {
	t.Parallel()
	desk, store := newDesk()
	revenue := func(window string) *Metric {
		return metric(t, "revenue", fmt.Sprintf(`{"kind":"mean","event":"order.paid","window":%q}`, window))
	}
	withRevenue := strings.Replace(twoVariants, "{", `{"primary":"revenue",`, 1)
	mustDefine(t, desk, revenue("24h"))
	mustPut(t, desk, "before", withRevenue)
	mustStart(t, desk, "before")
	mustDefine(t, desk, revenue("48h"))
	mustPut(t, desk, "behind", withRevenue)
	mustStart(t, desk, "behind")
	_, err := desk.Pause(t.Context(), by(2), "before")
	mustDo(t, err)
	mustStart(t, desk, "before")
	for key, want := range map[string]Hours{"before": Hours(24 * time.Hour), "behind": Hours(48 * time.Hour)} {
		if ms := store.stored(t, key).Metrics; len(ms) != 1 || ms[0].Window != want {
			t.Errorf("%s sums %+v, want one metric with a window of %v", key, ms, time.Duration(want))
		}
	}
}

func TestNamesMustExist(t *testing.T) {
	t.Parallel()
	desk, _ := newDesk()
	mustLayer(t, desk)
	mustDefine(t, desk, metric(t, "conversion", `{"kind":"proportion","event":"order.paid"}`))
	mustDefine(t, desk, metric(t, "by-device", `{"kind":"proportion","event":"order.paid","identity":"device"}`))
	for _, c := range []struct{ name, part, field, says string }{
		{"primary", `"primary":"nothing"`, "metrics", "PUT /v1/metrics/nothing"},
		{"secondary", `"secondary":["conversion","nothing"]`, "metrics", "nothing"},
		{"guardrail", `"guardrails":[{"metric":"nothing"}]`, "metrics", "nothing"},
		{"metric of another unit", `"primary":"by-device"`, "metrics", "by device"},
		{"layer", `"layer":"nothing"`, "layer", "PUT /v1/layers/nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := desk.Put(t.Context(), by(0), draft(t, "checkout", strings.Replace(twoVariants, "{", "{"+c.part+",", 1)))
			if kindOf(err) != "invalid "+c.field || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %v, want one of %s that says %q", err, c.field, c.says)
			}
		})
	}
	device := strings.Replace(fmt.Sprintf(inLayer, 0.5), `"unit":"user"`, `"unit":"device"`, 1)
	if _, err := desk.Put(t.Context(), by(0), draft(t, "checkout", device)); kindOf(err) != "invalid layer" {
		t.Errorf("an experiment on devices entered a layer of users: %v", err)
	}
}

// TestMetricChangesItsUnitBeforeTheStart: what was right when the draft was
// stored is looked at again when it starts.
func TestMetricChangesItsUnitBeforeTheStart(t *testing.T) {
	t.Parallel()
	desk, _ := newDesk()
	mustDefine(t, desk, metric(t, "conversion", `{"kind":"proportion","event":"order.paid"}`))
	mustPut(t, desk, "checkout", strings.Replace(twoVariants, "{", `{"primary":"conversion",`, 1))
	mustDefine(t, desk, metric(t, "conversion", `{"kind":"proportion","event":"order.paid","identity":"device"}`))
	if _, err := desk.Start(t.Context(), by(1), "checkout"); kindOf(err) != "invalid metrics" {
		t.Errorf("it started: %v", err)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	desk, store := newDesk()
	for _, action := range []string{"put", "put", "start", "pause", "start", "stop", "ship b"} {
		_, err := act(t, desk, action)
		mustDo(t, err)
	}
	changes, err := store.History(t.Context(), ExperimentKind, "checkout")
	mustDo(t, err)
	var actions []string
	for i, c := range changes {
		actions = append(actions, c.Action)
		if c.Version != int64(i+1) || c.Author != "lin" || c.At.IsZero() {
			t.Errorf("change %d is version %d by %q at %v", i, c.Version, c.Author, c.At)
		}
		d, err := ReadDefinitions(1, []Change{c})
		mustDo(t, err)
		if d.Experiments[0].Version != c.Version {
			t.Errorf("change %d holds version %d", i, d.Experiments[0].Version)
		}
	}
	if d := cmp.Diff([]string{"create", "change", "start", "pause", "start", "stop", "ship"}, actions); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestHistoryRunsForwards whatever the clocks of two replicas say.
func TestHistoryRunsForwards(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	desk, store := newDesk()
	mustPut(t, desk, "checkout", twoVariants)
	_, err := desk.Start(ctx, By{Now: opening.Add(time.Hour + 999*time.Nanosecond)}, "checkout")
	mustDo(t, err)
	_, err = desk.Pause(ctx, By{Now: opening}, "checkout") // an hour behind
	mustDo(t, err)
	_, err = desk.Start(ctx, By{Now: opening}, "checkout")
	mustDo(t, err)
	e := store.stored(t, "checkout")
	start := opening.Add(time.Hour).UTC() // in whole microseconds, as everything stored
	want := []StatusChange{{start, Running}, {start.Add(time.Microsecond), Paused}, {start.Add(2 * time.Microsecond), Running}}
	if d := cmp.Diff(want, e.Changes); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for at, want := range map[time.Duration]bool{-1: false, 0: true, 999: true, 1000: false, 1999: false, 2000: true, time.Hour: true} {
		if e.RunningAt(start.Add(at)) != want {
			t.Errorf("%v after the start: running is %v", at, !want)
		}
	}
}

// TestDeskChecks refuses what did not come through the parsers.
func TestDeskChecks(t *testing.T) {
	t.Parallel()
	desk, store := newDesk()
	ctx := t.Context()
	for name, err := range map[string]error{
		"experiment": second(desk.Put(ctx, by(0), &Experiment{Key: "x", Unit: events.User, Coverage: math.NaN()})),
		"metric":     second(desk.PutMetric(ctx, by(0), &Metric{Key: "m", Kind: Mean})),
		"layer":      second(desk.PutLayer(ctx, by(0), &Layer{Key: "no good", Unit: events.User})),
	} {
		if !strings.HasPrefix(kindOf(err), "invalid ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if store.revision != 0 {
		t.Error("something was stored")
	}
}

func second[T any](_ T, err error) error { return err }

func TestDeskPassesOnWhatTheStoreSays(t *testing.T) {
	t.Parallel()
	desk, store := newDesk()
	mustPut(t, desk, "checkout", twoVariants)
	store.fault = errors.New("the database is away")
	ctx := t.Context()
	for name, err := range map[string]error{
		"put":    second(desk.Put(ctx, by(0), draft(t, "checkout", twoVariants))),
		"metric": second(desk.PutMetric(ctx, by(0), metric(t, "m", `{"kind":"proportion","event":"order.paid"}`))),
		"layer":  second(desk.PutLayer(ctx, by(0), &Layer{Key: "l", Unit: events.User})),
		"start":  second(desk.Start(ctx, by(0), "checkout")),
		"ship":   second(desk.Ship(ctx, by(0), "checkout", "b")),
	} {
		if !errors.Is(err, store.fault) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
