package tower

// example is one thing to predict: the step of a visitor.
type example struct{ visitor, step int32 }

// batch is the work space of one step of training. Its items are in two lists
// without repeats: those of the past, and the candidates that compete to be
// predicted (the targets of the batch, which are each other's in-batch
// negatives, and the uniform and hard negatives).
type batch struct {
	inputs  []userInput // by example
	targets []int32     // by example, the place of its target among the candidates
	weights []float32   // by example
	users   []float32   // by example, the unit vector
	lengths []float32   // by example, of the vector before
	toUsers []float32   // gradients

	past       itemBatch
	candidates itemBatch
	packed     []float32 // candidates by panels of tileCols, transposed
	bias       []float32 // by candidate, −logQ: minus the log of its probability to be in the batch
	probs      []float32 // examples × candidates: logits, then the gradient of the cosines
	width      int       // from one row of probs to the next
	mass       []float32 // shards × candidates, the gradient as a negative summed over examples
	loss       []float64 // by shard
	toScales   []scales  // by shard
}

// itemBatch is the list of items of one side of a batch.
type itemBatch struct {
	items     []int32
	slots     []int32 // by item of the shop, its place in items, or -1
	idDropped []bool  // appears without its id
	vectors   []float32
	lengths   []float32
	gradient  []float32
}

func (s *itemBatch) slot(item int32) int32 {
	if s.slots[item] < 0 {
		s.slots[item] = int32(len(s.items))
		s.items = append(s.items, item)
	}
	return s.slots[item]
}

func (s *itemBatch) clear() {
	for _, item := range s.items {
		s.slots[item] = -1
	}
	s.items = s.items[:0]
}

func newItemBatch(items int) itemBatch {
	s := itemBatch{slots: make([]int32, items)}
	for i := range s.slots {
		s.slots[i] = -1
	}
	return s
}

// reserve makes room for rows vectors, rounded up to whole tiles, and clears the
// part that rounding adds.
func (s *itemBatch) reserve(stride int) {
	n := roundUp(len(s.items), tileCols)
	s.vectors, s.gradient = grown(s.vectors, n*stride), grown(s.gradient, n*stride)
	s.lengths, s.idDropped = grown(s.lengths, n), grown(s.idDropped, n)
	clear(s.vectors[len(s.items)*stride:])
}

// grown is s with length n; what it holds is not defined.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
