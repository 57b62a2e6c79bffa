package recommend

import (
	"context"
	"math"
)

// ItemSimilarity says how items that the same visitors liked are compared: by the
// cosine of their columns, damped and shrunk,
//
//	S(i→j) = n_ij / (nᵢ^½·nⱼ^Damp + Shrink).
type ItemSimilarity struct {
	Shrink float64 // makes the similarity of items that few visitors share count less, 0 or more
	Damp   float64 // how much the popularity of j is held against it, 0 to 1; ½ is the cosine
}

// DefaultItemSimilarity is that which served shops of several kinds well.
func DefaultItemSimilarity() ItemSimilarity { return ItemSimilarity{Shrink: 10, Damp: 0.5} }

// similar links items that the same visitors liked.
func (t *interactionMatrix) similar(ctx context.Context, how ItemSimilarity, limit int) (links, error) {
	n := len(t.colStarts) - 1
	gather := func(item int32, row *accumulator) {
		for _, v := range t.col(int(item)) {
			for _, other := range t.row(int(v)) {
				row.add(other, 1)
			}
		}
	}
	root, damp := make([]float64, n), make([]float64, n)
	for i := range n {
		count := float64(len(t.col(i)))
		root[i], damp[i] = math.Sqrt(count), math.Pow(count, how.Damp)
	}
	return link(ctx, n, limit, gather, func(a, b int32, both float32) float32 {
		return both / float32(root[a]*damp[b]+how.Shrink)
	})
}
