package recommend

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/peakday/peakday/events"
)

// Lesson is one request of the past: its candidates' features, and which of
// them the visitor wanted.
type Lesson struct {
	rows   []float32
	wanted []int32 // candidates, ascending
}

// lessonCandidates is how many candidates of a request are learned from: the
// wanted ones and a random part of the others.
const lessonCandidates = 40

// lesson keeps what is learned from a slate: wanted tells of each candidate
// whether it was. ok is false if none was: nothing can be learned then.
func (s *slate) lesson(wanted func(i int) bool, rng *rand.Rand) (l Lesson, ok bool) {
	others := make([]int, 0, s.candidates)
	for i := range s.candidates {
		if !wanted(i) {
			others = append(others, i)
			continue
		}
		l.wanted = append(l.wanted, int32(len(l.wanted)))
		l.rows = s.row(i, l.rows)
	}
	if len(l.wanted) == 0 || len(others) == 0 {
		return Lesson{}, false
	}
	for range min(len(others), max(1, lessonCandidates-len(l.wanted))) {
		at := rng.IntN(len(others))
		l.rows = s.row(others[at], l.rows)
		others[at] = others[len(others)-1]
		others = others[:len(others)-1]
	}
	return l, true
}

// Ranking says how a ranker is learned. The zero value is the default.
type Ranking struct {
	Seed  uint64
	Depth int     // of the trees, 1 to 8; 5 if 0
	Trees int     // at most; 100 if 0
	Rate  float64 // of each tree's say; 0.2 if 0
	Calm  float64 // pulls leaves that saw little towards 0; 20 if 0

	// Choose is how many lessons it takes to choose among the sources: of fewer
	// it would be chance. 2000 if 0.
	Choose int

	steady bool // each tree hears all lessons and may ask for all features, and all trees are kept
}

func (r Ranking) withDefaults() Ranking {
	if r.Depth == 0 {
		r.Depth = 5
	}
	if r.Trees == 0 {
		r.Trees = 100
	}
	if r.Rate == 0 {
		r.Rate = 0.2
	}
	if r.Calm == 0 {
		r.Calm = 20
	}
	if r.Choose == 0 {
		r.Choose = 2000
	}
	return r
}

// stopAfter is how many trees without a gain on held lessons end the learning;
// every heldLesson-th lesson is held.
const (
	stopAfter  = 30
	heldLesson = 5
)

// LearnRanker fits trees by gradient boosting so that the softmax over each
// lesson's scores gives what was wanted the largest share: the listwise
// cross-entropy of Bruch et al. (An Alternative Cross Entropy Loss for
// Learning-to-Rank, WWW 2021), with Newton steps. Equal lessons and an equal
// seed give equal rankers. Where lessons are many, only those sources are read,
// and later asked, that earn something: see Worths. It fails with an
// *events.Invalid if there are fewer than 10 lessons.
func LearnRanker(ctx context.Context, sources []string, lessons []Lesson, how Ranking) (*Ranker, error) {
	if len(lessons) < 2*heldLesson {
		return nil, &events.Invalid{Field: "lessons", Problem: fmt.Sprintf("must be at least %d to learn a ranker, got %d", 2*heldLesson, len(lessons))}
	}
	how = how.withDefaults()
	worths, err := chooseSources(ctx, sources, lessons, how)
	if err != nil {
		return nil, fmt.Errorf("choose sources: %w", err)
	}
	r, err := boost(ctx, askedOf(worths), narrowed(lessons, worths), how)
	if err != nil {
		return nil, fmt.Errorf("learn a ranker: %w", err)
	}
	r.worths = worths
	return r, nil
}

// boost grows trees until held lessons gain nothing any more.
func boost(ctx context.Context, sources []string, lessons []Lesson, how Ranking) (*Ranker, error) {
	b := newBooster(rankWidth(len(sources)), lessons, how)
	r := &Ranker{sources: sources, lessons: len(lessons)}
	best, since := math.Inf(1), 0
	kept := 0
	for range how.Trees {
		b.slopes()
		t, err := b.grow(ctx)
		if err != nil {
			return nil, err
		}
		if t.feature != nil {
			r.trees = append(r.trees, t)
		}
		if loss := b.heldLoss(); loss < best-1e-6 || how.steady {
			best, since, kept = loss, 0, len(r.trees)
		} else if since++; since >= stopAfter {
			break
		}
	}
	r.trees = r.trees[:kept]
	return r.ready(), nil
}
