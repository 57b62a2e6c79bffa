package offline

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// source is a scorer that takes part in the blend.
type source struct {
	name   string
	scorer Scorer
}

// blendCandidates is how many items each source may propose.
const blendCandidates = 100

// blend ranks what its sources propose by a learned ranker, as a shop is
// served.
type blend struct {
	sources    []source
	ranker     *recommend.Ranker
	popularity []float32
	desks      sync.Pool
}

// blendDesk is what one goroutine blends on.
type blendDesk struct {
	scores []float32
	top    []int32
	slate  recommend.Slate
}

func newBlend(s *Set, sources []source, r *recommend.Ranker) *blend {
	b := &blend{sources: sources, ranker: r, popularity: s.counts(true)}
	b.desks.New = func() any { return &blendDesk{scores: make([]float32, len(s.Items))} }
	return b
}

// Score implements Scorer: what nobody proposes stays at 0, and what is
// proposed stands above it.
func (b *blend) Score(ask *Ask, out []float32) {
	d := b.desks.Get().(*blendDesk)
	defer b.desks.Put(d)
	b.fill(ask, d)
	for i := range d.slate.Len() {
		score := d.slate.Even(i)
		if b.ranker != nil {
			score = b.ranker.Score(d.slate.Row(i))
		}
		out[d.slate.Slot(i)] = score + aboveAll
	}
}

// aboveAll lifts every candidate over the items that are none.
const aboveAll = 1000

// fill asks the sources.
func (b *blend) fill(ask *Ask, d *blendDesk) {
	d.slate.Begin(len(b.sources))
	for n, s := range b.sources {
		clear(d.scores)
		s.scorer.Score(ask, d.scores)
		for _, item := range ask.Masked {
			d.scores[item] = 0
		}
		d.top = topOf(d.scores, blendCandidates, d.top)
		for place, item := range d.top {
			if score := d.scores[item]; score > 0 {
				d.slate.Propose(n, place, recommend.Slot(item), score, d.scores[d.top[0]])
			}
		}
	}
	d.slate.Describe(ask.History, func(s recommend.Slot) float32 { return b.popularity[s] })
}

// learn teaches a ranker from cases that the sources have not seen. It is nil
// if they are too few: all sources then count alike.
func (b *blend) learn(ctx context.Context, cases []Case, seed uint64) (*recommend.Ranker, error) {
	lessons := make([]recommend.Lesson, len(cases))
	useful := make([]bool, len(cases))
	err := recommend.InShards(ctx, len(cases), caseShard, func(_, from, to int) {
		d := b.desks.Get().(*blendDesk)
		defer b.desks.Put(d)
		var asks desk
		for i := from; i < to; i++ {
			c := &cases[i]
			b.fill(asks.ask(c), d)
			rng := rand.New(rand.NewPCG(seed, uint64(i)))
			lessons[i], useful[i] = recommend.NewLesson(&d.slate, c.wants, rng)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("make lessons: %w", err)
	}
	kept := lessons[:0]
	for i, l := range lessons {
		if useful[i] {
			kept = append(kept, l)
		}
	}
	names := make([]string, len(b.sources))
	for i, s := range b.sources {
		names[i] = s.name
	}
	r, err := recommend.LearnRanker(ctx, names, kept, recommend.Ranking{})
	var invalid *events.Invalid
	if errors.As(err, &invalid) {
		return nil, nil
	}
	return r, err
}

func (c *Case) wants(s recommend.Slot) bool {
	for _, item := range c.Relevant {
		if item == int32(s) {
			return true
		}
	}
	return false
}
