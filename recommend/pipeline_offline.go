package recommend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/peakday/peakday/recommend/tower"
)

// OfflinePipeline asks a model offline, by the sources, the features and the ranker
// that serve; without a catalogue, stock and rules. A Slot is the number of an
// item of the dataset that the model was learned from.
type OfflinePipeline struct {
	training *pipeline
	serving  *pipeline
}

// LearnModel learns all parts of a model but the ranker, as Train does. towers may
// be nil: then it has factors.
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

// Score calls do with all candidates and their scores, which are above 0.
func (r *OfflinePipeline) Score(past VisitorState, do func(item Slot, score float64)) {
	d := r.serving.workspaces.Get().(*workspace)
	defer r.serving.workspaces.Put(d)
	r.serving.propose(d, past, time.Time{})
	for i := range d.candidates {
		do(d.candidates[i].slot, d.candidates[i].score)
	}
}

// Example is what a ranker can learn from what was wanted after a past; ok is
// false if that is nothing that is proposed.
func (r *OfflinePipeline) Example(past VisitorState, wanted []Slot, rng *rand.Rand) (e RankExample, ok bool) {
	d := r.training.workspaces.Get().(*workspace)
	defer r.training.workspaces.Put(d)
	r.training.propose(d, past, time.Time{})
	return d.features.example(func(i int) bool { return slices.Contains(wanted, d.candidates[i].slot) }, rng)
}

// LearnRanker learns a ranker from examples of the pipeline. It fails with an
// *events.Invalid if they are too few.
func (r *OfflinePipeline) LearnRanker(ctx context.Context, examples []RankExample, seed uint64) (*Ranker, error) {
	return LearnRanker(ctx, r.training.names(), examples, RankerTraining{Seed: seed})
}
