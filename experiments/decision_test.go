package experiments

import (
	"strings"
	"testing"

	"github.com/peakday/peakday/stats"
)

// outcome is a relative result: an estimate within ± half, and its adjusted
// p-value.
type outcome struct {
	metric, variant string
	estimate, half  float64
	p               float64
	fromZero        bool // control is at zero: there is only an absolute effect
}

func (f outcome) result() Result {
	e := &Estimate{Number(f.estimate), Number(f.estimate - f.half), Number(f.estimate + f.half)}
	r := Result{ArmReport: ArmReport{Variant: f.variant, Units: 1000}, Absolute: e, AdjustedPValue: Number(f.p)}
	if !f.fromZero {
		r.Relative = e
	}
	return r
}

// reportOf is the part of a report that a decision reads. Metrics whose name
// ends in "-down" should go down.
func reportOf(srm stats.Status, results ...outcome) *Report {
	r := &Report{SRM: SampleRatio{PValue: 0.0002, Status: srm}}
	for _, f := range results {
		i := -1
		for k := range r.Metrics {
			if r.Metrics[k].Name == f.metric {
				i = k
			}
		}
		if i < 0 {
			m := MetricReport{Name: f.metric, Control: ArmReport{Units: 1000}, direction: Increase}
			if strings.HasSuffix(f.metric, "-down") {
				m.direction = Decrease
			}
			r.Metrics = append(r.Metrics, m)
			i = len(r.Metrics) - 1
		}
		r.Metrics[i].Results = append(r.Metrics[i].Results, f.result())
	}
	return r
}

// TestDecide is the table of situations that an analyst may meet.
func TestDecide(t *testing.T) {
	t.Parallel()
	const (
		two    = `"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]`
		three  = `"variants":[{"key":"control","weight":1},{"key":"b","weight":1},{"key":"c","weight":1}]`
		guard  = `"primary":"sales","guardrails":[{"metric":"latency-down","margin":0.02}],`
		strict = `"primary":"sales","guardrails":[{"metric":"latency-down"}],`
		sales  = `"primary":"sales",`
	)
	for _, c := range []struct {
		name       string
		experiment string
		srm        stats.Status
		results    []outcome
		verdict    Verdict
		variant    string
		reasons    []string // words of each
	}{
		{"better", sales + two, stats.OK, []outcome{{"sales", "b", 0.05, 0.02, 0.001, false}}, Ship, "b", []string{"b makes sales better by 5 % (3 to 7 %)"}},
		{"better, downwards", `"primary":"returns-down",` + two, stats.OK, []outcome{{"returns-down", "b", -0.05, 0.02, 0.001, false}}, Ship, "b", []string{"returns-down better by 5 % (3 to 7 %)"}},
		{"better, from zero", sales + two, stats.OK, []outcome{{"sales", "b", 0.5, 0.25, 0.001, true}}, Ship, "b", []string{"better by 0.5 (0.25 to 0.75) from zero"}},
		{"better, and the guardrail holds", guard + two, stats.OK, []outcome{{"sales", "b", 0.05, 0.02, 0.001, false}, {"latency-down", "b", 0.005, 0.01, 0.3, false}}, Ship, "b", []string{"sales better"}},
		{"better, with a warning", sales + two, stats.Warning, []outcome{{"sales", "b", 0.05, 0.02, 0.001, false}}, Ship, "b", []string{"sales better"}},
		{"better but for the correction", sales + two, stats.OK, []outcome{{"sales", "b", 0.05, 0.049, 0.06, false}}, KeepRunning, "", []string{"no variant is better than control in sales yet"}},

		{"worse", sales + two, stats.OK, []outcome{{"sales", "b", -0.05, 0.02, 0.001, false}}, Stop, "", []string{"b makes sales worse by 5 % (3 to 7 %)"}},
		{"guardrail broken", guard + two, stats.OK, []outcome{{"sales", "b", 0.05, 0.02, 0.001, false}, {"latency-down", "b", 0.05, 0.02, 0.001, false}}, Stop, "", []string{"latency-down worse by 5 % (3 to 7 %), more than the 2 % that are tolerated"}},
		{"guardrail broken without a primary", `"guardrails":[{"metric":"latency-down","margin":0.02}],` + two, stats.OK, []outcome{{"latency-down", "b", 0.05, 0.02, 0.001, false}}, Stop, "", []string{"latency-down worse"}},
		{"guardrail that should rise", `"guardrails":[{"metric":"ratings","margin":0.02}],` + two, stats.OK, []outcome{{"ratings", "b", -0.05, 0.02, 0.001, false}}, Stop, "", []string{"ratings worse by 5 %"}},
		{"guardrail broken without a margin", strict + two, stats.OK, []outcome{{"latency-down", "b", 0.005, 0.004, 0.01, false}}, Stop, "", []string{"more than the 0 %"}},
		{"guardrail broken from zero", guard + two, stats.OK, []outcome{{"latency-down", "b", 0.0005, 0.0001, 0.001, true}}, Stop, "", []string{"worse by 0.0005 (0.0004 to 0.0006) from zero"}},

		{"units are missing", sales + two, stats.Failed, []outcome{{"sales", "b", 0.05, 0.02, 0.001, false}}, Hold, "", []string{"shares of the weights (p = 0.0002)"}},
		{"units are missing, and it is worse", guard + two, stats.Failed, []outcome{{"latency-down", "b", 0.05, 0.02, 0.001, false}}, Hold, "", []string{"cannot be trusted"}},
		{"guardrail still open", guard + two, stats.OK, []outcome{{"sales", "b", 0.05, 0.02, 0.001, false}, {"latency-down", "b", 0.01, 0.03, 0.5, false}}, Hold, "", []string{"sales better", "latency-down may still be worse by more than the 2 %"}},
		{"guardrail without a result", guard + two, stats.OK, []outcome{{"sales", "b", 0.05, 0.02, 0.001, false}}, Hold, "", []string{"sales better", "latency-down may still be worse"}},
		{"guardrail open from zero", guard + two, stats.OK, []outcome{{"sales", "b", 0.05, 0.02, 0.001, false}, {"latency-down", "b", 0.001, 0.002, 0.3, true}}, Hold, "", []string{"sales better", "may still be worse"}},
		{"no proof of no harm at all is asked for", strict + two, stats.OK, []outcome{{"sales", "b", 0.05, 0.02, 0.001, false}, {"latency-down", "b", 0.001, 0.003, 0.5, false}}, Ship, "b", []string{"sales better"}},

		{"no answer yet", sales + two, stats.OK, []outcome{{"sales", "b", 0.01, 0.02, 0.3, false}}, KeepRunning, "", []string{"no variant is better"}},
		{"no data", sales + two, stats.OK, nil, KeepRunning, "", []string{"no variant is better"}},
		{"no primary", two, stats.OK, nil, KeepRunning, "", []string{"no primary metric"}},

		{"the better of two", sales + three, stats.OK, []outcome{{"sales", "b", 0.04, 0.02, 0.001, false}, {"sales", "c", 0.06, 0.02, 0.001, false}}, Ship, "c", []string{"c makes sales better by 6 %"}},
		{"one better, one worse", sales + three, stats.OK, []outcome{{"sales", "b", 0.04, 0.02, 0.001, false}, {"sales", "c", -0.06, 0.02, 0.001, false}}, Ship, "b", []string{"c makes sales worse", "b makes sales better"}},
		{"both worse", sales + three, stats.OK, []outcome{{"sales", "b", -0.04, 0.02, 0.001, false}, {"sales", "c", -0.06, 0.02, 0.001, false}}, Stop, "", []string{"b makes sales worse", "c makes sales worse"}},
		{"one worse, one open", sales + three, stats.OK, []outcome{{"sales", "b", -0.04, 0.02, 0.001, false}, {"sales", "c", 0.01, 0.02, 0.4, false}}, KeepRunning, "", []string{"b makes sales worse", "no variant is better"}},
		{"the best breaks a guardrail", guard + three, stats.OK,
			[]outcome{{"sales", "b", 0.04, 0.02, 0.001, false}, {"sales", "c", 0.06, 0.02, 0.001, false}, {"latency-down", "b", 0, 0.01, 1, false}, {"latency-down", "c", 0.05, 0.02, 0.001, false}},
			Ship, "b", []string{"c makes latency-down worse", "b makes sales better"}},
		{"one breaks a guardrail, one is worse", guard + three, stats.OK,
			[]outcome{{"sales", "b", -0.04, 0.02, 0.001, false}, {"sales", "c", 0.06, 0.02, 0.001, false}, {"latency-down", "c", 0.05, 0.02, 0.001, false}},
			Stop, "", []string{"c makes latency-down worse", "b makes sales worse"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := draft(t, "checkout", `{"unit":"user",`+c.experiment+`}`)
			got := Decide(e, reportOf(c.srm, c.results...))
			if got.Verdict != c.verdict || got.Variant != c.variant {
				t.Errorf("the verdict is %s %s, want %s %s; reasons %q", got.Verdict, got.Variant, c.verdict, c.variant, got.Reasons)
			}
			if len(got.Reasons) != len(c.reasons) {
				t.Fatalf("the reasons are %q, want some of %q", got.Reasons, c.reasons)
			}
			for i, words := range c.reasons {
				if !strings.Contains(got.Reasons[i], words) {
					t.Errorf("reason %d is %q, want one that says %q", i, got.Reasons[i], words)
				}
			}
		})
	}
}

// TestDecideEarly: while an experiment runs and has not what it was planned for,
// only the test that may be looked at every day decides.
func TestDecideEarly(t *testing.T) {
	t.Parallel()
	planned := &Power{Units: 2000, Needed: 2000, Target: 0.02, Reached: true}
	for name, c := range map[string]struct {
		status  Status
		power   *Power
		always  float64
		verdict Verdict
	}{
		"running, seen too early":        {Running, nil, 0.2, KeepRunning},
		"running, beyond doubt":          {Running, nil, 0.01, Ship},
		"running, as many as planned":    {Running, planned, 0.2, Ship},
		"running, nobody planned":        {Running, &Power{Units: 2000, Needed: 2000, Target: 0.05, Reached: true, Assumed: true}, 0.2, KeepRunning},
		"stopped where it was to end":    {Stopped, nil, 0.2, Ship},
		"running, fewer than were asked": {Running, &Power{Units: 2000, Needed: 9000, Target: 0.02}, 0.2, KeepRunning},
	} {
		e := inStatus(t, c.status, `{"unit":"user","primary":"sales","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
		r := reportOf(stats.OK, outcome{"sales", "b", 0.05, 0.02, 0.001, false})
		r.Power = c.power
		r.Metrics[0].Results[0].AlwaysValid = &AlwaysValid{PValue: Number(c.always)}
		got := Decide(e, r)
		if got.Verdict != c.verdict || c.verdict == KeepRunning && !strings.Contains(got.Reasons[0], "it is early") {
			t.Errorf("%s: %s, because %q", name, got.Verdict, got.Reasons)
		}
	}
}
