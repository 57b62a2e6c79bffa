package experiments

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestCovariateTightens: the pre-period is of use, or the metrics would show it.
func TestCovariateTightens(t *testing.T) {
	t.Parallel()
	e := spending(t)
	r := newReport(e, tell(t, e, people(600, 2)), "", opening)
	_, plain := r.find("revenue", "b")
	_, adjusted := r.find("revenue-x", "b")
	if adjusted.StdError >= plain.StdError {
		t.Errorf("the standard error is %v with the covariate and %v without", adjusted.StdError, plain.StdError)
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
		{"nobody", mean, func(Cells) {}, "no unit has met either variant", false},
		{"nobody converts or not", proportion, func(Cells) {}, "no unit has met either variant", false},
		{"one unit each", mean, func(cs Cells) { fill(cs, "m", "control", 1, 1, 5); fill(cs, "m", "b", 1, 1, 6) }, "1 unit", false},
		{"nobody in control", mean, func(cs Cells) { fill(cs, "m", "b", 5, 1, 6); fill(cs, "m", "b", 5, 1, 7) }, "no unit has met control yet", false},
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
			r := newReport(e, cells, "", opening)
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

// TestCorrection: the p-values of the primary metric are one family, those of
// the secondary ones another, and guardrails stay as they are.
func TestCorrection(t *testing.T) {
	t.Parallel()
	e := spending(t)
	cells := tell(t, e, people(300, 6))
	for _, correction := range []Correction{Holm, BenjaminiHochberg, Uncorrected} {
		e.Correction = correction
		r := newReport(e, cells, "", opening)
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
