package experiments

import (
	"fmt"
	"math"
	"testing"

	"github.com/peakday/peakday/events"
)

// heldCatalog is a catalogue over what editor has stored.
func heldCatalog(t testing.TB, store *memoryStore) *Catalog {
	t.Helper()
	all, err := store.Definitions(t.Context())
	mustDo(t, err)
	return NewCatalog(all)
}

func mustHold(t testing.TB, d *Editor, hours int, share float64) {
	t.Helper()
	_, err := d.PutHoldout(t.Context(), by(hours), &Holdout{Key: "quarter", Unit: events.User, Share: share})
	mustDo(t, err)
}

// TestHoldout: the held-out units see the control of every experiment that
// starts while the holdout stands, whatever becomes of it, and are in none.
func TestHoldout(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	start := func(key string, hours int) {
		mustPut(t, editor, key, onlyB)
		_, err := editor.Start(t.Context(), by(hours), key)
		mustDo(t, err)
	}
	start("before", 1)
	mustHold(t, editor, 2, 0.1)
	start("first", 3)
	mustHold(t, editor, 4, 0.3)
	start("second", 5)
	start("shipped", 5)
	_, err := editor.Ship(t.Context(), by(6), "shipped", "b")
	mustDo(t, err)

	treated := func(key string, s func(events.UnitID) Subject) (n int) {
		c := heldCatalog(t, store)
		for _, unit := range unitIDs(5000) {
			got, _ := c.Evaluate(key, s(unit), nil)
			if got.Variant.Key == "b" {
				n++
			}
			if got.Enrolled && got.Variant.Key == "a" {
				t.Fatalf("%s is enrolled in the control of %s, which has no weight", unit, key)
			}
		}
		return n
	}
	plainly := func(u events.UnitID) Subject { return Subject{Key: u} }
	for key, held := range map[string]float64{"before": 0, "first": 0.1, "second": 0.3, "shipped": 0.3} {
		want := 5000 * (1 - held)
		if got := treated(key, plainly); math.Abs(float64(got)-want) > 4*math.Sqrt(5000*held*(1-held)) {
			t.Errorf("%s treats %d units, want %.0f", key, got, want)
		}
	}
	// Shrinking lets go in all; ending lets everybody go.
	mustHold(t, editor, 7, 0.05)
	if got := treated("first", plainly); got < 4680 || got > 4820 {
		t.Errorf("with 5 %% held out, first treats %d of 5000", got)
	}
	mustHold(t, editor, 8, 0)
	for _, key := range []string{"before", "first", "second", "shipped"} {
		if got := treated(key, plainly); got != 5000 {
			t.Errorf("once the holdout has ended, %s treats %d of 5000", key, got)
		}
	}
}

// TestHoldoutOfAnotherKind governs an experiment on devices for those whose
// user is named, and leaves alone those whose user is not known.
func TestHoldoutOfAnotherKind(t *testing.T) {
	t.Parallel()
	e := running(t, "app", `{"unit":"device","variants":[{"key":"a","weight":0,"control":true},{"key":"b","weight":1}]}`)
	c := NewCatalog(Definitions{Experiments: []*Experiment{e}, Holdouts: []Holdout{
		{Key: "quarter", Unit: events.User, Share: 0.5, Steps: []HoldoutStep{{opening.Add(-hour), 0.5}}}}})
	held := 0
	for i, unit := range unitIDs(1000) {
		if got, _ := c.Evaluate("app", Subject{Key: unit}, nil); got.Variant.Key != "b" {
			t.Fatalf("device %s is held out without a user", unit)
		}
		named := Subject{Key: events.UnitID(fmt.Sprint("device", i)), Units: map[events.UnitKind]events.UnitID{events.User: unit}}
		if got, _ := c.Evaluate("app", named, nil); got.Variant.Key == "a" && !got.Enrolled {
			held++
		}
	}
	if held < 430 || held > 570 {
		t.Errorf("%d of 1000 users are held out, want about 500", held)
	}
}

// TestSeveralLayers: a unit takes part when it is in the experiment's share of
// every one, and meets none of the others of any.
func TestSeveralLayers(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	for _, key := range []string{"home", "search"} {
		_, err := editor.PutLayer(t.Context(), by(0), &Layer{Key: key, Unit: events.User})
		mustDo(t, err)
	}
	for key, layers := range map[string]string{"both": `["home","search"]`, "at-home": `["home"]`, "in-search": `["search"]`} {
		mustPut(t, editor, key, fmt.Sprintf(`{"unit":"user","layers":%s,"coverage":0.5,"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`, layers))
	}
	for _, key := range []string{"both", "at-home", "in-search"} {
		mustStart(t, editor, key)
	}
	c := heldCatalog(t, store)
	counts := map[string]int{}
	for _, unit := range unitIDs(8000) {
		in := map[string]bool{}
		c.EvaluateAll(Subject{Key: unit}, nil, func(e Evaluation) bool {
			in[e.Experiment.Key] = e.Enrolled
			if e.Enrolled {
				counts[e.Experiment.Key]++
			}
			return true
		})
		if in["both"] && (in["at-home"] || in["in-search"]) {
			t.Fatalf("%s is in two experiments of one layer", unit)
		}
	}
	for key, want := range map[string]float64{"both": 2000, "at-home": 4000, "in-search": 4000} {
		if math.Abs(float64(counts[key])-want) > 4*math.Sqrt(want*(1-want/8000)) {
			t.Errorf("%s has %d units, want about %.0f", key, counts[key], want)
		}
	}
	mustPut(t, editor, "more", `{"unit":"user","layers":["home","search"],"coverage":0.6,"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	if _, err := editor.Start(t.Context(), by(9), "more"); kindOf(err) != "refused" {
		t.Errorf("both layers were full: %v", err)
	}
}
