package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

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
	ask       string // of the process that the benchmark starts: the experiment to report
	sqlite    string // its database
}

func reportBenchmark() benchmark {
	var o reportOptions
	return benchmark{
		name:  "report",
		about: "A report over many exposures, 300 experiments at once, and the folding of exposures and metric events by one worker",
		flags: func(f *pflag.FlagSet) {
			f.Int64Var(&o.exposures, "exposures", 10_000_000, "exposed units of the large experiment")
			f.IntVar(&o.records, "records", 40_000, "records of each kind to fold")
			f.StringVar(&o.postgres, "postgres", os.Getenv("PEAKDAY_TEST_POSTGRES"), "URL of a PostgreSQL server where a database may be created and dropped")
			f.StringVar(&o.ask, "ask", "", "")
			f.StringVar(&o.sqlite, "sqlite", "", "")
			for _, own := range []string{"ask", "sqlite"} {
				_ = f.MarkHidden(own) // fails for an unknown flag only
			}
		},
		run: o.run,
	}
}

func (o *reportOptions) run(ctx context.Context) (*report, error) {
	if o.ask != "" {
		return nil, o.askOnce(ctx)
	}
	r := newReport("store", "what", "result")
	dir, err := os.MkdirTemp("", "peakday-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "bench.db")
	db, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	if err := o.measure(ctx, r, "SQLite", db, "--sqlite="+path); err != nil {
		return nil, err
	}
	if o.postgres == "" {
		r.note("PostgreSQL was left out: give --postgres URL.")
		return r, nil
	}
	url, drop, err := ownDatabase(ctx, o.postgres)
	if err != nil {
		return nil, err
	}
	defer drop()
	if db, err = postgres.Open(ctx, url, nil); err != nil {
		return nil, err
	}
	return r, o.measure(ctx, r, "PostgreSQL", db, "--postgres="+url)
}

// measure takes all figures of one store; address is the flag by which another
// process opens it.
func (o *reportOptions) measure(ctx context.Context, r *report, name string, db *sqldb.DB, address string) (err error) {
	defer func() { err = errors.Join(err, db.Close()) }()
	b := &reportBench{r: r, name: name, db: db, store: sqldb.Experiments{DB: db}, tag: fmt.Sprint("b", time.Now().UnixNano()), address: address}
	b.live = experiments.NewLive(b.store)
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
	r       *report
	name    string
	db      *sqldb.DB
	store   sqldb.Experiments
	live    *experiments.Live
	tag     string
	address string
	keys    []string // of the running experiments, the large one first
}

const severalExperiments = 300

func (b *reportBench) define(ctx context.Context) error {
	editor := experiments.NewEditor(b.store, "CNY")
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
		if _, err := editor.PutMetric(ctx, by, m); err != nil {
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
		if _, err := editor.Put(ctx, by, e); err != nil {
			return err
		}
		if _, err := editor.Start(ctx, by, key); err != nil {
			return err
		}
		b.keys = append(b.keys, key)
	}
	return nil
}

func (b *reportBench) add(what string, value float64, unit string) {
	b.r.add(b.name, what, fmt.Sprintf("%.4g %s", value, unit))
	b.r.Values[b.name+", "+what] = value
}

func benchStart() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }
