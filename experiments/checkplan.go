package experiments

import (
	"fmt"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// checkLayers holds the layers to the rules of keys. One layer is written as
// layer, several as layers.
func (e *Experiment) checkLayers() error {
	if len(e.Layers) > 0 && e.Layer != "" && !slices.Equal(e.Layers, []string{e.Layer}) {
		return wrong("layers", "and layer must not both be given: several layers go into layers")
	}
	if len(e.Layers) > maxLayers {
		return wrong("layers", "must be at most %d, got %d", maxLayers, len(e.Layers))
	}
	if len(e.Layers) == 1 {
		e.Layer = e.Layers[0]
	}
	if e.Layer != "" {
		e.Layers = nil
		return events.CheckKey("layer", e.Layer)
	}
	for i, l := range e.Layers {
		if err := events.CheckKey(fmt.Sprintf("layers[%d]", i), l); err != nil {
			return err
		}
		if slices.Contains(e.Layers[:i], l) {
			return wrong(fmt.Sprintf("layers[%d]", i), "must be another layer: %q stands there already", l)
		}
	}
	return nil
}

// checkPlan checks what is to happen by itself: schedule, ramp and bandit.
func (e *Experiment) checkPlan() error {
	if !e.StartsAt.IsZero() && !e.EndsAt.IsZero() && !e.EndsAt.After(e.StartsAt) {
		return wrong("ends_at", "must be after starts_at (%s), got %s", e.StartsAt.Format(time.RFC3339), e.EndsAt.Format(time.RFC3339))
	}
	e.StartsAt, e.EndsAt = e.StartsAt.UTC(), e.EndsAt.UTC()
	if err := e.checkStages(); err != nil {
		return err
	}
	switch e.Allocation {
	case "", Fixed:
		e.Allocation = "" // the default is left out
		if e.Redraw != 0 {
			return wrong("redraw_every", "is for allocation thompson and top-two")
		}
		return nil
	case Thompson, TopTwo:
	default:
		return wrong("allocation", "must be fixed, thompson or top-two, got %q", e.Allocation)
	}
	if e.Redraw == 0 {
		e.Redraw = defaultRedraw
	}
	if e.Redraw < leastRedraw || e.Redraw > longest {
		return wrong("redraw_every", "must be %s to %s, got %s", time.Duration(leastRedraw), time.Duration(longest), time.Duration(e.Redraw))
	}
	if e.Primary == "" {
		return wrong("primary", "is required by allocation %s: it says what is better", e.Allocation)
	}
	for i, v := range e.Variants {
		if v.Weight == 0 {
			return wrong(fmt.Sprintf("variants[%d].weight", i), "must be above 0 under allocation %s: it is where the bandit begins", e.Allocation)
		}
	}
	return nil
}

func (e *Experiment) checkStages() error {
	if len(e.Stages) == 0 {
		return nil
	}
	if n := len(e.Stages); n > maxStages {
		return wrong("stages", "must be at most %d, got %d", maxStages, n)
	}
	before := 0.0
	for i, s := range e.Stages {
		field := fmt.Sprintf("stages[%d]", i)
		if !(s.Coverage > before && s.Coverage <= 1) {
			return wrong(field+".coverage", "must be above %g, that of the stage before, and at most 1, got %g", before, s.Coverage)
		}
		last := i == len(e.Stages)-1
		if !(s.Hours > 0 && s.Hours <= 8784 || last && s.Hours == 0) {
			return wrong(field+".hours", "must be above 0 and at most 8784 (only the last stage may leave it out: it stays), got %g", s.Hours)
		}
		before = s.Coverage
	}
	e.Coverage = e.Stages[0].Coverage
	return nil
}
