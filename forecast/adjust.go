package forecast

import "math"

// How a forecast is changed after the model made it: by deposits, by what
// planners say, by what the hierarchy adds up to. Whatever knows how a point
// keeps its spread stands here.

// scale multiplies the point's mean and, with it, its spread.
func (p *ForecastPoint) scale(factor float64) {
	before := p.Mean
	p.Mean *= factor
	p.sure *= factor
	p.shared *= factor
	counting := 0.
	if p.pieces {
		counting = math.Min(before*max(1, p.batch), p.own) // the noise of counting grows with the mean only
	}
	p.own = counting*factor + (p.own-counting)*factor*factor
}

// set replaces mean, the variance of the day alone and the standard deviation
// that it shares with the other days.
func (p *ForecastPoint) set(mean, own, shared float64) {
	p.Mean, p.own, p.shared = mean, own, shared
}

// widen adds to the relative variance that the point shares with other days.
func (p *ForecastPoint) widen(relative float64) {
	p.shared = math.Sqrt(p.shared*p.shared + relative*p.Mean*p.Mean)
}

// requantile states the quantiles of the days from one to another anew.
func (f *Forecast) requantile(from, to Day) {
	for i := range f.Points {
		if p := &f.Points[i]; p.Day >= from && p.Day <= to {
			p.Quantiles = quantilesOf(p.distribution(f.days))
		}
	}
}

// clone copies the forecast, so that its points can be changed.
func (f *Forecast) clone() *Forecast {
	c := *f
	c.Points = append([]ForecastPoint(nil), f.Points...)
	return &c
}

// sharedVariance is the relative variance of the sum of some days that an
// error common to all of them makes.
func (f *Forecast) sharedVariance(from, to Day) float64 {
	mean, sd := 0., 0.
	for i := range f.Points {
		if p := &f.Points[i]; p.Day >= from && p.Day <= to {
			mean += p.Mean
			sd += p.shared
		}
	}
	if !(mean > 0) {
		return 1
	}
	return sd * sd / (mean * mean)
}
