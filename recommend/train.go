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

	// Describe says what the catalogue knows of an item, which the item tower
	// learns from; nil: nothing is known.
	Describe func(events.ItemID) (*Item, bool)

	// Progress hears of each step before it begins, with the share of the work
	// that is done; nil: nobody does.
	Progress func(step string, done float64)
}

func (t *Training) tell(step string, done float64) {
	if t.Progress != nil {
		t.Progress(step, done)
	}
}

func (t Training) withDefaults() (Training, error) {
	if t.Neighbours == 0 {
		t.Neighbours = 50
	}
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

// Train learns a model from interactions: sequential rules, likeness of items,
// item vectors and popularity. The vectors are factors, or those of two towers
// if Prefer says so: Model.Vectors tells. Equal interactions and an equal seed give equal
// models, in whatever order they come and however many cores there are.
//
// It holds about 50 bytes an interaction, 4·(Dims+10) a visitor and
// 16·Neighbours + 12·Dims an item.
func Train(ctx context.Context, interactions iter.Seq[Interaction], how Training) (*Model, error) {
	how, err := how.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	m := &Model{}
	how.tell("read what visitors did", 0)
	c := newCorpus(interactions)
	m.items, m.asOf, m.interactions = c.items, c.asOf, len(c.steps)
	m.popularity = c.popularity()
	how.tell("learn what follows what", 0.2)
	if m.transitions, err = c.transitions(ctx, DefaultTransitions(), how.Neighbours); err != nil {
		return nil, fmt.Errorf("learn transitions: %w", err)
	}
	how.tell("learn what is bought together", 0.4)
	if m.together, err = c.together(ctx, how.Neighbours); err != nil {
		return nil, fmt.Errorf("learn baskets: %w", err)
	}
	how.tell("learn what is alike", 0.5)
	t := c.tastes()
	if m.similar, err = t.similar(ctx, DefaultLikeness(), how.Neighbours); err != nil {
		return nil, fmt.Errorf("learn likeness: %w", err)
	}
	how.tell("learn vectors", 0.7)
	if m.vectors, err = t.learnFactors(ctx, how); err != nil {
		return nil, err
	}
	if m, err = c.withTowers(ctx, m, how); err != nil {
		return nil, err
	}
	m.version = m.name()
	return m, nil
}

const factorDims = 32

func (t *tastes) learnFactors(ctx context.Context, how Training) (*vectors, error) {
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
