package experiments

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/peakday/peakday/events"
)

const inLayer = `{"unit":"user","layer":"home","coverage":%g,"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`

func mustLayer(t testing.TB, d *Editor) {
	t.Helper()
	_, err := d.PutLayer(t.Context(), by(0), &Layer{Key: "home", Unit: events.User})
	mustDo(t, err)
}

// slotsOf gives the slots of all running experiments, and fails when two of
// them overlap.
func slotsOf(t testing.TB, store *memoryStore) (used []Range) {
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
	editor, store := newEditor()
	mustLayer(t, editor)
	for key, share := range map[string]float64{"a": 0.6, "b": 0.4, "c": 0.5, "d": 0.1} {
		mustPut(t, editor, key, fmt.Sprintf(inLayer, share))
	}
	mustStart(t, editor, "a")
	mustStart(t, editor, "b")
	if _, err := editor.Start(ctx, by(1), "d"); kindOf(err) != "refused" || !strings.Contains(err.Error(), "home") {
		t.Fatalf("the full layer took another one in: %v", err)
	}
	if e := store.stored(t, "d"); e.Status != Draft || len(e.Slots)+len(e.Metrics)+len(e.Changes) != 0 {
		t.Errorf("the refused start left %+v", e)
	}
	_, err := editor.Pause(ctx, by(2), "a")
	mustDo(t, err)
	if _, err := editor.Start(ctx, by(2), "d"); kindOf(err) != "refused" {
		t.Errorf("a paused experiment must keep its slots: %v", err)
	}
	_, err = editor.Stop(ctx, by(3), "b")
	mustDo(t, err)
	if _, err := editor.Start(ctx, by(3), "c"); kindOf(err) != "refused" {
		t.Errorf("0.5 does not fit into 0.4: %v", err)
	}
	mustStart(t, editor, "d")
	_, err = editor.Ship(ctx, by(4), "a", "b")
	mustDo(t, err)
	mustStart(t, editor, "c")
	got, want := sizes(slotsOf(t, store)), new(big.Int).Add(points(0.1), points(0.5))
	if got.Cmp(want) != 0 {
		t.Errorf("d and c hold %s points, want %s", got, want)
	}
}

// TestTwoStartsIntoOneLayer lets another replica start an experiment between
// this one's reading and its writing: one of them must lose.
func TestTwoStartsIntoOneLayer(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	mustLayer(t, editor)
	mustPut(t, editor, "a", fmt.Sprintf(inLayer, 0.7))
	mustPut(t, editor, "b", fmt.Sprintf(inLayer, 0.3))
	store.afterRead = func() { mustStart(t, NewEditor(store, "CNY"), "b") }
	if _, err := editor.Start(t.Context(), by(1), "a"); !errors.Is(err, ErrConflict) {
		t.Fatalf("both took slots of one moment: %v", err)
	}
	if e := store.stored(t, "a"); e.Status != Draft {
		t.Errorf("the loser is %s", e.Status)
	}
	mustStart(t, editor, "a") // it may try again
	if got := slotsOf(t, store); len(got) != 2 {
		t.Errorf("slots are %v", got)
	}
}

// TestManyStartsAtOnce does the same without a script, each trying until it is
// in or the layer is full.
func TestManyStartsAtOnce(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	mustLayer(t, editor)
	const experiments, room = 12, 5
	for i := range experiments {
		mustPut(t, editor, fmt.Sprint("e", i), fmt.Sprintf(inLayer, 0.2))
	}
	var all sync.WaitGroup
	for i := range experiments {
		all.Go(func() {
			for {
				_, err := NewEditor(store, "CNY").Start(context.WithoutCancel(t.Context()), by(1), fmt.Sprint("e", i))
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
	if got := slotsOf(t, store); len(got) != room {
		t.Errorf("%d experiments of a fifth fit into a layer: %v", len(got), got)
	}
}

// TestRenamedLayerWhileStarting: the definitions of a layer may not be
// overwritten by a start that has read the old ones.
func TestRenamedLayerWhileStarting(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	mustLayer(t, editor)
	mustPut(t, editor, "a", fmt.Sprintf(inLayer, 0.7))
	store.afterRead = func() {
		_, err := editor.PutLayer(t.Context(), by(0), &Layer{Key: "home", Name: "Home page", Unit: events.User})
		mustDo(t, err)
	}
	if _, err := editor.Start(t.Context(), by(1), "a"); !errors.Is(err, ErrConflict) {
		t.Fatalf("the start is %v, want a conflict", err)
	}
	mustStart(t, editor, "a")
	all, err := store.Definitions(t.Context())
	mustDo(t, err)
	if l := all.Layer("home"); l.Name != "Home page" {
		t.Errorf("the layer's name is %q", l.Name)
	}
}

func TestLayerKeepsItsUnit(t *testing.T) {
	t.Parallel()
	editor, _ := newEditor()
	mustLayer(t, editor)
	if _, err := editor.PutLayer(t.Context(), by(0), &Layer{Key: "home", Unit: events.Device}); kindOf(err) != "refused" {
		t.Errorf("its unit was changed: %v", err)
	}
}

func TestCoverageInALayerIsFixed(t *testing.T) {
	t.Parallel()
	editor, _ := newEditor()
	mustLayer(t, editor)
	mustPut(t, editor, "a", fmt.Sprintf(inLayer, 0.5))
	mustStart(t, editor, "a")
	if _, err := editor.Put(t.Context(), by(2), draft(t, "a", fmt.Sprintf(inLayer, 0.6))); kindOf(err) != "refused" {
		t.Errorf("its coverage was changed: %v", err)
	}
}
