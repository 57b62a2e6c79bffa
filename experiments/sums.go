package experiments

import "slices"

// daily are the triangles of one metric and variant, day by day.
type daily map[Day]Triangle

type sumKey struct {
	metric, variant string
	phase           int // or allPhases
}

// lastDay is behind every day.
const lastDay Day = 1<<31 - 1

// allPhases is where the sums of all phases together stand.
const allPhases = 0

// sumUp sorts the cells of a segment by metric, variant and phase, and adds up
// the phases. The triangles may be those of cells: nobody may change them.
func sumUp(cells Cells, segment string) map[sumKey]daily {
	sums := map[sumKey]daily{}
	for c, t := range cells {
		if c.Segment == segment {
			put(sums, c, t)
		}
	}
	return withAllPhases(sums)
}

// sumSegments is sumUp of every segment at once.
func sumSegments(cells Cells) map[string]map[sumKey]daily {
	segments := map[string]map[sumKey]daily{"": {}}
	for c, t := range cells {
		sums := segments[c.Segment]
		if sums == nil {
			sums = map[sumKey]daily{}
			segments[c.Segment] = sums
		}
		put(sums, c, t)
	}
	for segment, sums := range segments {
		segments[segment] = withAllPhases(sums)
	}
	return segments
}

func put(sums map[sumKey]daily, c Cell, t Triangle) {
	k := sumKey{c.Metric, c.Variant, c.Phase}
	days := sums[k]
	if days == nil {
		days = daily{}
		sums[k] = days
	}
	days[c.Day] = t
}

func withAllPhases(sums map[sumKey]daily) map[sumKey]daily {
	phases := map[sumKey][]daily{}
	for k, d := range sums {
		k.phase = allPhases
		phases[k] = append(phases[k], d)
	}
	for k, ds := range phases {
		if len(ds) == 1 { // as nearly always: nothing is to be added
			sums[k] = ds[0]
			continue
		}
		sums[k] = daily{}
		for _, d := range ds {
			for day, t := range d {
				sums[k].add(day, t)
			}
		}
	}
	return sums
}

func (d daily) add(day Day, t Triangle) {
	before, there := d[day]
	if !there {
		before = NewTriangle(t.Dim())
		d[day] = before
	}
	before.Add(t)
}

// upTo adds up the days to last, in vectors of length dim.
func (d daily) upTo(last Day, dim int) Triangle {
	sum := NewTriangle(dim)
	for day, t := range d {
		if day <= last {
			sum.Add(t)
		}
	}
	return sum
}

// daysOf lists the days on which anything of the metric changed.
func daysOf(sums map[sumKey]daily, metric string) []Day {
	var days []Day
	for k, d := range sums {
		if k.metric == metric {
			for day := range d {
				days = append(days, day)
			}
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}
