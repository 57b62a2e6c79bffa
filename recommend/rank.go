package recommend

import (
	"fmt"
	"math"
)

// Ranker orders candidates by what it has learned of how much each source is
// to be believed, and when: the sum of oblivious regression trees over the
// features of a candidate (see slate). It never changes.
type Ranker struct {
	sources []string
	lessons int
	trees   []tree
}

// tree asks the same question of all nodes of a level: bit l of the leaf is
// whether the feature that level l asks for lies above its cut.
type tree struct {
	feature []uint16
	cut     []float32
	value   []float32 // by leaf
}

// Sources names the sources whose proposals the ranker reads.
func (r *Ranker) Sources() []string { return r.sources }

func (r *Ranker) String() string {
	return fmt.Sprintf("%d trees learned from %d requests", len(r.trees), r.lessons)
}

// Score is how much a candidate is worth, a logarithm: a difference of ln 2
// within one request says that the one is twice as likely wanted.
func (r *Ranker) Score(features []float32) float32 {
	sum := float32(0)
	for i := range r.trees {
		t := &r.trees[i]
		leaf := uint32(0)
		for level, f := range t.feature {
			// The sign of the difference is whether the feature lies above;
			// a branch would be guessed wrong half of the time.
			leaf |= math.Float32bits(t.cut[level]-features[f]) >> 31 << level
		}
		sum += t.value[leaf]
	}
	return sum
}
