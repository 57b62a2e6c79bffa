package tower

// example is one thing to predict: the step of a visitor.
type example struct{ visitor, step int32 }

// batch is the work space of one step of training. Its items are in two lists
// without repeats: those of the past, and the columns that compete to be
// predicted (the targets of the batch and the drawn negatives).
type batch struct {
	sights  []sight   // by example
	targets []int32   // by example, the column of its target
	weights []float32 // by example
	users   []float32 // by example, the unit vector
	lengths []float32 // by example, of the vector before
	toUsers []float32 // gradients

	past     side
	columns  side
	packed   []float32 // columns by panels of tileCols, transposed
	bias     []float32 // by column, minus the log of its chance to be in the batch
	probs    []float32 // examples × columns, then the gradient of the cosines
	width    int       // from one row of probs to the next
	mass     []float32 // shards × columns, what the column took from the targets
	loss     []float64 // by shard
	toScales []scales  // by shard
}

// side is the list of items of one side of a batch.
type side struct {
	items    []int32
	slots    []int32 // by item of the shop, its place in items, or -1
	nameless []bool  // appears without its id
	vectors  []float32
	lengths  []float32
	gradient []float32
}

func (s *side) slot(item int32) int32 {
	if s.slots[item] < 0 {
		s.slots[item] = int32(len(s.items))
		s.items = append(s.items, item)
	}
	return s.slots[item]
}

func (s *side) clear() {
	for _, item := range s.items {
		s.slots[item] = -1
	}
	s.items = s.items[:0]
}

func newSide(items int) side {
	s := side{slots: make([]int32, items)}
	for i := range s.slots {
		s.slots[i] = -1
	}
	return s
}

// room makes room for rows vectors, rounded up to whole tiles, and clears the
// part that rounding adds.
func (s *side) room(stride int) {
	n := roundUp(len(s.items), tileCols)
	s.vectors, s.gradient = grown(s.vectors, n*stride), grown(s.gradient, n*stride)
	s.lengths, s.nameless = grown(s.lengths, n), grown(s.nameless, n)
	clear(s.vectors[len(s.items)*stride:])
}

// grown is s with length n; what it holds is not defined.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
