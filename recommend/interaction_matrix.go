package recommend

import (
	"slices"
)

// interactionMatrix is who liked what, each pair once: the matrix of visitors and items,
// by row and by column.
type interactionMatrix struct {
	rowStarts []int32
	rowItems  []int32 // ascending within a visitor
	colStarts []int32
	colRows   []int32 // visitors, ascending within an item
}

// maxItemsPerVisitor is how many different items of a visitor count, the newest ones:
// it bounds the work that one visitor makes to its square.
const maxItemsPerVisitor = 200

func (c *corpus) matrix() *interactionMatrix {
	t := &interactionMatrix{rowStarts: make([]int32, 1, c.visitors()+1), colStarts: make([]int32, len(c.items)+1)}
	seen := make([]int32, len(c.items)) // the last visitor that had it, from 1
	for v := range c.visitors() {
		steps := c.stepsOf(v)
		from := len(t.rowItems)
		for i := len(steps) - 1; i >= 0 && len(t.rowItems)-from < maxItemsPerVisitor; i-- {
			if item := steps[i].item; seen[item] != int32(v+1) {
				seen[item] = int32(v + 1)
				t.rowItems = append(t.rowItems, item)
				t.colStarts[item+1]++
			}
		}
		slices.Sort(t.rowItems[from:])
		t.rowStarts = append(t.rowStarts, int32(len(t.rowItems)))
	}
	for i := range c.items {
		t.colStarts[i+1] += t.colStarts[i]
	}
	t.colRows = make([]int32, len(t.rowItems))
	next := append([]int32(nil), t.colStarts...)
	for v := range c.visitors() {
		for _, item := range t.row(v) {
			t.colRows[next[item]] = int32(v)
			next[item]++
		}
	}
	return t
}

func (t *interactionMatrix) row(visitor int) []int32 {
	return t.rowItems[t.rowStarts[visitor]:t.rowStarts[visitor+1]]
}

func (t *interactionMatrix) col(item int) []int32 {
	return t.colRows[t.colStarts[item]:t.colStarts[item+1]]
}
