package ann

import (
	"math"
	"slices"
)

// selectNeighbours writes to row the neighbours of base among s.candidates, at most most,
// and -1 after them: best first, leaving out each candidate that is clearly nearer
// to a neighbour chosen before than to base, because the walk gets there by that
// one (HNSW's heuristic selection). How clearly is what DiskANN calls α (Subramanya and others 2019).
func (x *Index) selectNeighbours(s *scratch, base int32, most int, row []int32) {
	n := len(s.candidates)
	s.exact = slices.Grow(s.exact[:0], n+maxLinks)[:n+maxLinks]
	scores, between := s.exact[:n], s.exact[n:]
	x.kernel.gatherFloats(x.float(base), x.floats, s.candidates, scores)
	s.bests = s.bests[:0]
	for i, v := range s.candidates {
		s.bests = append(s.bests, uint64(ordered(scores[i]))<<32|uint64(uint32(v)))
	}
	slices.Sort(s.bests)
	n = 0
	for i := len(s.bests) - 1; i >= 0 && n < most; i-- {
		v, score := int32(uint32(s.bests[i])), unordered(uint32(s.bests[i]>>32))
		x.kernel.gatherFloats(x.float(v), x.floats, row[:n], between)
		if !exceeds(between[:n], score+slackness*abs(score)) {
			row[n] = v
			n++
		}
	}
	for i := n; i < len(row); i++ {
		row[i] = -1
	}
}

// slackness 0 leaves lists of 7 links, 0.15 of 10, and a walk of the same recall
// then keeps a third fewer slots; from 0.3 on, longer lists cost what they gain.
const slackness = 0.15

func abs(f float32) float32 { return max(f, -f) }

func exceeds(scores []float32, threshold float32) bool {
	for _, s := range scores {
		if s > threshold {
			return true
		}
	}
	return false
}

// ordered maps float32 to numbers in the same order.
func ordered(f float32) uint32 {
	b := math.Float32bits(f)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

func unordered(o uint32) float32 {
	if o>>31 != 0 {
		return math.Float32frombits(o &^ (1 << 31))
	}
	return math.Float32frombits(^o)
}
