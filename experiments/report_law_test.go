package experiments

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// The laws of the report, by simulation. Seeds and keys are fixed: what holds
// today holds tomorrow. With 1,000 reports the share that errs with probability
// 5 % has a standard deviation of 0.69 points; the bounds are 4 of them.

const (
	manyReports = 1000
	fourSigma   = 0.0276
)

// population is what units contribute to the ledger, one Cells a unit, all of
// them in "control": contribute has worked it out from their facts.
func population(t testing.TB, e *Experiment, n int) []Cells {
	rng := rand.New(rand.NewPCG(11, 0))
	units := make([]Cells, n)
	for i := range units {
		var story []happened
		for k := range rng.IntN(3) {
			fen := int64(rng.ExpFloat64() * 5000)
			story = append(story, happened{60 * k, "order.paid", fmt.Sprintf(`{"order_id":"o%d","total":"%d.%02d"}`, k, fen/100, fen%100)})
		}
		units[i] = Cells{}
		first := []UnitExposure{{Experiment: e.Key, Unit: "u", Variant: "control", At: opening}}
		contribute(units[i], e, first, factsOf(t, story...), shanghai, 1)
	}
	return units
}

// TestFalsePositives deals one population anew for each of 1,000 experiments
// in which nothing differs, by the same hash that deals visitors. A report that
// finds something is wrong; 5 % of them may be.
func TestFalsePositives(t *testing.T) {
	t.Parallel()
	ids := unitIDs(600)
	proto := running(t, "aa", `{"unit":"user","primary":"revenue","secondary":["conversion"],"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	for _, m := range []string{"revenue", "conversion"} {
		parsed := metric(t, m, metricTexts()[m])
		parsed.PrePeriod = 0
		proto.Metrics = append(proto.Metrics, *parsed)
	}
	units := population(t, proto, len(ids))
	wrong := map[string]int{}
	verdicts := map[Verdict]int{}
	for i := range manyReports {
		e := proto.clone()
		e.Key = fmt.Sprint("aa-", i)
		catalog := catalogOf(e)
		cells := Cells{}
		for k, unit := range ids {
			a, _ := catalog.Evaluate(e.Key, Subject{Key: unit}, nil)
			for c, sum := range units[k] {
				c.Experiment, c.Variant = e.Key, a.Variant.Key
				if _, ok := cells[c]; !ok {
					cells[c] = NewTriangle(sum.Dim())
				}
				cells[c].Add(sum)
			}
		}
		r := NewReport(e, cells, "", opening)
		verdicts[r.Decision.Verdict]++
		for _, m := range r.Metrics {
			if res := m.Results[0]; res.Problem != "" {
				t.Fatalf("%s: %s", m.Name, res.Problem)
			} else if res.PValue < 0.05 {
				wrong[m.Name]++
			}
		}
	}
	for name, n := range wrong {
		if share := float64(n) / manyReports; math.Abs(share-0.05) > fourSigma {
			t.Errorf("%s differs in %.1f %% of the A/A reports, want 5 ± %.2g %%", name, 100*share, 100*fourSigma)
		}
	}
	if len(wrong) != 2 {
		t.Errorf("no false positives at all for one of the metrics: %v", wrong)
	}
	// A report in 40 may ship, one in 40 stop, and SRM holds one in 1,000.
	if ship, stop := verdicts[Ship], verdicts[Stop]; ship > 50 || stop > 50 || verdicts[Hold] > 8 {
		t.Errorf("verdicts of A/A reports are %v", verdicts)
	}
}

// TestIntervalsCover gives b a known effect on top of what chance does, draws
// the units anew each time, and counts the intervals that hold the truth.
func TestIntervalsCover(t *testing.T) {
	t.Parallel()
	const n = 300 // units an arm
	e := running(t, "checkout", `{"unit":"user","primary":"revenue","secondary":["conversion","revenue-x"],"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	for _, m := range []struct{ key, text string }{
		{"revenue", `{"kind":"mean","event":"order.paid","pre_period":"0h"}`},
		{"conversion", `{"kind":"proportion","event":"order.paid","pre_period":"0h"}`},
		{"revenue-x", `{"kind":"mean","event":"order.paid"}`},
	} {
		e.Metrics = append(e.Metrics, *metric(t, m.key, m.text))
	}
	truth := map[string]float64{"revenue": 3, "conversion": 0.08, "revenue-x": 3} // yuan, share, yuan
	hits := map[string]int{}
	rng := rand.New(rand.NewPCG(12, 0))
	for range manyReports {
		cells := Cells{}
		for treated, variant := range []string{"control", "b"} {
			cell := func(m string) Cell {
				return Cell{Experiment: e.Key, Phase: 1, Metric: m, Variant: variant, Day: DayOf(opening, shanghai)}
			}
			for range n {
				before := int64(1000 * rng.ExpFloat64())
				spent := int64(2000*rng.ExpFloat64()) + before + int64(treated)*300
				converted := int64(0)
				if rng.Float64() < 0.2+0.08*float64(treated) {
					converted = 1
				}
				cells.addOuter(cell("revenue"), []int64{1, spent}, 1)
				cells.addOuter(cell("revenue-x"), []int64{1, spent, before}, 1)
				cells.addOuter(cell("conversion"), []int64{1, converted}, 1)
			}
		}
		r := NewReport(e, cells, "", time.Time{})
		for _, m := range r.Metrics {
			if i := m.Results[0].Absolute; float64(i.Low) <= truth[m.Name] && truth[m.Name] <= float64(i.High) {
				hits[m.Name]++
			}
		}
	}
	for name := range truth {
		if share := float64(hits[name]) / manyReports; math.Abs(share-0.95) > fourSigma {
			t.Errorf("%.1f %% of the intervals for %s hold the truth, want 95 ± %.2g %%", 100*share, name, 100*fourSigma)
		}
	}
}
