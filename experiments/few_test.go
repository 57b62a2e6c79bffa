package experiments

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestWhatCannotBeAnsweredIsSaid: with too little data the numbers are absent,
// and a sentence says what is missing. Nothing is NaN or infinite.
func TestWhatCannotBeAnsweredIsSaid(t *testing.T) {
	t.Parallel()
	const (
		ratio      = `{"kind":"ratio","event":"order.paid","value":"total","denominator":{"event":"order.paid","aggregate":"count"},"pre_period":"0h"}`
		mean       = `{"kind":"mean","event":"order.paid","value":"total","pre_period":"0h"}`
		proportion = `{"kind":"proportion","event":"order.paid","pre_period":"0h"}`
	)
	type group struct {
		variant string
		units   int64
		v       []int64
	}
	for _, c := range []struct {
		name, metric string
		groups       []group
		want         string // in the problem; "" for an answer
	}{
		{"nobody", mean, nil, "unit"},
		{"one unit each", mean, []group{{"control", 1, []int64{1, 5}}, {"b", 1, []int64{1, 7}}}, "at least 2"},
		{"no treatment yet", mean, []group{{"control", 5, []int64{1, 5}}, {"control", 5, []int64{1, 7}}}, "unit"},
		{"ten units with a mean", mean, []group{{"control", 2, []int64{1, 5}}, {"control", 3, []int64{1, 9}}, {"b", 2, []int64{1, 4}}, {"b", 3, []int64{1, 8}}}, ""},
		{"ten units that did nothing", mean, []group{{"control", 5, []int64{1, 0}}, {"b", 5, []int64{1, 0}}}, "no variation"},
		{"ten units with a proportion", proportion, []group{{"control", 3, []int64{1, 0}}, {"control", 2, []int64{1, 1}}, {"b", 5, []int64{1, 1}}}, ""},
		{"a proportion of which nobody did anything", proportion, []group{{"control", 5, []int64{1, 0}}, {"b", 5, []int64{1, 0}}}, "no variation"},
		{"ten units with a ratio", ratio, []group{{"control", 2, []int64{1, 10, 1}}, {"control", 3, []int64{1, 30, 2}}, {"b", 2, []int64{1, 10, 2}}, {"b", 3, []int64{1, 50, 3}}}, ""},
		{"a denominator of zero", ratio, []group{{"control", 50, []int64{1, 10, 1}}, {"control", 50, []int64{1, 30, 2}}, {"b", 100, []int64{1, 0, 0}}}, "denominator"},
		{"a denominator of zero on both sides", ratio, []group{{"control", 100, []int64{1, 0, 0}}, {"b", 100, []int64{1, 0, 0}}}, "denominator"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e, cells := reporting(t, c.metric), Cells{}
			for _, g := range c.groups {
				fill(cells, "m", g.variant, g.units, g.v...)
				fill(cells, UnitsCell, g.variant, g.units, 1, 0, 0)
			}
			r := newReport(e, cells, "", opening)
			noStrangeNumbers(t, r)
			b, err := json.Marshal(r)
			if err != nil || strings.Contains(string(b), "NaN") || strings.Contains(string(b), "Inf") {
				t.Errorf("%v: %s", err, b)
			}
			res := r.Metrics[0].Results[0]
			switch {
			case c.want == "" && (res.Problem != "" || res.Absolute == nil):
				t.Errorf("no answer: %q", res.Problem)
			case c.want != "" && (!strings.Contains(res.Problem, c.want) || res.Absolute != nil):
				t.Errorf("%q does not say %q", res.Problem, c.want)
			}
			// Ten units decide nothing, even where a test finds a difference.
			if r.Decision.Verdict != KeepRunning || len(r.Decision.Reasons) == 0 {
				t.Errorf("the decision is %+v", r.Decision)
			}
		})
	}
}
