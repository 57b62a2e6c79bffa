package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"github.com/peakday/peakday/forecast/panel"
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
			f.BoolVar(&b.tuning, "tuning", false, "score by the series that methods may be tuned on, not by those that are reported")
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
		"data and script. CPU is per series, for peakday with its backtests and intervals; for "+
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
	j := newScorer(f, t)
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
func (b *forecastBench) peer(ctx context.Context, r *report, f family, t *trial, j *scorer, method string, series []string, ours map[string]outcome) error {
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
		began := processCPU()
		result, err := p.Forecast(spec)
		if err != nil {
			return nil, err
		}
		each := (processCPU() - began).Seconds() / float64(len(p.Series))
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
