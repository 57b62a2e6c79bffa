package experiments

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/stats"
)

// sheet reads a sheet's metrics from their flags.
func sheet(t testing.TB, control string, metrics ...string) Sheet {
	t.Helper()
	s := Sheet{Unit: "unit", Variant: "variant", Control: control, Alpha: 0.05, Correction: Holm}
	for _, text := range metrics {
		m, err := ParseSheetMetric(text)
		mustDo(t, err)
		s.Metrics = append(s.Metrics, m)
	}
	return s
}

// TestSheetEqualsReport: what the ledger makes of people's events and what
// analyze makes of a file about the same people is the same to the last digits.
func TestSheetEqualsReport(t *testing.T) {
	t.Parallel()
	all := people(600, 1)
	e := spending(t)
	live := newReport(e, tell(t, e, all), "", opening)
	var file strings.Builder
	file.WriteString("\ufeffunit,variant,tier,paid,orders,any,before\n")
	for i, p := range all {
		paid, before := float64(sum(p.paid))/100, float64(sum(p.before))/100
		fmt.Fprintf(&file, "u%d,%s,%s,%.2f,%d,%t,%.2f\n", i, p.variant, p.tier, paid, len(p.paid), len(p.paid) > 0, before)
	}
	s := sheet(t, "control", "revenue=paid", "conversion=any:proportion", "basket=paid/orders:ratio", "revenue-x=paid")
	s.Metrics[3].Covariates, s.Segment = []string{"before"}, "tier"
	a, err := s.Analyze(strings.NewReader(file.String()))
	mustDo(t, err)
	near := cmp.Options{cmp.Transformer("float", func(n Number) float64 { return float64(n) }), cmpopts.EquateApprox(1e-9, 1e-12), cmpopts.IgnoreUnexported(Result{}, MetricReport{}),
		cmpopts.IgnoreFields(Result{}, "AdjustedPValue", "AdjustedAbsolute", "AdjustedRelative", "Margin")}
	for _, m := range a.Metrics {
		for _, res := range m.Results {
			found, want := live.find(m.Name, res.Variant)
			if d := cmp.Diff(*want, res, near); d != "" {
				t.Errorf("%s of %s (-live +file):\n%s", m.Name, res.Variant, d)
			}
			if d := cmp.Diff(found.Control, m.Control, near); d != "" {
				t.Errorf("control of %s (-live +file):\n%s", m.Name, d)
			}
		}
	}
	if d := cmp.Diff(live.Units, a.Units); d != "" {
		t.Errorf("units (-live +file):\n%s", d)
	}
	if d := cmp.Diff(live.SRM, a.SRM, near); d != "" {
		t.Errorf("sample ratio (-live +file):\n%s", d)
	}
}

// TestSheetRows: rows of a unit are summed, those of a proportion are one unit,
// a covariate is that of the unit, and a unit in two variants is left out.
func TestSheetRows(t *testing.T) {
	t.Parallel()
	s := sheet(t, "a", "sales=s", "bought=b:proportion", "price=s/n:ratio", "p50=s:quantile(0.5)")
	s.Metrics[0].Covariates = []string{"x"}
	a, err := s.Analyze(strings.NewReader(`unit,variant,s,b,n,x
1,a,10,yes,1,5
1,a,20,no,2,5
2,a,1,0,1,4
3,b,7,1,1,3
3,b,7,TRUE,1,3
4,b,8,f,4,2
5,a,100,1,1,1
5,b,100,1,1,1
`))
	mustDo(t, err)
	if d := cmp.Diff(map[string]int64{"a": 2, "b": 2}, a.Units); d != "" {
		t.Errorf("units (-want +got):\n%s", d)
	}
	got := map[string][2]float64{}
	for _, m := range a.Metrics {
		got[m.Name] = [2]float64{m.Control.Mean, m.Results[0].Mean}
	}
	want := map[string][2]float64{"sales": {15.5, 11}, "bought": {0.5, 0.5}, "price": {31. / 4, 22. / 6}, "p50": {0, 0}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("control and treatment (-want +got):\n%s", d)
	}
	words := strings.Join(a.Warnings, "\n")
	for _, want := range []string{"1 units were seen in more than one variant", "3 units have several rows (8 rows in all)", "over rows would claim"} {
		if !strings.Contains(words, want) {
			t.Errorf("no warning says %q:\n%s", want, words)
		}
	}
	if res := a.Metrics[3].Results[0]; res.Problem == "" || res.Absolute != nil {
		t.Errorf("a median of three values has a result: %+v", res)
	}
}

// TestSheetWarnings: outliers, caps, shares and segments are said in words.
func TestSheetWarnings(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("variant,v,tier\n")
	for i := range 400 {
		v := fmt.Sprint(i % 7)
		if i == 123 {
			v = "9999"
		}
		fmt.Fprintf(&file, "%s,%s,%s\n", []string{"a", "b", "b"}[i%3], v, []string{"gold", "iron"}[i%2])
	}
	plain := sheet(t, "a", "v=v")
	plain.Unit = ""
	a, err := plain.Analyze(strings.NewReader(file.String()))
	mustDo(t, err)
	words := strings.Join(a.Warnings, "\n")
	for _, want := range []string{"every row counts as a unit", "one unit (line 125, in a) has v = 9999", "do not come in the shares"} {
		if !strings.Contains(words, want) {
			t.Errorf("no warning says %q:\n%s", want, words)
		}
	}
	s := plain
	s.Metrics = []SheetMetric{{Name: "v", Kind: Mean, Column: "v", Cap: 0.99}}
	s.Weights, s.Segment = map[string]float64{"a": 1, "b": 2}, "tier"
	a, err = s.Analyze(strings.NewReader(file.String()))
	mustDo(t, err)
	words = strings.Join(a.Warnings, "\n")
	if !strings.Contains(words, "v is capped at 6, its 0.99 quantile over all units: 1 units are above it") || strings.Contains(words, "one unit") {
		t.Errorf("the warnings are\n%s", words)
	}
	if a.SRM.Status != stats.OK {
		t.Errorf("with its own weights the sample ratio is %s", a.SRM.Status)
	}
	if len(a.Segments) != 2 || a.Segments[0].Units["a"]+a.Segments[1].Units["a"] != a.Units["a"] {
		t.Errorf("the segments are %+v of %v", a.Segments, a.Units)
	}
	if len(a.Heterogeneity) != 1 || a.Heterogeneity[0].PValue < 0.01 {
		t.Errorf("heterogeneity is %+v", a.Heterogeneity)
	}
	if st := a.Metrics[0].Results[0].Stratified; st == nil || math.Abs(float64(st.Estimate.Estimate-a.Metrics[0].Results[0].Absolute.Estimate)) > 0.2 {
		t.Errorf("post-stratified: %+v", st)
	}
}

// TestSheetRefuses: what is wrong with a file or a flag is said with its place.
func TestSheetRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want string }{
		{"nothing", "", "the file is empty"},
		{"another encoding", "\xff\xfeu\x00,\x00", "line 1: is not UTF-8"},
		{"no such column", "unit,variant,w\n", `line 1: has no column "v": there are unit, variant, w`},
		{"not a number", "unit,variant,v\n1,a,2\n2,b,lots\n", `line 3: column "v" must be a number (or true, false, yes, no), got "lots"`},
		{"nothing there", "unit,variant,v\n1,a,\n", `line 2: column "v" must be a number, got nothing`},
		{"infinite", "unit,variant,v\n1,a,Inf\n", `line 2: column "v" must be a number`},
		{"no unit", "unit,variant,v\n,a,1\n", `line 2: column "unit" must be the id of a unit`},
		{"no variant", "unit,variant,v\n1,,1\n", `line 2: column "variant" must be a variant`},
		{"too few fields", "unit,variant,v\n1,a,1\n2,b\n", "line 3: wrong number of fields"},
		{"no control", "unit,variant,v\n1,b,1\n2,c,1\n", `column "variant" has no unit in the control "a": its values are b, c`},
		{"one unit for all", "unit,variant,v\n1,a,1\n1,b,1\n", `is "unit" the id of a unit?`},
		{"one variant", "unit,variant,v\n1,a,1\n", `column "variant" has only "a"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := sheet(t, "a", "v=v").Analyze(strings.NewReader(c.file))
			var at *SheetError
			if !errors.As(err, &at) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want one that says %q", err, c.want)
			}
		})
	}
	for _, text := range []string{"v", "v=", "=v", "v=v:median", "v=v:ratio", "v=a/:ratio", "v=v:quantile(2)", "v=v:quantile(0.5", "v=:mean"} {
		var invalid *events.Invalid
		if _, err := ParseSheetMetric(text); !errors.As(err, &invalid) || invalid.Field != "metric" {
			t.Errorf("%q is read: %v", text, err)
		}
	}
	bad := sheet(t, "a", "v=v:proportion")
	bad.Metrics[0].Cap = 0.9
	if _, err := bad.Analyze(strings.NewReader("unit,variant,v\n")); err == nil {
		t.Error("a proportion is capped")
	}
}

// TestTenUnits: where the data cannot answer, words stand in place of numbers.
func TestTenUnits(t *testing.T) {
	t.Parallel()
	s := sheet(t, "a", "zero=z/d:ratio", "same=z", "none=z:proportion", "p99=v:quantile(0.99)", "v=v")
	a, err := s.Analyze(strings.NewReader("unit,variant,z,d,v\n" + "1,a,0,0,1\n2,a,0,0,2\n3,a,0,0,3\n4,a,0,0,4\n5,a,0,0,9\n6,b,0,0,3\n7,b,0,0,4\n8,b,0,0,2\n9,b,0,0,6\n10,b,0,0,7\n"))
	mustDo(t, err)
	for _, m := range a.Metrics {
		res := m.Results[0]
		if (m.Name == "v") != (res.Problem == "") {
			t.Errorf("%s: problem %q, absolute %+v", m.Name, res.Problem, res.Absolute)
		}
	}
	b, err := json.Marshal(a)
	mustDo(t, err)
	if strings.Contains(string(b), "NaN") {
		t.Errorf("it says NaN: %s", b)
	}
}

func FuzzSheet(f *testing.F) {
	f.Add("unit,variant,v\n1,a,1\n2,b,2\n")
	f.Add("\ufeffunit,variant,v\n\"1\",a,1e300\n2,b,-1e300\n3,a,true\n4,b,1e300\n")
	f.Fuzz(func(t *testing.T, file string) {
		s := sheet(t, "a", "m=v", "p=v:proportion", "q=v:quantile(0.5)", "r=v/v:ratio")
		s.Segment = "unit"
		for _, one := range []Sheet{{Unit: "unit", Variant: "variant", Control: "a", Metrics: s.Metrics[:1], Alpha: .05, Correction: Holm}, s} {
			a, err := one.Analyze(strings.NewReader(file))
			if err != nil {
				continue
			}
			if _, err := json.Marshal(a); err != nil {
				t.Errorf("the analysis of %q is not JSON: %v", file, err)
			}
		}
	})
}
