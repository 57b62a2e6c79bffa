package panel

import "slices"

// yearAgo aligns the days of a series, and of the horizon, with the same day of
// the same event a year before: by the offset from the event's first day, or
// after it from its last, so that an event may move as the lunar year does.
type yearAgo struct {
	from []int // the step a year before; −1 for days of no event
	kind []int // of which event, and whether before, in or behind it
}

// Days before and after an event that may be moved by it, and how far from 365
// days the same event may be.
const (
	beforeEvent = 14
	afterEvent  = 7
	yearMoves   = 31
)

// occurrence is one run of days of an event; gaps of a day do not end it.
type occurrence struct{ first, last int }

// yearAgo aligns n days of a series; nil where the step is not a day or there
// are no events.
func (d *design) yearAgo(s *Series, n int) *yearAgo {
	if d.step.Every != day || len(d.events) == 0 {
		return nil
	}
	e := &yearAgo{from: slices.Repeat([]int{-1}, n), kind: make([]int, n)}
	distance := slices.Repeat([]int{beforeEvent + 1}, n)
	for j, of := range d.occurrences(s) {
		for _, o := range of {
			before, found := yearBefore(of, o)
			if !found {
				continue
			}
			for i := max(o.first-beforeEvent, 0); i <= min(o.last+afterEvent, n-1); i++ {
				away, from, phase := 0, before.first+i-o.first, 1
				switch {
				case i < o.first:
					away, phase = o.first-i, 0
				case i > o.last:
					away, from, phase = i-o.last, before.last+i-o.last, 2
				default:
					from = min(from, before.last)
				}
				if away < distance[i] && from >= 0 {
					distance[i], e.from[i], e.kind[i] = away, from, 3*j+phase
				}
			}
		}
	}
	return e
}

// occurrences lists the runs of each event of the design.
func (d *design) occurrences(s *Series) [][]occurrence {
	out := make([][]occurrence, len(d.events))
	for i, now := range s.Events {
		for _, name := range now {
			j, _ := slices.BinarySearch(d.events, name)
			if last := len(out[j]) - 1; last >= 0 && i-out[j][last].last <= 2 {
				out[j][last].last = i
			} else {
				out[j] = append(out[j], occurrence{i, i})
			}
		}
	}
	return out
}

// yearBefore is the occurrence nearest to a year before another.
func yearBefore(of []occurrence, now occurrence) (occurrence, bool) {
	best, at := yearMoves+1, -1
	for i, o := range of {
		if off := max(now.first-o.first-365, 365-now.first+o.first); off < best {
			best, at = off, i
		}
	}
	if at < 0 {
		return occurrence{}, false
	}
	return of[at], true
}

// yearAgoResiduals are added to the days around events ahead of z: the residuals
// of the same days a year before, shrunk as James and Stein do by how much larger
// residuals are on such days of the event than on ordinary ones. Where an event
// bent the Fourier terms of the year, that moves with it. By row; 0 where there is
// none.
func (d *decomposition) yearAgoResiduals(z, w []float64, of *columns) []float64 {
	out := make([]float64, len(of.x))
	if of.yearAgo == nil || len(z) == len(of.x) {
		return out
	}
	yearlyDeviation := d.yearlyDeviation(of)
	ordinary := make([]float64, 0, len(z))
	for i := range z {
		if w[i] > 0 && of.noEvent[i] {
			rest := z[i] - d.level[i] - d.fit[i]
			ordinary = append(ordinary, rest*rest)
		}
	}
	if len(ordinary) == 0 {
		return out
	}
	noise := middle(ordinary) / .455 // of a normal
	squares, count := map[int]float64{}, map[int]float64{}
	for i := len(z); i < len(of.x); i++ {
		from, kind := of.yearAgo.from[i], of.yearAgo.kind[i]
		if from < 0 || from >= len(z) || w[from] == 0 {
			continue
		}
		out[i] = z[from] - d.level[from] - d.fit[from] + yearlyDeviation[from]
		residual := out[i] - yearlyDeviation[i]
		squares[kind] += residual * residual
		count[kind]++
	}
	for i := len(z); i < len(of.x); i++ {
		if kind := of.yearAgo.kind[i]; out[i] != 0 {
			share := max(0, 1-2*noise*count[kind]/squares[kind])
			out[i] *= share
			d.fit[i] -= share * yearlyDeviation[i]
		}
	}
	return out
}

// yearlyDeviation is how far the Fourier terms of the year lie from their mean
// over the days around, by row: a window wider than an event moves and much
// narrower than a season.
func (d *decomposition) yearlyDeviation(of *columns) []float64 {
	n := len(of.x)
	sums := make([]float64, n+1)
	for i, row := range of.x {
		sums[i+1] = sums[i] + row.Between(d.beta, of.year[0], of.year[1])
	}
	out := make([]float64, n)
	for i := range out {
		lo, hi := max(i-yearMoves, 0), min(i+yearMoves+1, n)
		out[i] = sums[i+1] - sums[i] - (sums[hi]-sums[lo])/float64(hi-lo)
	}
	return out
}
