package tower

// sparseGradient sums up the gradients of a table's rows over a batch. A row belongs to
// the shard of its number's remainder.
type sparseGradient struct{ shards [gradientShards]gradientShard }

const gradientShards = 4

type gradientShard struct {
	table    *table
	slots    []int32 // by row of the table, shared by all shards: each has its own rows
	rows     []int32
	gradient []float32
}

func newSparseGradient(t *table) sparseGradient {
	slots := make([]int32, len(t.square))
	for i := range slots {
		slots[i] = -1
	}
	var g sparseGradient
	for i := range g.shards {
		g.shards[i] = gradientShard{table: t, slots: slots}
	}
	return g
}

func (g *gradientShard) add(k kernel, row int32, weight float32, gradient []float32) {
	stride := g.table.stride
	slot := int(g.slots[row])
	if slot < 0 {
		slot = len(g.rows)
		g.slots[row] = int32(slot)
		g.rows = append(g.rows, row)
		if len(g.gradient) < len(g.rows)*stride {
			g.gradient = append(g.gradient, make([]float32, stride)...)
		} else {
			clear(g.gradient[slot*stride : (slot+1)*stride])
		}
	}
	k.axpy(weight, gradient, g.gradient[slot*stride:(slot+1)*stride])
}

// descend takes the step of each row and forgets the gradients.
func (g *gradientShard) descend(k kernel, rate float32) {
	stride := g.table.stride
	for slot, row := range g.rows {
		g.table.descend(k, row, g.gradient[slot*stride:(slot+1)*stride], rate)
		g.slots[row] = -1
	}
	g.rows = g.rows[:0]
}
