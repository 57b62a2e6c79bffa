package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/store/postgres"
	"github.com/peakday/peakday/store/sqldb"
	"github.com/peakday/peakday/store/sqlite"
)

// report answers as the service does: the definition as it stands now, what the
// last background pass found, the sums, the whole report as JSON.
func (b *reportBench) report(ctx context.Context, key string) error {
	c, err := b.live.Current(ctx)
	if err != nil {
		return err
	}
	e := c.Definitions().Experiment(key)
	found, err := b.store.Findings(ctx, key)
	if err != nil {
		return err
	}
	cells, err := b.store.Moments(ctx, key)
	if err != nil {
		return err
	}
	r := experiments.View{AsOf: benchStart().AddDate(0, 0, benchDays), Zone: time.UTC, Findings: found}.Report(e, cells)
	if _, err := json.Marshal(r); err != nil {
		return err
	}
	if r.Metrics[0].Results[0].Problem != "" {
		return fmt.Errorf("the report has no answer: %s", r.Metrics[0].Results[0].Problem)
	}
	return nil
}

const (
	reportRuns = 15
	freshRuns  = 9 // processes
)

// large measures one report over many exposures: the first one of a process, by
// one that was asked before, and by one that was asked before the newest
// exposures came.
func (b *reportBench) large(ctx context.Context, o *reportOptions) error {
	key := b.keys[0]
	rows, err := b.fill(ctx, key, o.exposures, benchDays, benchShards)
	if err != nil {
		return err
	}
	if err := b.find(ctx, key); err != nil {
		return err
	}
	b.r.note(`%s: the large experiment has %d exposures in %d rows: 4 metrics with covariates, %d days, 10
		segments, %d shards, and a hundredth of it under suspicion. Medians of %d; the first report of a
		process is the median of %d processes, which know the definitions and have read nothing else.`,
		b.name, o.exposures, rows, benchDays, benchShards, reportRuns, freshRuns)
	fresh := make([]time.Duration, freshRuns)
	for i := range fresh {
		if fresh[i], err = b.askAnother(ctx, key); err != nil {
			return err
		}
	}
	slices.Sort(fresh)
	b.add(fmt.Sprintf("a whole report over %d exposures, the first of a new process", o.exposures), milliseconds(fresh[freshRuns/2]), "ms")
	b.add(fmt.Sprintf("a whole report over %d exposures, the first of a new process, slowest", o.exposures), milliseconds(fresh[freshRuns-1]), "ms")

	b.store.Sums = sqldb.NewSumCache()
	if err := b.report(ctx, key); err != nil {
		return err
	}
	for _, pass := range []struct {
		what   string
		before func() error
	}{
		{"a whole report over %d exposures, asked again", func() error { return nil }},
		{"a whole report over %d exposures, asked again after new ones on the last day in each shard", func() error { return b.touch(ctx, key) }},
	} {
		took := make([]time.Duration, reportRuns)
		for i := range took {
			if err := pass.before(); err != nil {
				return err
			}
			began := time.Now()
			if err := b.report(ctx, key); err != nil {
				return err
			}
			took[i] = time.Since(began)
		}
		slices.Sort(took)
		b.add(fmt.Sprintf(pass.what, o.exposures), milliseconds(took[reportRuns/2]), "ms")
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

// find keeps findings as a background pass does: all units are mature, and each
// cell has some that are suspects.
func (b *reportBench) find(ctx context.Context, key string) error {
	mature, err := b.store.Moments(ctx, key)
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(3, 4))
	suspects := experiments.Cells{}
	for day := range benchDays {
		cells, _, err := b.day(key, 1000, day, rng)
		if err != nil {
			return err
		}
		for c, t := range cells {
			suspects[c] = t
		}
	}
	return b.store.SaveFindings(ctx, key, &experiments.Findings{
		AsOf: benchStart(), Bots: experiments.NewStoredCells(suspects), Mature: experiments.NewStoredCells(mature),
	})
}

// askAnother asks a process for its first report, and says how long it took.
func (b *reportBench) askAnother(ctx context.Context, key string) (time.Duration, error) {
	program, err := os.Executable()
	if err != nil {
		return 0, err
	}
	out, err := exec.CommandContext(ctx, program, "report", "--ask="+key, b.address).Output()
	if err != nil {
		return 0, fmt.Errorf("the process that was asked for a report: %w", err)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	return time.Duration(n), err
}

// askOnce is the other side of askAnother: it prints nanoseconds.
func (o *reportOptions) askOnce(ctx context.Context) error {
	var db *sqldb.DB
	var err error
	if o.sqlite != "" {
		db, err = sqlite.Open(ctx, o.sqlite, nil)
	} else {
		db, err = postgres.Open(ctx, o.postgres, nil)
	}
	if err != nil {
		return err
	}
	defer db.Close()
	b := &reportBench{store: sqldb.Experiments{DB: db, Sums: sqldb.NewSumCache()}}
	b.live = experiments.NewLive(b.store)
	if _, err := b.live.Current(ctx); err != nil {
		return err
	}
	began := time.Now()
	if err := b.report(ctx, o.ask); err != nil {
		return err
	}
	fmt.Println(time.Since(began).Nanoseconds())
	return nil
}

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

// several measures 300 running experiments of a thousandth of the traffic each.
func (b *reportBench) several(ctx context.Context, o *reportOptions) error {
	for _, key := range b.keys[1:] {
		if _, err := b.fill(ctx, key, o.exposures/1000, 7, 1); err != nil {
			return err
		}
	}
	began := time.Now()
	c, err := b.live.Current(ctx)
	if err != nil {
		return err
	}
	if _, err := json.Marshal(c.Definitions().Experiments); err != nil {
		return err
	}
	b.add("the list of 300 running experiments", milliseconds(time.Since(began)), "ms")
	began = time.Now()
	for _, key := range b.keys[1:] {
		if err := b.report(ctx, key); err != nil {
			return err
		}
	}
	b.add("a report of one of 300 running experiments (7 days), mean", milliseconds(time.Since(began))/float64(len(b.keys)-1), "ms")
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
		b.add(pass.what, milliseconds(time.Since(began)), "ms")
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
