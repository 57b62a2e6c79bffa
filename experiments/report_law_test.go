package experiments

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// The laws of the report, by simulation. Seeds and keys are fixed: what holds
// today holds tomorrow. With 1,000 reports the share that errs with probability
// 5 % has a standard deviation of 0.69 points; the bounds are 4 of them.

const (
	manyReports = 1000
	fourSigma   = 0.0276
)

// tallies are cells in plain 64-bit sums, which these small numbers fit: a law
// adds up millions of units.
type tallies map[Cell][]int64

func (ts tallies) add(c Cell, v ...int64) {
	sums := ts[c]
	if sums == nil {
		sums = make([]int64, len(v)*(len(v)+1)/2)
		ts[c] = sums
	}
	k := 0
	for i, x := range v {
		for _, y := range v[i:] {
			sums[k] += x * y
			k++
		}
	}
}

func (ts tallies) cells() Cells {
	out := Cells{}
	for c, sums := range ts {
		words := strings.Trim(fmt.Sprint(sums), "[]")
		var t Triangle
		if err := t.UnmarshalText([]byte(words)); err != nil {
			panic(err) // a test's mistake
		}
		out[c] = t
	}
	return out
}

// contribution is what one unit contributes to one of the cells of a law.
type contribution struct {
	cell int // of the population's
	sums []int64
}

// population is what units contribute to the ledger, all of them in "control":
// contribute has worked it out from their facts.
func population(t testing.TB, e *Experiment, n int) (cells []Cell, units [][]contribution) {
	rng := rand.New(rand.NewPCG(11, 0))
	units = make([][]contribution, n)
	for i := range units {
		var story []happened
		for k := range rng.IntN(3) {
			fen := int64(rng.ExpFloat64() * 5000)
			story = append(story, happened{60 * k, "order.paid", fmt.Sprintf(`{"order_id":"o%d","total":"%d.%02d"}`, k, fen/100, fen%100)})
		}
		own := Cells{}
		first := []UnitExposure{{Experiment: e.Key, Unit: "u", Variant: "control", Phase: 1, At: opening}}
		contribute(own, e, first, factsOf(t, story...), shanghai, 1)
		for c, sum := range own {
			k := slices.Index(cells, c)
			if k < 0 {
				k, cells = len(cells), append(cells, c)
			}
			part := contribution{cell: k}
			for j := range sum.sums {
				part.sums = append(part.sums, int64(sum.sums[j][0]))
			}
			units[i] = append(units[i], part)
		}
	}
	return cells, units
}

// deal gives each unit to the variant that its hash says.
func deal(e *Experiment, ids []events.UnitID, cells []Cell, units [][]contribution) Cells {
	catalog := catalogOf(e)
	sums := map[string][][]int64{}
	for _, v := range e.Variants {
		sums[v.Key] = make([][]int64, len(cells))
	}
	for k, unit := range ids {
		a, _ := catalog.Evaluate(e.Key, Subject{Key: unit}, nil)
		arm := sums[a.Variant.Key]
		for _, part := range units[k] {
			if arm[part.cell] == nil {
				arm[part.cell] = make([]int64, len(part.sums))
			}
			for i, n := range part.sums {
				arm[part.cell][i] += n
			}
		}
	}
	out := tallies{}
	for variant, arm := range sums {
		for k, c := range cells {
			if c.Variant = variant; arm[k] != nil {
				out[c] = arm[k]
			}
		}
	}
	return out.cells()
}

// TestFalsePositives deals one population anew for each of 1,000 experiments
// in which nothing differs, by the same hash that deals visitors. A report that
// finds something is wrong; 5 % of them may be.
func TestFalsePositives(t *testing.T) {
	t.Parallel()
	ids := unitIDs(500)
	proto := running(t, "aa", `{"unit":"user","primary":"revenue","secondary":["conversion"],"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	for _, m := range []string{"revenue", "conversion"} {
		parsed := metric(t, m, metricTexts()[m])
		parsed.PrePeriod = 0
		proto.Metrics = append(proto.Metrics, *parsed)
	}
	cells, units := population(t, proto, len(ids))
	wrong := map[string]int{}
	verdicts := map[Verdict]int{}
	for i := range manyReports {
		e := proto.clone()
		e.Key = fmt.Sprint("aa-", i)
		r := newReport(e, deal(e, ids, cells, units), "", opening)
		verdicts[r.Decision.Verdict]++
		for _, m := range r.Metrics {
			if res := m.Results[0]; res.Problem != "" {
				t.Fatalf("%s: %s", m.Name, res.Problem)
			} else if res.PValue < 0.05 {
				wrong[m.Name]++
			}
		}
	}
	for _, m := range proto.Metrics {
		if share := float64(wrong[m.Key]) / manyReports; math.Abs(share-0.05) > fourSigma {
			t.Errorf("%s differs in %.1f %% of the A/A reports, want 5 ± %.2g %%", m.Key, 100*share, 100*fourSigma)
		}
	}
	// A report in 40 may ship, one in 40 stop, and SRM holds one in 1,000.
	if verdicts[Ship] > 50 || verdicts[Stop] > 50 || verdicts[Hold] > 8 {
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
		drawn := tallies{}
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
				drawn.add(cell("revenue"), 1, spent)
				drawn.add(cell("revenue-x"), 1, spent, before)
				drawn.add(cell("conversion"), 1, converted)
			}
		}
		r := newReport(e, drawn.cells(), "", time.Time{})
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
