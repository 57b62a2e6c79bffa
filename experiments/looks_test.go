package experiments

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/peakday/peakday/events"
)

// TestLooks: the bounds of Lan and DeMets' spending functions for three equal
// looks at .025 a side, as tables and R's gsDesign (sfLDOF, sfLDPocock) have them.
func TestLooks(t *testing.T) {
	t.Parallel()
	for spending, want := range map[string][]float64{
		"obrien-fleming": {3.7103, 2.5114, 1.9930},
		"pocock":         {2.2794, 2.2951, 2.2957},
	} {
		got, err := Looks{Times: []float64{1. / 3, 2. / 3, 1}, Spending: spending}.Bounds()
		mustDo(t, err)
		for i, b := range got {
			if math.Abs(float64(b.Z)-want[i]) > 6e-4 {
				t.Errorf("%s: bound %d is %g, want %g", spending, i+1, b.Z, want[i])
			}
		}
		if last := got[len(got)-1]; math.Abs(last.AlphaSpent-0.05) > 1e-12 {
			t.Errorf("%s spends %g", spending, last.AlphaSpent)
		}
	}
}

func TestBadLooks(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]Looks{
		"looks":    {},
		"alpha":    {Times: []float64{1}, Alpha: 0.7},
		"spending": {Times: []float64{1}, Spending: "haybittle"},
		"rho":      {Times: []float64{1}, Rho: 2},
	} {
		_, err := l.Bounds()
		if bad := (*events.Invalid)(nil); !errors.As(err, &bad) || bad.Field != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (Looks{Times: []float64{0.5, 0.4}}).Bounds(); err == nil {
		t.Error("looks that fall were taken")
	}
}

// TestReportAtALook: at the first look of two an effect of two and a half
// standard errors is not enough, at the last one it is.
func TestReportAtALook(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("v,y\n")
	for i := range 2000 {
		variant, one := "a", 0
		if i%2 == 1 {
			variant = "b"
		}
		if n := i / 2; variant == "a" && n < 100 || variant == "b" && n < 136 {
			one = 1
		}
		fmt.Fprintf(&b, "%s,%d\n", variant, one)
	}
	for _, c := range []struct {
		looks   []float64
		crossed bool
	}{{[]float64{0.5}, false}, {[]float64{0.5, 1}, true}} {
		s := Sheet{Variant: "v", Control: "a", Metrics: []SheetMetric{{Name: "y", Kind: Proportion, Column: "y"}}, Alpha: 0.05, Correction: Holm, Looks: &Looks{Times: c.looks}}
		a, err := s.Analyze(strings.NewReader(b.String()))
		mustDo(t, err)
		r := a.Metrics[0].Results[0]
		g := r.GroupSequential
		if g == nil || g.Crossed != c.crossed || (g.Low > 0) != c.crossed || g.Looks != len(c.looks) {
			t.Errorf("at %v: %+v of p = %g", c.looks, g, r.PValue)
		}
	}
}
