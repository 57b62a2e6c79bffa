package recommend

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/peakday/peakday/events"
)

// RankExample is a training example of a ranker: the candidates of one past request,
// with their features, and which of them the visitor wanted.
type RankExample struct {
	rows   []float32
	wanted []int32 // candidates, ascending
}

// candidatesPerExample is how many candidates of a request are learned from: the
// wanted ones and a random part of the others.
const candidatesPerExample = 40

// example makes a training example of a request's candidates: wanted tells of each
// whether it was. ok is false if none or all were: nothing can be learned then.
func (s *featureMatrix) example(wanted func(i int) bool, rng *rand.Rand) (e RankExample, ok bool) {
	others := make([]int, 0, s.candidates)
	for i := range s.candidates {
		if !wanted(i) {
			others = append(others, i)
			continue
		}
		e.wanted = append(e.wanted, int32(len(e.wanted)))
		e.rows = s.row(i, e.rows)
	}
	if len(e.wanted) == 0 || len(others) == 0 {
		return RankExample{}, false
	}
	for range min(len(others), max(1, candidatesPerExample-len(e.wanted))) {
		at := rng.IntN(len(others))
		e.rows = s.row(others[at], e.rows)
		others[at] = others[len(others)-1]
		others = others[:len(others)-1]
	}
	return e, true
}

// RankerTraining says how a ranker is learned. The zero value is the default.
type RankerTraining struct {
	Seed         uint64
	Depth        int     // of the trees, 1 to 8; 5 if 0
	Trees        int     // at most; 100 if 0
	LearningRate float64 // 0.2 if 0
	Lambda       float64 // L2 regularisation of leaf values; 20 if 0

	// MinForAblation is how many examples it takes to choose among the sources:
	// with fewer it would be chance. 2000 if 0.
	MinForAblation int

	noSampling bool // each tree learns from all examples and features, and all trees are kept
}

func (r RankerTraining) withDefaults() RankerTraining {
	if r.Depth == 0 {
		r.Depth = 5
	}
	if r.Trees == 0 {
		r.Trees = 100
	}
	if r.LearningRate == 0 {
		r.LearningRate = 0.2
	}
	if r.Lambda == 0 {
		r.Lambda = 20
	}
	if r.MinForAblation == 0 {
		r.MinForAblation = 2000
	}
	return r
}

// stopAfter is how many trees in a row without a gain on validation examples end
// the training; every validationEvery-th example is one.
const (
	stopAfter       = 30
	validationEvery = 5
)

// LearnRanker fits trees by gradient boosting so that the softmax over each
// example's scores gives what was wanted the largest share: the listwise
// cross-entropy of Bruch et al. (An Alternative Cross Entropy Loss for
// Learning-to-Rank, WWW 2021), with Newton steps. Equal examples and an equal
// seed give equal rankers. With enough examples (MinForAblation), sources
// that gain nothing are left out: see Ablations. It fails with an *events.Invalid
// if there are fewer than 10 examples.
func LearnRanker(ctx context.Context, sources []string, examples []RankExample, how RankerTraining) (*Ranker, error) {
	if len(examples) < 2*validationEvery {
		return nil, &events.Invalid{Field: "examples", Problem: fmt.Sprintf("must be at least %d to learn a ranker, got %d", 2*validationEvery, len(examples))}
	}
	how = how.withDefaults()
	ablations, err := chooseSources(ctx, sources, examples, how)
	if err != nil {
		return nil, fmt.Errorf("choose sources: %w", err)
	}
	r, err := fitTrees(ctx, usedSources(ablations), narrowed(examples, ablations), how)
	if err != nil {
		return nil, fmt.Errorf("learn a ranker: %w", err)
	}
	r.ablations = ablations
	return r, nil
}

// fitTrees grows trees until validation examples gain nothing any more.
func fitTrees(ctx context.Context, sources []string, examples []RankExample, how RankerTraining) (*Ranker, error) {
	b, err := newBooster(ctx, rankWidth(len(sources)), examples, how)
	if err != nil {
		return nil, err
	}
	r := &Ranker{sources: sources, examples: len(examples)}
	best, since := math.Inf(1), 0
	kept := 0
	for range how.Trees {
		b.computeGradients()
		t, err := b.grow()
		if err != nil {
			return nil, err
		}
		if t.feature != nil {
			r.trees = append(r.trees, t)
		}
		if loss := b.validationLoss(); loss < best-1e-6 || how.noSampling {
			best, since, kept = loss, 0, len(r.trees)
		} else if since++; since >= stopAfter {
			break
		}
	}
	r.trees = r.trees[:kept]
	return r.ready(), nil
}
