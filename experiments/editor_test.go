package experiments

import (
	"errors"
	"fmt"
	"math"
	"strings"
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

func mustPut(t testing.TB, d *Editor, key, text string) *Experiment {
	t.Helper()
	e, err := d.Put(t.Context(), by(0), draft(t, key, text))
	mustDo(t, err)
	return e
}

func mustStart(t testing.TB, d *Editor, key string) *Experiment {
	t.Helper()
	e, err := d.Start(t.Context(), by(1), key)
	mustDo(t, err)
	return e
}

func mustDefine(t testing.TB, d *Editor, m *Metric) {
	t.Helper()
	_, err := d.PutMetric(t.Context(), by(0), m)
	mustDo(t, err)
}

func newEditor() (*Editor, *memoryStore) {
	store := newMemoryStore()
	return NewEditor(store, "CNY"), store
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
			editor, store := newEditor()
			for _, action := range reach[c.from] {
				if _, err := act(t, editor, action); err != nil {
					t.Fatal(err)
				}
			}
			before := store.stored(t, "checkout")
			e, err := act(t, editor, c.action)
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
func act(t testing.TB, d *Editor, action string) (*Experiment, error) {
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
	editor, store := newEditor()
	mustPut(t, editor, "checkout", twoVariants)
	started := mustStart(t, editor, "checkout")
	for _, action := range []string{"pause", "start", "stop", "ship b"} {
		_, err := act(t, editor, action)
		mustDo(t, err)
	}
	now := store.stored(t, "checkout")
	if d := cmp.Diff([]Share{{"control", Range{0, 1 << 63}}, {"b", Range{1 << 63, 0}}}, now.Shares); d != "" {
		t.Errorf("allocation (-want +got):\n%s", d)
	}
	if now.StartedAt() != started.Changes[0].At || now.Shipped != "b" {
		t.Errorf("it started at %v and shipped %q", now.StartedAt(), now.Shipped)
	}
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	editor, _ := newEditor()
	mustPut(t, editor, "checkout", twoVariants)
	mustPut(t, editor, "checkout", twoVariants) // version 2: If-Match 0 means any
	ctx := t.Context()
	for _, c := range []struct {
		name string
		do   func(By) error
	}{
		{"put", func(b By) error { _, err := editor.Put(ctx, b, draft(t, "checkout", twoVariants)); return err }},
		{"start", func(b By) error { _, err := editor.Start(ctx, b, "checkout"); return err }},
		{"pause", func(b By) error { _, err := editor.Pause(ctx, b, "checkout"); return err }},
		{"stop", func(b By) error { _, err := editor.Stop(ctx, b, "checkout"); return err }},
		{"ship", func(b By) error { _, err := editor.Ship(ctx, b, "checkout", "b"); return err }},
	} {
		version := storedVersion(t, editor)
		for _, stale := range []int64{version - 1, version + 1, math.MaxInt64} {
			if err := c.do(ifVersion(stale)); !errors.Is(err, ErrConflict) {
				t.Errorf("%s from version %d of %d: %v, want a conflict", c.name, stale, version, err)
			}
		}
		if err := c.do(ifVersion(version)); err != nil {
			t.Errorf("%s from version %d: %v", c.name, version, err)
		}
	}
	if _, err := editor.Put(ctx, ifVersion(1), draft(t, "new", twoVariants)); !errors.Is(err, ErrConflict) {
		t.Errorf("an experiment that was gone was made again: %v", err)
	}
	if _, err := editor.PutMetric(ctx, ifVersion(1), metric(t, "m", `{"kind":"proportion","event":"order.paid"}`)); !errors.Is(err, ErrConflict) {
		t.Errorf("a metric: %v", err)
	}
	if _, err := editor.PutLayer(ctx, ifVersion(1), &Layer{Key: "l", Unit: events.User}); !errors.Is(err, ErrConflict) {
		t.Errorf("a layer: %v", err)
	}
}

func storedVersion(t testing.TB, d *Editor) int64 {
	t.Helper()
	return d.store.(*memoryStore).stored(t, "checkout").Version
}

func TestHistory(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	for _, action := range []string{"put", "put", "start", "pause", "start", "stop", "ship b"} {
		_, err := act(t, editor, action)
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
	editor, store := newEditor()
	mustPut(t, editor, "checkout", twoVariants)
	_, err := editor.Start(ctx, By{Now: opening.Add(time.Hour + 999*time.Nanosecond)}, "checkout")
	mustDo(t, err)
	_, err = editor.Pause(ctx, By{Now: opening}, "checkout") // an hour behind
	mustDo(t, err)
	_, err = editor.Start(ctx, By{Now: opening}, "checkout")
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

// TestEditorChecks refuses what did not come through the parsers.
func TestEditorChecks(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	ctx := t.Context()
	for name, err := range map[string]error{
		"experiment": second(editor.Put(ctx, by(0), &Experiment{Key: "x", Unit: events.User, Coverage: math.NaN()})),
		"metric":     second(editor.PutMetric(ctx, by(0), &Metric{Key: "m", Kind: Mean})),
		"layer":      second(editor.PutLayer(ctx, by(0), &Layer{Key: "no good", Unit: events.User})),
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

func TestEditorPassesOnWhatTheStoreSays(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	mustPut(t, editor, "checkout", twoVariants)
	store.fault = errors.New("the database is away")
	ctx := t.Context()
	for name, err := range map[string]error{
		"put":    second(editor.Put(ctx, by(0), draft(t, "checkout", twoVariants))),
		"metric": second(editor.PutMetric(ctx, by(0), metric(t, "m", `{"kind":"proportion","event":"order.paid"}`))),
		"layer":  second(editor.PutLayer(ctx, by(0), &Layer{Key: "l", Unit: events.User})),
		"start":  second(editor.Start(ctx, by(0), "checkout")),
		"ship":   second(editor.Ship(ctx, by(0), "checkout", "b")),
	} {
		if !errors.Is(err, store.fault) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
