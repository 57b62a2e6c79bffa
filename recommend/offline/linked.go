package offline

import (
	"context"
	"fmt"
	"math"

	"github.com/peakday/peakday/recommend"
)

// linked scores what a visitor's items lead to, newer items weighing more.
type linked struct {
	links     *recommend.Links
	decay     float64
	targets   bool
	selfLinks []float32 // by item: how much it leads to itself; nil: not at all
}

func (l *linked) Score(query *Query, out []float32) {
	history := historyOf(query, l.targets)
	l.links.Gather(history, l.decay, out)
	if l.selfLinks == nil {
		return
	}
	for _, t := range history {
		out[t.Slot] += float32(t.Weight*math.Pow(l.decay, float64(t.Moment))) * l.selfLinks[t.Slot]
	}
}

// allLinks is how many links of an item are kept here: more than served.
const allLinks = 1000

type knnSettings struct {
	recommend.ItemSimilarity
	Decay   float64
	Targets bool
}

// itemKNN is item-kNN by cosine with recency-decayed histories.
func itemKNN(d *Data) *method[knnSettings] {
	m := &method[knnSettings]{
		name:  nameKNN,
		start: knnSettings{ItemSimilarity: recommend.DefaultItemSimilarity(), Decay: 0.8, Targets: d.Train.TargetOnly},
		fit: func(ctx context.Context, s *cachedSet, how knnSettings) (Scorer, error) {
			l, err := once(s, fmt.Sprintf("likeness %+v %t", how.ItemSimilarity, how.Targets), func() (*recommend.Links, error) {
				return s.study(how.Targets).Similar(ctx, how.ItemSimilarity, allLinks)
			})
			return &linked{links: l, decay: how.Decay, targets: how.Targets}, err
		},
	}
	m.stages = behaviours(d, func(s *knnSettings, targets bool) { s.Targets = targets })
	m.stages = append(m.stages,
		vary(func(s *knnSettings, v float64) { s.Shrink = v }, 0, 3, 30, 100),
		vary(func(s *knnSettings, v float64) { s.Damp = v }, 0.3, 0.7),
		vary(func(s *knnSettings, v float64) { s.Decay = v }, 0.4, 0.5, 0.6, 0.7, 0.9, 1))
	return m
}

type rulesSettings struct {
	recommend.TransitionRules
	Decay   float64
	Targets bool
}

// transitions are sequential rules with recency-decayed histories. In sessions
// an item may lead to itself.
func transitions(d *Data) *method[rulesSettings] {
	m := &method[rulesSettings]{
		name:  "transitions",
		start: rulesSettings{TransitionRules: recommend.DefaultTransitions(), Decay: 0.5, Targets: d.Train.TargetOnly},
		fit: func(ctx context.Context, s *cachedSet, how rulesSettings) (Scorer, error) {
			l, err := once(s, fmt.Sprintf("rules %+v %t", how.TransitionRules, how.Targets), func() (*recommend.Links, error) {
				return s.study(how.Targets).Transitions(ctx, how.TransitionRules, allLinks)
			})
			out := &linked{links: l, decay: how.Decay, targets: how.Targets}
			if d.Protocol.Session {
				out.selfLinks = s.selfLinks(how.TransitionRules)
			}
			return out, err
		},
	}
	m.stages = behaviours(d, func(s *rulesSettings, targets bool) { s.Targets = targets })
	m.stages = append(m.stages,
		vary(func(s *rulesSettings, v float64) { s.Damp = v }, 0, 0.3, 0.7),
		vary(func(s *rulesSettings, v int) { s.Gap = v }, 1, 2, 10),
		vary(func(s *rulesSettings, v float64) { s.Decay = v }, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 1))
	return m
}

// selfLinks is the sequential rule of each item to itself, which links leave out.
func (s *Set) selfLinks(how recommend.TransitionRules) []float32 {
	selfLinks, n := make([]float64, len(s.Items)), make([]float64, len(s.Items))
	for _, v := range s.Visitors {
		for i, step := range v.Steps {
			n[step.Item]++
			for gap := 1; gap <= how.Gap && i+gap < len(v.Steps); gap++ {
				if v.Steps[i+gap].Item == step.Item {
					selfLinks[step.Item] += 1 / float64(gap)
				}
			}
		}
	}
	out := make([]float32, len(selfLinks))
	for i := range out {
		out[i] = float32(selfLinks[i] / math.Sqrt(n[i]+1) / math.Pow(n[i]+1, how.Damp))
	}
	return out
}
