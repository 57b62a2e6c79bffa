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
	c := collector{s: s, k: k, slack: x.slack(s), bar: math.MinInt32, room: 2*k + 64}
	s.near = s.near[:0]
	if filter != nil && float64(allowed)*gatherRow < float64(x.used)*scanRow {
		x.scanAllowed(&c, filter)
	} else {
		x.scanAll(&c, filter)
	}
	c.cut()
	s.chosen = s.chosen[:0]
	for _, n := range s.near {
		s.chosen = append(s.chosen, n.slot)
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

// collector keeps the candidates of a scan. It lets some come together, and
// then cuts off those that cannot be in the answer: of 200 that takes half the
// time of a heap.
type collector struct {
	s     *scratch
	k     int
	slack int64
	bar   int32 // lower scores cannot be in the answer
	room  int   // how many come before the next cut
}

func (c *collector) take(score, slot int32) {
	c.s.near = append(c.s.near, near{score, slot})
	if len(c.s.near) >= c.room {
		c.cut()
		c.room = max(c.room, 2*len(c.s.near))
	}
}

// cut raises the bar to what lies more than the slack below the k-th best.
func (c *collector) cut() {
	s := c.s
	if len(s.near) <= c.k {
		return
	}
	s.ranks = s.ranks[:0]
	for _, n := range s.near {
		s.ranks = append(s.ranks, n.score)
	}
	bar := int64(kthLargest(s.ranks, c.k)) - 2*c.slack
	bar32 := int32(max(bar, math.MinInt32))
	c.bar = bar32
	s.near = slices.DeleteFunc(s.near, func(n near) bool { return n.score < bar32 })
}

// kthLargest moves the numbers about (Hoare's quickselect with the median of
// three).
func kthLargest(s []int32, k int) int32 {
	from, to := 0, len(s)-1
	for from < to {
		a, b, c := s[from], s[(from+to)/2], s[to]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := from, to
		for i <= j {
			for s[i] > pivot {
				i++
			}
			for s[j] < pivot {
				j--
			}
			if i <= j {
				s[i], s[j] = s[j], s[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k-1 <= j:
			to = j
		case k-1 >= i:
			from = i
		default:
			return pivot
		}
	}
	return s[k-1]
}
