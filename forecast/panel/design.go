package panel

import (
	"math"
	"slices"
	"time"
)

// design holds the columns of a panel's regression: what the calendar says of
// each step (weekday, place in the month, place in the year) and what drives
// each series (regressors, events).
type design struct {
	step    Step
	origin  time.Time   // of the first row of calendar
	rows    [][]float64 // the calendar, by step from origin; nil where no one asks
	penalty []float64   // of all columns, in rows of variance 1
	month   int         // columns that say the place in the month
	year    int         // columns that say the place in the year

	regressors []regressor
	events     []string // each with a column a step from reach before it to reach after it
	reach      int
}

// regressor is one column of the file as the regression sees it.
type regressor struct {
	name string
	log  bool // its logarithm, around the series' median
}

// Ridge penalties by kind of column, in rows: the prior of no effect weighs as
// much as so many rows.
const (
	weekdayPenalty = .5
	yearPenalty    = 1.
	monthPenalty   = 3.
	eventPenalty   = .3
	besidePenalty  = 1.
	driverPenalty  = 1.
)

// newDesign makes the columns for a panel from its first to its last step and
// h more.
func newDesign(p *Panel, h int) *design {
	d := &design{step: p.Step}
	longest := 0
	for i, s := range p.Series {
		if i == 0 || s.Start.Before(d.origin) {
			d.origin = s.Start
		}
		longest = max(longest, len(s.Y))
	}
	d.drivers(p)
	drivers := d.penalty
	d.penalty = nil
	// Methods that know the hours' seasons do better than this calendar.
	if p.Step.Every >= day || len(drivers) > 0 {
		d.calendar(longest)
	}
	d.penalty = append(d.penalty, drivers...)
	last := 0
	for _, s := range p.Series {
		at, _ := p.Step.Index(d.origin, s.Start)
		last = max(last, at+len(s.Y)+h)
	}
	if p.Step.Months == 0 {
		d.rows = make([][]float64, last+1)
		for i := range d.rows {
			d.rows[i] = d.moment(p.Step.At(d.origin, i))
		}
	}
	return d
}

// calendar decides on the calendar's columns by the longest history.
func (d *design) calendar(longest int) {
	switch {
	case d.step.Months > 0:
		return
	case d.step.Every <= day:
		d.penalty = append(d.penalty, slices.Repeat([]float64{weekdayPenalty}, 7)...)
		if d.step.Every < day {
			d.penalty = append(d.penalty, slices.Repeat([]float64{weekdayPenalty}, 24)...)
		}
	}
	steps := float64(longest) * float64(d.step.Every) / float64(day)
	if d.step.Every == day && steps >= 180 {
		d.month = 3
		for k := 1; k <= d.month; k++ {
			c := monthPenalty + 2*float64(k*k)
			d.penalty = append(d.penalty, c, c)
		}
	}
	// Fewer years of weeks than three do not tell a season from chance, and one of
	// days not from an event.
	if weekly := d.step.Every >= week; steps >= 730 && !weekly || steps >= 3*365 {
		d.year = 8
		if weekly {
			d.year = 5
		}
		for k := 1; k <= d.year; k++ {
			c := yearPenalty + .3*float64(k*k)
			d.penalty = append(d.penalty, c, c)
		}
	}
}

// moment is the calendar's columns at a time.
func (d *design) moment(t time.Time) []float64 {
	row := make([]float64, 0, d.calendarCols())
	if d.step.Every <= day {
		for w := range 7 {
			row = append(row, indicator(int(t.Weekday()) == w))
		}
		if d.step.Every < day {
			for h := range 24 {
				row = append(row, indicator(t.Hour() == h))
			}
		}
	}
	if d.month > 0 {
		days := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		row = waves(row, d.month, float64(t.Day()-1)/float64(days))
	}
	if d.year > 0 {
		row = waves(row, d.year, float64(t.Unix())/86400/365.2425)
	}
	return row
}

func waves(row []float64, n int, phase float64) []float64 {
	s, c := math.Sincos(2 * math.Pi * phase)
	sin, cos := 0., 1.
	for range n {
		sin, cos = sin*c+cos*s, cos*c-sin*s
		row = append(row, sin, cos)
	}
	return row
}

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// drivers decides on the columns of regressors and events.
func (d *design) drivers(p *Panel) {
	for r, name := range p.Regressors {
		positive, varies := true, false
		for _, s := range p.Series {
			for _, x := range s.Regressors[r] {
				positive = positive && (x > 0 || math.IsNaN(x))
				varies = varies || x != s.Regressors[r][0]
			}
		}
		if !varies {
			continue
		}
		d.regressors = append(d.regressors, regressor{name, positive})
		d.penalty = append(d.penalty, driverPenalty)
	}
	names := map[string]bool{}
	for _, s := range p.Series {
		for _, now := range s.Events {
			for _, e := range now {
				names[e] = true
			}
		}
	}
	if d.step.Months == 0 && d.step.Every <= day {
		d.reach = 1
	}
	d.events = sortedKeys(names)
	for range d.events {
		for offset := -d.reach; offset <= d.reach; offset++ {
			d.penalty = append(d.penalty, eventPenalty+(besidePenalty-eventPenalty)*indicator(offset != 0))
		}
	}
}

func sortedKeys(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// driven reports whether there is more than the calendar.
func (d *design) driven() bool { return len(d.regressors)+len(d.events) > 0 }

// cols is the number of columns, and calendarCols of those of the calendar.
func (d *design) cols() int { return len(d.penalty) }

func (d *design) calendarCols() int {
	return len(d.penalty) - len(d.regressors) - len(d.events)*(2*d.reach+1)
}

// driver is a regressor of one series.
type driver struct {
	regressor
	values []float64
	middle float64
}

// value is the column at step i: around the middle, which is also taken for
// what is unknown.
func (r driver) value(i int) float64 {
	if i < 0 || i >= len(r.values) || math.IsNaN(r.values[i]) {
		return 0
	}
	v := r.values[i]
	if r.log {
		v = math.Log(v)
	}
	return v - r.middle
}

// median of what is known, or of its logarithm; a column of zeros and ones is
// taken from 0.
func median(values []float64, log bool) float64 {
	var known []float64
	binary := true
	for _, v := range values {
		if math.IsNaN(v) {
			continue
		}
		if log {
			v = math.Log(v)
		}
		binary = binary && (v == 0 || v == 1)
		known = append(known, v)
	}
	if len(known) == 0 || binary && !log {
		return 0
	}
	return middle(known)
}

// middle is the upper median of x, which it reorders.
func middle(x []float64) float64 {
	k := len(x) / 2
	for lo, hi := 0, len(x)-1; lo < hi; {
		pivot := x[lo+(hi-lo)/2]
		i, j := lo, hi
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for x[j] > pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return x[k]
		}
	}
	return x[k]
}
