package experiments

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// keepAll makes the changes that are due, as a replica does.
func keepAll(t testing.TB, editor *Editor, store *memoryStore, now time.Time) (did []string) {
	t.Helper()
	all, err := store.Definitions(t.Context())
	mustDo(t, err)
	for _, due := range all.Due(now) {
		mustDo(t, editor.Keep(t.Context(), due, now))
		did = append(did, due.Action)
	}
	return did
}

// TestSchedule lets the clock go on, and looks at what is done each time. Every
// step is by a editor that knows only what is stored: a restart forgets nothing.
func TestSchedule(t *testing.T) {
	t.Parallel()
	_, store := newEditor()
	mustPut(t, NewEditor(store, "CNY"), "checkout", strings.Replace(twoVariants, "{", fmt.Sprintf(`{"starts_at":%q,"ends_at":%q,`,
		opening.Add(10*hour).Format(time.RFC3339), opening.Add(20*hour).Format(time.RFC3339)), 1))
	for _, step := range []struct {
		at     time.Duration
		did    []string
		status Status
	}{
		{9 * hour, nil, Draft},
		{10 * hour, []string{"start"}, Running},
		{11 * hour, nil, Running},
		{20 * hour, []string{"stop"}, Stopped},
		{21 * hour, nil, Stopped},
	} {
		did := keepAll(t, NewEditor(store, "CNY"), store, opening.Add(step.at))
		if e := store.stored(t, "checkout"); e.Status != step.status || !cmp.Equal(did, step.did) {
			t.Errorf("%v after the opening %v was done and it is %s, want %v and %s", step.at, did, e.Status, step.did, step.status)
		}
	}
}

// TestRamp moves a ramp on through its stages; what it was paused does not count.
func TestRamp(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	mustLayer(t, editor)
	mustPut(t, editor, "checkout", `{"unit":"user","layer":"home","stages":[{"coverage":0.05,"hours":2},{"coverage":0.2,"hours":3},{"coverage":0.5}],
		"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	mustPut(t, editor, "other", fmt.Sprintf(inLayer, 0.6))
	_, err := editor.Start(t.Context(), by(1), "checkout")
	mustDo(t, err)
	if _, err := editor.Start(t.Context(), by(1), "other"); kindOf(err) != "refused" {
		t.Errorf("the ramp holds half of the layer from the start: %v", err)
	}
	for _, step := range []struct {
		at       int
		act      func()
		coverage float64
	}{
		{2, nil, 0.05},
		{2, func() { second(editor.Pause(t.Context(), by(2), "checkout")) }, 0.05},
		{9, nil, 0.05},
		{9, func() { second(editor.Start(t.Context(), by(9), "checkout")) }, 0.05},
		{10, nil, 0.2},
		{12, nil, 0.2},
		{13, nil, 0.5},
		{99, nil, 0.5},
	} {
		if step.act != nil {
			step.act()
		}
		keepAll(t, editor, store, by(step.at).Now)
		if e := store.stored(t, "checkout"); e.Coverage != step.coverage {
			t.Errorf("%d h after the opening the coverage is %g, want %g", step.at, e.Coverage, step.coverage)
		}
	}
	e := store.stored(t, "checkout")
	if len(e.Phases) != 1 || e.Stage != 3 {
		t.Errorf("the ramp opened phases %v and is in stage %d", e.Phases, e.Stage)
	}
	// Sending the definition again, as a pipeline does, does not send it back.
	again := draft(t, "checkout", `{"unit":"user","layer":"home","name":"ramp","stages":[{"coverage":0.05,"hours":2},{"coverage":0.2,"hours":3},{"coverage":0.5}],
		"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	if e, err := editor.Put(t.Context(), by(100), again); err != nil || e.Coverage != 0.5 || e.Stage != 3 {
		t.Errorf("sent again, its coverage is %v: %v", e, err)
	}
}

// TestTwoReplicasKeepOneSchedule: the second meets a conflict.
func TestTwoReplicasKeepOneSchedule(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	mustPut(t, editor, "checkout", strings.Replace(twoVariants, "{", `{"starts_at":"2026-11-01T00:00:00Z",`, 1))
	all, err := store.Definitions(t.Context())
	mustDo(t, err)
	due := all.Due(by(24).Now)
	mustDo(t, editor.Keep(t.Context(), due[0], by(24).Now))
	if err := editor.Keep(t.Context(), due[0], by(24).Now); !errors.Is(err, ErrConflict) && kindOf(err) != "refused" {
		t.Errorf("the second replica started it again: %v", err)
	}
	if h, _ := store.History(t.Context(), ExperimentKind, "checkout"); len(h) != 2 || h[1].Author != scheduler {
		t.Errorf("its history is %+v", h)
	}
}

func TestPlansThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, part, field string }{
		{"end before start", `"starts_at":"2026-11-02T00:00:00Z","ends_at":"2026-11-01T00:00:00Z"`, "ends_at"},
		{"no time", `"starts_at":"tomorrow"`, "starts_at"},
		{"a ramp that shrinks", `"stages":[{"coverage":0.5,"hours":1},{"coverage":0.2}]`, "stages[1].coverage"},
		{"a stage without hours", `"stages":[{"coverage":0.1},{"coverage":0.2}]`, "stages[0].hours"},
		{"coverage of a stage", `"stages":[{"coverage":1.5,"hours":1}]`, "stages[0].coverage"},
		{"layer and layers", `"layer":"a","layers":["b","c"]`, "layers"},
		{"a layer twice", `"layers":["b","b"]`, "layers[1]"},
		{"allocation", `"allocation":"random"`, "allocation"},
		{"bandit without a primary", `"allocation":"thompson"`, "primary"},
		{"bandit that never sleeps", `"allocation":"thompson","primary":"m","redraw_every":"1s"`, "redraw_every"},
		{"redraw without a bandit", `"redraw_every":"24h"`, "redraw_every"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseExperiment("checkout", []byte(strings.Replace(twoVariants, "{", "{"+c.part+",", 1)))
			if kindOf(err) != "invalid "+c.field {
				t.Errorf("the error is %v, want one of %s", err, c.field)
			}
		})
	}
}
