package recommend

import "slices"

// scored is something numbered, with a score.
type scored struct {
	index int32
	score float32
}

// topK keeps the limit highest scores of those offered; of equal ones the
// lower index, or the one that first says so. It lets some more come together
// and then cuts off the worst at once: that takes half the time of a heap,
// which moves a few for every one that comes.
type topK struct {
	limit     int
	kept      []scored // the best of those before the last cut, and all since that may be among them
	cut       bool     // there was a cut: what is below the bar cannot be among the best
	threshold float32
	first     func(a, b int32) bool // of equal scores; nil: the lower index
}

func (b *topK) reset(limit int) { b.limit, b.kept, b.cut, b.threshold = limit, b.kept[:0], false, 0 }

// wants reports whether something of that score may be among the best.
func (b *topK) wants(score float32) bool { return b.limit > 0 && (!b.cut || score >= b.threshold) }

// full reports whether limit have been offered.
func (b *topK) full() bool { return len(b.kept) >= b.limit }

func (b *topK) offer(index int32, score float32) {
	if !b.wants(score) {
		return
	}
	b.kept = append(b.kept, scored{index, score})
	if len(b.kept) >= 2*b.limit+16 {
		b.trim()
	}
}

// trim cuts off what is not among the best.
func (b *topK) trim() []scored {
	if len(b.kept) < b.limit || b.limit == 0 || b.cut && len(b.kept) == b.limit {
		return b.kept // there is nothing to cut off, or it has been
	}
	if len(b.kept) > b.limit {
		selectTop(b.kept, b.limit)
	}
	b.cut, b.threshold = true, b.kept[0].score
	for _, v := range b.kept[:b.limit] {
		b.threshold = min(b.threshold, v.score)
	}
	if len(b.kept) > b.limit {
		b.decideTies()
	}
	return b.kept
}

// decideTies gives the last places to the first of those that have the score
// of the bar. The limit highest stand in front already.
func (b *topK) decideTies() {
	better, end := 0, b.limit
	for i := range b.limit {
		if b.kept[i].score > b.threshold {
			b.kept[i], b.kept[better] = b.kept[better], b.kept[i]
			better++
		}
	}
	for i := b.limit; i < len(b.kept); i++ {
		if b.kept[i].score == b.threshold {
			b.kept[i], b.kept[end] = b.kept[end], b.kept[i]
			end++
		}
	}
	if end > b.limit {
		slices.SortFunc(b.kept[better:end], b.compare)
	}
	b.kept = b.kept[:b.limit]
}

// compare puts the better one first.
func (b *topK) compare(x, y scored) int {
	switch {
	case x.score > y.score:
		return -1
	case x.score < y.score:
		return 1
	case x.index == y.index:
		return 0
	case b.first != nil && b.first(x.index, y.index), b.first == nil && x.index < y.index:
		return -1
	}
	return 1
}

// ranked sorts what was kept, best first.
func (b *topK) ranked() []scored {
	b.trim()
	slices.SortFunc(b.kept, b.compare)
	return b.kept
}

// selectTop moves the n highest scores to the front, in no order (Hoare's
// quickselect with the median of three).
func selectTop(s []scored, n int) {
	for from, to := 0, len(s); to-from > 1; {
		pivot := median(s[from].score, s[(from+to)/2].score, s[to-1].score)
		higher := from + toFront(s[from:to], pivot)
		if n <= higher && higher < to {
			to = higher
			continue
		}
		from = higher
		if from += equalToFront(s[from:to], pivot); n <= from {
			return
		}
	}
}

// toFront moves the scores above the pivot to the front and counts them. It
// swaps always and does not branch: a branch would be mispredicted half of the
// time.
func toFront(s []scored, pivot float32) (n int) {
	for i, v := range s {
		s[i], s[n] = s[n], v
		n += int(above(v.score, pivot))
	}
	return n
}

// equalToFront does so with the scores that are the pivot, where none is above.
func equalToFront(s []scored, pivot float32) (n int) {
	for i, v := range s {
		if v.score == pivot {
			s[i], s[n] = s[n], v
			n++
		}
	}
	return n
}

func median(a, b, c float32) float32 { return max(min(a, b), min(max(a, b), c)) }
