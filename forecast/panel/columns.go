package panel

import (
	"slices"

	"github.com/peakday/peakday/forecast/smooth"
)

// columns is the design of one series, row by row: what its regressions see.
type columns struct {
	x       []smooth.Row
	noEvent []bool // no event is near
	cols    int

	year, events [2]int   // the columns of the waves of the year and of events: first and behind last
	yearAgo      *yearAgo // nil without daily events

	known *smooth.Gram // of the first added rows, which later fits need not add up again
	added int
}

// matrix is the rows of a series and of h steps after it.
func (d *design) matrix(p *Panel, s *Series, h int) *columns {
	n := len(s.Y) + h
	c := &columns{cols: d.cols(), x: make([]smooth.Row, n), noEvent: make([]bool, n)}
	shift, _ := d.step.Index(d.origin, s.Start)
	drivers := make([]driver, len(d.regressors))
	for j, g := range d.regressors {
		values := s.Regressors[slices.Index(p.Regressors, g.name)]
		drivers[j] = driver{g, values, median(values[:min(len(values), len(s.Y))], g.log)}
	}
	var slab smooth.Row // rows share the room
	add := func(column int, value float64) {
		if value != 0 {
			slab.Columns, slab.Values = append(slab.Columns, int32(column)), append(slab.Values, value)
		}
	}
	calendar := d.calendarCols()
	if len(d.rows) > shift {
		room := n * (nonzero(d.rows[shift]) + len(drivers) + 1)
		slab = smooth.Row{Columns: make([]int32, 0, room), Values: make([]float64, 0, room)}
	}
	for i := range c.x {
		from := len(slab.Columns)
		if len(d.rows) > shift+i {
			for j, v := range d.rows[shift+i] {
				add(j, v)
			}
		}
		for j, g := range drivers {
			add(calendar+j, g.value(i))
		}
		near := d.near(s, i)
		for _, j := range near {
			add(calendar+len(drivers)+j, 1)
		}
		c.noEvent[i] = len(near) == 0
		c.x[i] = smooth.Row{Columns: slab.Columns[from:], Values: slab.Values[from:]}
	}
	c.yearAgo = d.yearAgo(s, n)
	c.year, c.events = [2]int{calendar - 2*d.year, calendar}, [2]int{calendar + len(drivers), c.cols}
	return c
}

func nonzero(row []float64) int {
	n := 0
	for _, v := range row {
		if v != 0 {
			n++
		}
	}
	return n
}

// near lists the columns of events at step i or beside it, rising.
func (d *design) near(s *Series, i int) []int {
	var out []int
	for offset := -d.reach; offset <= d.reach; offset++ {
		if on := i - offset; on >= 0 && on < len(s.Events) {
			for _, name := range s.Events[on] {
				at, _ := slices.BinarySearch(d.events, name)
				out = append(out, at*(2*d.reach+1)+offset+d.reach)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
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
