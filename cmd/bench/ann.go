package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/peakday/peakday/recommend/ann"
)

// annOptions are the benchmark's flags.
type annOptions struct {
	items, queries, python string
	title, cache           string
	dimension, k, repeats  int
	asked                  int
	sizes                  []int
}

func annBenchmark() benchmark {
	var o annOptions
	return benchmark{
		name:  "ann",
		about: "Searching by inner product on one thread, beside hnswlib on the same vectors: medians of interleaved repeats",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&o.items, "items", "", "file of the items' vectors: little-endian float32; without it, synthetic ones")
			f.StringVar(&o.queries, "queries", "", "file of the queries' vectors")
			f.IntVar(&o.dimension, "dim", 64, "numbers of a vector")
			f.IntVar(&o.k, "k", 10, "how many to find")
			f.IntVar(&o.asked, "asked", 1000, "how many of the queries are asked in a repeat")
			f.IntVar(&o.repeats, "repeats", 7, "how often each search is measured")
			f.StringVar(&o.title, "title", "", "name of the vectors: the section is called \"ann: TITLE\"")
			f.StringVar(&o.cache, "cache", "", "directory in which hnswlib's index is kept, with what its build took, for the next run; without it, it is built each time")
			f.IntSliceVar(&o.sizes, "sizes", []int{100_000, 500_000}, "how many synthetic vectors")
			f.StringVar(&o.python, "python", "", "a Python that has hnswlib; default python3 of the PATH, then the system's")
		},
		run: o.run,
	}
}

func (o *annOptions) run(ctx context.Context) (_ *report, err error) {
	if (o.items == "") != (o.queries == "") {
		return nil, fmt.Errorf("%w: give both --items and --queries, or neither", errUsage)
	}
	dir, err := os.MkdirTemp("", "peakday-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	r := newReport("vectors", "what", "peakday", "hnswlib", "ratio")
	if o.title != "" {
		r.Name = "ann: " + o.title
	}
	if o.items != "" {
		set, err := readAnnSet(o.items, o.queries, o.dimension)
		if err != nil {
			return nil, err
		}
		return r, o.measure(ctx, r, set)
	}
	for _, n := range o.sizes {
		set, err := synthesize(n, o.dimension, dir)
		if err != nil {
			return nil, err
		}
		if err := o.measure(ctx, r, set); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// annRun is the measurement of one set of vectors.
type annRun struct {
	*annSet
	k, repeats int
	most       int    // queries a repeat
	cache      string // directory of the peer's indexes; empty: none
	r          *report
	index      *ann.Index
	peer       *annPeer
	truth      [][]ann.Hit
	hits       []ann.Hit
}

func (o *annOptions) measure(ctx context.Context, r *report, set *annSet) (err error) {
	m := &annRun{annSet: set, k: o.k, repeats: o.repeats, most: o.asked, cache: o.cache, r: r, peer: startAnnPeer(ctx, o.python, "python3", "/usr/bin/python3")}
	if m.peer != nil {
		defer func() { err = errors.Join(err, m.peer.stop()) }()
		if len(r.Notes) == 0 {
			r.note("%s is built with M 16 and ef_construction 200 and takes all queries of a repeat in one call on one thread.", m.peer.name)
		}
	} else if len(r.Notes) == 0 {
		r.note("hnswlib is missing: no Python that has it was found; give --python.")
	}
	if err := m.build(); err != nil {
		return err
	}
	m.truth = m.answers(ann.SearchOptions{Path: ann.Scan}, nil)
	if err := m.compare(); err != nil {
		return err
	}
	m.scan()
	m.filtered()
	return m.churn()
}

func (m *annRun) add(what, ours, theirs, ratio string) { m.r.add(m.name, what, ours, theirs, ratio) }

func (m *annRun) value(what string, v float64) { m.r.Values[m.name+", "+what] = v }

// build times both builds on the same number of threads.
func (m *annRun) build() error {
	var theirs annAnswer
	threads := runtime.GOMAXPROCS(0)
	if m.peer != nil {
		var err error
		if theirs, err = m.peer.ask(annCommand{Do: "build", Items: m.itemsFile, Queries: m.queriesFile, Dimension: m.dimension, Threads: threads, Cache: m.cached()}); err != nil {
			return err
		}
		if theirs.Kept {
			m.r.note("Of %s hnswlib's index, and what its build took, come at least in part from an earlier run on this machine.", m.name)
		}
	}
	var err error
	if m.index, err = ann.New(ann.Options{Dimension: m.dimension, Seed: 1}); err != nil {
		return err
	}
	ids := make([]uint32, m.count())
	for i := range ids {
		ids[i] = uint32(i)
	}
	began, cpu := time.Now(), processCPU()
	if err := m.index.InsertAll(ids, m.items); err != nil {
		return err
	}
	ours, oursCPU := time.Since(began).Seconds(), (processCPU() - cpu).Seconds()
	m.pair(fmt.Sprintf("build on %d threads, wall", threads), ours, theirs.Seconds, "%.1f s")
	m.pair("build, processor time", oursCPU, theirs.CPU, "%.1f s")
	m.pair("memory a vector", float64(m.index.Bytes())/float64(m.count()), theirs.Bytes/float64(m.count()), "%.0f bytes")
	return nil
}

// pair adds a row in which less is better; their 0 is missing.
func (m *annRun) pair(what string, ours, theirs float64, form string) {
	m.value(what, ours)
	if theirs == 0 {
		m.add(what, fmt.Sprintf(form, ours), "missing", "")
		return
	}
	m.value(what+", ratio", theirs/ours)
	m.add(what, fmt.Sprintf(form, ours), fmt.Sprintf(form, theirs), fmt.Sprintf("%.2f", theirs/ours))
}

// cached is the file of the peer's index, named after the vectors, empty if it
// is not to be kept.
func (m *annRun) cached() string {
	if m.cache == "" {
		return ""
	}
	return filepath.Join(m.cache, fmt.Sprintf("%s-%d.hnsw", strings.ReplaceAll(m.name, " ", "-"), m.dimension))
}
