package recommend

import (
	"context"
	"math"
)

// basketShrink makes what few baskets share count less.
const basketShrink = 3

// maxBasket is how many items of a basket count: a wholesaler's order says
// little about any two of its items.
const maxBasket = 100

// together links items that were bought in one order, by the cosine of their
// columns in the matrix of baskets and items, shrunk: n_ij / (√(nᵢ·nⱼ) + 3).
// The lines of an order share its moment; steps of buys at one moment of one
// visitor are taken for one order.
func (c *corpus) together(ctx context.Context, limit int) (links, error) {
	baskets := c.baskets()
	of := make([][]int32, len(c.items)) // baskets by item
	for b, items := range baskets {
		for _, item := range items {
			of[item] = append(of[item], int32(b))
		}
	}
	gather := func(item int32, row *accumulator) {
		for _, b := range of[item] {
			for _, other := range baskets[b] {
				row.add(other, 1)
			}
		}
	}
	return link(ctx, len(c.items), limit, gather, func(a, b int32, both float32) float32 {
		return both / float32(math.Sqrt(float64(len(of[a]))*float64(len(of[b])))+basketShrink)
	})
}

// baskets lists the bought items of each order of two or more.
func (c *corpus) baskets() [][]int32 {
	var out [][]int32
	for v := range c.visitors() {
		steps := c.stepsOf(v)
		for len(steps) > 0 {
			n := 1
			for n < len(steps) && steps[n].group == steps[0].group {
				n++
			}
			var bought []int32
			for _, s := range steps[:n] {
				if s.weight == float32(Buy.weight()) && len(bought) < maxBasket {
					bought = append(bought, s.item)
				}
			}
			if len(bought) > 1 {
				out = append(out, bought)
			}
			steps = steps[n:]
		}
	}
	return out
}
