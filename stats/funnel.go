package stats

import "fmt"

// FunnelStep is what the treatment changed at one step of a funnel.
type FunnelStep struct {
	FromStart    Effect // of the units exposed, those who reached the step
	FromPrevious Effect // of those who reached the step before, those who reached this one
	Problem      string // why there is no FromPrevious; empty when there is one
}

// Funnel compares two arms step by step. control[0] and treatment[0] are the
// units exposed, control[k] those of them who reached step k, such as viewed,
// added, ordered, paid, each within its time limit; so the counts never rise.
//
// FromStart is an honest experiment at every step. FromPrevious compares those
// who got that far, who are not the same kind of people in both arms once an
// earlier step differs: it says where the funnel changed, not why.
func Funnel(control, treatment []int64, o Options) ([]FunnelStep, error) {
	if len(control) != len(treatment) || len(control) < 2 {
		return nil, refuse(Mismatch, "treatment", "must have as many counts as the control, two or more, got %d and %d", len(treatment), len(control))
	}
	if err := falling("control", control); err != nil {
		return nil, err
	}
	if err := falling("treatment", treatment); err != nil {
		return nil, err
	}
	steps := make([]FunnelStep, len(control)-1)
	for k := range steps {
		var err error
		if steps[k].FromStart, err = counts(control[0], control[k+1], treatment[0], treatment[k+1], o); err != nil {
			return nil, fmt.Errorf("step %d: %w", k+1, err)
		}
		if steps[k].FromPrevious, err = counts(control[k], control[k+1], treatment[k], treatment[k+1], o); err != nil {
			steps[k].Problem = err.Error()
		}
	}
	return steps, nil
}

// counts compares the proportions of two arms given as counts.
func counts(controlUnits, control, treatmentUnits, treatment int64, o Options) (Effect, error) {
	c, err := Bernoulli(control, controlUnits)
	if err != nil {
		return Effect{}, err
	}
	t, err := Bernoulli(treatment, treatmentUnits)
	if err != nil {
		return Effect{}, err
	}
	return TwoProportions(c, t, o)
}

// falling refuses counts that rise from one step to the next.
func falling(input string, counts []int64) error {
	for k := 1; k < len(counts); k++ {
		if counts[k] < 0 || counts[k] > counts[k-1] {
			return refuse(OutOfRange, fmt.Sprintf("%s[%d]", input, k), "must be 0 to %d, the units at the step before, got %d", counts[k-1], counts[k])
		}
	}
	return nil
}
