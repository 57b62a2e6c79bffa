package experiments

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// UnitExposure is the first time a unit met a variant. A unit that met several
// has one for each; the earliest decides where it is analysed.
type UnitExposure struct {
	Experiment string
	Unit       events.UnitID
	Variant    string
	Phase      int // of the experiment, at that time
	At         time.Time
	Attributes []byte // at that time, as a JSON object, for segments; may be empty
}

// earlier orders exposures of one unit: by time, then by variant and
// attributes, so that ties are settled the same way whatever came first.
func (x UnitExposure) earlier(o UnitExposure) int {
	return cmp.Or(
		x.At.Compare(o.At), cmp.Compare(x.Variant, o.Variant), slices.Compare(x.Attributes, o.Attributes), cmp.Compare(x.Phase, o.Phase),
	)
}

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

// add adds sign · other and drops what becomes zero.
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

// contribute adds sign times what one unit contributes to an experiment, given
// all its exposures to it and all its facts, sorted. It is the whole
// definition of the ledger: the fold subtracts it for the old state and adds
// it for the new one, and a batch computation adds it once for every unit.
func contribute(cs Cells, e *Experiment, exposures []UnitExposure, facts []UnitFact, zone *time.Location, sign int64) {
	if len(exposures) == 0 {
		return
	}
	first := slices.MinFunc(exposures, UnitExposure.earlier)
	unit := unitCells{cs: cs, base: Cell{Experiment: e.Key, Phase: first.Phase, Variant: first.Variant}, zone: zone, sign: sign}
	unit.segments = append([]string{""}, segmentsOf(e, first.Attributes)...)
	flicker := unit.others(first, exposures)
	late := int64(0)
	for i := range facts {
		if facts[i].TooLate {
			late++
		}
	}
	unit.put(UnitsCell, DayOf(first.At, zone), []int64{1, late, flicker}, nil)
	for i := range e.Metrics {
		if e.Metrics[i].Pending == 0 {
			unit.metric(&e.Metrics[i], first.At, facts)
		}
	}
}

// others looks at the variants that the unit met beside its first one. One of
// the same phase is flicker, and gives 1. A later phase leaves the unit out.
func (u *unitCells) others(first UnitExposure, exposures []UnitExposure) (flicker int64) {
	left := map[int]UnitExposure{}
	for _, x := range exposures {
		switch earliest, there := left[x.Phase]; {
		case x.Variant == first.Variant:
		case x.Phase == first.Phase:
			flicker = 1
		case !there || x.earlier(earliest) < 0:
			left[x.Phase] = x
		}
	}
	for phase, x := range left {
		c := Cell{Experiment: u.base.Experiment, Phase: phase, Metric: LeftOutCell, Variant: x.Variant, Day: DayOf(x.At, u.zone)}
		u.cs.addOuter(c, []int64{1}, u.sign)
	}
	return flicker
}

// unitCells writes one unit's cells.
type unitCells struct {
	cs       Cells
	base     Cell
	segments []string
	zone     *time.Location
	sign     int64
}

// put adds new·newᵀ − old·oldᵀ to the cell of every segment that the unit is in.
func (u *unitCells) put(metric string, day Day, new, old []int64) {
	c := u.base
	c.Metric, c.Day = metric, day
	for _, c.Segment = range u.segments {
		u.cs.addOuter(c, new, u.sign)
		if old != nil {
			u.cs.addOuter(c, old, -u.sign)
		}
	}
}

// metric walks through the unit's readings from its exposure at t0 to the end
// of the window, and writes a cell for each day on which its number changed.
func (u *unitCells) metric(m *Metric, t0 time.Time, facts []UnitFact) {
	switch m.Kind {
	case Quantile:
		return // no sums tell a quantile: see Sweep
	case Retention:
		u.retention(m, t0, facts)
		return
	case Funnel:
		u.funnel(m, t0, facts)
		return
	}
	var (
		w     = newWalk(m, t0, facts)
		day   = DayOf(t0, u.zone)
		shown []int64 // what the cells up to now add up to
	)
	for _, r := range w.steps {
		if d := DayOf(r.at, u.zone); d != day {
			shown = u.settle(m.row(), day, w.vector(), shown)
			day = d
		}
		w.take(r)
	}
	u.settle(m.row(), day, w.vector(), shown)
}

// settle writes the day's cell if the vector has changed.
func (u *unitCells) settle(metric string, day Day, v, shown []int64) []int64 {
	if !slices.Equal(v, shown) {
		u.put(metric, day, v, shown)
	}
	return v
}

// walk is a metric on its way through a unit's readings.
type walk struct {
	metric *Metric
	y, d   gauge
	x, xd  int64 // the covariates: the same numbers over the pre-period
	steps  []step
}

// step is a reading of the numerator or of the denominator.
type step struct {
	reading
	denominator bool
}

func newWalk(m *Metric, t0 time.Time, facts []UnitFact) *walk {
	w := &walk{metric: m, y: gauge{aggregate: m.Aggregate}}
	w.x = w.split(m.Numerator, t0, facts, false)
	if m.Denominator != nil {
		w.d.aggregate = m.Denominator.Aggregate
		w.xd = w.split(*m.Denominator, t0, facts, true)
		slices.SortStableFunc(w.steps, func(a, b step) int { return a.at.Compare(b.at) })
	}
	return w
}

// split puts the readings of the window among the steps and gives the number
// over the pre-period.
func (w *walk) split(n Numerator, t0 time.Time, facts []UnitFact, denominator bool) int64 {
	end := t0.Add(time.Duration(w.metric.Window))
	preStart := t0.Add(-time.Duration(w.metric.PrePeriod))
	before := gauge{aggregate: n.Aggregate}
	for _, r := range n.readings(facts) {
		switch {
		case r.at.Before(t0) && !r.at.Before(preStart):
			before.take(r)
		case !r.at.Before(t0) && r.at.Before(end):
			w.steps = append(w.steps, step{r, denominator})
		}
	}
	return before.y
}

func (w *walk) take(s step) {
	if s.denominator {
		w.d.take(s.reading)
	} else {
		w.y.take(s.reading)
	}
}

// vector is (1, y), then the denominator of a ratio, then the covariates.
func (w *walk) vector() []int64 {
	v := []int64{1, w.metric.capped(w.y.y)}
	if w.metric.Denominator != nil {
		v = append(v, w.d.y)
	}
	if w.metric.PrePeriod > 0 {
		v = append(v, w.metric.capped(w.x))
		if w.metric.Denominator != nil {
			v = append(v, w.xd)
		}
	}
	return v
}
