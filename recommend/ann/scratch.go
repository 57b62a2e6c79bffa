package ann

// scratch is what one search needs; searches take turns with them.
type scratch struct {
	query   *quantisedQuery
	padded  []float32 // the query, padded
	visited Bitmap    // slots that the walk has visited
	seen    []int32   // the same in order, so that clearing takes no longer than the walk
	pending []int32   // slots to score next
	scores  []int32
	pool    pool

	candidates []int32 // slots to re-rank, or to select neighbours from
	exact      []float32
	near       []near
	bests      []uint64
	ranks      []int32
}

// near is a candidate of the scan.
type near struct{ score, slot int32 }

const scanRows = 1024

func (x *Index) newScratch() *scratch {
	return &scratch{
		query:   newQuantisedQuery(x.options.Dimension),
		padded:  make([]float32, x.floatStride),
		pending: make([]int32, 0, beam*maxLinks),
		scores:  make([]int32, scanRows),
	}
}

// borrow takes a scratch that reaches all slots. The caller holds mu or writer.
func (x *Index) borrow() *scratch {
	s := x.scratch.Get().(*scratch)
	if words := (x.used + 63) / 64; len(s.visited) < words {
		s.visited = NewBitmap(64*words + 64*words/8)
	}
	return s
}

func (s *scratch) set(query []float32) {
	copy(s.padded, query)
	s.query.set(query)
}

// clearVisited clears visited in as many steps as the walk took.
func (s *scratch) clearVisited() {
	for _, v := range s.seen {
		s.visited[v>>6] = 0
	}
	s.seen = s.seen[:0]
}
