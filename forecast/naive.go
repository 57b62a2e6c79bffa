package forecast

import "math"

// The rules of thumb that forecasts and plans are measured against.

// SeasonalNaive forecasts h days by what was sold on the same weekday of the
// last week, or 0 where the series is shorter than that.
func SeasonalNaive(s *Series, h int) []float64 {
	out := make([]float64, h)
	for k := range out {
		if i := len(s.Sold) - 7 + k%7; i >= 0 && !math.IsNaN(s.Sold[i]) {
			out[k] = s.Sold[i]
		}
	}
	return out
}

// LastYearTimesGrowth plans a window by what each series sold on the same
// dates of the year before, times the growth of all of them together: their
// last 28 days over the same days a year earlier.
func LastYearTimesGrowth(all []*Series, from, to Day) []float64 {
	var now, then float64
	for _, s := range all {
		now += s.between(s.End()-28, s.End()-1)
		then += s.between(yearBefore(s.End()-28), yearBefore(s.End()-1))
	}
	growth := 1.
	if now > 0 && then > 0 {
		growth = now / then
	}
	out := make([]float64, len(all))
	for i, s := range all {
		out[i] = growth * s.between(yearBefore(from), yearBefore(to))
	}
	return out
}

// yearBefore is the same date of the year before.
func yearBefore(d Day) Day {
	y, m, day := d.Date()
	return NewDay(y-1, m, day)
}

// between is what was sold from one day to another, both included.
func (s *Series) between(from, to Day) float64 {
	sum := 0.
	for d := max(from, s.Start); d <= min(to, s.End()-1); d++ {
		if v := s.Sold[d-s.Start]; !math.IsNaN(v) {
			sum += v
		}
	}
	return sum
}
