package panel

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// Row is one row of a long table: a series at a time.
type Row struct {
	Series     string
	Line       int // where it stands, for what is said of it
	Time       time.Time
	Value      float64 // NaN if it is missing
	Regressors []float64
	Events     []string
	Groups     []string
}

// Fault is what is wrong with a row that another row shows.
type Fault struct {
	Line    int
	Column  string // "time"
	Problem string
}

func (f *Fault) Error() string {
	return fmt.Sprintf("line %d: column %s %s", f.Line, f.Column, f.Problem)
}

// Builder makes a panel of rows in any order.
type Builder struct {
	Regressors []string // names

	order  []string
	series map[string]*rows
	clock  clock
}

// rows are those of one series, column by column.
type rows struct {
	name       string
	groups     []string
	at         []int64 // nanoseconds
	offsets    []int32 // from UTC in seconds; nil while all are 0
	lines      []int32
	values     []float64
	regressors [][]float64
	events     [][]string
	known      int // rows that are history; the rest is future
}

// Notes is what a builder did to rows that were not as they should be.
type Notes struct {
	Duplicates int // rows that came twice and count once
	Added      int // rows of the same series and time with other values, added up
	Gaps       int // steps within a series without a row: unknown, not zero

	Local       bool   // times were taken at their own clock, without their zones
	Coarser     int    // series whose rows lie regularly some steps apart, as weeks do in a table of days
	CoarserName string // of the first of them
	Weekdays    [7]int // rows of the history by time.Weekday, of a table of days
}

// Add takes a row of the history.
func (b *Builder) Add(r Row) {
	s := b.of(r)
	s.add(r, b.clock.see(r.Time))
	s.known++
}

// AddFuture takes a row of the known future, after all of the history; its
// value is not read. A row of a series without history is left out.
func (b *Builder) AddFuture(r Row) {
	if s := b.series[r.Series]; s != nil {
		r.Value = math.NaN()
		s.add(r, b.clock.see(r.Time))
	}
}

func (b *Builder) of(r Row) *rows {
	if b.series == nil {
		b.series = map[string]*rows{}
	}
	s := b.series[r.Series]
	if s == nil {
		s = &rows{name: r.Series, groups: slices.Clone(r.Groups), regressors: make([][]float64, len(b.Regressors))}
		b.series[r.Series] = s
		b.order = append(b.order, r.Series)
	}
	return s
}

func (s *rows) add(r Row, offset int32) {
	if offset != 0 && s.offsets == nil {
		s.offsets = make([]int32, len(s.at), cap(s.at))
	}
	if s.offsets != nil {
		s.offsets = append(s.offsets, offset)
	}
	s.at = append(s.at, r.Time.UnixNano())
	s.lines = append(s.lines, int32(r.Line))
	s.values = append(s.values, r.Value)
	for i := range s.regressors {
		s.regressors[i] = append(s.regressors[i], r.Regressors[i])
	}
	if r.Events != nil && s.events == nil {
		s.events = make([][]string, len(s.at)-1, cap(s.at))
	}
	if s.events != nil {
		s.events = append(s.events, r.Events)
	}
}

// Build makes the panel and empties the builder: its step, found from all rows, and every series on
// its grid. The series stand in the order of their first rows. The error is a
// *Fault for a time that does not lie on its series' grid.
func (b *Builder) Build() (*Panel, Notes, error) {
	p := &Panel{Regressors: b.Regressors}
	notes := Notes{Local: b.clock.local()}
	var times [][]time.Time
	sorted := make([][]int, len(b.order))
	for i, name := range b.order {
		s := b.series[name]
		order := make([]int, len(s.at))
		for j := range order {
			order[j] = j
		}
		slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(s.at[x], s.at[y]) })
		sorted[i] = order
		if i < 2000 {
			var own []time.Time
			for _, j := range order {
				own = append(own, s.time(j, notes.Local))
			}
			times = append(times, own)
		}
	}
	p.Step, _ = DetectStep(times)
	for i, name := range b.order {
		s, err := b.series[name].grid(sorted[i], p.Step, &notes)
		if err != nil {
			return nil, notes, err
		}
		p.Series = append(p.Series, s)
		b.series[name] = nil // a large table need not be held twice
	}
	return p, notes, nil
}

// grid places the rows on the step's grid.
func (r *rows) grid(order []int, step Step, notes *Notes) (*Series, error) {
	s := &Series{Name: r.name, Groups: r.groups, Start: r.time(order[0], notes.Local)}
	last := 0 // the last step of the history
	places := make([]int, len(order))
	for i, j := range order {
		t := r.time(j, notes.Local)
		at, on := step.Index(s.Start, t)
		if !on {
			return nil, &Fault{int(r.lines[j]), "time", fmt.Sprintf("must be a whole number of steps (%s) after the series' first, %s", step, s.Start.Format(time.DateTime))}
		}
		if places[i] = at; j < r.known {
			last = max(last, at)
			if step.Every == day {
				notes.Weekdays[t.Weekday()]++
			}
		}
	}
	if coarser(places) {
		if notes.Coarser++; notes.Coarser == 1 {
			notes.CoarserName = r.name
		}
	}
	end := places[len(places)-1] + 1
	if end > 50*len(order)+1000 {
		return nil, &Fault{int(r.lines[order[len(order)-1]]), "time", fmt.Sprintf("must not be %d steps (%s) after the first of only %d rows", end-1, step, len(order))}
	}
	s.Y = unknown(last + 1)
	s.Regressors = make([][]float64, len(r.regressors))
	for i := range s.Regressors {
		s.Regressors[i] = unknown(end)
	}
	if r.events != nil {
		s.Events = make([][]string, end)
	}
	taken := make([]bool, end)
	for i, j := range order {
		r.place(s, places[i], j, taken, notes)
	}
	for _, t := range taken[:last+1] {
		if !t {
			notes.Gaps++
		}
	}
	return s, nil
}

// coarser reports whether places lie regularly more than a step apart, by turns as
// long as months are.
func coarser(places []int) bool {
	least, most := math.MaxInt, 0
	for i := 1; i < len(places); i++ {
		if gap := places[i] - places[i-1]; gap > 0 {
			least, most = min(least, gap), max(most, gap)
		}
	}
	return len(places) >= 5 && least > 1 && 5*most <= 6*least
}

// place enters row j at step at.
func (r *rows) place(s *Series, at, j int, taken []bool, notes *Notes) {
	for i, values := range r.regressors {
		if math.IsNaN(s.Regressors[i][at]) {
			s.Regressors[i][at] = values[j]
		}
	}
	if r.events != nil && j < len(r.events) {
		for _, e := range r.events[j] {
			if !slices.Contains(s.Events[at], e) {
				s.Events[at] = append(s.Events[at], e)
			}
		}
	}
	if j >= r.known {
		return
	}
	v := r.values[j]
	switch {
	case !taken[at] || math.IsNaN(s.Y[at]):
		s.Y[at] = v
	case s.Y[at] == v:
		notes.Duplicates++
	case !math.IsNaN(v):
		s.Y[at] += v
		notes.Added++
	}
	taken[at] = true
}

func unknown(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
	}
	return out
}
