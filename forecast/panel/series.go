package panel

import (
	"math"
	"time"
)

// Series is one series of a panel on a regular grid of time.
type Series struct {
	Name   string
	Groups []string  // to which it belongs, the narrowest first: brand, category …
	Start  time.Time // of the first value
	Y      []float64 // one a step; NaN where it is missing or must not count

	// The known past and future of what moves the series, one value a step of Y
	// and of the steps after it as far as they are known. Missing values are NaN.
	Regressors [][]float64 // by Panel.Regressors
	Events     [][]string  // what happens in a step; nil if nothing is known
}

// Panel is what is forecast together: many series of one frequency.
type Panel struct {
	Step       Step
	Regressors []string // names
	Series     []*Series
}

// cut is the series as it was known after n values. The known future stays.
func (s *Series) cut(n int) *Series {
	c := *s
	c.Y = s.Y[:n]
	return &c
}

// cut is the panel as it was known back values before the end of each series;
// series that had not begun are left out.
func (p *Panel) cut(back int) (*Panel, []int) {
	c := *p
	c.Series = nil
	var kept []int
	for i, s := range p.Series {
		if n := len(s.Y) - back; n > 0 {
			c.Series = append(c.Series, s.cut(n))
			kept = append(kept, i)
		}
	}
	return &c, kept
}

// filled gives y without gaps, and weights that are 0 where there was one: a
// gap is drawn as a line, of the values one period m away if they are known on
// both sides, else of its neighbours.
func filled(y []float64, m int) (out, w []float64) {
	n := len(y)
	out, w = make([]float64, n), make([]float64, n)
	copy(out, y)
	last := -1
	for i, v := range y {
		if math.IsNaN(v) {
			continue
		}
		w[i] = 1
		for j := last + 1; j < i; j++ {
			switch {
			case last < 0:
				out[j] = v
			default:
				out[j] = y[last] + (v-y[last])*float64(j-last)/float64(i-last)
			}
			if m > 1 && j-m >= 0 && j+m < n && !math.IsNaN(y[j-m]) && !math.IsNaN(y[j+m]) {
				out[j] = (y[j-m] + y[j+m]) / 2
			}
		}
		last = i
	}
	for j := last + 1; j < n; j++ {
		switch {
		case last < 0:
			out[j] = 0
		case m > 1 && j-m >= 0:
			out[j] = out[j-m]
		default:
			out[j] = y[last]
		}
	}
	return out, w
}
