package offline

import "context"

// popular scores an item by how many visitors had it, of all rows or those to
// be predicted: what everybody gets who recommends without looking.
type popular struct{ counts []float32 }

type popularSettings struct{ Targets bool }

func popularity(d *Data) *method[popularSettings] {
	return &method[popularSettings]{
		name: "popularity", start: popularSettings{Targets: true},
		stages: behaviours(d, func(s *popularSettings, targets bool) { s.Targets = targets }),
		fit: func(_ context.Context, s *cachedSet, how popularSettings) (Scorer, error) {
			return &popular{s.counts(how.Targets)}, nil
		},
	}
}

// behaviours makes the stage that tries with and without the other behaviour,
// if there is any.
func behaviours[S comparable](d *Data, set func(*S, bool)) []func(S) []S {
	if d.Train.TargetOnly {
		return []func(S) []S{vary(set, true)}
	}
	return []func(S) []S{vary(set, true, false)}
}

func (p *popular) Score(_ *Query, out []float32) { copy(out, p.counts) }

// counts is by item how many visitors had it.
func (s *Set) counts(targets bool) []float32 {
	counts := make([]float32, len(s.Items))
	last := make([]int, len(s.Items))
	for v, visitor := range s.Visitors {
		for _, step := range visitor.Steps {
			if (step.Target || !targets) && last[step.Item] != v+1 {
				last[step.Item] = v + 1
				counts[step.Item]++
			}
		}
	}
	return counts
}
