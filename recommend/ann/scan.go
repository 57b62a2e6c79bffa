package ann

import (
	"math"
	"math/bits"
	"slices"
)

// scan finds the k best allowed exactly. Scores of codes differ from the true
// products by at most slack, so a vector whose score is more than two of them
// below the k-th best score cannot be in the answer; all others are re-ranked.
func (x *Index) scan(s *scratch, k, allowed int, filter Bitmap, hits []Hit) []Hit {
	c := collector{s: s, k: k, slack: x.slack(s), bar: math.MinInt32}
	s.near, s.bests = s.near[:0], s.bests[:0]
	if filter != nil && float64(allowed)*gatherRow < float64(x.used)*scanRow {
		x.scanAllowed(&c, filter)
	} else {
		x.scanAll(&c, filter)
	}
	s.chosen = s.chosen[:0]
	for _, n := range s.near {
		if n.score >= c.bar {
			s.chosen = append(s.chosen, n.slot)
		}
	}
	return x.rerank(s, k, hits)
}

func (x *Index) scanAll(c *collector, filter Bitmap) {
	for at := 0; at < x.used; at += scanRows {
		scores := c.s.scores[:min(scanRows, x.used-at)]
		x.kernel.scanBytes(c.s.query, x.codes[at*x.codeStride:], scores)
		for i, score := range scores {
			if score >= c.bar && x.allows(filter, int32(at+i)) {
				c.take(score, int32(at+i))
			}
		}
	}
}

// scanAllowed goes through the filter in place of the slots.
func (x *Index) scanAllowed(c *collector, filter Bitmap) {
	s := c.s
	s.seen = s.seen[:0]
	for w, word := range filter {
		for ; word != 0; word &= word - 1 {
			if slot, ok := x.slots.get(uint32(w*64 + bits.TrailingZeros64(word))); ok {
				s.seen = append(s.seen, slot)
			}
		}
		if len(s.seen) >= scanRows-64 {
			x.scoreSeen(c)
		}
	}
	x.scoreSeen(c)
}

func (x *Index) scoreSeen(c *collector) {
	s := c.s
	scores := s.scores[:len(s.seen)]
	const ahead = 64 // rows a call: more would fall out of the first cache again
	for at := 0; at < len(scores); at += ahead {
		end := min(at+ahead, len(scores))
		x.kernel.gatherBytes(s.query, x.codes, s.seen[at:end], scores[at:end])
	}
	for i, score := range scores {
		if score >= c.bar {
			c.take(score, s.seen[i])
		}
	}
	s.seen = s.seen[:0]
}

// slack is how far a score can be from the true product, in units of a score,
// by the inequality of Cauchy and Schwarz: q·x − q̂·x̂ = (q−q̂)·x + q̂·(x−x̂).
func (x *Index) slack(s *scratch) int64 {
	length, lost := 0.0, 0.0
	for i, v := range s.padded[:x.options.Dimension] {
		coded := float64(s.query.words[i]) * s.query.scale
		length += coded * coded
		lost += (float64(v) - coded) * (float64(v) - coded)
	}
	unit := s.query.scale * float64(x.scale)
	apart := (math.Sqrt(lost)*x.longest + math.Sqrt(length)*x.lost) / unit
	// The float32 product by which hits are ordered has errors of its own.
	apart += float64(x.options.Dimension) * 0x1p-23 * (math.Sqrt(length) + math.Sqrt(lost)) * x.longest / unit
	if !(apart < 1<<40) {
		return 1 << 40
	}
	return int64(apart) + 1
}

// collector keeps the candidates of a scan.
type collector struct {
	s     *scratch
	k     int
	slack int64
	bar   int32 // lower scores cannot be in the answer
}

func (c *collector) take(score, slot int32) {
	s := c.s
	s.near = append(s.near, near{score, slot})
	s.bests = pushBest(s.bests, candidate(score, slot), c.k)
	if len(s.bests) < c.k {
		return
	}
	bar := int64(candidateScore(s.bests[0])) - 2*c.slack
	if c.bar = int32(max(bar, math.MinInt32)); len(s.near) < cap(s.near) || len(s.near) < 4*c.k+256 {
		return
	}
	bar32 := c.bar
	s.near = slices.DeleteFunc(s.near, func(n near) bool { return n.score < bar32 })
	if 2*len(s.near) > cap(s.near) {
		s.near = slices.Grow(s.near, 2*len(s.near))
	}
}

// pushBest keeps the k largest in a heap whose first is the least of them.
func pushBest(heap []uint64, c uint64, k int) []uint64 {
	if len(heap) < k {
		heap = append(heap, c)
		for i := len(heap) - 1; i > 0 && heap[(i-1)/2] > heap[i]; i = (i - 1) / 2 {
			heap[i], heap[(i-1)/2] = heap[(i-1)/2], heap[i]
		}
		return heap
	}
	if c <= heap[0] {
		return heap
	}
	heap[0] = c
	for i := 0; ; {
		least := 2*i + 1
		if least >= k {
			return heap
		}
		if least+1 < k && heap[least+1] < heap[least] {
			least++
		}
		if heap[i] <= heap[least] {
			return heap
		}
		heap[i], heap[least] = heap[least], heap[i]
		i = least
	}
}
