package recommend

import (
	"context"
	"math"
)

// shrink makes the likeness of items that few visitors share count less.
const shrink = 10

// similar links items that the same visitors liked, by the cosine of their
// columns, shrunk: S(i,j) = n_ij / (√(nᵢ·nⱼ) + 10).
func (t *tastes) similar(ctx context.Context, limit int) (links, error) {
	n := len(t.colStarts) - 1
	gather := func(item int32, row *tally) {
		for _, v := range t.col(int(item)) {
			for _, other := range t.row(int(v)) {
				row.add(other, 1)
			}
		}
	}
	return link(ctx, n, limit, gather, func(a, b int32, both float32) float32 {
		na, nb := len(t.col(int(a))), len(t.col(int(b)))
		return both / float32(math.Sqrt(float64(na)*float64(nb))+shrink)
	})
}
