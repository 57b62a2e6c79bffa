package panel

import (
	"slices"

	"github.com/peakday/peakday/forecast/smooth"
)

// columns is the design of one series, row by row: what its regressions see.
type columns struct {
	x     []smooth.Row
	quiet []bool // no event is near
	cols  int

	known *smooth.Gram // of the first added rows, which later fits need not add up again
	added int
}

// matrix is the rows of a series and of h steps after it.
func (d *design) matrix(p *Panel, s *Series, h int) *columns {
	n := len(s.Y) + h
	c := &columns{cols: d.cols(), x: make([]smooth.Row, n), quiet: make([]bool, n)}
	shift, _ := d.step.Index(d.origin, s.Start)
	drivers := make([]driver, len(d.regressors))
	for j, g := range d.regressors {
		values := s.Regressors[slices.Index(p.Regressors, g.name)]
		drivers[j] = driver{g, values, median(values[:min(len(values), len(s.Y))], g.log)}
	}
	dense := make([]float64, d.cols())
	var slab smooth.Row // rows share the room
	for i := range c.x {
		clear(dense)
		if len(d.rows) > shift+i {
			copy(dense, d.rows[shift+i])
		}
		at := d.calendarCols()
		for _, g := range drivers {
			dense[at] = g.value(i)
			at++
		}
		c.quiet[i] = !d.mark(dense[at:], s, i)
		from := len(slab.Columns)
		for j, v := range dense {
			if v != 0 {
				slab.Columns, slab.Values = append(slab.Columns, int32(j)), append(slab.Values, v)
			}
		}
		c.x[i] = smooth.Row{Columns: slab.Columns[from:], Values: slab.Values[from:]}
	}
	return c
}

// mark enters the events near step i and reports whether there are any.
func (d *design) mark(row []float64, s *Series, i int) bool {
	near := false
	for offset := -d.reach; offset <= d.reach; offset++ {
		if on := i - offset; on >= 0 && on < len(s.Events) {
			for _, name := range s.Events[on] {
				at, _ := slices.BinarySearch(d.events, name)
				row[at*(2*d.reach+1)+offset+d.reach] = 1
				near = true
			}
		}
	}
	return near
}

// gram is the normal equations of the first rows, weighted by w, without
// targets. Most rows weigh 1.
func (c *columns) gram(w []float64) *smooth.Gram {
	if c.known == nil || c.added > len(w) {
		c.known, c.added = smooth.NewGram(c.cols), 0
	}
	for ; c.added < len(w); c.added++ {
		c.known.AddRow(c.x[c.added], 1)
	}
	g := c.known.Clone()
	for i, weight := range w {
		if weight != 1 {
			g.AddRow(c.x[i], weight-1)
		}
	}
	return g
}
