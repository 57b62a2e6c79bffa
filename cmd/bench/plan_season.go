package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/internal/sim"
	"github.com/peakday/peakday/store/sqlite"
)

// checkpoint is a moment of the season at which the forecasts are asked for.
type checkpoint struct {
	at       string
	from, to forecast.Day // the days that it is asked about

	with, without, naive       float64 // sums of absolute errors
	wanted, within80, within95 float64
	enough, skus               float64
	shops                      []float64 // accuracy of each
	helped                     int       // shops in which it was better with deposits
	beaten                     int       // seeds in which last year × growth was better
}

func checkpoints() []checkpoint {
	day := forecast.NewDay(2026, time.November, 11)
	var out []checkpoint
	for _, at := range []string{"10-20 12:00", "10-26 12:00", "10-29 12:00", "11-01 01:00"} {
		out = append(out, checkpoint{at: at, from: forecast.NewDay(2026, time.November, 1), to: day})
	}
	for _, at := range []string{"11-03 12:00", "11-06 12:00", "11-09 12:00", "11-10 23:00", "11-11 00:30", "11-11 01:00", "11-11 02:00", "11-11 06:00", "11-11 12:00", "11-11 20:00"} {
		out = append(out, checkpoint{at: at, from: day, to: day})
	}
	return out
}

func (o *planOptions) seasons(ctx context.Context, r *report) error {
	all := checkpoints()
	for seed := range o.seeds {
		if err := o.season(ctx, o.first+uint64(seed), all); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "season %d of %d\n", seed+1, o.seeds)
	}
	for i := range all {
		c := &all[i]
		with, without, naive := 1-c.with/c.wanted, 1-c.without/c.wanted, 1-c.naive/c.wanted
		what := fmt.Sprintf("%s to %s", c.from, c.to)
		if c.from == c.to {
			what = c.from.String()
		}
		mean, sd := stat.MeanStdDev(c.shops, nil)
		r.add(c.at, what, fmt.Sprintf("%.3f, %.3f ± %.3f, %.3f", with, mean, sd, slices.Min(c.shops)), fmt.Sprintf("%.3f", without), fmt.Sprintf("%.3f", naive),
			fmt.Sprintf("%d of %d", c.helped, o.seeds), fmt.Sprintf("%.3f", c.within80/c.skus), fmt.Sprintf("%.3f", c.within95/c.skus), fmt.Sprintf("%.3f", c.enough/c.skus))
		r.Values["accuracy "+c.at], r.Values["without "+c.at], r.Values["last year "+c.at] = with, without, naive
		r.Values["coverage_80 "+c.at], r.Values["coverage_95 "+c.at] = c.within80/c.skus, c.within95/c.skus
		r.Values["enough "+c.at] = c.enough / c.skus
	}
	r.note(`%d simulated shops of %d users (seeds %d to %d), everybody under control. Accuracy is 1 − WAPE
		of the expected demand by SKU against what was sold; intervals and targets are scored by what
		had been sold when they were asked for and what was wanted from then on, whatever the stock.
		Whoever finds an empty shelf takes something else: that has been sold, though nobody wanted it.
		Quantities are whole pieces, so that a true interval of 80 %% covers a little more.`,
		o.seeds, o.users, o.first, o.first+uint64(o.seeds)-1)
	r.note("Last year × growth was nearer in %d of %d shops as of 1 November.", all[3].beaten, o.seeds)
	return nil
}

// season lets one shop run and looks at it.
func (o *planOptions) season(ctx context.Context, seed uint64, all []checkpoint) error {
	dir, err := os.MkdirTemp("", "peakday-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	db, err := sqlite.Open(ctx, filepath.Join(dir, "shop.db"), nil)
	if err != nil {
		return err
	}
	defer db.Close()
	s := sim.NewStandalone(seed, o.users)
	if _, err := db.PutCalendarEvent(ctx, s.Calendar()); err != nil {
		return err
	}
	left := func(sku events.SKU, _ string) (int64, bool) { return s.Left(sku) }
	with := &forecast.Desk{Reader: db, Zone: s.Zone(), Currency: "CNY", Category: s.Category, Stock: left}
	without := &forecast.Desk{Reader: noDeposits{db}, Zone: s.Zone(), Currency: "CNY", Category: s.Category, Stock: left}
	got := make([][2][]*forecast.Forecast, len(all))
	plans, soFar := make([]forecast.Plan, len(all)), make([][]demand, len(all))
	fold := &folding{ctx: ctx, db: db, fold: forecast.Sales{Shop: "CNY", Zone: s.Zone()}}
	for i, c := range all {
		at, err := time.ParseInLocation("2006-01-02 15:04", "2026-"+c.at, s.Zone())
		if err != nil {
			return err
		}
		if err := s.Until(at, fold.take); err != nil {
			return err
		}
		if err := fold.flush(); err != nil {
			return err
		}
		if got[i][0], err = with.EventForecasts(ctx, "11.11", "", false, at); err != nil {
			return err
		}
		if got[i][1], err = without.EventForecasts(ctx, "11.11", "", false, at); err != nil {
			return err
		}
		soFar[i] = demandOf(s, c.from, c.to)
		q := forecast.PlanRequest{Event: "11.11", From: max(c.from, got[i][0][0].AsOf+1), To: c.to, Terms: forecast.Terms{ServiceLevel: .9}}
		if plans[i], err = with.Plan(ctx, c.at, q, at); err != nil {
			return err
		}
	}
	if err := s.Until(s.End().In(s.Zone()), func(events.Event) error { return nil }); err != nil {
		return err
	}
	for i := range all {
		all[i].score(s, got[i][0], got[i][1], plans[i], soFar[i])
	}
	return nil
}

// demand is what was wanted of a SKU, and what was sold.
type demand struct{ wanted, sold float64 }

func demandOf(s *sim.Standalone, from, to forecast.Day) []demand {
	out := make([]demand, len(s.SKUs()))
	for i := range out {
		out[i] = demand{s.Wanted(i, from, to), s.Sold(i, from, to)}
	}
	return out
}

// score compares with the truth; before is what had come when they were asked for.
func (c *checkpoint) score(s *sim.Standalone, with, without []*forecast.Forecast, p forecast.Plan, before []demand) {
	mine, other := bySKU(with), bySKU(without)
	planned := map[events.SKU]*forecast.PlanItem{}
	for i := range p.Items {
		planned[p.Items[i].SKU] = &p.Items[i]
	}
	off, blind, naive, wanted := 0., 0., 0., 0.
	growth := seasonGrowth(s)
	end := demandOf(s, c.from, c.to)
	for i, sku := range s.SKUs() {
		sold := end[i].sold
		y := before[i].sold + end[i].wanted - before[i].wanted
		last := growth * s.Sold(i, lastYear(c.from), lastYear(c.to))
		wanted += sold
		naive += math.Abs(last - sold)
		c.skus++
		f := mine[sku]
		if f == nil {
			off, blind = off+sold, blind+sold
			continue
		}
		sum := f.Sum(c.from, c.to)
		off += math.Abs(sum.Mean - sold)
		c.within80 += within(y, sum.Quantile(.1), sum.Quantile(.9))
		c.within95 += within(y, sum.Quantile(.025), sum.Quantile(.975))
		blind += math.Abs(other[sku].Sum(c.from, c.to).Mean - sold)
		if it := planned[sku]; it != nil {
			c.enough += within(y+it.Before, 0, float64(it.Target))
		}
	}
	c.with, c.without, c.naive, c.wanted = c.with+off, c.without+blind, c.naive+naive, c.wanted+wanted
	c.shops = append(c.shops, 1-off/wanted)
	if off < blind {
		c.helped++
	}
	if naive < off {
		c.beaten++
	}
}

func within(y, low, high float64) float64 {
	if y >= low && y <= high {
		return 1
	}
	return 0
}

func bySKU(fs []*forecast.Forecast) map[events.SKU]*forecast.Forecast {
	out := map[events.SKU]*forecast.Forecast{}
	for _, f := range fs {
		out[f.SKU] = f
	}
	return out
}

// seasonGrowth is the shop's sales of the four weeks before the presale over
// those of a year before.
func seasonGrowth(s *sim.Standalone) float64 {
	to := forecast.NewDay(2026, time.October, 23)
	from := to - 22 // the history begins on 1 October
	now, then := 0., 0.
	for i := range s.SKUs() {
		now += s.Sold(i, from, to)
		then += s.Sold(i, lastYear(from), lastYear(to))
	}
	return now / then
}

func lastYear(d forecast.Day) forecast.Day {
	y, m, day := d.Date()
	return forecast.NewDay(y-1, m, day)
}
