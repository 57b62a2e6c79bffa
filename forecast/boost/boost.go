package boost

// Lessons are what a model learns from. Rows stand in no order: each tree learns
// from the first half of them or from the second.
type Lessons struct {
	width  int
	rows   []float32
	target []float64
	weight []float64
}

// Add appends a row of features, at most 65,535 and as many as in the rows
// before; the number that belongs to it; and how much a miss costs, above 0.
func (l *Lessons) Add(row []float32, target, weight float64) {
	l.width = len(row)
	l.rows = append(l.rows, row...)
	l.target, l.weight = append(l.target, target), append(l.weight, weight)
}

// Len is the number of rows.
func (l *Lessons) Len() int { return len(l.target) }

// Learning says what is learned and how.
type Learning struct {
	Quantile float64 // the probability, between 0 and 1
	Trees    int
	Depth    int     // questions a tree, at most 8
	Rate     float64 // how much of a tree is believed, up to 1
	Calm     float64 // rows of the mean weight that say 0 in each leaf
}

// Model gives a quantile by a row's features.
type Model struct {
	start float64
	trees []tree
}

// tree asks the same questions of all rows: the answers are the bits of the
// leaf.
type tree struct {
	feature []uint16
	cut     []float32
	value   []float64 // by leaf
}

// Value is the quantile for a row of features.
func (m *Model) Value(row []float32) float64 {
	sum := m.start
	for i := range m.trees {
		t := &m.trees[i]
		leaf := 0
		for level, f := range t.feature {
			if row[f] > t.cut[level] {
				leaf |= 1 << level
			}
		}
		sum += t.value[leaf]
	}
	return sum
}
