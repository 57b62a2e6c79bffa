package ann

import (
	"math"
	"math/bits"
	"slices"
)

// scan finds the k best allowed exactly. Scores of codes differ from the true
// products by at most slack, so a vector whose score is more than two of them
// below the k-th best score cannot be in the answer; all others are re-ranked.
func (x *Index) scan(s *scratch, options SearchOptions, k, allowed int, filter Bitmap, hits []Hit) []Hit {
	c := collector{s: s, k: k, slack: x.slack(s)}
	if filter != nil && float64(allowed)*gatherRow < float64(x.used)*scanRow {
		c.begin(math.MinInt32)
		x.scanAllowed(&c, filter)
		c.cut()
	} else if c.begin(x.guess(s, k, filter)); !x.scanAll(&c, filter) {
		c.begin(math.MinInt32) // the guess was too high
		x.scanAll(&c, filter)
	}
	s.candidates = s.candidates[:0]
	for _, n := range s.near {
		s.candidates = append(s.candidates, n.slot)
	}
	return x.rerank(s, options, k, hits)
}

// scanAll reports whether the collector began low enough for the k best.
func (x *Index) scanAll(c *collector, filter Bitmap) bool {
	for at := 0; at < x.used; at += scanRows {
		scores := c.s.scores[:min(scanRows, x.used-at)]
		x.kernel.scanBytes(c.s.query, x.codes[at*x.codeStride:], scores)
		for i, score := range scores {
			if score >= c.threshold && x.allows(filter, int32(at+i)) {
				c.take(score, int32(at+i))
			}
		}
	}
	return c.cut() >= c.guess
}

// sampled is how many rows a guess looks at.
const sampled = 256

// guess is a score which more than k vectors are likely to reach, by a sample:
// the scan then need not sort out those which are only the best so far.
func (x *Index) guess(s *scratch, k int, filter Bitmap) int32 {
	rank := 2*k*sampled/x.used + 4
	if filter != nil || rank > sampled/2 {
		return math.MinInt32
	}
	s.pending, s.ranks = s.pending[:0], slices.Grow(s.ranks[:0], sampled)[:sampled]
	for i := range sampled {
		s.pending = append(s.pending, int32(i*x.used/sampled))
	}
	x.kernel.gatherBytes(s.query, x.codes, s.pending, s.ranks)
	s.pending = s.pending[:0]
	return kthLargest(s.ranks, rank)
}

// scanAllowed goes through the filter in place of the slots.
func (x *Index) scanAllowed(c *collector, filter Bitmap) {
	s := c.s
	s.pending = s.pending[:0]
	for w, word := range filter {
		for ; word != 0; word &= word - 1 {
			if slot, ok := x.slots.get(uint32(w*64 + bits.TrailingZeros64(word))); ok {
				s.pending = append(s.pending, slot)
			}
		}
		if len(s.pending) >= scanRows-64 {
			x.scoreAllowed(c)
		}
	}
	x.scoreAllowed(c)
}

func (x *Index) scoreAllowed(c *collector) {
	s := c.s
	scores := s.scores[:len(s.pending)]
	const ahead = 64 // rows a call: more would fall out of the first cache again
	for at := 0; at < len(scores); at += ahead {
		end := min(at+ahead, len(scores))
		x.kernel.gatherBytes(s.query, x.codes, s.pending[at:end], scores[at:end])
	}
	for i, score := range scores {
		if score >= c.threshold {
			c.take(score, s.pending[i])
		}
	}
	s.pending = s.pending[:0]
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
	apart := (math.Sqrt(lost)*x.maxNorm + math.Sqrt(length)*x.codeError) / unit
	// The float32 product by which hits are ordered has errors of its own.
	apart += float64(x.options.Dimension) * 0x1p-23 * (math.Sqrt(length) + math.Sqrt(lost)) * x.maxNorm / unit
	if !(apart < 1<<40) {
		return 1 << 40
	}
	return int64(apart) + 1
}

// collector keeps the candidates of a scan. It lets some come together, and
// then cuts off those that cannot be in the answer: of 200 that takes half the
// time of a heap.
type collector struct {
	s         *scratch
	k         int
	slack     int64
	guess     int32 // of what the k-th best reaches; math.MinInt32: none
	threshold int32 // lower scores cannot be in the answer, if the guess is right
	room      int   // how many come before the next cut
}

func (c *collector) begin(guess int32) {
	c.s.near, c.guess, c.threshold, c.room = c.s.near[:0], guess, c.below(guess), 4*c.k+64
}

// below is the least score that what truly reaches the other can have.
func (c *collector) below(score int32) int32 {
	return int32(max(int64(score)-2*c.slack, math.MinInt32))
}

func (c *collector) take(score, slot int32) {
	c.s.near = append(c.s.near, near{score, slot})
	if len(c.s.near) >= c.room {
		c.cut()
		c.room = max(c.room, 2*len(c.s.near))
	}
}

// cut raises the threshold to what lies more than the slack below the k-th best,
// which it returns; math.MinInt32 if there are fewer.
func (c *collector) cut() (kth int32) {
	s := c.s
	if len(s.near) < c.k {
		return math.MinInt32
	}
	s.ranks = s.ranks[:0]
	for _, n := range s.near {
		s.ranks = append(s.ranks, n.score)
	}
	kth = kthLargest(s.ranks, c.k)
	threshold := max(c.threshold, c.below(kth))
	c.threshold = threshold
	s.near = slices.DeleteFunc(s.near, func(n near) bool { return n.score < threshold })
	return kth
}

// kthLargest moves the numbers about (Hoare's quickselect with the median of
// three).
func kthLargest(s []int32, k int) int32 {
	for {
		a, b, c := s[0], s[len(s)/2], s[len(s)-1]
		pivot := max(min(a, b), min(max(a, b), c))
		higher := toFront(s, int64(pivot))
		if k <= higher {
			s = s[:higher]
			continue
		}
		s, k = s[higher:], k-higher
		equal := toFront(s, int64(pivot)-1)
		if k <= equal {
			return pivot
		}
		s, k = s[equal:], k-equal
	}
}

// toFront moves the numbers above the pivot to the front and counts them. It
// swaps always and does not branch: a branch would be guessed wrong half of
// the time.
func toFront(s []int32, pivot int64) (n int) {
	for i, v := range s {
		s[i], s[n] = s[n], v
		n += int(uint64(pivot-int64(v)) >> 63)
	}
	return n
}
