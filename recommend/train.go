package recommend

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"github.com/peakday/peakday/events"
)

// Training says how to train. The zero value is the default.
type Training struct {
	Seed       uint64
	Dims       int // of the item vectors, 1 to 256; if 0, 48 of towers and 32 of factors
	Neighbours int // links kept of an item, 1 to 1000; 50 if 0

	// Prefer says whether two towers are to serve in place of factors, given a
	// model with either, alike but for that; nil: towers are not learned.
	Prefer func(towers, factors *Model) bool

	// Accept says whether a learned ranker is to serve in place of weights that
	// were set by hand, given a model with one and the same without; nil: none
	// is learned.
	Accept func(learned, weighted *Model) bool

	// Ranking says how the ranker is learned.
	Ranker RankerTraining

	// Catalog says what is known of items, which the item tower and the ranker
	// learn from; nil: nothing is known.
	Catalog *Catalog

	// Progress hears of each step before it begins, with the share of the work
	// that is done; nil: nobody does.
	Progress func(step string, done float64)
}

func (t *Training) report(step string, done float64) {
	if t.Progress != nil {
		t.Progress(step, done)
	}
}

func (t Training) withDefaults() (Training, error) {
	if t.Neighbours == 0 {
		t.Neighbours = 50
	}
	t.Ranker.Seed = cmp.Or(t.Ranker.Seed, t.Seed)
	if t.Dims < 0 || t.Dims > maxDims {
		return t, &events.Invalid{Field: "dims", Problem: fmt.Sprintf("must be 0 (the default) to %d, got %d", maxDims, t.Dims)}
	}
	if t.Neighbours < 1 || t.Neighbours > maxNeighbours {
		return t, &events.Invalid{Field: "neighbours", Problem: fmt.Sprintf("must be 1 to %d, got %d", maxNeighbours, t.Neighbours)}
	}
	return t, nil
}

const (
	maxDims       = 256
	maxNeighbours = 1000
)

// Train learns a model from interactions: sequential rules, similarity of items,
// item vectors, visits and popularity. The vectors are factors, or those of two
// towers if Prefer says so: Model.Vectors tells. A ranker of what all of these
// propose is learned from what some visitors did at last, which is kept from
// the rest, if Accept takes it: Model.Ranking tells. Equal interactions and an
// equal seed give equal models, in whatever order they come and however many
// cores there are.
//
// It holds about 50 bytes an interaction, 4·(Dims+10) a visitor and
// 20·Neighbours + 12·Dims an item.
func Train(ctx context.Context, interactions iter.Seq[Interaction], how Training) (*Model, error) {
	how, err := how.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	how.report("read what visitors did", 0)
	all := newCorpus(interactions)
	c, requests, why := all.splitForRanker(how)
	m, err := c.learn(ctx, how)
	if err != nil {
		return nil, err
	}
	if m, err = c.withTowers(ctx, m, how); err != nil {
		return nil, err
	}
	if m, err = all.withRanker(ctx, m, requests, why, how); err != nil {
		return nil, err
	}
	m.version = m.name()
	return m, nil
}

// learn learns all parts of a model but towers and the ranker.
func (c *corpus) learn(ctx context.Context, how Training) (m *Model, err error) {
	m = &Model{items: c.items, asOf: c.asOf, interactions: len(c.steps), popularity: c.popularity()}
	how.report("learn what follows what", 0.2)
	if m.transitions, err = c.transitions(ctx, DefaultTransitions(), how.Neighbours); err != nil {
		return nil, fmt.Errorf("learn transitions: %w", err)
	}
	if m.next, err = c.transitions(ctx, nextOnly(), min(nextNeighbours, how.Neighbours)); err != nil {
		return nil, fmt.Errorf("learn what comes next: %w", err)
	}
	how.report("learn what is bought together", 0.4)
	if m.together, err = c.together(ctx, how.Neighbours); err != nil {
		return nil, fmt.Errorf("learn baskets: %w", err)
	}
	how.report("learn what is alike", 0.5)
	m.visits = c.visitsOf(visitPause, mostVisitSteps, leastVisitSteps)
	t := c.matrix()
	if m.similar, err = t.similar(ctx, DefaultItemSimilarity(), how.Neighbours); err != nil {
		return nil, fmt.Errorf("learn likeness: %w", err)
	}
	how.report("learn vectors", 0.7)
	m.vectors, err = t.learnFactors(ctx, how)
	return m, err
}

// nextOnly are the rules of what comes right after an item, however popular.
func nextOnly() TransitionRules { return TransitionRules{Gap: 1, Damp: 0} }

const (
	nextNeighbours = 20
	visitPause     = 24 * 60 * 60 // seconds: who comes back later comes for something else
	mostVisitSteps = 1_000_000

	leastVisitSteps = 2 // a single step went on to nothing
)

const factorDims = 32

func (t *interactionMatrix) learnFactors(ctx context.Context, how Training) (*vectors, error) {
	rows, err := t.factors(ctx, cmp.Or(how.Dims, factorDims), how.Seed)
	if err != nil {
		return nil, fmt.Errorf("learn factors: %w", err)
	}
	return newVectors(rows), nil
}

// popularity is the weight of all that was done with each item.
func (c *corpus) popularity() []float32 {
	sums := make([]float64, len(c.items))
	for i, w := range c.guests {
		sums[i] = float64(w)
	}
	for _, s := range c.steps {
		sums[s.item] += float64(s.weight)
	}
	out := make([]float32, len(sums))
	for i, s := range sums {
		out[i] = float32(s)
	}
	return out
}
