package experiments

import (
	"context"
	"fmt"
	"time"

	"github.com/peakday/peakday/stats"
)

// Breach is a guardrail that a variant was found to break while it ran, by a
// test that may be made at any time.
type Breach struct {
	At       time.Time `json:"at"`
	Metric   string    `json:"metric"`
	Variant  string    `json:"variant"`
	Margin   float64   `json:"margin"`  // tolerated worsening, relative to control
	PValue   float64   `json:"p_value"` // always valid, adjusted by Holm over guardrails and variants
	Estimate Estimate  `json:"estimate"`
}

const (
	// guardAlpha is the chance that a harmless experiment is ever stopped.
	guardAlpha = 0.01
	// guardUnits is how many units an arm needs before a guardrail is tested.
	guardUnits = 100
)

// Guard tests the guardrails of an experiment against their margins. The tests
// are always valid: they may be made after every event, and still an experiment
// whose variants break nothing is stopped with a chance of 1 % at most, however
// many guardrails it has. It returns the clearest breach, or nil.
func Guard(e *Experiment, cells Cells, now time.Time) *Breach {
	var found []Breach
	var ps []float64
	sums := sumUp(cells, "")
	for _, g := range e.Guardrails {
		m := e.metric(g.Metric)
		if m == nil {
			continue
		}
		for _, res := range e.results(m, sums) {
			b, p := Breach{}, 1.0
			if res.effect != nil && min(res.effect.Control.N, res.effect.Treatment.N) >= guardUnits {
				b, p = testHarm(g, m, res, now)
			}
			found, ps = append(found, b), append(ps, p)
		}
	}
	adjusted, err := stats.Holm(ps)
	if err != nil {
		return nil // there are none
	}
	worst := -1
	for i, p := range adjusted {
		found[i].PValue = p
		if p <= guardAlpha && (worst < 0 || p < adjusted[worst]) {
			worst = i
		}
	}
	if worst < 0 {
		return nil
	}
	return &found[worst]
}

// testHarm gives the always-valid p-value of a variant not being worse than a
// guardrail tolerates. What cannot be tested yet is not broken.
func testHarm(g Guardrail, m *Metric, res Result, now time.Time) (Breach, float64) {
	always, err := stats.AlwaysValid(*res.effect, stats.Sequence{})
	if err != nil {
		return Breach{}, 1
	}
	margin := stats.Margin{Relative: g.Margin, Better: m.Direction.better()}
	test, err := stats.AgainstMargin(always, margin)
	if err != nil {
		return Breach{}, 1
	}
	absolute, _ := estimates(always)
	return Breach{At: now.UTC().Truncate(time.Microsecond), Metric: g.Metric, Variant: res.Variant, Margin: g.Margin, Estimate: *absolute}, test.HarmP
}

// results compares every treatment with control as things stand, with intervals
// at the guardrails' alpha.
func (e *Experiment) results(m *Metric, sums map[sumKey]daily) []Result {
	strict := *e
	strict.Alpha = guardAlpha
	_, results := compareAll(&strict, m, sums, lastDay)
	return results
}

// guardrailAuthor is the author of what a broken guardrail changes.
const guardrailAuthor = "peakday guardrails"

// StopFor stops a running experiment for a broken guardrail.
func (d *Editor) StopFor(ctx context.Context, key string, version int64, b Breach) (*Experiment, error) {
	by := By{Author: guardrailAuthor, Now: b.At, IfVersion: version}
	action := fmt.Sprintf("stop: %s breaks %s", b.Variant, b.Metric)
	return d.move(ctx, by, key, action, func(e *Experiment, _ *Definitions) ([]Change, error) {
		if e.Status != Running {
			return nil, refuse("only a running experiment can be stopped by a guardrail; it is %s", e.Status)
		}
		e.Breach = &b
		return nil, e.enter(Stopped, b.At)
	})
}
