package recommend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/peakday/peakday/recommend/tower"
)

// OfflinePipeline runs a model on the cases of a data set, with the sources, the
// features and the ranker that serve, but without a catalogue, stock and rules. A
// Slot is the number of an item in the Dataset that the model was learned from.
type OfflinePipeline struct {
	training *pipeline
	serving  *pipeline
}

// LearnModel learns all parts of a model but the ranker, as Train does. towers may
// be nil: then the item vectors are factors.
func (s *Dataset) LearnModel(ctx context.Context, towers *tower.Model) (*Model, error) {
	how, err := Training{Seed: 1}.withDefaults()
	if err != nil {
		return nil, err
	}
	m, err := s.corpus.learn(ctx, how)
	if err != nil {
		return nil, fmt.Errorf("learn a model: %w", err)
	}
	if towers != nil {
		m.towers, m.vectors = towers, vectorsOf(towers)
	}
	return m, nil
}

// Pipeline prepares a model of the dataset; ranker may be nil: then it blends by
// the default policy's weights.
func (s *Dataset) Pipeline(m *Model, ranker *Ranker) *OfflinePipeline {
	catalog := NewCatalog(NewInterner(), "", "")
	trends := NewTrends(catalog.interner, "")
	for _, item := range m.items {
		catalog.interner.Intern(item)
	}
	c := s.corpus
	for _, step := range c.steps {
		trends.count(Interaction{Item: c.items[step.item], Action: step.action, Time: time.Unix(step.second, 0)})
	}
	served, policy := *m, DefaultPolicy()
	served.ranker = ranker
	return &OfflinePipeline{
		training: newPipeline(m, catalog, trends).forRankTraining(),
		serving:  newPipeline(&served, catalog, trends).forPolicy(&policy),
	}
}

// Score calls do with each candidate and its score, which is above 0.
func (r *OfflinePipeline) Score(past VisitorState, do func(item Slot, score float64)) {
	d := r.serving.workspaces.Get().(*workspace)
	defer r.serving.workspaces.Put(d)
	r.serving.propose(d, past, time.Time{})
	for i := range d.candidates {
		do(d.candidates[i].slot, d.candidates[i].score)
	}
}

// Example makes a training example of what a visitor wanted next; ok is false if
// no source proposes any of it.
func (r *OfflinePipeline) Example(past VisitorState, wanted []Slot, rng *rand.Rand) (e RankExample, ok bool) {
	d := r.training.workspaces.Get().(*workspace)
	defer r.training.workspaces.Put(d)
	r.training.propose(d, past, time.Time{})
	return d.features.example(func(i int) bool { return slices.Contains(wanted, d.candidates[i].slot) }, rng)
}

// LearnRanker fits a ranker to examples that Example made. It fails with an
// *events.Invalid if they are too few.
func (r *OfflinePipeline) LearnRanker(ctx context.Context, examples []RankExample, seed uint64) (*Ranker, error) {
	return LearnRanker(ctx, r.training.names(), examples, RankerTraining{Seed: seed})
}
