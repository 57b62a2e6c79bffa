package forecast

import (
	"cmp"
	"math"
	"slices"

	"github.com/peakday/peakday/events"
)

// Series is the daily sales of one SKU, or of any other thing that is sold.
type Series struct {
	SKU      events.SKU
	Category string  // shares what is learned of events with the category's other series
	Brand    string  // series of the same brand, and
	Price    float64 // of a like price in any one unit (0: unknown), tell more of a new one
	Start    Day
	Sold     []float64 // pieces a day, less those taken back; NaN where nothing is known

	// Open is the share of each day's usual demand that could be sold because
	// there was stock, from 0 to 1; nil means all of it, always. A day without
	// stock says nothing about demand: it has no weight, and is never a zero.
	Open []float64
}

// Point is one value of a day.
type Point struct {
	Day   Day
	Value float64
}

// NewSeries makes a series from points in any order. Values of the same day
// are added up; days between that have none are unknown, as are values that
// are not finite.
func NewSeries(sku events.SKU, points []Point) *Series {
	sorted := slices.Clone(points)
	slices.SortStableFunc(sorted, func(a, b Point) int { return cmp.Compare(a.Day, b.Day) })
	s := &Series{SKU: sku}
	for _, p := range sorted {
		if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) {
			continue
		}
		if len(s.Sold) == 0 {
			s.Start = p.Day
		}
		i := int(p.Day - s.Start)
		if i >= maxDays {
			break
		}
		for len(s.Sold) <= i {
			s.Sold = append(s.Sold, math.NaN())
		}
		if math.IsNaN(s.Sold[i]) {
			s.Sold[i] = 0
		}
		s.Sold[i] += p.Value
	}
	return s
}

// maxDays bounds a series: a hundred years.
const maxDays = 36_525

// End is the day after the last.
func (s *Series) End() Day { return s.Start + Day(len(s.Sold)) }

// demand estimates what day i would have sold with stock throughout, and the
// weight from 0 to 1 that the estimate has. If sales of mean m are Poisson, a
// day of which only the share o was open gives an estimate of variance m/o:
// the share is the weight.
func (s *Series) demand(i int) (y, weight float64) {
	sold, open := s.Sold[i], 1.
	if i < len(s.Open) {
		open = s.Open[i]
	}
	if math.IsNaN(sold) || math.Abs(sold) > maxSold || !(open > minOpen) {
		return 0, 0
	}
	open = min(open, 1)
	return max(0, sold) / open, open
}

// maxSold is what no day sells; more is taken for an error.
const maxSold = 1e12

// minOpen is the share below which a day says nothing.
const minOpen = .02

// pieces reports whether the series counts whole things.
func (s *Series) pieces() bool {
	for _, v := range s.Sold {
		if v != math.Trunc(v) { // also for NaN, which says nothing
			if !math.IsNaN(v) {
				return false
			}
		}
	}
	return true
}
