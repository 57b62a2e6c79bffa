package experiments

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

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
	e.Allocation = allocate(e.Variants)
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

// TestReportEqualsRawUnits tells what 600 people did as events, and compares
// the report that comes out of the ledger with statistics on the people.
func TestReportEqualsRawUnits(t *testing.T) {
	t.Parallel()
	all := people(600, 1)
	e := spending(t)
	r := NewReport(e, tell(t, e, all), "", opening.Add(30*24*time.Hour))
	type numbers struct{ Control, Mean, Estimate, Low, High, Relative, RelativeLow, RelativeHigh, StdErr, P float64 }
	for _, m := range e.Metrics {
		for _, variant := range []string{"b", "c"} {
			found, got := r.find(m.Key, variant)
			if got == nil || got.Absolute == nil || got.Relative == nil {
				t.Fatalf("%s of %s has no result: %+v", m.Key, variant, got)
			}
			s := expected(t, m.Key, all, variant)
			want := numbers{
				s.Control.Mean, s.Treatment.Mean, s.Estimate, s.Interval.Low, s.Interval.High,
				s.Relative.Estimate, s.Relative.Interval.Low, s.Relative.Interval.High, s.StdErr, s.P,
			}
			have := numbers{
				found.Control.Mean, got.Mean, float64(got.Absolute.Estimate), float64(got.Absolute.Low), float64(got.Absolute.High),
				float64(got.Relative.Estimate), float64(got.Relative.Low), float64(got.Relative.High), float64(got.StdError), float64(got.PValue),
			}
			if d := cmp.Diff(want, have, cmpopts.EquateApprox(1e-9, 1e-12)); d != "" {
				t.Errorf("%s of %s (-raw units +report):\n%s", m.Key, variant, d)
			}
			if got.Method != s.Method || got.Units != s.Treatment.N || found.Control.Units != s.Control.N {
				t.Errorf("%s of %s: %q on %d and %d units, want %q on %d and %d", m.Key, variant,
					got.Method, found.Control.Units, got.Units, s.Method, s.Control.N, s.Treatment.N)
			}
		}
	}
}

// TestCovariateTightens: the pre-period is of use, or the metrics would show it.
func TestCovariateTightens(t *testing.T) {
	t.Parallel()
	e := spending(t)
	r := NewReport(e, tell(t, e, people(600, 2)), "", opening)
	_, plain := r.find("revenue", "b")
	_, adjusted := r.find("revenue-x", "b")
	if adjusted.StdError >= plain.StdError {
		t.Errorf("the standard error is %v with the covariate and %v without", adjusted.StdError, plain.StdError)
	}
}

// TestSegmentsAddUp: every unit is in one value of each segment.
func TestSegmentsAddUp(t *testing.T) {
	t.Parallel()
	all := people(300, 3)
	e := spending(t)
	cells := tell(t, e, all)
	total := NewReport(e, cells, "", opening)
	units, money := map[string]int64{}, map[string]float64{}
	for _, segment := range []string{"tier=gold", "tier=iron"} {
		r := NewReport(e, cells, segment, opening)
		for v, n := range r.Units {
			units[v] += n
		}
		revenue := r.Metrics[0]
		money["control"] += revenue.Control.Mean * float64(revenue.Control.Units)
		for _, res := range revenue.Results {
			money[res.Variant] += res.Mean * float64(res.Units)
		}
	}
	if d := cmp.Diff(total.Units, units); d != "" {
		t.Errorf("units (-all +segments):\n%s", d)
	}
	want := map[string]float64{}
	for _, p := range all {
		want[p.variant] += float64(sum(p.paid)) / 100
	}
	if d := cmp.Diff(want, money, cmpopts.EquateApprox(1e-12, 0)); d != "" {
		t.Errorf("revenue (-people +segments):\n%s", d)
	}
	if r := NewReport(e, cells, "tier=wood", opening); r.Units["control"] != 0 {
		t.Errorf("a segment that nobody is in has %v", r.Units)
	}
}

// TestSeries: each point is the metric as it stood at the end of that day in the
// shop, computed from the people; the last one is the report's own figure.
func TestSeries(t *testing.T) {
	t.Parallel()
	all := people(200, 4)
	e := spending(t)
	r := NewReport(e, tell(t, e, all), "", opening)
	revenue := r.Metrics[0]
	for _, p := range revenue.Series {
		day, err := time.ParseInLocation(time.DateOnly, p.Date, shanghai)
		mustDo(t, err)
		end := day.Add(24 * time.Hour)
		got := map[string]float64{"control": p.Control.Mean}
		for _, res := range p.Results {
			got[res.Variant] = res.Mean
		}
		want, n := map[string]float64{}, map[string]float64{}
		for i, q := range all {
			at := opening.Add(time.Duration(i) * time.Minute)
			if !at.Before(end) {
				continue
			}
			n[q.variant]++
			for k, amount := range q.paid {
				if at.Add(time.Duration(k) * 24 * time.Hour).Before(end) {
					want[q.variant] += float64(amount) / 100
				}
			}
		}
		for v := range want {
			want[v] /= n[v]
		}
		if d := cmp.Diff(want, got, cmpopts.EquateApprox(1e-12, 0)); d != "" {
			t.Errorf("%s (-people +series):\n%s", p.Date, d)
		}
	}
	if len(revenue.Series) < 3 {
		t.Fatalf("the series has %d days", len(revenue.Series))
	}
	for _, m := range r.Metrics {
		last := m.Series[len(m.Series)-1]
		if last.Control != m.Control {
			t.Errorf("%s ends with control at %+v, the report says %+v", m.Name, last.Control, m.Control)
		}
		for i, res := range m.Results {
			if d := cmp.Diff(DayResult{res.ArmReport, res.Absolute}, last.Results[i]); d != "" {
				t.Errorf("%s of %s (-report +last day):\n%s", m.Name, res.Variant, d)
			}
		}
	}
}

// fill adds units of one vector to a metric of a variant.
func fill(cells Cells, metric, variant string, n int64, v ...int64) {
	c := Cell{Experiment: "checkout", Phase: 1, Metric: metric, Variant: variant, Day: DayOf(opening, shanghai)}
	one := NewTriangle(len(v))
	one.addOuter(v, 1)
	for k := range one.sums {
		one.sums[k].Mul(&one.sums[k], big.NewInt(n))
	}
	if _, ok := cells[c]; !ok {
		cells[c] = NewTriangle(len(v))
	}
	cells[c].Add(one)
}

// reporting is a running experiment "checkout" with one metric as its primary.
func reporting(t testing.TB, text string) *Experiment {
	e := running(t, "checkout", `{"unit":"user","primary":"m","variants":[{"key":"control","weight":1},{"key":"b","weight":1},{"key":"none","weight":0}]}`)
	e.Metrics = []Metric{*metric(t, "m", text)}
	return e
}

// TestReportIsExact: the mean is 10⁷ times the spread, over 10⁷ units of about
// 10⁹ fen. Sums of squares in a float64, or in 64 bits, would have lost it.
func TestReportIsExact(t *testing.T) {
	t.Parallel()
	e := reporting(t, `{"kind":"mean","event":"order.paid","pre_period":"0h"}`)
	cells := Cells{}
	for variant, more := range map[string]int64{"control": 0, "b": 1} {
		fill(cells, UnitsCell, variant, 10_000_000, 1, 0, 0)
		fill(cells, "m", variant, 5_000_000, 1, 1_000_000_000+more)
		fill(cells, "m", variant, 5_000_000, 1, 1_000_000_100+more)
	}
	_, b := NewReport(e, cells, "", opening).find("m", "b")
	// Half are 0.50 yuan below the mean and half above: variance 0.25·n/(n−1).
	n := 1e7
	want := math.Sqrt(2 * 0.25 * n / (n - 1) / n)
	if got := float64(b.StdError); math.Abs(got/want-1) > 1e-12 {
		t.Errorf("the standard error is %v, want %v", got, want)
	}
	if got := float64(b.Absolute.Estimate); math.Abs(got-0.01) > 2e-9 { // the means are float64 of 10⁷ yuan
		t.Errorf("the effect is %v, want 0.01", got)
	}
	if b.Units != 10_000_000 || b.Mean != 10_000_000.51 {
		t.Errorf("%d units with a mean of %v", b.Units, b.Mean)
	}
}

// TestMomentsAreExact compares with rational arithmetic on the units.
func TestMomentsAreExact(t *testing.T) {
	t.Parallel()
	m := metric(t, "m", `{"kind":"ratio","event":"order.paid","denominator":{"event":"order.paid","aggregate":"count"}}`)
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.SliceOfN(rapid.Map(rapid.SliceOfN(rapid.Int64Range(-1e12, 1e12), 4, 4), func(v []int64) []int64 {
			return append([]int64{1}, v...)
		}), 2, 8).Draw(t, "units")
		tr := NewTriangle(5)
		for _, v := range units {
			tr.addOuter(v, 1)
		}
		got := m.moments(tr)
		n := big.NewRat(int64(len(units)), 1)
		scale := []int64{100, 1, 100, 1}
		value := func(v []int64, k int) *big.Rat { return big.NewRat(v[k+1], scale[k]) }
		mean := make([]*big.Rat, 4)
		for k := range mean {
			mean[k] = new(big.Rat)
			for _, v := range units {
				mean[k].Add(mean[k], value(v, k))
			}
			mean[k].Quo(mean[k], n)
		}
		for i := range 4 {
			almost(t, fmt.Sprint("mean of ", i), got.Mean[i], mean[i])
			for j := range 4 {
				cov := new(big.Rat)
				for _, v := range units {
					a, b := new(big.Rat).Sub(value(v, i), mean[i]), new(big.Rat).Sub(value(v, j), mean[j])
					cov.Add(cov, a.Mul(a, b))
				}
				almost(t, fmt.Sprintf("covariance of %d and %d", i, j), got.Cov[i][j], cov.Quo(cov, new(big.Rat).Sub(n, big.NewRat(1, 1))))
			}
		}
	})
}

// almost holds a float to a few roundings of the exact number.
func almost(t *rapid.T, what string, got float64, exact *big.Rat) {
	if want, _ := exact.Float64(); math.Abs(got-want) > 4e-16*math.Abs(want) {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

// TestSampleRatio: chi-square of n against m with even weights is
// (n−m)²/(n+m); 6.63 is its 1 % point and 10.83 its 0.1 % point.
func TestSampleRatio(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		control, b, x int64 // units; x met a variant of weight 0
		chi2          float64
		status        stats.Status
		warnings      int
	}{
		{"nobody", 0, 0, 0, 0, stats.OK, 0},
		{"even", 5000, 5000, 0, 0, stats.OK, 0},
		{"by chance", 5000, 5200, 0, 40000. / 10200, stats.OK, 0},
		{"warning", 5000, 5280, 0, 78400. / 10280, stats.Warning, 1},
		{"failed", 5000, 5400, 0, 160000. / 10400, stats.Failed, 1},
		{"a variant without weight", 5000, 5000, 3, 0, stats.OK, 1},
		{"which must not hide the others", 5000, 5400, 3, 160000. / 10400, stats.Failed, 2},
		{"one arm is missing", 5000, 0, 0, 5000, stats.Failed, 1},
		{"too few to say", 7, 0, 0, 7, stats.OK, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := reporting(t, `{"kind":"proportion","event":"order.paid","pre_period":"0h"}`)
			cells := Cells{}
			fill(cells, UnitsCell, "control", c.control, 1, 0, 0)
			fill(cells, UnitsCell, "b", c.b, 1, 0, 0)
			fill(cells, UnitsCell, "none", c.x, 1, 0, 0)
			r := NewReport(e, cells, "", opening)
			if r.SRM.Status != c.status || math.Abs(r.SRM.Chi2-c.chi2) > 1e-9 || len(r.Warnings) != c.warnings {
				t.Errorf("it is %+v with warnings %q, want %s with chi2 %v", r.SRM, r.Warnings, c.status, c.chi2)
			}
			if r.Health.SRM != r.SRM || r.Units["none"] != c.x {
				t.Errorf("health says %+v, units are %v", r.Health.SRM, r.Units)
			}
		})
	}
}

func TestFlickerAndTooLate(t *testing.T) {
	t.Parallel()
	e := reporting(t, `{"kind":"proportion","event":"order.paid","pre_period":"0h"}`)
	cells := Cells{}
	fill(cells, UnitsCell, "control", 10, 1, 0, 0)
	fill(cells, UnitsCell, "control", 2, 1, 0, 1)
	fill(cells, UnitsCell, "b", 11, 1, 0, 0)
	fill(cells, UnitsCell, "b", 1, 1, 3, 1)
	fill(cells, LateCell, "b", 2, 1)
	r := NewReport(e, cells, "", opening)
	if r.Health.Flicker != 3 || r.Health.TooLate != 5 || r.Units["b"] != 12 {
		t.Errorf("health is %+v, units are %v", r.Health, r.Units)
	}
	if len(r.Warnings) != 2 || !strings.Contains(r.Warnings[0], "3 units met more than one") || !strings.Contains(r.Warnings[1], "5 facts or exposures came later") {
		t.Errorf("warnings are %q", r.Warnings)
	}
}

// TestReportWithoutAnswers: where data cannot answer, the report says why.
func TestReportWithoutAnswers(t *testing.T) {
	t.Parallel()
	const (
		proportion = `{"kind":"proportion","event":"order.paid","pre_period":"0h"}`
		mean       = `{"kind":"mean","event":"order.paid","pre_period":"0h"}`
		withX      = `{"kind":"mean","event":"order.paid"}`
		ratio      = `{"kind":"ratio","event":"order.paid","denominator":{"event":"order.paid","aggregate":"count"},"pre_period":"0h"}`
	)
	for _, c := range []struct {
		name, metric string
		fill         func(Cells)
		problem      string // empty for an answer
		relative     bool
	}{
		{"nobody", mean, func(Cells) {}, "0 units", false},
		{"nobody converts or not", proportion, func(Cells) {}, "at least 1 unit", false},
		{"one unit each", mean, func(cs Cells) { fill(cs, "m", "control", 1, 1, 5); fill(cs, "m", "b", 1, 1, 6) }, "1 unit", false},
		{"nobody in control", mean, func(cs Cells) { fill(cs, "m", "b", 5, 1, 6); fill(cs, "m", "b", 5, 1, 7) }, "control has 0 units", false},
		{"all the same", mean, func(cs Cells) { fill(cs, "m", "control", 9, 1, 5); fill(cs, "m", "b", 9, 1, 6) }, "no variation", false},
		{"nobody converts", proportion, func(cs Cells) { fill(cs, "m", "control", 9, 1, 0); fill(cs, "m", "b", 9, 1, 0) }, "no variation", false},
		{"control at zero", mean, func(cs Cells) {
			fill(cs, "m", "control", 9, 1, 0)
			fill(cs, "m", "b", 5, 1, 0)
			fill(cs, "m", "b", 5, 1, 7)
		}, "", false},
		{"no denominator", ratio, func(cs Cells) { fill(cs, "m", "control", 9, 1, 0, 0); fill(cs, "m", "b", 9, 1, 3, 1) }, "denominator of 0", false},
		{"a covariate for few units", withX, func(cs Cells) {
			for i := range int64(10) {
				fill(cs, "m", "control", 1, 1, i, i)
				fill(cs, "m", "b", 1, 1, i+1, i)
			}
		}, "", true},
		{"a covariate for few conversions", `{"kind":"proportion","event":"order.paid"}`, func(cs Cells) {
			for _, variant := range []string{"control", "b"} {
				fill(cs, "m", variant, 500, 1, 0, 0)
				fill(cs, "m", variant, 500, 1, 0, 1)
				fill(cs, "m", variant, 9, 1, 1, 1)
			}
		}, "", true},
		{"a covariate that says nothing", withX, func(cs Cells) {
			for i := range int64(10) {
				fill(cs, "m", "control", 100, 1, i, 7)
				fill(cs, "m", "b", 100, 1, i+1, 7)
			}
		}, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := reporting(t, c.metric)
			cells := Cells{}
			c.fill(cells)
			r := NewReport(e, cells, "", opening)
			_, b := r.find("m", "b")
			if !strings.Contains(b.Problem, c.problem) || (c.problem == "") != (b.Problem == "") {
				t.Errorf("the problem is %q, want one that says %q", b.Problem, c.problem)
			}
			if (b.Absolute == nil) != (c.problem != "") || (b.Relative != nil) != c.relative {
				t.Errorf("absolute is %v, relative %v", b.Absolute, b.Relative)
			}
			if strings.HasPrefix(b.Method, "CUPED") {
				t.Errorf("the method is %q", b.Method)
			}
			noStrangeNumbers(t, r)
		})
	}
}

// noStrangeNumbers holds a report to JSON that any client can read.
func noStrangeNumbers(t interface{ Fatalf(string, ...any) }, r *Report) map[string]any {
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatalf("the report cannot be written: %v", err)
	}
	var tree map[string]any
	if err := json.Unmarshal(b, &tree); err != nil {
		t.Fatalf("the report cannot be read: %v", err)
	}
	for _, list := range []string{"warnings", "metrics"} {
		if _, ok := tree[list].([]any); !ok {
			t.Fatalf("%s is no list but %v", list, tree[list])
		}
	}
	for _, m := range tree["metrics"].([]any) {
		for _, list := range []string{"results", "series"} {
			if _, ok := m.(map[string]any)[list].([]any); !ok {
				t.Fatalf("%s is no list but %v", list, m)
			}
		}
	}
	return tree
}

// TestReportIsAlwaysJSON draws units with whatever numbers a ledger can hold.
func TestReportIsAlwaysJSON(t *testing.T) {
	t.Parallel()
	number := rapid.OneOf(rapid.Int64Range(0, 3), rapid.Int64Range(-1e18, 1e18), rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, math.MinInt64 + 1}))
	kinds := map[string]*Experiment{}
	for kind, text := range map[string]string{
		"mean":       `{"kind":"mean","event":"order.paid","pre_period":"0h"}`,
		"mean-x":     `{"kind":"mean","event":"order.paid"}`,
		"ratio":      `{"kind":"ratio","event":"order.paid","denominator":{"event":"order.paid"},"pre_period":"0h"}`,
		"ratio-x":    `{"kind":"ratio","event":"order.paid","denominator":{"event":"order.paid"}}`,
		"proportion": `{"kind":"proportion","event":"order.paid"}`,
	} {
		kinds[kind] = reporting(t, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		e := kinds[rapid.SampledFrom([]string{"mean", "mean-x", "ratio", "ratio-x", "proportion"}).Draw(t, "kind")]
		cells := Cells{}
		for range rapid.IntRange(0, 6).Draw(t, "groups") {
			v := []int64{1}
			for len(v) < e.Metrics[0].dim() {
				n := number.Draw(t, "number")
				if e.Metrics[0].Kind == Proportion {
					n &= 1
				}
				v = append(v, n)
			}
			variant := rapid.SampledFrom([]string{"control", "b", "none"}).Draw(t, "variant")
			n := rapid.Int64Range(1, 200).Draw(t, "units")
			fill(cells, "m", variant, n, v...)
			fill(cells, UnitsCell, variant, n, 1, 0, 0)
		}
		noStrangeNumbers(t, NewReport(e, cells, "", opening))
	})
}

// TestReportShape is the contract's shape of `analyze --json` and of the report.
func TestReportShape(t *testing.T) {
	t.Parallel()
	e := spending(t)
	tree := noStrangeNumbers(t, NewReport(e, tell(t, e, people(60, 5)), "tier=gold", opening))
	m := tree["metrics"].([]any)[0].(map[string]any)
	for _, c := range []struct {
		name string
		got  any
		want string
	}{
		{"report", tree, "as_of decision experiment health metrics segment srm status units warnings"},
		{"units", tree["units"], "b c control"},
		{"srm", tree["srm"], "chi2 p_value status"},
		{"health", tree["health"], "flicker srm too_late"},
		{"decision", tree["decision"], "reasons verdict"},
		{"metric", m, "control kind name results role series state"},
		{"control", m["control"], "mean units variant"},
		{"result", m["results"].([]any)[0], "absolute adjusted_p_value mean method p_value relative std_error units variant"},
		{"absolute", m["results"].([]any)[0].(map[string]any)["absolute"], "estimate high low"},
		{"series", m["series"].([]any)[0], "control date results"},
	} {
		var keys []string
		for k := range c.got.(map[string]any) {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		if got := strings.Join(keys, " "); got != c.want {
			t.Errorf("%s has %s, want %s", c.name, got, c.want)
		}
	}
	if tree["decision"].(map[string]any)["reasons"] == nil {
		t.Error("the decision has no reasons")
	}
}

// TestReportBeforeTheStart: a draft has nothing to report, and says so in the
// same shape.
func TestReportBeforeTheStart(t *testing.T) {
	t.Parallel()
	r := NewReport(draft(t, "checkout", full), Cells{}, "", time.Time{})
	noStrangeNumbers(t, r)
	if len(r.Metrics) != 0 || r.Decision.Verdict != KeepRunning {
		t.Errorf("it reports %+v", r)
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	e := draft(t, "checkout", `{"unit":"user","primary":"a","secondary":["b","c"],"guardrails":[{"metric":"a"},{"metric":"c"},{"metric":"d"}],
		"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	for m, want := range map[string]Role{"a": PrimaryRole, "b": SecondaryRole, "c": GuardrailRole, "d": GuardrailRole} {
		if got := e.role(m); got != want {
			t.Errorf("%s is %s, want %s", m, got, want)
		}
	}
	if d := cmp.Diff([]string{"a", "b", "c", "d"}, e.MetricNames()); d != "" {
		t.Errorf("names (-want +got):\n%s", d)
	}
}

// TestCorrection: the p-values of the primary metric are one family, those of
// the secondary ones another, and guardrails stay as they are.
func TestCorrection(t *testing.T) {
	t.Parallel()
	e := spending(t)
	cells := tell(t, e, people(300, 6))
	for _, correction := range []Correction{Holm, BenjaminiHochberg, Uncorrected} {
		e.Correction = correction
		r := NewReport(e, cells, "", opening)
		families := map[Role][]float64{}
		for _, m := range r.Metrics {
			for _, res := range m.Results {
				families[m.Role] = append(families[m.Role], float64(res.PValue))
			}
		}
		if len(families[PrimaryRole]) != 2 || len(families[SecondaryRole]) != 6 || len(families[GuardrailRole]) != 6 {
			t.Fatalf("families are %v", families)
		}
		for role, p := range families {
			want := adjustedByHand(correction, role, p)
			var got []float64
			for _, m := range r.Metrics {
				for _, res := range m.Results {
					if m.Role == role {
						got = append(got, float64(res.AdjustedPValue))
					}
				}
			}
			if d := cmp.Diff(want, got, cmpopts.EquateApprox(1e-12, 0)); d != "" {
				t.Errorf("%s, %s (-want +got):\n%s", correction, role, d)
			}
		}
	}
}

// adjustedByHand adjusts p-values by the definitions of Holm and of Benjamini
// and Hochberg, written with ranks instead of running extremes.
func adjustedByHand(c Correction, role Role, p []float64) []float64 {
	out := slices.Clone(p)
	if c == Uncorrected || role == GuardrailRole {
		return out
	}
	sorted, m := slices.Sorted(slices.Values(p)), float64(len(p))
	for i, v := range p {
		rank := slices.Index(sorted, v)
		if c == Holm {
			out[i] = 0
			for k := range rank + 1 {
				out[i] = max(out[i], min(1, (m-float64(k))*sorted[k]))
			}
			continue
		}
		out[i] = 1
		for k := rank; k < len(sorted); k++ {
			out[i] = min(out[i], m/float64(k+1)*sorted[k])
		}
	}
	return out
}

func BenchmarkNewReport(b *testing.B) {
	e := spending(b)
	cells := tell(b, e, people(300, 7))
	b.ReportAllocs()
	for b.Loop() {
		NewReport(e, cells, "", opening)
	}
}
