package experiments

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

// answer is an Evaluation in words.
type answer struct {
	Variant  string // "" for none
	Reason   Reason
	Enrolled bool
}

func answerOf(e Evaluation) answer {
	a := answer{Reason: e.Reason, Enrolled: e.Enrolled}
	if e.Variant != nil {
		a.Variant = e.Variant.Key
	}
	return a
}

const (
	twoVariants = `{"unit":"user","variants":[{"key":"control","weight":1},{"key":"b","weight":1}],"overrides":{"tester":"b"}}`
	goldOnly    = `{"unit":"user","variants":[{"key":"control","weight":1},{"key":"b","weight":1}],"audience":{"tier":"gold"},"overrides":{"tester":"b"}}`
	oneThird    = `{"unit":"user","coverage":0.3333,"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`
	onlyB       = `{"unit":"user","variants":[{"key":"a","weight":0,"control":true},{"key":"b","weight":1}]}`
)

// TestEvaluate is the contract's row of OFREP: who gets what, and why. By
// TestPoint's numbers u1 falls to the first half of "checkout" and u7 to the
// second; u2 is among the first third of its coverage and u1 is not.
func TestEvaluate(t *testing.T) {
	t.Parallel()
	gold := Attributes{"tier": "gold"}
	toControl := answer{"control", Static, false}
	for _, c := range []struct {
		name       string
		experiment *Experiment
		subject    Subject
		attributes Attributes
		want       answer
	}{
		{"first half", inStatus(t, Running, twoVariants), Subject{Key: "u1"}, nil, answer{"control", Split, true}},
		{"second half", inStatus(t, Running, twoVariants), Subject{Key: "u7"}, nil, answer{"b", Split, true}},
		{"audience", inStatus(t, Running, goldOnly), Subject{Key: "u7"}, gold, answer{"b", Split, true}},
		{"outside the audience", inStatus(t, Running, goldOnly), Subject{Key: "u7"}, Attributes{"tier": "iron"}, toControl},
		{"audience without attributes", inStatus(t, Running, goldOnly), Subject{Key: "u7"}, nil, toControl},
		{"inside coverage", inStatus(t, Running, oneThird), Subject{Key: "u2"}, nil, answer{"control", Split, true}},
		{"outside coverage", inStatus(t, Running, oneThird), Subject{Key: "u1"}, nil, toControl},
		{"control without weight", inStatus(t, Running, onlyB), Subject{Key: "u1"}, nil, answer{"b", Split, true}},

		{"override", inStatus(t, Running, twoVariants), Subject{Key: "tester"}, nil, answer{"b", TargetingMatch, false}},
		{"override against the audience", inStatus(t, Running, goldOnly), Subject{Key: "tester"}, nil, answer{"b", TargetingMatch, false}},
		{"override while paused", inStatus(t, Paused, twoVariants), Subject{Key: "tester"}, nil, toControl},
		{"override once stopped", inStatus(t, Stopped, twoVariants), Subject{Key: "tester"}, nil, answer{"", Disabled, false}},

		{"paused", inStatus(t, Paused, twoVariants), Subject{Key: "u7"}, nil, toControl},
		{"stopped", inStatus(t, Stopped, twoVariants), Subject{Key: "u7"}, nil, answer{"", Disabled, false}},
		{"shipped", inStatus(t, Shipped, twoVariants), Subject{Key: "u1"}, nil, answer{"b", Static, false}},
		{"shipped, outside the audience", inStatus(t, Shipped, goldOnly), Subject{Key: "u1"}, nil, answer{"b", Static, false}},
		{"shipped, without a unit", inStatus(t, Shipped, twoVariants), Subject{}, nil, answer{"b", Static, false}},

		{"no unit", inStatus(t, Running, twoVariants), Subject{}, nil, toControl},
		{"a unit of the kind wins", inStatus(t, Running, twoVariants),
			Subject{Key: "u1", Units: map[events.UnitKind]events.UnitID{events.User: "u7"}}, nil, answer{"b", Split, true}},
		{"units of other kinds do not count", inStatus(t, Running, twoVariants),
			Subject{Key: "u1", Units: map[events.UnitKind]events.UnitID{events.Device: "u7"}}, nil, answer{"control", Split, true}},
		{"an empty unit of the kind is none", inStatus(t, Running, twoVariants),
			Subject{Key: "u1", Units: map[events.UnitKind]events.UnitID{events.User: ""}}, nil, toControl},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, ok := catalogOf(c.experiment).Evaluate("checkout", c.subject, c.attributes)
			if !ok {
				t.Fatal("the experiment is unknown")
			}
			if d := cmp.Diff(c.want, answerOf(got)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if got.Experiment != c.experiment {
				t.Error("the answer is of another experiment")
			}
		})
	}
}

func TestEvaluateGivesTheUnitThatIsExposed(t *testing.T) {
	t.Parallel()
	e := running(t, "search", `{"unit":"device","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	got, _ := catalogOf(e).Evaluate("search", Subject{Key: "u1", Units: map[events.UnitKind]events.UnitID{events.Device: "d1"}}, nil)
	if got.Unit != "d1" {
		t.Errorf("the unit is %q, want the device d1", got.Unit)
	}
}

// TestEvaluateFixed names variants that ids have had since the first release.
// The points behind them come from the implementation that TestPoint names.
func TestEvaluateFixed(t *testing.T) {
	t.Parallel()
	c := catalogOf(running(t, "checkout", `{"unit":"user","variants":[{"key":"control","weight":1},{"key":"b","weight":1},{"key":"c","weight":2}]}`))
	want := map[events.UnitID]string{
		"u1": "control", "u2": "control", "u3": "control", "u4": "control", "u5": "b", "u6": "b", "u7": "c", "u8": "b", "u9": "c", "u10": "c",
		"设备-9": "b", "00000000-0000-4000-8000-000000000001": "c",
	}
	got := map[events.UnitID]string{}
	for unit := range want {
		e, _ := c.Evaluate("checkout", Subject{Key: unit}, nil)
		got[unit] = e.Variant.Key
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
