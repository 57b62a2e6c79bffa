package experiments

import (
	"bytes"
	"encoding/json"
	"slices"
)

// keep carries what peakday has decided about e over to its next definition,
// and refuses what would make its data incomparable.
func (e *Experiment) keep(next *Experiment) error {
	next.Status, next.Shares, next.Slots = e.Status, e.Shares, e.Slots
	next.Metrics, next.Shipped, next.Changes, next.HashVersion = e.Metrics, e.Shipped, e.Changes, e.HashVersion
	next.Phases, next.Held, next.Breach, next.QALinks = slices.Clone(e.Phases), e.Held, e.Breach, e.QALinks
	next.Stage, next.StageAt = e.Stage, e.StageAt
	if e.Status == Draft {
		return nil
	}
	if len(next.Stages) > 0 {
		next.Coverage = e.Coverage // the ramp's
	}
	if e.adaptive() {
		next.takeWeights(e) // the bandit's
	}
	for _, f := range []struct {
		name  string
		fixed bool
	}{
		{"unit", e.Unit == next.Unit},
		{"layer", slices.Equal(e.InLayers(), next.InLayers())},
		{"allocation", e.Allocation == next.Allocation},
		{"stages", slices.Equal(e.Stages, next.Stages)},
		{"coverage", e.Coverage == next.Coverage || next.Coverage > e.Coverage && (e.Held == 0 || next.Coverage <= e.Held)},
		{"variants", slices.EqualFunc(e.Variants, next.Variants, e.comparable())},
		{"audience", e.Audience.Equal(next.Audience)},
		{"primary", e.Primary == next.Primary},
		{"secondary", holdsAll(next.Secondary, e.Secondary)},
		{"guardrails", holdsAll(guardrailMetrics(next.Guardrails), guardrailMetrics(e.Guardrails))},
		{"segments", holdsAll(next.Segments, e.Segments)},
	} {
		if !f.fixed {
			return refuse("%s cannot change once the experiment has started (it is %s); while it runs the variants' weights may change, coverage may grow (in a layer, up to what it holds of it), and metrics and segments may be added", f.name, e.Status)
		}
	}
	return nil
}

// comparable says how variants may differ from the next definition's: while the
// experiment runs or is paused, in their weights.
func (e *Experiment) comparable() func(a, b Variant) bool {
	if e.Status != Running && e.Status != Paused {
		return Variant.equal
	}
	return func(a, b Variant) bool {
		a.Weight, b.Weight = 0, 0
		return a.equal(b)
	}
}

// equal compares values as they are stored: storing writes "<" as "\u003c".
func (v Variant) equal(o Variant) bool {
	x, errX := json.Marshal(v)
	y, errY := json.Marshal(o)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
