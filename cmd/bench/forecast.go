package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/peakday/peakday/forecast/panel"
	"github.com/peakday/peakday/forecast/smooth"
)

// forecastBench compares forecasts with those of other packages on the same
// series.
type forecastBench struct {
	data   string
	only   []string
	sample int
	peers  peers
	quick  bool
	tuning bool
	alone  bool
}

func forecastBenchmark() benchmark {
	b := &forecastBench{}
	return benchmark{
		name:  "forecast",
		about: "Forecasts beside those of R's forecast, Prophet and statsforecast on the same held-out series",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&b.data, "data", "", "directory of the data sets")
			f.StringSliceVar(&b.only, "only", nil, "families to run (default: all)")
			f.IntVar(&b.sample, "sample", 25, "series that Prophet is run on, of families with many")
			f.StringVar(&b.peers.cache, "cache", filepath.Join(os.TempDir(), "peakday-forecast-peers"), "directory that keeps what the slow peers said")
			f.StringVar(&b.peers.python, "python", "python3", "a Python with statsforecast")
			f.BoolVar(&b.quick, "quick", false, "measure the quick mode")
			f.BoolVar(&b.tuning, "tuning", false, "judge by the series that methods may be tuned on, not by those that are reported")
			f.BoolVar(&b.alone, "alone", false, "run no peers")
		},
		run: b.run,
	}
}

func (b *forecastBench) run(ctx context.Context) (*report, error) {
	if b.data == "" {
		return nil, fmt.Errorf("%w: --data must name the directory of the data sets", errUsage)
	}
	r := newReport("family", "method", "series", "sMAPE", "MASE", "OWA", "WAPE %", "bias %", "cover 80", "cover 95", "pinball .95", "CPU ms")
	for _, f := range families() {
		if len(b.only) > 0 && !slices.Contains(b.only, f.name) {
			continue
		}
		if err := b.family(ctx, r, f); err != nil {
			return nil, err
		}
	}
	if b.tuning {
		r.note("These are the series that the methods were tuned on: nothing to report.")
	} else {
		r.note(`A third of the series, by a hash of their names, is reported; the methods were tuned on the
			others. m5_total_daily is one series from its last twelve origins; it was tuned on the twelve
			before.`)
	}
	r.note("Each method after `%d of` was run on that many of the series only; the line of peakday above "+
		"it repeats its figures for those. Peers marked * were taken from an earlier run on the same "+
		"data and script. CPU is per series, for peakday with its rehearsals and intervals; for "+
		"Prophet one fit and prediction.", b.sample)
	r.note("Coverage of counts is by randomised PIT where the method gives a distribution. `normal` is " +
		"mean + z × standard deviation. `median` is the .5 quantile of the same forecast of peakday: " +
		"of counts that are often zero, the absolute error is least there and not at the mean, which " +
		"sums and stock need.")
	return r, nil
}

func (b *forecastBench) family(ctx context.Context, r *report, f family) error {
	t, err := f.load(b.data, b.tuning)
	if err != nil {
		return err
	}
	ours, err := b.forecast(f, t)
	if err != nil {
		return err
	}
	j := newJudge(f, t)
	j.row(r, f.name, "peakday", t.report, ours)
	j.row(r, f.name, "naive2", t.report, j.naive2(t.report))
	if f.counts {
		j.row(r, f.name, "peakday, median", t.report, medians(ours))
		j.row(r, f.name, "normal", t.report, j.normal(t.report))
	}
	if b.alone {
		return nil
	}
	for _, method := range f.peers {
		if err := b.peer(ctx, r, f, t, j, method, t.report, nil); err != nil {
			return err
		}
	}
	some := evenlyNamed(t.report, b.sample)
	for _, method := range f.slow {
		if err := b.peer(ctx, r, f, t, j, method, some, ours); err != nil {
			return err
		}
	}
	return nil
}

// peer adds the row of another method; before it, our own on the same few
// series if there are few.
func (b *forecastBench) peer(ctx context.Context, r *report, f family, t *trial, j *judge, method string, series []string, ours map[string]outcome) error {
	fmt.Fprintf(os.Stderr, "%s: %s\n", f.name, method)
	paths, cached, ok, err := b.peers.run(ctx, method, f, t, series)
	if err != nil {
		return err
	}
	if !ok {
		r.note("%s is not installed: no row of %s.", method, f.name)
		return nil
	}
	outcomes := map[string]outcome{}
	for name, p := range paths {
		outcomes[name] = outcome{mean: p.mean, lo80: p.lo80, hi80: p.hi80, lo95: p.lo95, hi95: p.hi95, seconds: p.seconds}
	}
	name := method
	if cached {
		name += " *"
	}
	if ours != nil {
		if method == f.slow[0] {
			j.row(r, f.name, fmt.Sprintf("peakday, %d of %d", len(series), len(t.report)), series, ours)
			if f.counts {
				j.row(r, f.name, fmt.Sprintf("peakday, median, %d of %d", len(series), len(t.report)), series, medians(ours))
			}
		}
		name = fmt.Sprintf("%s, %d of %d", name, len(series), len(t.report))
	}
	j.row(r, f.name, name, series, outcomes)
	return nil
}

// forecast runs peakday on the whole family.
func (b *forecastBench) forecast(f family, t *trial) (map[string]outcome, error) {
	out := map[string]outcome{}
	spec := panel.Spec{Horizon: f.horizon, Quantiles: []float64{.025, .1, .5, .9, .95, .975}, Quick: b.quick}
	for _, p := range t.panels {
		began := cpuSeconds()
		result, err := p.Forecast(spec)
		if err != nil {
			return nil, err
		}
		each := (cpuSeconds() - began) / float64(len(p.Series))
		for i := range result.Forecasts {
			fc := &result.Forecasts[i]
			o := outcome{mean: fc.Mean, seconds: each, place: fc.Place}
			for _, q := range fc.Quantiles {
				o.lo95, o.lo80, o.hi80, o.hi95 = append(o.lo95, q[0]), append(o.lo80, q[1]), append(o.hi80, q[3]), append(o.hi95, q[5])
				o.median, o.p95 = append(o.median, q[2]), append(o.p95, q[4])
			}
			out[fc.Series] = o
		}
	}
	return out, nil
}

// cpuSeconds is what this process has used.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return float64(time.Now().UnixNano()) / 1e9
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

func evenlyNamed(all []string, n int) []string {
	if len(all) <= n {
		return all
	}
	out := make([]string, n)
	for i := range out {
		out[i] = all[i*len(all)/n]
	}
	return out
}

// outcome is what a method said of one series.
type outcome struct {
	mean, lo80, hi80, lo95, hi95 []float64
	median, p95                  []float64                                 // quantiles, if they were asked for
	place                        func(k int, y, u float64) (float64, bool) // randomised PIT of a count
	seconds                      float64
}

// medians are outcomes that are judged by their .5 quantile instead of by their
// point forecast.
func medians(of map[string]outcome) map[string]outcome {
	out := map[string]outcome{}
	for name, o := range of {
		o.mean = o.median
		out[name] = o
	}
	return out
}

// judge scores outcomes against the truth.
type judge struct {
	f    family
	t    *trial
	past map[string][]float64
}

func newJudge(f family, t *trial) *judge {
	j := &judge{f: f, t: t, past: map[string][]float64{}}
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
}

func (j *judge) tally(series []string, outcomes map[string]outcome) tally {
	var s tally
	ticket := 0.
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
			e := math.Abs(y - o.mean[k])
			if d := math.Abs(y) + math.Abs(o.mean[k]); d > 0 {
				s.smape += 200 * e / d
			}
			if scale > 0 {
				s.mase += e / scale
			}
			s.n++
			s.miss, s.size, s.over = s.miss+e, s.size+math.Abs(y), s.over+o.mean[k]-y
			if len(o.lo80) == 0 {
				continue
			}
			s.banded++
			low80, high80 := y >= o.lo80[k], y <= o.hi80[k]
			low95, high95 := y >= o.lo95[k], y <= o.hi95[k]
			ticket += .6180339887498949
			ticket -= math.Floor(ticket)
			if o.place != nil {
				if u, counts := o.place(k, y, ticket); counts {
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
	}
	return s
}

func (j *judge) row(r *report, family, method string, series []string, outcomes map[string]outcome) {
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
func (j *judge) naive2(series []string) map[string]outcome {
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
func (j *judge) normal(series []string) map[string]outcome {
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
