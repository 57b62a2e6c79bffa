package offline

import (
	"context"
	"fmt"

	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/recommend/tower"
)

// towers scores by the two-tower model: the inner product of the visitor's
// vector with each item's, lifted above 0.
type towers struct {
	model *tower.Model
	clock bool
}

// fitTowers trains the product's model with its defaults: nothing is tuned.
func fitTowers(ctx context.Context, s *cachedSet, p Protocol, seed uint64, progress func(string)) (Scorer, error) {
	corpus := &tower.Corpus{}
	corpus.Items = make([][]int32, len(s.Items))
	if s.Attributes != nil {
		corpus.Vocabulary = &tower.Vocabulary{}
		for i, values := range s.Attributes {
			for _, v := range values {
				corpus.Items[i] = append(corpus.Items[i], corpus.Vocabulary.Number(v.Field, v.Value))
			}
		}
	}
	targets := make([]float32, recommend.Buy+1)
	for _, v := range s.Visitors {
		corpus.Visitors = append(corpus.Visitors, tower.Visitor{Steps: towerSteps(v.Steps, p.Clock)})
		for _, step := range v.Steps {
			if step.Target {
				targets[step.Action] = 1
			}
		}
	}
	training := tower.Training{Seed: seed, Targets: targets}
	training.Progress = func(at tower.Progress) { progress(fmt.Sprintf("two-tower %+v", at)) }
	m, err := tower.Train(ctx, corpus, training)
	if err != nil {
		return nil, fmt.Errorf("train two-tower: %w", err)
	}
	return &towers{m, p.Clock}, nil
}

func towerSteps(steps []Step, clock bool) []tower.Step {
	out := make([]tower.Step, len(steps))
	for i, s := range steps {
		out[i] = tower.Step{Item: s.Item, Event: uint8(s.Action)}
		if clock {
			out[i].Time = s.At / 1e6
		}
	}
	return out
}

// Score implements Scorer. A visitor whose vector cannot be made gets no
// scores.
func (t *towers) Score(query *Query, out []float32) {
	u, err := t.model.UserVector(&tower.Visitor{Steps: towerSteps(query.Steps, t.clock)}, 0)
	if err != nil {
		return
	}
	vectors := rowsOf{t.model.Items(), t.model.Dims(), t.model.Vectors()}
	vectors.timesInto(u, out)
	for i := range out {
		out[i] = max(0, out[i]+1)
	}
}
