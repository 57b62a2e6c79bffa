package experiments

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/peakday/peakday/stats"
)

// TestBandit lets a bandit run for twenty days on three variants while the
// shop's level rises. It must come to prefer the best, keep something for each,
// and its estimates must be right on average, which the plain means are not.
func TestBandit(t *testing.T) {
	t.Parallel()
	for _, how := range []Allocation{Thompson, TopTwo} {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			const runs, days, perDay = 30, 12, 600
			m := metric(t, "paid", `{"kind":"proportion","event":"order.paid","pre_period":"0h"}`)
			r := rand.New(rand.NewPCG(2, 9))
			won, off := 0, 0.0
			for range runs {
				e := running(t, "checkout", `{"unit":"user","allocation":"`+string(how)+`","primary":"paid","redraw_every":"24h",
					"variants":[{"key":"control","weight":1},{"key":"b","weight":1},{"key":"c","weight":1}]}`)
				e.Metrics = []Metric{*m}
				cells := Cells{}
				for day := range days {
					shares := sharesOf(weightsOf(e.Variants))
					for range perDay {
						u, k := r.Float64(), 0
						for k < 2 && u >= shares[k] {
							u -= shares[k]
							k++
						}
						y := int64(0)
						if r.Float64() < 0.1+0.01*float64(day)+[]float64{0, -0.03, 0.06}[k] {
							y = 1
						}
						cells.addOuter(Cell{Experiment: "checkout", Phase: len(e.Phases), Metric: "paid", Variant: e.Variants[k].Key, Day: Day(day)}, []int64{1, y}, 1)
					}
					if !e.RedrawDue(opening.Add(time.Duration(day+1) * 24 * hour)) {
						continue
					}
					if drawn, ok := Draw(e, cells); ok {
						for i := range e.Variants {
							e.Variants[i].Weight = drawn[i]
						}
						e.reweigh(opening.Add(time.Duration(day+1) * 24 * hour))
					}
				}
				last := sharesOf(weightsOf(e.Variants))
				if last[2] > last[0] && last[2] > last[1] {
					won++
				}
				for _, s := range last {
					if s < banditFloor/3-1e-4 {
						t.Fatalf("a variant is down to a share of %g", s)
					}
				}
				effect, err := e.compareOver(m, e.phaseArms(m, sumUp(cells, ""), lastDay), 0, 2, stats.Options{Alpha: 0.05})
				mustDo(t, err)
				off += (effect.Estimate - 0.06) / runs
			}
			if won < runs*8/10 { // 26 and more of 30 by top-two, which keeps half for the others
				t.Errorf("the best variant has the most traffic in %d of %d runs", won, runs)
			}
			if math.Abs(off) > 0.01 {
				t.Errorf("the estimates are off by %.4f on average", off)
			}
		})
	}
}

// TestRedraw records the propensities as a phase, and a definition that is sent
// again does not undo them.
func TestRedraw(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	mustDefine(t, editor, metric(t, "paid", `{"kind":"proportion","event":"order.paid"}`))
	text := `{"unit":"user","allocation":"thompson","primary":"paid","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`
	mustPut(t, editor, "checkout", text)
	e := mustStart(t, editor, "checkout")
	_, err := editor.Redraw(t.Context(), by(25).Now, "checkout", e.Version, []float64{0.2, 0.8})
	mustDo(t, err)
	if e, err = editor.Put(t.Context(), by(26), draft(t, "checkout", text)); err != nil || len(e.Phases) != 2 || e.Variants[1].Weight != 0.8 {
		t.Errorf("it is %+v: %v", e, err)
	}
	if h, _ := store.History(t.Context(), ExperimentKind, "checkout"); h[2].Author != bandit {
		t.Errorf("drawn by %s", h[2].Author)
	}
}

// TestDrawNeedsUnits: with few units nothing is moved.
func TestDrawNeedsUnits(t *testing.T) {
	t.Parallel()
	e := guarded(t)
	e.Allocation = Thompson
	cells, r := Cells{}, rand.New(rand.NewPCG(1, 2))
	for range banditUnits - 1 {
		meet(cells, r, "control", 0.1, 0)
		meet(cells, r, "b", 0.9, 0)
	}
	if shares, ok := Draw(e, cells); ok {
		t.Errorf("drew %v from 99 units", shares)
	}
}
