package experiments

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/peakday/peakday/stats"
)

// newReport is the report of e from its cells. segment picks the units of a
// segment such as "tier=gold"; "" takes all.
func newReport(e *Experiment, cells Cells, segment string, asOf time.Time) *Report {
	return View{Segment: segment, AsOf: asOf}.Report(e, cells)
}

// TestReportEqualsRawUnits tells what 600 people did as events, and compares
// the report that comes out of the ledger with statistics on the people.
func TestReportEqualsRawUnits(t *testing.T) {
	t.Parallel()
	all := people(600, 1)
	e := spending(t)
	r := newReport(e, tell(t, e, all), "", opening.Add(30*24*time.Hour))
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

// TestSegmentsAddUp: every unit is in one value of each segment.
func TestSegmentsAddUp(t *testing.T) {
	t.Parallel()
	all := people(300, 3)
	e := spending(t)
	cells := tell(t, e, all)
	total := newReport(e, cells, "", opening)
	units, money := map[string]int64{}, map[string]float64{}
	for _, segment := range []string{"tier=gold", "tier=iron"} {
		r := newReport(e, cells, segment, opening)
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
	if r := newReport(e, cells, "tier=wood", opening); r.Units["control"] != 0 {
		t.Errorf("a segment that nobody is in has %v", r.Units)
	}
}

// TestSeries: each point is the metric as it stood at the end of that day in the
// shop, computed from the people; the last one is the report's own figure.
func TestSeries(t *testing.T) {
	t.Parallel()
	all := people(200, 4)
	e := spending(t)
	r := newReport(e, tell(t, e, all), "", opening)
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
		one.sums[k] = mulInt64(int64(one.sums[k][0]), n)
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
			r := newReport(e, cells, "", opening)
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
	r := newReport(e, cells, "", opening)
	if r.Health.Flicker != 3 || r.Health.TooLate != 5 || r.Units["b"] != 12 {
		t.Errorf("health is %+v, units are %v", r.Health, r.Units)
	}
	if len(r.Warnings) != 2 || !strings.Contains(r.Warnings[0], "3 units met more than one") || !strings.Contains(r.Warnings[1], "5 facts or exposures came later") {
		t.Errorf("warnings are %q", r.Warnings)
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
		noStrangeNumbers(t, newReport(e, cells, "", opening))
	})
}

// TestReportShape is the contract's shape of `analyze --json` and of the report.
func TestReportShape(t *testing.T) {
	t.Parallel()
	e := spending(t)
	tree := noStrangeNumbers(t, newReport(e, tell(t, e, people(120, 5)), "tier=gold", opening))
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
		{"result", m["results"].([]any)[0], "absolute adjusted_p_value always_valid bayesian mean method p_value relative std_error units variant"},
		{"always valid", m["results"].([]any)[0].(map[string]any)["always_valid"], "high low p_value"},
		{"bayesian", m["results"].([]any)[0].(map[string]any)["bayesian"], "chance_to_win expected_loss"},
		{"absolute", m["results"].([]any)[0].(map[string]any)["absolute"], "estimate high low"},
		{"series", m["series"].([]any)[0], "control date results"},
	} {
		got := c.got.(map[string]any)
		for _, name := range strings.Fields(c.want) {
			if _, there := got[name]; !there {
				t.Errorf("%s has no %s", c.name, name)
			}
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
	r := newReport(draft(t, "checkout", full), Cells{}, "", time.Time{})
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

func BenchmarkReport(b *testing.B) {
	e := spending(b)
	cells := tell(b, e, people(300, 7))
	b.ReportAllocs()
	for b.Loop() {
		newReport(e, cells, "", opening)
	}
}
