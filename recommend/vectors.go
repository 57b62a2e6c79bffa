package recommend

import (
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/peakday/peakday/recommend/ann"
	"github.com/peakday/peakday/recommend/tower"
)

// vectors keeps one vector an item, in blocks of items, each block by column:
// the dot products of a query with a block are then a few additions of long
// columns, which is several times faster than row by row.
type vectors struct {
	items, dims int
	data        []float32 // block by block; the last one is filled up with zeros

	indexed sync.Once
	search  *ann.Index
}

// index finds the vectors of large dot products, built when it is first asked
// for; nil where there are few vectors.
func (v *vectors) index() *ann.Index {
	v.indexed.Do(func() { v.search = newIndex(v) })
	return v.search
}

const vectorBlock = 512

func newVectors(rows *dense) *vectors {
	blocks := (rows.rows + vectorBlock - 1) / vectorBlock
	v := &vectors{items: rows.rows, dims: rows.cols, data: make([]float32, blocks*vectorBlock*rows.cols)}
	for item := range rows.rows {
		for d, x := range rows.row(item) {
			v.data[v.at(item, d)] = x
		}
	}
	return v
}

// vectorsOf are the item vectors of two towers.
func vectorsOf(m *tower.Model) *vectors {
	return newVectors(&dense{m.Items(), m.Dims(), m.Vectors()})
}

func (v *vectors) at(item, dim int) int {
	return (item/vectorBlock*v.dims+dim)*vectorBlock + item%vectorBlock
}

// add adds weight times the item's vector to query.
func (v *vectors) add(user []float32, item int32, weight float32) {
	at := v.at(int(item), 0)
	for d := range user {
		user[d] += weight * v.data[at+d*vectorBlock]
	}
}

// dots calls do with the dot products of query with the items from first on,
// block by block. scratch has vectorBlock elements.
func (v *vectors) dots(user, scratch []float32, do func(first int, scores []float32)) {
	y := blas32.Vector{N: vectorBlock, Inc: 1, Data: scratch[:vectorBlock]}
	for first := 0; first < v.items; first += vectorBlock {
		clear(y.Data)
		at := v.at(first, 0)
		for d, q := range user {
			column := v.data[at+d*vectorBlock : at+(d+1)*vectorBlock]
			blas32.Axpy(q, blas32.Vector{N: vectorBlock, Inc: 1, Data: column}, y)
		}
		do(first, y.Data[:min(vectorBlock, v.items-first)])
	}
}
