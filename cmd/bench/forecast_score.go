package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/peakday/peakday/forecast/smooth"
)

// outcome is what a method said of one series.
type outcome struct {
	mean, lo80, hi80, lo95, hi95 []float64
	median, p95                  []float64                                 // quantiles, if they were asked for
	place                        func(k int, y, u float64) (float64, bool) // randomised PIT of a count
	seconds                      float64
}

// medians are outcomes that are scored by their .5 quantile instead of by their
// point forecast.
func medians(of map[string]outcome) map[string]outcome {
	out := map[string]outcome{}
	for name, o := range of {
		o.mean = o.median
		out[name] = o
	}
	return out
}

// scorer scores outcomes against the truth.
type scorer struct {
	f    family
	t    *trial
	past map[string][]float64
}

func newScorer(f family, t *trial) *scorer {
	j := &scorer{f: f, t: t, past: map[string][]float64{}}
	for _, p := range t.panels {
		for _, s := range p.Series {
			y := slices.Clone(s.Y)
			j.past[s.Name] = slices.DeleteFunc(y, math.IsNaN)
		}
	}
	return j
}

// tally sums what a row shows.
type tally struct {
	smape, mase, n, miss, size, over, in80, in95, banded, pinball, seconds, series float64

	ticket float64 // of the randomised PIT: by the golden ratio, so that tickets lie evenly in [0, 1)
}

func (j *scorer) tally(series []string, outcomes map[string]outcome) tally {
	var s tally
	for _, name := range series {
		o, ok := outcomes[name]
		if !ok || len(o.mean) < len(j.t.truth[name]) {
			continue
		}
		s.series++
		s.seconds += o.seconds
		scale := seasonalChange(j.past[name], j.f.season)
		for k, y := range j.t.truth[name] {
			if math.IsNaN(y) || math.IsNaN(o.mean[k]) {
				continue
			}
			s.point(y, o.mean[k], scale)
			if len(o.lo80) > 0 {
				s.intervals(&o, k, y)
			}
		}
	}
	return s
}

// point scores a point forecast; scale is the mean absolute change of the past.
func (s *tally) point(y, mean, scale float64) {
	e := math.Abs(y - mean)
	if d := math.Abs(y) + math.Abs(mean); d > 0 {
		s.smape += 200 * e / d
	}
	if scale > 0 {
		s.mase += e / scale
	}
	s.n++
	s.miss, s.size, s.over = s.miss+e, s.size+math.Abs(y), s.over+mean-y
}

// intervals scores the intervals of the k-th step, and the .95 quantile.
func (s *tally) intervals(o *outcome, k int, y float64) {
	s.banded++
	low80, high80 := y >= o.lo80[k], y <= o.hi80[k]
	low95, high95 := y >= o.lo95[k], y <= o.hi95[k]
	s.ticket += .6180339887498949
	s.ticket -= math.Floor(s.ticket)
	if o.place != nil {
		if u, counts := o.place(k, y, s.ticket); counts {
			low80, high80, low95, high95 = u >= .1, u <= .9, u >= .025, u <= .975
		}
	}
	if low80 && high80 {
		s.in80++
	}
	if low95 && high95 {
		s.in95++
	}
	q := o.hi95[k] - (o.hi95[k]-o.mean[k])*(1-1.645/1.96) // of a normal
	if o.p95 != nil {
		q = o.p95[k]
	}
	if y >= q {
		s.pinball += .95 * (y - q)
	} else {
		s.pinball += .05 * (q - y)
	}
}

func (j *scorer) row(r *report, family, method string, series []string, outcomes map[string]outcome) {
	s, base := j.tally(series, outcomes), j.tally(series, j.naive2(series))
	text := func(format string, x, by float64) string {
		if by == 0 || math.IsNaN(x/by) {
			return ""
		}
		return fmt.Sprintf(format, x/by)
	}
	owa := (s.smape/s.n/(base.smape/base.n) + s.mase/s.n/(base.mase/base.n)) / 2
	r.add(family, method, fmt.Sprint(s.series), text("%.2f", s.smape, s.n), text("%.3f", s.mase, s.n), text("%.3f", owa, 1),
		text("%.2f", 100*s.miss, s.size), text("%+.1f", 100*s.over, s.size), text("%.3f", s.in80, s.banded), text("%.3f", s.in95, s.banded),
		text("%.4g", s.pinball, s.banded), text("%.2f", 1000*s.seconds, s.series))
	key := family + "/" + method + "/"
	r.Values[key+"mase"], r.Values[key+"owa"], r.Values[key+"wape"] = s.mase/s.n, owa, s.miss/s.size
	if s.banded > 0 {
		r.Values[key+"cover_80"], r.Values[key+"cover_95"], r.Values[key+"pinball_95"] = s.in80/s.banded, s.in95/s.banded, s.pinball/s.banded
	}
	r.Values[key+"cpu_ms"] = 1000 * s.seconds / max(s.series, 1)
}

// seasonalChange is the mean absolute change over m steps.
func seasonalChange(y []float64, m int) float64 {
	if len(y) <= m {
		m = 1
	}
	sum := 0.
	for i := m; i < len(y); i++ {
		sum += math.Abs(y[i] - y[i-m])
	}
	return sum / float64(max(len(y)-m, 1))
}

// naive2 repeats the last value without its season: the measure of the M
// competitions.
func (j *scorer) naive2(series []string) map[string]outcome {
	out := map[string]outcome{}
	for _, name := range series {
		y := j.past[name]
		season := smooth.Season{Pattern: []float64{0}}
		if smooth.Seasonal(y, j.f.season) {
			season = smooth.Decompose(y, j.f.season, slices.Min(y) > 0)
		}
		flat := season.Remove(y)
		out[name] = outcome{mean: season.Add(slices.Repeat(flat[len(flat)-1:], len(j.t.truth[name])), len(y))}
	}
	return out
}

// normal is the textbook's forecast of counts: mean and standard deviation.
func (j *scorer) normal(series []string) map[string]outcome {
	out := map[string]outcome{}
	for _, name := range series {
		y := j.past[name]
		mean, squares := 0., 0.
		for _, v := range y {
			mean += v / float64(len(y))
		}
		for _, v := range y {
			squares += (v - mean) * (v - mean) / float64(len(y)-1)
		}
		sd := math.Sqrt(squares)
		at := func(z float64) []float64 { return slices.Repeat([]float64{max(0, mean+z*sd)}, len(j.t.truth[name])) }
		out[name] = outcome{mean: at(0), lo80: at(-1.2816), hi80: at(1.2816), lo95: at(-1.96), hi95: at(1.96), p95: at(1.6449)}
	}
	return out
}
