package experiments

import (
	"slices"
	"time"
)

// Phase is a stretch of an experiment's life in which the weights stayed the
// same. A unit is analysed in the phase of its first exposure, with the variant
// that it met then: within a phase the units come in the shares of its weights
// whatever had happened before, and no unit counts twice.
type Phase struct {
	At      time.Time `json:"at"`      // since when; until the next one's
	Weights []float64 `json:"weights"` // of the variants, in their order
}

// PhaseAt gives the number of the phase that t falls in, from 1. What happened
// before the first one belongs to it.
func (e *Experiment) PhaseAt(t time.Time) int {
	n := 1
	for n < len(e.Phases) && !t.Before(e.Phases[n].At) {
		n++
	}
	return n
}

// Weights gives the variants' weights in a phase, in their order.
func (e *Experiment) Weights(phase int) []float64 {
	if phase >= 1 && phase <= len(e.Phases) {
		return e.Phases[phase-1].Weights
	}
	return weightsOf(e.Variants)
}

func weightsOf(variants []Variant) []float64 {
	weights := make([]float64, len(variants))
	for i, v := range variants {
		weights[i] = v.Weight
	}
	return weights
}

// open begins a phase with the variants' weights, moving as few units as these
// allow. Time never runs backwards in a history.
func (e *Experiment) open(now time.Time) {
	now = now.UTC().Truncate(time.Microsecond)
	if n := len(e.Phases); n > 0 && !e.Phases[n-1].At.Before(now) {
		now = e.Phases[n-1].At.Add(time.Microsecond)
	}
	e.Shares = reallocate(e.Shares, e.Variants)
	e.Phases = append(e.Phases, Phase{At: now, Weights: weightsOf(e.Variants)})
}

// reweigh opens a phase if the variants' weights are others than those of the
// last one, in proportion.
func (e *Experiment) reweigh(now time.Time) {
	if e.Shares != nil && !slices.Equal(sharesOf(e.Weights(len(e.Phases))), sharesOf(weightsOf(e.Variants))) {
		e.open(now)
	}
}

// sharesOf are the weights as shares of their sum.
func sharesOf(weights []float64) []float64 {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	out := make([]float64, len(weights))
	for i, w := range weights {
		out[i] = w / sum
	}
	return out
}
