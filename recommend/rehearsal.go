package recommend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/peakday/peakday/recommend/tower"
)

// Rehearsal asks a model offline, by the sources, the features and the ranker
// that serve; without a catalogue, stock and rules. A Slot is the number of an
// item of the study that the model was learned from.
type Rehearsal struct {
	teach *stage
	serve *stage
}

// Model learns all parts of a model but the ranker, as Train does. towers may
// be nil: then it has factors.
func (s *Study) Model(ctx context.Context, towers *tower.Model) (*Model, error) {
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

// Rehearse prepares a model of the study; ranker may be nil: then it blends by
// the default policy's weights.
func (s *Study) Rehearse(m *Model, ranker *Ranker) *Rehearsal {
	catalog := NewCatalog(NewRegister(), "", "")
	trends := NewTrends(catalog.register, "")
	for _, item := range m.items {
		catalog.register.Enter(item)
	}
	c := s.corpus
	for _, step := range c.steps {
		trends.count(Interaction{Item: c.items[step.item], Action: step.action, Time: time.Unix(step.second, 0)})
	}
	served, policy := *m, DefaultPolicy()
	served.ranker = ranker
	return &Rehearsal{
		teach: newStage(m, catalog, trends).teach(),
		serve: newStage(&served, catalog, trends).serve(&policy),
	}
}

// Score calls do with all candidates and their scores, which are above 0.
func (r *Rehearsal) Score(past Past, do func(item Slot, score float64)) {
	d := r.serve.desks.Get().(*desk)
	defer r.serve.desks.Put(d)
	r.serve.ask(d, past, time.Time{})
	for i := range d.candidates {
		do(d.candidates[i].slot, d.candidates[i].score)
	}
}

// Lesson is what a ranker can learn from what was wanted after a past; ok is
// false if that is nothing that is proposed.
func (r *Rehearsal) Lesson(past Past, wanted []Slot, rng *rand.Rand) (l Lesson, ok bool) {
	d := r.teach.desks.Get().(*desk)
	defer r.teach.desks.Put(d)
	r.teach.ask(d, past, time.Time{})
	return d.slate.lesson(func(i int) bool { return slices.Contains(wanted, d.candidates[i].slot) }, rng)
}

// Learn learns a ranker from lessons of the rehearsal. It fails with an
// *events.Invalid if they are too few.
func (r *Rehearsal) Learn(ctx context.Context, lessons []Lesson, seed uint64) (*Ranker, error) {
	return LearnRanker(ctx, r.teach.names(), lessons, Ranking{Seed: seed})
}
