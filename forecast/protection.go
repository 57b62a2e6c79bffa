package forecast

import "math"

// mixture is a distribution of which one part comes true, each with its weight;
// the weights sum to one.
type mixture []weighted

type weighted struct {
	weight float64
	demand Distribution
}

// protection is the demand that stock must meet until what is ordered tomorrow,
// or at the next review so many days later, is there: demand over lead time and
// review, convolved with how long the lead time may be (a Gamma with the
// supply's mean and standard deviation, in whole days).
func protection(f *Forecast, s Supply, review float64) mixture {
	var m mixture
	for _, l := range leadTimes(s) {
		m = append(m, weighted{l.weight, reach(f, max(1, int(l.days+review+.5)))})
	}
	return m
}

// leadTime is a possible lead time.
type leadTime struct{ days, weight float64 }

// leadTimes lists up to nine possible lead times with equal weights.
func leadTimes(s Supply) []leadTime {
	const points = 9
	if !(s.LeadTimeSD > 0) || !(s.LeadTimeDays > 0) {
		return []leadTime{{s.LeadTimeDays, 1}}
	}
	d := Distribution{Mean: s.LeadTimeDays, Variance: s.LeadTimeSD * s.LeadTimeSD}
	out := make([]leadTime, points)
	sum, squares := 0., 0.
	for i := range out {
		out[i] = leadTime{d.Quantile((float64(i) + .5) / points), 1. / points}
		sum += out[i].days / points
	}
	for _, l := range out {
		squares += (l.days - sum) * (l.days - sum) / points
	}
	if squares > 0 { // a few points vary less than what they stand for
		stretch := s.LeadTimeSD / math.Sqrt(squares)
		for i := range out {
			out[i].days = max(0, s.LeadTimeDays+stretch*(out[i].days-sum))
		}
	}
	return out
}

// reach is the demand of so many days from tomorrow on; beyond the forecast it
// goes on as before.
func reach(f *Forecast, days int) Distribution {
	tomorrow := f.AsOf + 1
	d := f.Sum(tomorrow, tomorrow+Day(days)-1)
	if known := min(days, len(f.Points)); known > 0 && known < days {
		d.Mean *= float64(days) / float64(known)
		d.Variance *= float64(days) / float64(known)
	}
	return d
}

// Mean is the expected demand.
func (m mixture) Mean() float64 {
	mean := 0.
	for _, w := range m {
		mean += w.weight * w.demand.Mean
	}
	return mean
}

// CDF is the probability that demand is at most x.
func (m mixture) CDF(x float64) float64 {
	p := 0.
	for _, w := range m {
		p += w.weight * w.demand.CDF(x)
	}
	return p
}

// Quantile is the smallest demand, in whole pieces where they are counted, that
// is not exceeded with probability p.
func (m mixture) Quantile(p float64) float64 {
	if len(m) == 1 {
		return m[0].demand.Quantile(p)
	}
	low, high, pieces := math.Inf(1), 0., false
	for _, w := range m {
		q := w.demand.Quantile(p)
		low, high = min(low, q), max(high, q)
		pieces = pieces || w.demand.Pieces
	}
	for range 60 {
		if high-low < 1e-6*(1+high) || pieces && high-low <= .5 {
			break
		}
		if mid := (low + high) / 2; m.CDF(mid) >= p {
			high = mid
		} else {
			low = mid
		}
	}
	if pieces {
		return math.Ceil(high - 1e-9)
	}
	return high
}
