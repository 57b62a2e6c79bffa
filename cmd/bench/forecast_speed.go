package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/peakday/peakday/forecast/panel"
)

// forecastSpeed measures how long forecasts take, beside Prophet's.
type forecastSpeed struct {
	data  string
	skus  int
	turns int
}

func forecastSpeedBenchmark() benchmark {
	b := &forecastSpeed{}
	return benchmark{
		name:  "forecast-speed",
		about: "How long forecasts take: a daily series of 1,900 values in turns with Prophet, and two years of many SKUs",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&b.data, "data", "", "directory of the data sets")
			f.IntVar(&b.skus, "skus", 10_000, "SKUs with two years of daily sales; 0 leaves them out")
			f.IntVar(&b.turns, "turns", 12, "origins of m5_total_daily, at most 12; 0 leaves them out")
		},
		run: b.run,
	}
}

func (b *forecastSpeed) run(ctx context.Context) (*report, error) {
	if b.data == "" && b.turns > 0 {
		return nil, fmt.Errorf("%w: --data must name the directory of the data sets", errUsage)
	}
	r := newReport("m5_total_daily", "origins", "CPU ms a forecast, median", "least", "most", "times peakday")
	if b.turns > 0 {
		if err := b.pairs(ctx, r); err != nil {
			return nil, err
		}
	}
	if b.skus > 0 {
		return r, b.many(r)
	}
	return r, nil
}

// pairs forecasts from one origin after the other by each method in turn, so
// that what else the machine does meets all alike.
func (b *forecastSpeed) pairs(ctx context.Context, r *report) error {
	f := families()[slices.IndexFunc(families(), func(f family) bool { return f.name == "m5_total_daily" })]
	t, err := f.load(b.data, false)
	if err != nil {
		return err
	}
	peers, methods := peers{}, []string{"peakday", "peakday, quick", "prophet", "prophet_events"}
	took := map[string][]float64{}
	for i, p := range t.panels[:min(b.turns, len(t.panels))] {
		fmt.Fprintf(os.Stderr, "origin %d of %d\n", i+1, b.turns)
		one := &trial{panels: []*panel.Panel{p}, truth: t.truth}
		train, test := f.table(one, []string{p.Series[0].Name})
		for _, method := range methods {
			var ms float64
			ok := true
			switch method {
			case "peakday", "peakday, quick":
				ms, err = ownTime(p, f.horizon, method != "peakday")
			default:
				ms, ok, err = peers.time(ctx, method, f, train, test)
			}
			if err != nil {
				return err
			}
			if ok {
				took[method] = append(took[method], ms)
			}
		}
	}
	base := medianOf(took["peakday"])
	for _, method := range methods {
		all := took[method]
		if len(all) == 0 {
			r.note("%s is not installed: no row.", method)
			continue
		}
		r.add(method, fmt.Sprint(len(all)), fmt.Sprintf("%.1f", medianOf(all)), fmt.Sprintf("%.1f", slices.Min(all)), fmt.Sprintf("%.1f", slices.Max(all)), fmt.Sprintf("%.1f", medianOf(all)/base))
		r.Values["m5_total_daily/"+method+"/cpu_ms"] = medianOf(all)
	}
	r.note("CPU time on one core each, the methods in turns from every origin, 28 days ahead. peakday's " +
		"is fit, backtests of every method and intervals, the mean of five; Prophet's is one fit and " +
		"prediction with 500 samples for the intervals, without the start of R, `prophet_events` with " +
		"the same events.")
	return nil
}

// ownTime is the CPU time of a forecast in milliseconds, on one core.
func ownTime(p *panel.Panel, horizon int, quick bool) (float64, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const times = 5
	began := processCPU()
	for range times {
		if _, err := p.Forecast(panel.Spec{Horizon: horizon, Quantiles: []float64{.025, .1, .5, .9, .975}, Quick: quick}); err != nil {
			return 0, err
		}
	}
	return 1000 * (processCPU() - began).Seconds() / times, nil
}

// time is what a method needs for the one series of a table, in milliseconds.
func (p peers) time(ctx context.Context, method string, f family, train, test string) (ms float64, ok bool, err error) {
	out, ok, err := p.ask(ctx, method, f, train, test)
	if err != nil || !ok {
		return 0, ok, err
	}
	paths, err := decodePeer(bytes.NewReader(out))
	for _, path := range paths {
		ms = 1000 * path.seconds
	}
	return ms, len(paths) > 0, err
}

// many forecasts the SKUs of a large shop.
func (b *forecastSpeed) many(r *report) error {
	p := manySKUs(b.skus, 730)
	t := &table{Title: fmt.Sprintf("%d SKUs, 730 days each, 28 days ahead", b.skus), Columns: []string{"mode", "seconds", "CPU seconds", "CPU ms a SKU", "heap at most"}}
	for _, quick := range []bool{false, true} {
		mode := "full"
		if quick {
			mode = "quick"
		}
		fmt.Fprintf(os.Stderr, "%d SKUs, %s\n", b.skus, mode)
		runtime.GC()
		heap := watchHeap()
		began, used := time.Now(), processCPU()
		if _, err := p.Forecast(panel.Spec{Horizon: 28, Quantiles: []float64{.025, .1, .5, .9, .975}, Quick: quick}); err != nil {
			return err
		}
		seconds, cpu := time.Since(began).Seconds(), (processCPU() - used).Seconds()
		t.add(mode, fmt.Sprintf("%.1f", seconds), fmt.Sprintf("%.1f", cpu), fmt.Sprintf("%.2f", 1000*cpu/float64(b.skus)), fmt.Sprintf("%d MB", heap()>>20))
		r.Values["many/"+mode+"/seconds"], r.Values["many/"+mode+"/cpu_s"] = seconds, cpu
	}
	r.More = append(r.More, t)
	r.note(`The SKUs sell by the day rounded normal draws around a level of their own (log-normal), a week
		and a year; the time has fit, backtests, trees over all SKUs (full mode only) and intervals on
		%d cores, without reading the file. The heap includes the %d MB of the series themselves.`,
		runtime.GOMAXPROCS(0), b.skus*730*8>>20)
	return nil
}

// manySKUs draws daily sales of SKUs.
func manySKUs(skus, days int) *panel.Panel {
	p := &panel.Panel{Step: panel.Step{Every: 24 * time.Hour}}
	random := rand.New(rand.NewPCG(1, 1))
	for i := range skus {
		level := math.Exp(.5 + 1.6*random.NormFloat64())
		s := &panel.Series{Name: fmt.Sprintf("SKU-%05d", i), Start: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), Y: make([]float64, days)}
		for d := range s.Y {
			mean := level * (1 + .3*math.Sin(float64(d)*2*math.Pi/365)) * (1 + .3*math.Max(0, math.Cos(float64(d)*2*math.Pi/7)))
			s.Y[d] = math.Max(0, math.Round(mean+math.Sqrt(1.5*mean)*random.NormFloat64()))
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// watchHeap looks at the heap ten times a second until it is asked for the most
// bytes that it saw.
func watchHeap() (most func() uint64) {
	stop, found := make(chan struct{}), make(chan uint64)
	go func() {
		tick, top := time.NewTicker(100*time.Millisecond), uint64(0)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			top = max(top, m.HeapAlloc)
			select {
			case <-stop:
				found <- top
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 { close(stop); return <-found }
}
