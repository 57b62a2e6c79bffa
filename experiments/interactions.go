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

// takeOverlaps notes which arms of other running experiments on the same units
// the unit is in.
func (s *UnitScan) takeOverlaps(g *scannedExperiment, m *Metric, first UnitExposure, exposed map[string][]UnitExposure, facts []UnitFact) {
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
		g.addOverlap(other, first.Variant, there.Variant, y)
	}
}

func (g *scannedExperiment) addOverlap(other, mine, theirs string, y float64) {
	if g.overlaps[other] == nil {
		g.overlaps[other] = map[[2]string]*tally{}
	}
	k := [2]string{mine, theirs}
	if g.overlaps[other][k] == nil {
		g.overlaps[other][k] = &tally{}
	}
	g.overlaps[other][k].add(y)
}

// leastInOverlap is how many units each pair of arms needs before an
// interaction is looked for.
const leastInOverlap = 50

func (g *scannedExperiment) interactions(arms func(experiment string) []string) []Interaction {
	var out []Interaction
	var ps []float64
	mine := arms(g.experiment.Key)
	for _, other := range slices.Sorted(maps.Keys(g.overlaps)) {
		theirs := arms(other)
		cells := make([][]stats.Sample, len(mine))
		fewest := math.Inf(1)
		for i, a := range mine {
			for _, b := range theirs {
				t := g.overlaps[other][[2]string{a, b}]
				if t == nil {
					t = &tally{}
				}
				fewest = min(fewest, t.n)
				cells[i] = append(cells[i], t.sample())
			}
		}
		if fewest < leastInOverlap {
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
