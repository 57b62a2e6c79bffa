package experiments

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Cell names a row of the ledger. Its triangle holds what the units of a
// variant (of a segment of it) gained on one day: summed over the days to k,
// it is the triangle of the units' numbers as they stood at the end of day k.
type Cell struct {
	Experiment string
	Phase      int    // of the units' first exposures, from 1
	Metric     string // UnitsCell for the units themselves
	Variant    string
	Segment    string // "" for all units, else "tier=gold"
	Day        Day
}

// The cells beside those of metrics. No metric has such a key.
const (
	// UnitsCell counts units. Its vector is (1, facts that came too late, 1 if
	// the unit met another variant as well in the same phase).
	UnitsCell = ""
	// LeftOutCell counts the units that a phase leaves out, because they had met
	// another variant before it: they are analysed there. It is on the day on
	// which they met the variant of the cell. Its vector is (1).
	LeftOutCell = "left out"
	// LateCell counts exposures that came too late, on the days on which they
	// happened. Its vector is (1).
	LateCell = "late exposures"
)

// Compare orders cells; every writer takes its rows in this order, so that two
// of them cannot wait for each other.
func (c Cell) Compare(o Cell) int {
	return cmp.Or(
		cmp.Compare(c.Experiment, o.Experiment), cmp.Compare(c.Phase, o.Phase), cmp.Compare(c.Metric, o.Metric),
		cmp.Compare(c.Variant, o.Variant), cmp.Compare(c.Segment, o.Segment), cmp.Compare(c.Day, o.Day),
	)
}

// Cells are triangles by cell.
type Cells map[Cell]Triangle

// addOuter adds sign · v·vᵀ to a cell.
func (cs Cells) addOuter(c Cell, v []int64, sign int64) {
	t, ok := cs[c]
	if !ok {
		t = NewTriangle(len(v))
		cs[c] = t
	}
	t.addOuter(v, sign)
}

// Merge adds sum, which the caller gives away, to a cell.
func (cs Cells) Merge(c Cell, sum Triangle) error {
	before, there := cs[c]
	switch {
	case !there:
		cs[c] = sum
	case before.Dim() == sum.Dim():
		before.Add(sum)
	default:
		return fmt.Errorf("moments of %s, metric %q have the dimensions %d and %d", c.Experiment, c.Metric, before.Dim(), sum.Dim())
	}
	return nil
}

// sorted gives the cells that are not zero, in order.
func (cs Cells) sorted() []Cell {
	keys := slices.SortedFunc(maps.Keys(cs), Cell.Compare)
	return slices.DeleteFunc(keys, func(c Cell) bool { return cs[c].IsZero() })
}
