package experiments

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// guarded is a running experiment with two guardrails, one of which tolerates
// nothing.
func guarded(t testing.TB) *Experiment {
	e := running(t, "checkout", `{"unit":"user","primary":"paid","guardrails":[{"metric":"paid","margin":0.05},{"metric":"errors"}],
		"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	e.Metrics = []Metric{
		*metric(t, "paid", `{"kind":"proportion","event":"order.paid","pre_period":"0h"}`),
		*metric(t, "errors", `{"kind":"proportion","event":"product.viewed","pre_period":"0h","direction":"decrease"}`),
	}
	return e
}

// meet adds a unit to the cells, by the chances that it pays and has an error.
func meet(cells Cells, r *rand.Rand, variant string, pays, fails float64) {
	for _, m := range []struct {
		metric string
		p      float64
	}{{"paid", pays}, {"errors", fails}} {
		y := int64(0)
		if r.Float64() < m.p {
			y = 1
		}
		cells.addOuter(Cell{Experiment: "checkout", Phase: 1, Metric: m.metric, Variant: variant, Day: 1}, []int64{1, y}, 1)
	}
}

// TestGuard looks after every fifty units, as a watcher does: what breaks is
// stopped soon, what is as bad as tolerated hardly ever.
func TestGuard(t *testing.T) {
	t.Parallel()
	e := guarded(t)
	for _, c := range []struct {
		name        string
		pays, fails float64 // of b; the control has .3 and .05
		runs        int
		least, most int // of the runs that are stopped
	}{
		{"nothing differs", 0.3, 0.05, 20, 0, 1},
		{"as bad as tolerated", 0.285, 0.05, 20, 0, 1},
		{"better", 0.4, 0.02, 10, 0, 0},
		{"pays much less", 0.15, 0.05, 10, 10, 10},
		{"fails much more", 0.3, 0.2, 10, 10, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, 8))
			stopped := 0
			for range c.runs {
				cells := Cells{}
				for i := range 2000 {
					meet(cells, r, "control", 0.3, 0.05)
					meet(cells, r, "b", c.pays, c.fails)
					if i%50 == 0 && Guard(e, cells, opening) != nil {
						stopped++
						break
					}
				}
			}
			if stopped < c.least || stopped > c.most {
				t.Errorf("%d of %d were stopped, want %d to %d", stopped, c.runs, c.least, c.most)
			}
		})
	}
}

// TestGuardWaits: however clear it looks, a hundred units an arm must be there,
// and what has no cells is not broken.
func TestGuardWaits(t *testing.T) {
	t.Parallel()
	e, cells, r := guarded(t), Cells{}, rand.New(rand.NewPCG(1, 1))
	if b := Guard(e, cells, opening); b != nil {
		t.Errorf("nothing breaks %+v", b)
	}
	for range guardUnits - 1 {
		meet(cells, r, "control", 1, 0)
		meet(cells, r, "b", 0, 1)
	}
	if b := Guard(e, cells, opening); b != nil {
		t.Errorf("99 units are too few: %+v", b)
	}
	meet(cells, r, "control", 1, 0)
	meet(cells, r, "b", 0, 1)
	b := Guard(e, cells, opening)
	if b == nil || b.Variant != "b" || b.PValue > 0.01 || b.Estimate.Low > b.Estimate.Estimate {
		t.Errorf("a hundred units all break it: %+v", b)
	}
}

// TestStopFor stops once, with the reason.
func TestStopFor(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	mustPut(t, editor, "checkout", twoVariants)
	e := mustStart(t, editor, "checkout")
	b := Breach{At: by(9).Now, Metric: "paid", Variant: "b", PValue: 0.001}
	_, err := editor.StopFor(t.Context(), "checkout", e.Version, b)
	mustDo(t, err)
	after := store.stored(t, "checkout")
	if after.Status != Stopped || after.Breach == nil || after.Breach.Metric != "paid" {
		t.Errorf("it is %+v", after)
	}
	if _, err := editor.StopFor(t.Context(), "checkout", e.Version, b); !errors.Is(err, ErrConflict) && kindOf(err) != "refused" {
		t.Errorf("it was stopped twice: %v", err)
	}
	if h, _ := store.History(t.Context(), ExperimentKind, "checkout"); h[2].Author != guardrailAuthor || h[2].Action != "stop: b breaks paid" {
		t.Errorf("its history ends with %+v", h[2])
	}
}
