package recommend

import (
	"context"
)

// links lists for each item the items that it leads to, best first.
type links struct {
	starts []uint32 // of each item, and the end
	to     []int32
	score  []float32
}

func (l *links) of(item int32) ([]int32, []float32) {
	from, end := l.starts[item], l.starts[item+1]
	return l.to[from:end], l.score[from:end]
}

// accumulator adds up scores for items and forgets them at once.
type accumulator struct {
	score   []float32
	touched []int32
}

func newAccumulator(items int) *accumulator { return &accumulator{score: make([]float32, items)} }

func (t *accumulator) add(item int32, score float32) {
	if t.score[item] == 0 {
		t.touched = append(t.touched, item)
	}
	t.score[item] += score
}

func (t *accumulator) clear() {
	for _, item := range t.touched {
		t.score[item] = 0
	}
	t.touched = t.touched[:0]
}

// link makes the links of n items: gather adds up the row of an item, final
// turns a sum into its score, and the limit best of those above 0 are kept.
func link(ctx context.Context, n, limit int, gather func(item int32, row *accumulator), final func(from, to int32, sum float32) float32) (links, error) {
	rows := make([][]scored, n)
	tallies, kept := make([]*accumulator, workers()), make([]topK, workers())
	err := inShards(ctx, n, 64, func(worker, from, to int) {
		if tallies[worker] == nil {
			tallies[worker] = newAccumulator(n)
		}
		row, keep := tallies[worker], &kept[worker]
		for item := int32(from); item < int32(to); item++ {
			gather(item, row)
			keep.reset(limit)
			for _, other := range row.touched {
				if score := final(item, other, row.score[other]); other != item && score > 0 {
					keep.offer(other, score)
				}
			}
			rows[item] = append([]scored(nil), keep.ranked()...)
			row.clear()
		}
	})
	return joined(rows), err
}

func joined(rows [][]scored) links {
	total := 0
	for _, r := range rows {
		total += len(r)
	}
	l := links{starts: make([]uint32, 1, len(rows)+1), to: make([]int32, 0, total), score: make([]float32, 0, total)}
	for _, r := range rows {
		for _, s := range r {
			l.to, l.score = append(l.to, s.index), append(l.score, s.score)
		}
		l.starts = append(l.starts, uint32(len(l.to)))
	}
	return l
}
