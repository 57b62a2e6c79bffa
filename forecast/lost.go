package forecast

import "math"

// LostDay is a day of which a part could not be sold for want of stock.
type LostDay struct {
	Day    Day     `json:"date"`
	Open   float64 `json:"open"`   // the share of its usual demand that could be sold
	Sold   float64 `json:"sold"`   // pieces
	Demand float64 `json:"demand"` // estimated pieces, had there been stock throughout
}

// Lost is the demand that was not met: Demand − Sold.
func (l LostDay) Lost() float64 { return max(0, l.Demand-l.Sold) }

// Lost lists the days of the series that were not open throughout, with what
// they would have sold: what they sold, and for the share that was shut a
// mixture of what the open share suggests and what is usual on such a day.
func (m *Model) Lost() []LostDay {
	t := m.fit.t
	var out []LostDay
	first := int(t.start - m.series.Start)
	for i := range t.y {
		open := 1.
		if first+i < len(m.series.Open) {
			open = m.series.Open[first+i]
		}
		if open >= 1 || math.IsNaN(m.series.Sold[first+i]) {
			continue
		}
		sold := max(0, m.series.Sold[first+i])
		usual := t.base[i] * t.factor(i)
		whole := t.w[i]*t.y[i] + (1-t.w[i])*usual
		out = append(out, LostDay{Day: t.start + Day(i), Open: open, Sold: sold, Demand: sold + (1-open)*whole})
	}
	return out
}
