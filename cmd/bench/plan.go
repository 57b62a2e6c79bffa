package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/pflag"
	"gonum.org/v1/gonum/stat"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/internal/sim"
	"github.com/peakday/peakday/store/sqldb"
	"github.com/peakday/peakday/store/sqlite"
)

// planOptions are the benchmark's flags.
type planOptions struct {
	seeds, users int
	first        uint64
	orders       []string
}

func planBenchmark() benchmark {
	var o planOptions
	return benchmark{
		name:  "plan",
		about: "Stock plans against what was really wanted: simulated Double 11 presales whose truth is known, and orders of real shops",
		flags: func(f *pflag.FlagSet) {
			f.IntVar(&o.seeds, "seeds", 20, "how many simulated shops; 0 for none")
			f.Uint64Var(&o.first, "first", 101, "seed of the first; those below 100 were used while tuning")
			f.IntVar(&o.users, "users", 3000, "users of each")
			f.StringArrayVar(&o.orders, "orders", nil, "CSV (or .gz) of order lines of a real shop, its last eight weeks held out")
		},
		run: o.run,
	}
}

func (o *planOptions) run(ctx context.Context) (*report, error) {
	r := newReport("asked at", "about", "stocking accuracy with deposits: all, by shop ± its spread, worst shop", "without deposits", "last year × growth", "shops in which deposits helped", "80 % interval covers", "95 % covers", "targets at .90 enough")
	if o.seeds > 0 {
		if err := o.seasons(ctx, r); err != nil {
			return nil, err
		}
	}
	if len(o.orders) == 0 {
		return r, nil
	}
	t := &table{Title: "Orders of real shops", Columns: []string{"orders", "targets", "stated level", "of each SKU or over the plan", "held by ours", "as our distributions say", "held, rounding shared out", "held by the textbook", "textbook's z for as much", "our stock, pieces", "the textbook's for as much", "difference", "difference without the best seller", "our stock, value", "difference in value", "weeks of demand: ours / textbook", "pieces served: ours / textbook"}}
	for _, file := range o.orders {
		if err := planOrders(ctx, t, r.Values, file); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	r.More = append(r.More, t)
	r.note(`Orders of real shops: at seven origins a week apart within the last eight weeks, a target for
		the next two weeks of each product that sold in eight of the 26 weeks before. A target is held
		if the two weeks sold no more than it: service is counted by product and origin, whatever the
		product's size. Of a product that sells a piece or two, no whole number holds exactly nine of
		ten fortnights: the next ones say how many the least that hold the level should hold, and how
		many would have been held if a piece were left out as often as makes the level exact. Over the
		plan, the level is the average over the products of one origin, reached with the least value
		(forecast.GroupTargets): none runs out more than twice as often as stated. The
		textbook's target is mean + z·sd·√2 of the last 26 weeks, rounded up; to compare stock at equal
		service its z is the least that holds as many targets as ours. Reported are the half of the
		products, by a hash of their names, that nothing was tuned on. Returns are taken back; value is
		at each product's average price, weeks of demand weigh all products alike. Of
		transactions_sample nine tenths of the pieces are its best seller, petrol by the thousandth of a
		gallon, whose stock ours keeps larger.`)
	return r, nil
}

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
		l := &all[i]
		with, without, naive := 1-l.with/l.wanted, 1-l.without/l.wanted, 1-l.naive/l.wanted
		what := fmt.Sprintf("%s to %s", l.from, l.to)
		if l.from == l.to {
			what = l.from.String()
		}
		mean, sd := stat.MeanStdDev(l.shops, nil)
		r.add(l.at, what, fmt.Sprintf("%.3f, %.3f ± %.3f, %.3f", with, mean, sd, slices.Min(l.shops)), fmt.Sprintf("%.3f", without), fmt.Sprintf("%.3f", naive),
			fmt.Sprintf("%d of %d", l.helped, o.seeds), fmt.Sprintf("%.3f", l.within80/l.skus), fmt.Sprintf("%.3f", l.within95/l.skus), fmt.Sprintf("%.3f", l.enough/l.skus))
		r.Values["accuracy "+l.at], r.Values["without "+l.at], r.Values["last year "+l.at] = with, without, naive
		r.Values["coverage_80 "+l.at], r.Values["coverage_95 "+l.at] = l.within80/l.skus, l.within95/l.skus
		r.Values["enough "+l.at] = l.enough / l.skus
	}
	r.note(`%d simulated shops of %d users (seeds %d to %d), everybody under control. Accuracy is 1 − WAPE
		of the expected demand by SKU against what was sold; intervals and targets are judged by what
		had been sold when the desk was asked and what was wanted from then on, whatever the stock.
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
	for i, l := range all {
		at, err := time.ParseInLocation("2006-01-02 15:04", "2026-"+l.at, s.Zone())
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
		soFar[i] = demandOf(s, l.from, l.to)
		q := forecast.PlanRequest{Event: "11.11", From: max(l.from, got[i][0][0].AsOf+1), To: l.to, Terms: forecast.Terms{ServiceLevel: .9}}
		if plans[i], err = with.Plan(ctx, l.at, q, at); err != nil {
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

// score compares with the truth; before is what had come when the desk was asked.
func (l *checkpoint) score(s *sim.Standalone, with, without []*forecast.Forecast, p forecast.Plan, before []demand) {
	mine, other := bySKU(with), bySKU(without)
	planned := map[events.SKU]*forecast.PlanItem{}
	for i := range p.Items {
		planned[p.Items[i].SKU] = &p.Items[i]
	}
	off, blind, naive, wanted := 0., 0., 0., 0.
	growth := seasonGrowth(s)
	end := demandOf(s, l.from, l.to)
	for i, sku := range s.SKUs() {
		sold := end[i].sold
		y := before[i].sold + end[i].wanted - before[i].wanted
		last := growth * s.Sold(i, lastYear(l.from), lastYear(l.to))
		wanted += sold
		naive += math.Abs(last - sold)
		l.skus++
		f := mine[sku]
		if f == nil {
			off, blind = off+sold, blind+sold
			continue
		}
		sum := f.Sum(l.from, l.to)
		off += math.Abs(sum.Mean - sold)
		l.within80 += within(y, sum.Quantile(.1), sum.Quantile(.9))
		l.within95 += within(y, sum.Quantile(.025), sum.Quantile(.975))
		blind += math.Abs(other[sku].Sum(l.from, l.to).Mean - sold)
		if it := planned[sku]; it != nil {
			l.enough += within(y+it.Before, 0, float64(it.Target))
		}
	}
	l.with, l.without, l.naive, l.wanted = l.with+off, l.without+blind, l.naive+naive, l.wanted+wanted
	l.shops = append(l.shops, 1-off/wanted)
	if off < blind {
		l.helped++
	}
	if naive < off {
		l.beaten++
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

// noDeposits is a store that knows of no deposits.
type noDeposits struct{ *sqldb.DB }

func (noDeposits) PresaleHours(context.Context, time.Time, time.Time, func(forecast.PresaleHour) error) error {
	return nil
}

// folding applies events to the sales of a store, many at a time.
type folding struct {
	ctx   context.Context
	db    *sqldb.DB
	fold  forecast.Sales
	batch []events.Delivery
}

func (f *folding) take(e events.Event) error {
	fact, err := events.Parse(e, f.fold.Shop)
	if err != nil {
		return err
	}
	records, err := events.Route(e, fact)
	if err != nil {
		return err
	}
	for _, r := range records {
		if !f.fold.Wants(r.Kind, r.Type) {
			continue
		}
		part, err := r.Fact(f.fold.Shop)
		if err != nil {
			return err
		}
		f.batch = append(f.batch, events.Delivery{Record: r, Fact: part})
	}
	if len(f.batch) < 5000 {
		return nil
	}
	return f.flush()
}

func (f *folding) flush() error {
	seen := map[events.RecordID]bool{}
	fresh := f.batch[:0]
	for _, d := range f.batch { // the shop sends some events twice
		if id := d.RecordID(); !seen[id] {
			seen[id] = true
			fresh = append(fresh, d)
		}
	}
	f.batch = nil
	if len(fresh) == 0 {
		return nil
	}
	return f.db.InTx(f.ctx, func(tx *sqldb.Tx) error { return f.fold.Apply(f.ctx, tx, fresh) })
}
