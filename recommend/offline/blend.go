package offline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/recommend/tower"
)

// blend is the product: a model as the service trains it, asked as it answers.
type blend struct {
	pipeline *recommend.OfflinePipeline
	clock    bool
}

// fitBlend learns the parts of the service's model from a set, with its own
// settings, and takes the towers and the ranker; both may be nil.
func fitBlend(ctx context.Context, s *cachedSet, p Protocol, towers *tower.Model, r *recommend.Ranker) (*blend, error) {
	study := s.study(false)
	m, err := once(s, "product", func() (*recommend.Model, error) { return study.LearnModel(ctx, towers) })
	if err != nil {
		return nil, err
	}
	return &blend{study.Pipeline(m, r), p.Clock}, nil
}

// Score implements Scorer: what nobody proposes stays at 0, and what is
// proposed stands above it.
func (b *blend) Score(query *Query, out []float32) {
	b.pipeline.Score(b.past(query), func(item recommend.Slot, score float64) {
		out[item] = float32(math.Log(score)) + aboveAll
	})
}

// aboveAll lifts every candidate over the items that are none.
const aboveAll = 1000

// past is the query's; without a clock its times mean nothing.
func (b *blend) past(query *Query) recommend.VisitorState {
	for i := range query.History {
		if !b.clock {
			query.History[i].Second = 0
		}
	}
	return recommend.VisitorState{History: query.History, RecentActions: query.Recent, Hidden: slotsOf(query.Masked)}
}

// learn teaches a ranker from cases that the model has not seen. It is nil if
// they are too few: the policy's weights rank then.
func (b *blend) learn(ctx context.Context, cases []Case, seed uint64) (*recommend.Ranker, error) {
	examples := make([]recommend.RankExample, len(cases))
	useful := make([]bool, len(cases))
	err := recommend.InShards(ctx, len(cases), caseShard, func(_, from, to int) {
		var w workspace
		for i := from; i < to; i++ {
			query := w.query(&cases[i])
			rng := rand.New(rand.NewPCG(seed, uint64(i)))
			examples[i], useful[i] = b.pipeline.Example(b.past(query), slotsOf(cases[i].Relevant), rng)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("make ranking examples: %w", err)
	}
	kept := examples[:0]
	for i, l := range examples {
		if useful[i] {
			kept = append(kept, l)
		}
	}
	r, err := b.pipeline.LearnRanker(ctx, kept, seed)
	var invalid *events.Invalid
	if errors.As(err, &invalid) {
		return nil, nil
	}
	return r, err
}

func slotsOf(items []int32) []recommend.Slot {
	out := make([]recommend.Slot, len(items))
	for i, item := range items {
		out[i] = recommend.Slot(item)
	}
	return out
}
