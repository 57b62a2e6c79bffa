package experiments

import (
	"slices"

	"github.com/peakday/peakday/stats"
)

// phasesOf lists the phases in which the metric has units, if there are
// several.
func phasesOf(sums map[sumKey]daily, metric string) []int {
	var phases []int
	for k := range sums {
		if k.metric == metric && k.phase != allPhases {
			phases = append(phases, k.phase)
		}
	}
	slices.Sort(phases)
	return slices.Compact(phases)
}

// phaseArms is what the variants did in one phase, in their order.
type phaseArms struct {
	shares []float64
	arms   []arm
}

func (e *Experiment) phaseArms(m *Metric, sums map[sumKey]daily, last Day) []phaseArms {
	var out []phaseArms
	for _, phase := range phasesOf(sums, m.row()) {
		p := phaseArms{shares: sharesOf(e.Weights(phase))}
		for _, v := range e.Variants {
			p.arms = append(p.arms, newArm(m, v.Key, sums[sumKey{m.row(), v.Key, phase}].upTo(last, m.dim())))
		}
		out = append(out, p)
	}
	return out
}

// compareOver tests a treatment against control when the weights have changed
// on the way. Units of different phases were split in different shares, so the
// arms are compared within phases:
//
//	plain, with all phases large enough    averaged over the phases (stats.Average), covariates and all
//	else, and under a bandit               weighted by the inverse of the shares (stats.Adaptive)
//	ratios                                 averaged over the phases that can be tested
//
// Phases in which one of the two had no share compare nothing, and are left out.
func (e *Experiment) compareOver(m *Metric, phases []phaseArms, control, treatment int, o stats.Options) (stats.Effect, error) {
	var parts []stats.Effect
	var periods []stats.Period
	whole := true
	var fault error
	for _, p := range phases {
		if p.shares[control] == 0 || p.shares[treatment] == 0 {
			continue
		}
		period := stats.Period{Shares: p.shares}
		for _, a := range p.arms {
			period.Arms = append(period.Arms, plain(a))
		}
		periods = append(periods, period)
		if p.arms[control].Units+p.arms[treatment].Units == 0 {
			continue
		}
		part, err := test(m, p.arms[control], p.arms[treatment], o)
		if err != nil {
			whole, fault = false, err
			continue
		}
		whole = whole && min(p.arms[control].Units, p.arms[treatment].Units) >= minUnitsForCovariates
		parts = append(parts, part)
	}
	adaptable := m.Kind != Ratio && m.Kind != Quantile
	switch {
	case adaptable && (!whole || e.adaptive()):
		return stats.Adaptive(periods, control, treatment, o)
	case len(parts) > 0:
		return stats.Average(parts, o)
	case fault == nil:
		fault = errNoUnits
	}
	return stats.Effect{}, fault
}
