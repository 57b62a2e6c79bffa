package experiments

import (
	"bytes"
	"strconv"
)

// StoredCells are cells as findings keep them. Those that came out of storage are
// text, and read when they are asked for: most reports need few of them, or
// none.
type StoredCells struct {
	cells      Cells
	experiment string
	text       []byte // a line a cell: phase, segment, metric, variant, day and sums, with tabs between
}

// NewStoredCells wraps cells, which must not be changed any more.
func NewStoredCells(cs Cells) StoredCells { return StoredCells{cells: cs} }

// Empty reports whether there are none.
func (k StoredCells) Empty() bool { return len(k.cells) == 0 && len(k.text) == 0 }

// All gives the cells. They must not be changed.
func (k StoredCells) All() Cells {
	if k.cells != nil {
		return k.cells
	}
	return k.read(func(metric, segment []byte) bool { return true })
}

// of gives the cells of a metric and a segment.
func (k StoredCells) of(metric, segment string) Cells {
	if k.cells == nil {
		return k.read(func(m, s []byte) bool { return string(m) == metric && string(s) == segment })
	}
	out := Cells{}
	for c, t := range k.cells {
		if c.Metric == metric && c.Segment == segment {
			out[c] = t
		}
	}
	return out
}

// encode writes the cells in order.
func (k StoredCells) encode() []byte {
	var b []byte
	all := k.All()
	for _, c := range all.sorted() {
		b = strconv.AppendInt(b, int64(c.Phase), 10)
		for _, name := range [...]string{c.Segment, c.Metric, c.Variant} {
			b = append(append(b, '\t'), name...)
		}
		b = strconv.AppendInt(append(b, '\t'), int64(c.Day), 10)
		b = all[c].append(append(b, '\t'))
		b = append(b, '\n')
	}
	return b
}

// read reads the lines whose metric and segment are wanted. encode wrote them:
// a line that is none is left out.
func (k StoredCells) read(wanted func(metric, segment []byte) bool) Cells {
	out := Cells{}
	for line := range bytes.Lines(k.text) {
		var fields [6][]byte
		rest, whole := bytes.TrimSuffix(line, []byte{'\n'}), true
		for i := range fields {
			fields[i], rest, whole = bytes.Cut(rest, []byte{'\t'})
			if !whole && i < len(fields)-1 {
				break
			}
		}
		if fields[5] == nil || !wanted(fields[2], fields[1]) {
			continue
		}
		phase, err := strconv.Atoi(string(fields[0]))
		if err != nil {
			continue
		}
		day, err := strconv.ParseInt(string(fields[4]), 10, 32)
		if err != nil {
			continue
		}
		var t Triangle
		if t.AddText(fields[5]) == nil {
			out[Cell{k.experiment, phase, string(fields[2]), string(fields[3]), string(fields[1]), Day(day)}] = t
		}
	}
	return out
}
