package experiments

import (
	"math"
	"time"

	"github.com/peakday/peakday/stats"
)

// PhaseHealth is who was first exposed in a phase.
type PhaseHealth struct {
	Phase   int              `json:"phase"`
	At      time.Time        `json:"at"`
	Weights []float64        `json:"weights"` // of the variants, in their order
	Units   map[string]int64 `json:"units"`
	SRM     SampleRatio      `json:"srm"`
	LeftOut int64            `json:"left_out"` // units that had met another variant before
}

// unitsDim is the length of the vectors of UnitsCell.
const unitsDim = 3

func (r *Report) countUnits(e *Experiment, sums map[sumKey]daily) {
	var observed []int64
	for _, v := range e.Variants {
		t := sums[sumKey{UnitsCell, v.Key, allPhases}].upTo(math.MaxInt32, unitsDim)
		n := t.count(0)
		r.Units[v.Key] = n
		observed = append(observed, n)
		r.Health.TooLate += t.count(1) + count(sums, LateCell, v.Key, allPhases)
		r.Health.Flicker += t.count(2)
		r.Health.LeftOut += count(sums, LeftOutCell, v.Key, allPhases)
	}
	if len(e.Phases) > 1 {
		r.countPhases(e, sums)
	} else {
		r.SRM = r.ratioOf(e, observed, e.Weights(1))
	}
	r.Health.SRM = r.SRM
	if w := r.SRM.warning(); w != "" {
		r.Warnings = append(r.Warnings, w)
	}
	if n := r.Health.Flicker; n > 0 {
		r.warn("%d units met more than one variant; they are analysed by the first", n)
	}
	if n := r.Health.LeftOut; n > 0 {
		r.warn("%d units met another variant after the weights had changed; they are analysed by the one that they met before, which dilutes its effect", n)
	}
	if n := r.Health.TooLate; n > 0 {
		r.warn("%d facts or exposures came later than allowed and are not counted", n)
	}
}

// count gives the units of a cell whose vector is (1).
func count(sums map[sumKey]daily, cell, variant string, phase int) int64 {
	return sums[sumKey{cell, variant, phase}].upTo(math.MaxInt32, 1).count(0)
}

// ratioOf checks the units against the weights of their phase.
func (r *Report) ratioOf(e *Experiment, observed []int64, weights []float64) SampleRatio {
	for i, v := range e.Variants {
		if n := observed[i]; weights[i] == 0 && n > 0 {
			r.warn("%d units met %s although its weight is 0; the sample-ratio check leaves them out", n, v.Key)
			observed[i] = 0
		}
	}
	return checkRatio(observed, weights)
}

// countPhases checks each phase against its own weights. The worst stands for
// the whole, its p-value multiplied by the number of phases that were looked at.
func (r *Report) countPhases(e *Experiment, sums map[sumKey]daily) {
	worst, looked := SampleRatio{PValue: 1, Status: stats.OK}, 0.0
	for i, phase := range e.Phases {
		p := PhaseHealth{Phase: i + 1, At: phase.At, Weights: phase.Weights, Units: map[string]int64{}}
		var observed []int64
		all := int64(0)
		for _, v := range e.Variants {
			n := sums[sumKey{UnitsCell, v.Key, i + 1}].upTo(math.MaxInt32, unitsDim).count(0)
			p.Units[v.Key] = n
			observed, all = append(observed, n), all+n
			p.LeftOut += count(sums, LeftOutCell, v.Key, i+1)
		}
		p.SRM = r.ratioOf(e, observed, phase.Weights)
		if all > 0 {
			looked++
		}
		if p.SRM.PValue < worst.PValue {
			worst = p.SRM
		}
		r.Health.Phases = append(r.Health.Phases, p)
	}
	r.SRM = worst.times(looked)
}

// times is the check when it is the worst of n.
func (s SampleRatio) times(n float64) SampleRatio {
	if n < 2 {
		return s
	}
	s.PValue = math.Min(1, s.PValue*n)
	s.Status = statusOf(s.PValue, s.Status)
	if s.Sequential != nil {
		q := *s.Sequential
		q.PValue = math.Min(1, q.PValue*n)
		q.Status = statusOf(q.PValue, q.Status)
		s.Sequential = &q
	}
	return s
}

// statusOf is that of a larger p-value: at most what it was.
func statusOf(p float64, was stats.Status) stats.Status {
	switch {
	case was == stats.OK || p >= 0.01:
		return stats.OK
	case p >= 0.001:
		return stats.Warning
	}
	return was
}
