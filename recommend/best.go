package recommend

import "slices"

// scored is something numbered, with a score.
type scored struct {
	index int32
	score float32
}

// best keeps the limit highest scores of those offered; of equal ones the
// lower index, or the one that first says so. It is a heap whose root is the
// worst kept.
type best struct {
	limit int
	heap  []scored
	first func(a, b int32) bool // of equal scores; nil: the lower index
}

func (b *best) reset(limit int) { b.limit, b.heap = limit, b.heap[:0] }

// bar is the score to beat once there are enough.
func (b *best) bar() (score float32, full bool) {
	if len(b.heap) < b.limit || b.limit == 0 {
		return 0, b.limit == 0
	}
	return b.heap[0].score, true
}

func (b *best) offer(index int32, score float32) {
	v := scored{index, score}
	switch {
	case len(b.heap) < b.limit:
		b.heap = append(b.heap, v)
		b.up(len(b.heap) - 1)
	case b.limit > 0 && b.beats(v, b.heap[0]):
		b.heap[0] = v
		b.down()
	}
}

func (b *best) beats(x, y scored) bool {
	switch {
	case x.score != y.score:
		return x.score > y.score
	case b.first != nil:
		return b.first(x.index, y.index)
	}
	return x.index < y.index
}

func (b *best) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !b.beats(b.heap[parent], b.heap[i]) {
			return
		}
		b.heap[parent], b.heap[i] = b.heap[i], b.heap[parent]
		i = parent
	}
}

// down lets the root sink to its place.
func (b *best) down() {
	h := b.heap
	v, i := h[0], 0
	for {
		worst := 2*i + 1
		if worst >= len(h) {
			break
		}
		if right := worst + 1; right < len(h) && b.beats(h[worst], h[right]) {
			worst = right
		}
		if !b.beats(v, h[worst]) {
			break
		}
		h[i], i = h[worst], worst
	}
	h[i] = v
}

// ranked sorts what was kept, best first. The heap is used up.
func (b *best) ranked() []scored {
	slices.SortFunc(b.heap, func(x, y scored) int {
		if b.beats(x, y) {
			return -1
		}
		return 1
	})
	return b.heap
}
