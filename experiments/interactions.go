package experiments

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/peakday/peakday/stats"
)

// Interaction says whether another running experiment on the same units changes
// the effect on the primary metric.
type Interaction struct {
	Experiment     string `json:"experiment"`
	Metric         string `json:"metric"`
	PValue         Number `json:"p_value"`
	AdjustedPValue Number `json:"adjusted_p_value"` // over all pairs, by Benjamini and Hochberg
	Estimate       Number `json:"estimate"`         // of two arms each: effect under the other's treatment minus under its control
}

// takeMeetings notes which arms of other running experiments on the same units
// the unit is in.
func (s *Sweep) takeMeetings(g *gathered, m *Metric, first UnitExposure, exposed map[string][]UnitExposure, facts []UnitFact) {
	y, ok := 0.0, false
	for other, xs := range exposed {
		o := s.of[other]
		if o == nil || other == g.experiment.Key || o.experiment.Status != Running || o.experiment.Unit != g.experiment.Unit {
			continue
		}
		if !ok {
			y, ok = m.number(first.At, facts), true
		}
		there := slices.MinFunc(xs, UnitExposure.earlier)
		g.meet(other, first.Variant, there.Variant, y)
	}
}

func (g *gathered) meet(other, mine, theirs string, y float64) {
	if g.meetings[other] == nil {
		g.meetings[other] = map[[2]string]*tally{}
	}
	k := [2]string{mine, theirs}
	if g.meetings[other][k] == nil {
		g.meetings[other][k] = &tally{}
	}
	g.meetings[other][k].add(y)
}

// leastInMeeting is how many units each pair of arms needs before an
// interaction is looked for.
const leastInMeeting = 50

func (g *gathered) interactions(arms func(experiment string) []string) []Interaction {
	var out []Interaction
	var ps []float64
	mine := arms(g.experiment.Key)
	for _, other := range slices.Sorted(maps.Keys(g.meetings)) {
		theirs := arms(other)
		cells := make([][]stats.Sample, len(mine))
		fewest := math.Inf(1)
		for i, a := range mine {
			for _, b := range theirs {
				t := g.meetings[other][[2]string{a, b}]
				if t == nil {
					t = &tally{}
				}
				fewest = min(fewest, t.n)
				cells[i] = append(cells[i], t.sample())
			}
		}
		if fewest < leastInMeeting {
			continue
		}
		found, err := stats.Interact(cells)
		if err != nil {
			continue
		}
		out = append(out, Interaction{Experiment: other, Metric: g.experiment.Primary, PValue: Number(found.P), Estimate: Number(found.Estimate)})
		ps = append(ps, found.P)
	}
	adjusted, err := stats.BenjaminiHochberg(ps)
	for i := range out {
		if err == nil {
			out[i].AdjustedPValue = Number(adjusted[i])
		}
	}
	slices.SortStableFunc(out, func(a, b Interaction) int { return cmp.Compare(a.PValue, b.PValue) })
	return out[:min(len(out), maxInteractions)]
}

// maxInteractions is how many pairs a report shows, the clearest first.
const maxInteractions = 20
