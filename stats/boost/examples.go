package boost

// Examples are what a quantile is learned from. They stand in no order: each
// tree is grown on the first half of them or on the second.
type Examples struct {
	width  int
	rows   []float32
	target []float64
	weight []float64
}

// Add appends a row of features, at most 65,535 and as many as in the rows
// before; its target; and how much an error costs, above 0.
func (e *Examples) Add(row []float32, target, weight float64) {
	e.width = len(row)
	e.rows = append(e.rows, row...)
	e.target, e.weight = append(e.target, target), append(e.weight, weight)
}

// Len is the number of rows.
func (e *Examples) Len() int { return len(e.target) }
