package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/store/postgres"
	"github.com/peakday/peakday/store/sqldb"
	"github.com/peakday/peakday/store/sqlite"
)

// reportOptions are the benchmark's flags.
type reportOptions struct {
	exposures int64
	records   int
	postgres  string
}

func reportBenchmark() benchmark {
	var o reportOptions
	return benchmark{
		name:  "report",
		about: "A report over many exposures, 300 experiments at once, and the folding of exposures and metric events by one worker",
		flags: func(f *pflag.FlagSet) {
			f.Int64Var(&o.exposures, "exposures", 10_000_000, "exposed units of the large experiment")
			f.IntVar(&o.records, "records", 40_000, "records of each kind to fold")
			f.StringVar(&o.postgres, "postgres", os.Getenv("PEAKDAY_TEST_POSTGRES"), "URL of a PostgreSQL server whose database may be written to")
		},
		run: o.run,
	}
}

func (o *reportOptions) run(ctx context.Context) (*report, error) {
	r := newReport("store", "what", "result")
	dir, err := os.MkdirTemp("", "peakday-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	db, err := sqlite.Open(ctx, filepath.Join(dir, "bench.db"), nil)
	if err != nil {
		return nil, err
	}
	if err := o.measure(ctx, r, "SQLite", db); err != nil {
		return nil, err
	}
	if o.postgres == "" {
		r.note("PostgreSQL was left out: give --postgres URL.")
		return r, nil
	}
	if db, err = postgres.Open(ctx, o.postgres, nil); err != nil {
		return nil, err
	}
	return r, o.measure(ctx, r, "PostgreSQL", db)
}

func (o *reportOptions) measure(ctx context.Context, r *report, name string, db *sqldb.DB) (err error) {
	defer func() { err = errors.Join(err, db.Close()) }()
	b := &reportBench{r: r, name: name, db: db, store: sqldb.Experiments{DB: db}, tag: fmt.Sprint("b", time.Now().UnixNano())}
	if err := b.define(ctx); err != nil {
		return fmt.Errorf("define the experiments: %w", err)
	}
	for _, step := range []func(context.Context, *reportOptions) error{b.large, b.several, b.fold} {
		if err := step(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// reportBench measures one store. tag keeps its keys apart from what is there.
type reportBench struct {
	r     *report
	name  string
	db    *sqldb.DB
	store sqldb.Experiments
	tag   string
	keys  []string // of the running experiments, the large one first
}

const severalExperiments = 300

func (b *reportBench) define(ctx context.Context) error {
	desk := experiments.NewDesk(b.store, "CNY")
	by := experiments.By{Author: "bench", Now: benchStart()}
	for key, text := range map[string]string{
		"conversion": `{"kind":"proportion","event":"order.paid"}`,
		"revenue":    `{"kind":"mean","event":"order.paid","value":"total"}`,
		"views":      `{"kind":"count","event":"product.viewed"}`,
		"basket":     `{"kind":"ratio","event":"order.paid","denominator":{"event":"order.paid","aggregate":"count"}}`,
	} {
		m, err := experiments.ParseMetric(b.tag+key, []byte(text), "CNY")
		if err != nil {
			return err
		}
		if _, err := desk.PutMetric(ctx, by, m); err != nil {
			return err
		}
	}
	for i := range severalExperiments {
		key := fmt.Sprintf("%s-%d", b.tag, i)
		e, err := experiments.ParseExperiment(key, fmt.Appendf(nil, `{"unit":"user","primary":"%[1]sconversion","secondary":["%[1]srevenue","%[1]sviews","%[1]sbasket"],
			"segments":["tier","client"],"variants":[{"key":"control","weight":1},{"key":"treatment","weight":1}]}`, b.tag))
		if err != nil {
			return err
		}
		if _, err := desk.Put(ctx, by, e); err != nil {
			return err
		}
		if _, err := desk.Start(ctx, by, key); err != nil {
			return err
		}
		b.keys = append(b.keys, key)
	}
	return nil
}

func benchStart() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }

// The shape of an experiment's rows: a month, two segments of five values, and
// the shards of eight log partitions.
const (
	benchDays   = 30
	benchShards = 8
)

// fill stores the rows that units exposures leave, in sums that such units have.
func (b *reportBench) fill(ctx context.Context, key string, units int64, days, shards int) (rows int, err error) {
	rng := rand.New(rand.NewPCG(uint64(units), 1))
	for shard := range shards {
		for day := range days {
			cells, order, err := b.day(key, units/int64(2*days*shards), day, rng)
			if err != nil {
				return 0, err
			}
			rows += len(order)
			if err := b.db.InTx(ctx, func(tx *sqldb.Tx) error { return tx.AddMoments(ctx, shard, order, cells) }); err != nil {
				return 0, err
			}
		}
	}
	return rows, nil
}

// day makes the rows of a day with about units in each variant.
func (b *reportBench) day(key string, units int64, day int, rng *rand.Rand) (experiments.Cells, []experiments.Cell, error) {
	segments := []string{""}
	for _, name := range []string{"tier", "client"} {
		for k := range 5 {
			segments = append(segments, fmt.Sprintf("%s=%d", name, k))
		}
	}
	cells := experiments.Cells{}
	var order []experiments.Cell
	for _, variant := range []string{"control", "treatment"} {
		for _, segment := range segments {
			n := units
			if segment != "" {
				n /= 5
			}
			n += rng.Int64N(1 + n/1000)
			c := experiments.Cell{Experiment: key, Phase: 1, Variant: variant, Segment: segment, Day: experiments.DayOf(benchStart(), time.UTC) + experiments.Day(day)}
			for metric, text := range benchSums(b.tag, n, rng) {
				var t experiments.Triangle
				if err := t.UnmarshalText([]byte(text)); err != nil {
					return nil, nil, err
				}
				c.Metric = metric
				cells[c] = t
				order = append(order, c)
			}
		}
	}
	slices.SortFunc(order, experiments.Cell.Compare)
	return cells, order, nil
}

// benchSums are triangles of n units with covariates: one in twenty buys for
// about 100 yuan, everybody looks at four products.
func benchSums(tag string, n int64, rng *rand.Rand) map[string]string {
	buyers := n/20 + rng.Int64N(1+n/2000)
	spent, views := buyers*10_000, 4*n+rng.Int64N(1+n/100)
	return map[string]string{
		experiments.UnitsCell: fmt.Sprintf("%d 0 0 0 0 0", n),
		// 1, y, x: n, Σy, Σx, Σy², Σyx, Σx²
		tag + "conversion": fmt.Sprintf("%d %d %d %d %d %d", n, buyers, buyers, buyers, buyers/3, buyers),
		tag + "revenue":    fmt.Sprintf("%d %d %d %d %d %d", n, spent, spent, spent*20_000, spent*6_000, spent*20_000),
		tag + "views":      fmt.Sprintf("%d %d %d %d %d %d", n, views, views, views*8, views*6, views*8),
		// 1, y, d, x, xd
		tag + "basket": fmt.Sprintf("%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d", n, spent, buyers, spent, buyers,
			spent*20_000, spent*2, spent*6_000, spent/2, buyers*2, spent/2, buyers/2, spent*20_000, spent*2, buyers*2),
	}
}

func (b *reportBench) report(ctx context.Context, key string) error {
	d, err := b.store.Definitions(ctx)
	if err != nil {
		return err
	}
	return b.reportOf(ctx, d.Experiment(key))
}

func (b *reportBench) reportOf(ctx context.Context, e *experiments.Experiment) error {
	cells, err := b.store.Moments(ctx, e.Key)
	if err != nil {
		return err
	}
	r := experiments.View{AsOf: benchStart().AddDate(0, 0, benchDays), Zone: time.UTC}.Report(e, cells)
	if _, err := json.Marshal(r); err != nil {
		return err
	}
	if r.Metrics[0].Results[0].Problem != "" {
		return fmt.Errorf("the report has no answer: %s", r.Metrics[0].Results[0].Problem)
	}
	return nil
}

// large measures one report over many exposures, the definitions read as well:
// by a service that has just begun, by one that was asked before, and by one
// that was asked before the newest exposures came.
func (b *reportBench) large(ctx context.Context, o *reportOptions) error {
	key := b.keys[0]
	rows, err := b.fill(ctx, key, o.exposures, benchDays, benchShards)
	if err != nil {
		return err
	}
	b.r.note("%s: the large experiment has %d exposures in %d rows: 4 metrics with covariates, %d days, 10 segments, %d shards. Medians of %d.", b.name, o.exposures, rows, benchDays, benchShards, reportRuns)
	first, again, fresh := make([]time.Duration, reportRuns), make([]time.Duration, reportRuns), make([]time.Duration, reportRuns)
	for i := range reportRuns {
		b.store.Sums = sqldb.NewSumCache()
		for _, pass := range []struct {
			took   []time.Duration
			before func() error
		}{
			{first, func() error { return nil }},
			{again, func() error { return nil }},
			{fresh, func() error { return b.touch(ctx, key) }},
		} {
			if err := pass.before(); err != nil {
				return err
			}
			began := time.Now()
			if err := b.report(ctx, key); err != nil {
				return err
			}
			pass.took[i] = time.Since(began)
		}
	}
	for _, m := range []struct {
		what string
		took []time.Duration
	}{
		{"a whole report over %d exposures, the first after a start", first},
		{"a whole report over %d exposures, asked again", again},
		{"a whole report over %d exposures, asked again after new ones on the last day in each shard", fresh},
	} {
		slices.Sort(m.took)
		b.add(fmt.Sprintf(m.what, o.exposures), m.took[reportRuns/2].Seconds()*1000, "ms")
	}
	return nil
}

const reportRuns = 15

// touch adds a unit to the last day in every shard.
func (b *reportBench) touch(ctx context.Context, key string) error {
	rng := rand.New(rand.NewPCG(1, 2))
	for shard := range benchShards {
		cells, order, err := b.day(key, 20, benchDays-1, rng)
		if err != nil {
			return err
		}
		if err := b.db.InTx(ctx, func(tx *sqldb.Tx) error { return tx.AddMoments(ctx, shard, order, cells) }); err != nil {
			return err
		}
	}
	return nil
}

func (b *reportBench) add(what string, value float64, unit string) {
	b.r.add(b.name, what, fmt.Sprintf("%.4g %s", value, unit))
	b.r.Values[b.name+", "+what] = value
}

// several measures 300 running experiments of a thousandth of the traffic each.
func (b *reportBench) several(ctx context.Context, o *reportOptions) error {
	for _, key := range b.keys[1:] {
		if _, err := b.fill(ctx, key, o.exposures/1000, 7, 1); err != nil {
			return err
		}
	}
	began := time.Now()
	d, err := b.store.Definitions(ctx)
	if err != nil {
		return err
	}
	if _, err := json.Marshal(d.Experiments); err != nil {
		return err
	}
	b.add("the list of 300 running experiments", time.Since(began).Seconds()*1000, "ms")
	began = time.Now()
	for _, key := range b.keys[1:] {
		if err := b.reportOf(ctx, d.Experiment(key)); err != nil {
			return err
		}
	}
	b.add("a report of one of 300 running experiments (7 days), mean", time.Since(began).Seconds()*1000/float64(len(b.keys)-1), "ms")
	return b.watch(ctx)
}

// watch measures what the guardrails of 300 experiments read every 15 seconds:
// all sums, those without segments, and whether anything has changed.
func (b *reportBench) watch(ctx context.Context) error {
	plain := sqldb.Experiments{DB: b.db}
	for _, pass := range []struct {
		what string
		read func() error
	}{
		{"all sums of 300 experiments", func() error {
			return b.eachKey(func(key string) error { _, err := plain.Moments(ctx, key); return err })
		}},
		{"the totals of 300 experiments, which guardrails need when all have changed", func() error {
			return b.eachKey(func(key string) error { _, err := plain.Totals(ctx, key); return err })
		}},
		{"which of 300 experiments have changed, all that is read when none has", func() error { _, err := plain.Changes(ctx, b.keys); return err }},
	} {
		began := time.Now()
		if err := pass.read(); err != nil {
			return err
		}
		b.add(pass.what, time.Since(began).Seconds()*1000, "ms")
	}
	return nil
}

func (b *reportBench) eachKey(do func(key string) error) error {
	for _, key := range b.keys {
		if err := do(key); err != nil {
			return err
		}
	}
	return nil
}

// fold measures one worker that applies batches of 500 records to the ledger:
// first exposures of new units, then orders of units that are exposed.
func (b *reportBench) fold(ctx context.Context, o *reportOptions) error {
	// The other experiments end, so that one experiment's cost is measured.
	ledger := &experiments.Ledger{Zone: time.UTC, Shop: "CNY", Lateness: experiments.DefaultLateness}
	exposure := func(i int) (events.Type, string) {
		return events.ExperimentExposed, fmt.Sprintf(`{"experiment":%q,"variant":%q,"unit":"%s-u%d","attributes":{"tier":"%d","client":"%d"}}`,
			b.keys[0], []string{"control", "treatment"}[i%2], b.tag, i, i%5, i%3)
	}
	order := func(i int) (events.Type, string) {
		return events.OrderPaid, fmt.Sprintf(`{"user_id":"%s-u%d","order_id":"%s-o%d","products":[{"product_id":"p1","sku":"s1","quantity":1,"price":"99.90"}],"total":"99.90"}`, b.tag, i, b.tag, i)
	}
	for _, kind := range []struct {
		name string
		make func(int) (events.Type, string)
	}{{"exposures of new units", exposure}, {"orders of exposed units", order}} {
		batches, err := b.deliveries(kind.name, kind.make, o.records)
		if err != nil {
			return err
		}
		began := time.Now()
		for _, batch := range batches {
			if err := b.db.InTx(ctx, func(tx *sqldb.Tx) error { return ledger.Apply(ctx, tx, batch) }); err != nil {
				return err
			}
		}
		b.add("folding "+kind.name+", one worker, batches of 500, 300 experiments defined", float64(o.records)/time.Since(began).Seconds(), "records/s")
	}
	return nil
}

func (b *reportBench) deliveries(name string, make func(int) (events.Type, string), n int) ([][]events.Delivery, error) {
	const batch = 500
	var out [][]events.Delivery
	for i := range n {
		typ, data := make(i)
		at := benchStart().Add(time.Duration(i) * time.Second)
		e := events.Event{ID: fmt.Sprintf("%s %s %d", b.tag, name, i), Source: "bench", Type: string(typ), Time: at, Data: []byte(data)}
		f, err := events.Parse(e, "CNY")
		if err != nil {
			return nil, err
		}
		f.Appended = at
		records, err := events.Route(e, f)
		if err != nil {
			return nil, err
		}
		if i%batch == 0 {
			out = append(out, nil)
		}
		for _, r := range records {
			if r.Kind != events.ForSKU && r.Kind != events.ForNoKey {
				out[len(out)-1] = append(out[len(out)-1], events.Delivery{Record: r, Fact: f})
			}
		}
	}
	return out, nil
}
