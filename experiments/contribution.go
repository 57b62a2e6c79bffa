package experiments

import (
	"cmp"
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
		return // no sums tell a quantile: see UnitScan
	case Retention:
		u.retention(m, t0, facts)
		return
	case Funnel:
		u.funnel(m, t0, facts)
		return
	}
	var (
		w     = newAccumulator(m, t0, facts)
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
