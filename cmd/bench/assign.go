package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/store/sqldb"
	"github.com/peakday/peakday/store/sqlite"
)

func assignBenchmark() benchmark {
	return benchmark{name: "assign", about: "Assigning a visitor: time and memory of an evaluation; independence and evenness of the hash", run: runAssign}
}

func runAssign(ctx context.Context) (*report, error) {
	r := newReport("case", "time an evaluation", "time a visitor", "allocations")
	for _, c := range []struct {
		name        string
		experiments int
		rule        string
	}{
		{"one experiment, split only", 1, `{}`},
		{"one experiment, a rule and a split", 1, `{"country":"CN"}`},
		{"one experiment, three rules and a split", 1, `{"country":"CN","age":{"$gte":18},"tier":{"$in":["gold","silver"]}}`},
		{"50 experiments, a rule and a split each", 50, `{"country":"CN"}`},
		{"300 experiments, a rule and a split each", 300, `{"country":"CN"}`},
	} {
		catalog, err := benchCatalog(ctx, c.experiments, c.rule)
		if err != nil {
			return nil, err
		}
		b := testing.Benchmark(func(b *testing.B) { evaluateAll(b, catalog) })
		perVisitor := float64(b.T.Nanoseconds()) / float64(b.N)
		each := perVisitor / float64(c.experiments)
		r.add(c.name, fmt.Sprintf("%.0f ns", each), fmt.Sprintf("%.1f µs", perVisitor/1000), fmt.Sprint(b.AllocsPerOp()))
		r.Values[c.name+", ns an evaluation"] = each
		r.Values[c.name+", allocations a visitor"] = float64(b.AllocsPerOp())
	}
	return r, addLaws(ctx, r)
}

// benchCatalog has n running experiments of two even variants.
func benchCatalog(ctx context.Context, n int, rule string) (*experiments.Catalog, error) {
	var texts []string
	for range n {
		texts = append(texts, fmt.Sprintf(
			`{"unit":"user","audience":%s,"variants":[{"key":"control","weight":1},{"key":"treatment","weight":1}]}`, rule))
	}
	return startedCatalog(ctx, "bench-%03d", texts)
}

// startedCatalog is a catalogue of experiments that were started, named by
// their numbers from 1.
func startedCatalog(ctx context.Context, name string, texts []string) (_ *experiments.Catalog, err error) {
	dir, err := os.MkdirTemp("", "peakday-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	db, err := sqlite.Open(ctx, filepath.Join(dir, "bench.db"), nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store := sqldb.Experiments{DB: db}
	editor := experiments.NewEditor(store, "CNY")
	by := experiments.By{Author: "bench", Now: time.Now()}
	for i, text := range texts {
		e, err := experiments.ParseExperiment(fmt.Sprintf(name, i+1), []byte(text))
		if err != nil {
			return nil, err
		}
		if _, err := editor.Put(ctx, by, e); err != nil {
			return nil, err
		}
		if _, err := editor.Start(ctx, by, e.Key); err != nil {
			return nil, err
		}
	}
	all, err := store.Definitions(ctx)
	return experiments.NewCatalog(all), err
}

func evaluateAll(b *testing.B, catalog *experiments.Catalog) {
	subjects := make([]experiments.Subject, 1024)
	for i := range subjects {
		subjects[i].Key = events.UnitID(fmt.Sprintf("user-%06d", i))
	}
	attributes := experiments.Attributes{"country": "CN", "age": 33.0, "tier": "gold"}
	enrolled := 0
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		catalog.EvaluateAll(subjects[i%len(subjects)], attributes, func(e experiments.Evaluation) bool {
			if e.Enrolled {
				enrolled++
			}
			return true
		})
		i++
	}
	if enrolled == 0 {
		b.Fatal("nobody takes part")
	}
}
