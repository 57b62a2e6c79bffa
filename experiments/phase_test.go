package experiments

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

func TestPhaseAt(t *testing.T) {
	t.Parallel()
	e := running(t, "checkout", twoVariants)
	if e.PhaseAt(opening.Add(-hour)) != 1 || e.PhaseAt(opening.Add(hour)) != 1 {
		t.Error("an experiment whose weights never changed has one phase")
	}
	e.Variants[1].Weight = 3
	e.reweigh(opening.Add(hour))
	for _, c := range []struct {
		since time.Duration
		phase int
	}{{-hour, 1}, {0, 1}, {hour - time.Microsecond, 1}, {hour, 2}, {100 * hour, 2}} {
		if got := e.PhaseAt(opening.Add(c.since)); got != c.phase {
			t.Errorf("%v after the start is in phase %d, want %d", c.since, got, c.phase)
		}
	}
	if d := cmp.Diff([][]float64{{1, 1}, {1, 3}}, [][]float64{e.Weights(1), e.Weights(2)}); d != "" {
		t.Errorf("weights of the phases (-want +got):\n%s", d)
	}
}

// TestWeightsOfARunningExperiment: a change of weights opens a dated phase and
// moves what it must; a change of anything else opens none.
func TestWeightsOfARunningExperiment(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	mustPut(t, editor, "checkout", twoVariants)
	before := mustStart(t, editor, "checkout")
	more := strings.Replace(twoVariants, `{"key":"b","weight":1`, `{"key":"b","weight":3`, 1)
	if more == twoVariants {
		t.Fatal("the definition has another form")
	}
	_, err := editor.Put(t.Context(), by(100), draft(t, "checkout", more))
	mustDo(t, err)
	_, err = editor.Put(t.Context(), by(200), draft(t, "checkout", strings.Replace(more, "{", `{"name":"other",`, 1)))
	mustDo(t, err)
	after := store.stored(t, "checkout")
	if len(after.Phases) != 2 || !after.Phases[1].At.Equal(by(100).Now) || !slices.Equal(after.Phases[1].Weights, []float64{1, 3}) {
		t.Fatalf("the phases are %+v", after.Phases)
	}
	if got, want := pointsMoved(before.Shares, after.Shares), points(0.25); got.Cmp(want) != 0 {
		t.Errorf("%s points moved, want %s", got, want)
	}
	_, err = editor.Stop(t.Context(), by(300), "checkout")
	mustDo(t, err)
	if _, err = editor.Put(t.Context(), by(400), draft(t, "checkout", twoVariants)); kindOf(err) != "refused" {
		t.Errorf("the weights of a stopped experiment were changed: %v", err)
	}
}

// TestUnitsAcrossPhases is the table of where a unit is analysed, and of what
// is counted beside it, when it meets variants before and after a change of
// weights.
func TestUnitsAcrossPhases(t *testing.T) {
	t.Parallel()
	type met struct {
		variant string
		at      time.Duration // the weights change after 10 h and 20 h
	}
	for _, c := range []struct {
		name string
		met  []met
		want string // "phase variant units flicker", then "phase variant left out"
	}{
		{"stays", []met{{"b", 1 * hour}, {"b", 11 * hour}}, "1 b 1 0"},
		{"new in the second", []met{{"b", 11 * hour}}, "2 b 1 0"},
		{"moved", []met{{"b", 1 * hour}, {"control", 11 * hour}}, "1 b 1 0, 2 control left out"},
		{"moved and back", []met{{"b", 1 * hour}, {"control", 11 * hour}, {"b", 21 * hour}}, "1 b 1 0, 2 control left out"},
		{"moved twice", []met{{"b", 1 * hour}, {"control", 11 * hour}, {"c", 21 * hour}}, "1 b 1 0, 2 control left out, 3 c left out"},
		{"flickers in the first", []met{{"b", 1 * hour}, {"control", 2 * hour}, {"control", 11 * hour}}, "1 b 1 1"},
		{"flickers in the second", []met{{"c", 11 * hour}, {"control", 12 * hour}}, "2 c 1 1"},
		{"left out once a phase", []met{{"b", 1 * hour}, {"c", 11 * hour}, {"control", 12 * hour}}, "1 b 1 0, 2 c left out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := lawExperiment(t, "checkout", "user", opening, "views")
			for i, since := range []time.Duration{10 * hour, 20 * hour} {
				e.Variants[1].Weight = float64(2 + i)
				e.reweigh(opening.Add(since))
			}
			for _, backwards := range []bool{false, true} {
				tx, ledger := newMemoryTx(Definitions{Revision: 1, Experiments: []*Experiment{e}}), newLedger()
				order := slices.Clone(c.met)
				if backwards {
					slices.Reverse(order)
				}
				for i, m := range order {
					data := fmt.Sprintf(`{"experiment":"checkout","variant":%q,"unit":"u1"}`, m.variant)
					mustDo(t, ledger.Apply(t.Context(), tx, told(t, fmt.Sprint("x", i), events.ExperimentExposed, data, opening.Add(m.at), 0)))
				}
				if got := unitsAndLeftOut(tx.cells); got != c.want {
					t.Errorf("backwards %v: %s, want %s", backwards, got, c.want)
				}
			}
		})
	}
}

func unitsAndLeftOut(cells Cells) string {
	var lines []string
	for _, c := range cells.sorted() {
		switch {
		case c.Segment != "":
		case c.Metric == UnitsCell:
			lines = append(lines, fmt.Sprintf("%d %s %s %s", c.Phase, c.Variant, cells[c].At(0, 0), cells[c].At(0, 2)))
		case c.Metric == LeftOutCell:
			lines = append(lines, fmt.Sprintf("%d %s left out", c.Phase, c.Variant))
		}
	}
	return strings.Join(lines, ", ")
}

// TestExposureJustBeforeItsPhase: an exposure that was applied before the
// weights changed, by a clock that ran ahead, is subtracted from where it was
// added.
func TestExposureJustBeforeItsPhase(t *testing.T) {
	t.Parallel()
	e := lawExperiment(t, "checkout", "user", opening, "views")
	tx, ledger := newMemoryTx(Definitions{Revision: 1, Experiments: []*Experiment{e}}), newLedger()
	mustDo(t, ledger.Apply(t.Context(), tx, told(t, "x", events.ExperimentExposed, exposedB, opening.Add(11*hour), 0)))
	later := e.clone()
	later.Variants[1].Weight = 2
	later.reweigh(opening.Add(10 * hour))
	tx.define(Definitions{Revision: 2, Experiments: []*Experiment{later}})
	mustDo(t, ledger.Apply(t.Context(), tx, told(t, "v", events.ProductViewed, `{"user_id":"u1","product_id":"p"}`, opening.Add(12*hour), 0)))
	for c, sum := range tx.cells {
		if c.Phase != 1 && !sum.IsZero() {
			t.Errorf("%+v holds something", c)
		}
	}
	if got := standings("checkout", tx.cells)[standing{1, "views", "b", "", DayOf(opening, shanghai)}]; got != "1 1 0 1 0 0" {
		t.Errorf("views are %q", got)
	}
}
