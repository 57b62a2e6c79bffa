package experiments

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/stats"
)

// person is a unit as it really was: what the report should find out, known
// before any event was told.
type person struct {
	variant, tier string
	paid          []int64 // fen of each order after the exposure, a day apart
	before        []int64 // fen of each order before it
}

// people are drawn with a taste for spending, so that what somebody paid before
// says something about what they pay now.
func people(n int, seed uint64) []person {
	rng := rand.New(rand.NewPCG(seed, 0))
	out := make([]person, n)
	for i := range out {
		p := &out[i]
		p.variant, p.tier = []string{"control", "b", "c"}[rng.IntN(3)], []string{"gold", "iron"}[rng.IntN(2)]
		taste := 500 + rng.ExpFloat64()*3000
		for range rng.IntN(3) {
			p.before = append(p.before, int64(taste*(0.5+rng.Float64())))
		}
		for range rng.IntN(4) {
			lift := map[string]float64{"control": 1, "b": 1.3, "c": 0.9}[p.variant]
			p.paid = append(p.paid, int64(lift*taste*(0.5+rng.Float64())))
		}
	}
	return out
}

func sum(xs []int64) (n int64) {
	for _, x := range xs {
		n += x
	}
	return n
}

// tell makes the events of the people, and applies them.
func tell(t testing.TB, e *Experiment, all []person) Cells {
	t.Helper()
	tx := newMemoryTx(Definitions{Revision: 1, Experiments: []*Experiment{e}})
	ledger := newLedger()
	for i, p := range all {
		unit := fmt.Sprint("u", i)
		at := opening.Add(time.Duration(i) * time.Minute)
		var batch []events.Delivery
		for k, amount := range slices.Concat(p.before, p.paid) {
			day := k - len(p.before)
			data := fmt.Sprintf(`{"user_id":%q,"order_id":"o%d","total":"%d.%02d"}`, unit, k, amount/100, amount%100)
			batch = append(batch, told(t, fmt.Sprint(unit, "-", k), events.OrderPaid, data, at.Add(time.Duration(day)*24*time.Hour), 0)...)
		}
		x := fmt.Sprintf(`{"experiment":%q,"variant":%q,"unit":%q,"attributes":{"tier":%q}}`, e.Key, p.variant, unit, p.tier)
		batch = append(batch, told(t, "x"+unit, events.ExperimentExposed, x, at, 0)...)
		fresh := &memoryTx{definitions: tx.definitions, exposures: map[[3]string]UnitExposure{}, facts: map[events.RecordID]UnitFact{}, cells: tx.cells}
		mustDo(t, ledger.Apply(t.Context(), fresh, batch))
	}
	return tx.cells
}

// spending is an experiment on the people, with a metric for each test.
func spending(t testing.TB) *Experiment {
	e := draft(t, "spending", `{"unit":"user","segments":["tier"],"primary":"revenue","secondary":["conversion","orders","basket"],
		"guardrails":[{"metric":"revenue-x","margin":0.05},{"metric":"basket-x"},{"metric":"conversion-x"}],
		"variants":[{"key":"control","weight":1},{"key":"b","weight":1},{"key":"c","weight":1}]}`)
	for _, m := range []struct{ key, text string }{
		{"revenue", `{"kind":"mean","event":"order.paid","pre_period":"0h"}`},
		{"conversion", `{"kind":"proportion","event":"order.paid","pre_period":"0h"}`},
		{"orders", `{"kind":"count","event":"order.paid","pre_period":"0h"}`},
		{"basket", `{"kind":"ratio","event":"order.paid","pre_period":"0h","denominator":{"event":"order.paid","aggregate":"count"}}`},
		{"revenue-x", `{"kind":"mean","event":"order.paid"}`},
		{"basket-x", `{"kind":"ratio","event":"order.paid","denominator":{"event":"order.paid","aggregate":"count"}}`},
		{"conversion-x", `{"kind":"proportion","event":"order.paid"}`},
	} {
		e.Metrics = append(e.Metrics, *metric(t, m.key, m.text))
	}
	e.Shares = allocate(e.Variants)
	mustDo(t, e.enter(Running, opening.Add(-time.Hour)))
	return e
}

// expected is what package stats says of the raw people, in yuan.
func expected(t testing.TB, m string, all []person, variant string) stats.Effect {
	t.Helper()
	var rows [2][][]float64 // y, d, x, xd
	for _, p := range all {
		arm := slices.Index([]string{"control", variant}, p.variant)
		if arm < 0 {
			continue
		}
		rows[arm] = append(rows[arm], []float64{float64(sum(p.paid)) / 100, float64(len(p.paid)), float64(sum(p.before)) / 100, float64(len(p.before))})
	}
	column := func(arm, k int) (out []float64) {
		for _, r := range rows[arm] {
			out = append(out, r[k])
		}
		return out
	}
	sample := func(arm, k int) stats.Sample {
		s, err := stats.SampleOf(column(arm, k))
		mustDo(t, err)
		return s
	}
	converted := func(arm int) stats.Sample {
		n := int64(0)
		for _, d := range column(arm, 1) {
			n += int64(min(d, 1))
		}
		s, err := stats.Bernoulli(n, int64(len(rows[arm])))
		mustDo(t, err)
		return s
	}
	moments := func(arm int, row func(r []float64) []float64) stats.Moments {
		var picked [][]float64
		for _, r := range rows[arm] {
			picked = append(picked, row(r))
		}
		m, err := stats.MomentsOf(picked)
		mustDo(t, err)
		return m
	}
	cuped := func(row func(r []float64) []float64) (stats.Effect, error) {
		return stats.CUPED(moments(0, row), moments(1, row), stats.Options{})
	}
	var e stats.Effect
	var err error
	switch m {
	case "revenue":
		e, err = stats.Welch(sample(0, 0), sample(1, 0), stats.Options{})
	case "orders":
		e, err = stats.Welch(sample(0, 1), sample(1, 1), stats.Options{})
	case "conversion":
		e, err = stats.TwoProportions(converted(0), converted(1), stats.Options{})
	case "basket":
		ratio := func(r []float64) []float64 { return r[:2] }
		e, err = stats.Ratio(moments(0, ratio), moments(1, ratio), stats.Options{})
	case "revenue-x":
		e, err = cuped(func(r []float64) []float64 { return []float64{r[0], 1, r[2]} })
	case "basket-x":
		e, err = cuped(func(r []float64) []float64 { return r })
	case "conversion-x":
		e, err = cuped(func(r []float64) []float64 { return []float64{min(r[1], 1), 1, min(r[3], 1)} })
	}
	mustDo(t, err)
	return e
}
