package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
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
	m.truth = m.answers(ann.Search{Path: ann.Scan}, nil)
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
	ours, oursCPU := time.Since(began).Seconds(), processCPU()-cpu
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

func (m *annRun) asked() int { return min(len(m.queries)/m.dimension, m.most) }

// answers are those of all queries.
func (m *annRun) answers(by ann.Search, filter ann.Bitmap) [][]ann.Hit {
	out := make([][]ann.Hit, m.asked())
	for i := range out {
		out[i] = m.index.SearchBy(by, m.query(i), m.k, filter, nil)
	}
	return out
}

// recall is the share of truth that was found.
func recallOf(got, truth [][]ann.Hit) float64 {
	found, all := 0, 0
	for i, want := range truth {
		all += len(want)
		for _, h := range got[i] {
			if slices.ContainsFunc(want, func(w ann.Hit) bool { return w.ID == h.ID }) {
				found++
			}
		}
	}
	return float64(found) / float64(max(all, 1))
}

// once is the processor time of one search, in seconds, over all queries.
func (m *annRun) once(by ann.Search, filter ann.Bitmap) float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began := threadCPU()
	for i := range m.asked() {
		m.hits = m.index.SearchBy(by, m.query(i), m.k, filter, m.hits)
	}
	return (threadCPU() - began) / float64(m.asked())
}

// often is the median of the repeats.
func (m *annRun) often(by ann.Search, filter ann.Bitmap) float64 {
	all := make([]float64, m.repeats)
	for i := range all {
		all[i] = m.once(by, filter)
	}
	return medianOf(all)
}

func medianOf(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// breadthFor is the least breadth that reaches the recall, or the largest tried.
func (m *annRun) breadthFor(recall float64, of func(breadth int) (float64, error)) (breadth int, reached float64, err error) {
	const most = 2048
	least := m.k
	for breadth = least; ; breadth = min(breadth*3/2, most) {
		if reached, err = of(breadth); err != nil || breadth == most || reached >= recall {
			break
		}
		least = breadth + 1
	}
	for err == nil && least < breadth {
		middle, at := (least+breadth)/2, 0.0
		if at, err = of(middle); at >= recall {
			breadth, reached = middle, at
		} else {
			least = middle + 1
		}
	}
	return breadth, reached, err
}

func (m *annRun) ourRecall(breadth int) (float64, error) {
	return recallOf(m.answers(ann.Search{Breadth: breadth, Path: ann.Graph}, nil), m.truth), nil
}

func (m *annRun) theirRecall(breadth int) (float64, error) {
	a, err := m.peer.ask(annCommand{Do: "search", Breadth: breadth, K: m.k, Queries: m.asked(), Labels: true})
	if err != nil {
		return 0, err
	}
	got := make([][]ann.Hit, len(a.Labels))
	for i, labels := range a.Labels {
		for _, id := range labels {
			got[i] = append(got[i], ann.Hit{ID: id})
		}
	}
	return recallOf(got, m.truth), nil
}

// compare measures both at the breadths that reach the same recalls.
func (m *annRun) compare() error {
	for _, recall := range []float64{0.95, 0.98, 0.99} {
		ours, reached, err := m.breadthFor(recall, m.ourRecall)
		if err != nil {
			return err
		}
		what := fmt.Sprintf("queries/s at recall@%d of %.2f", m.k, recall)
		if m.peer == nil {
			m.rates(fmt.Sprintf("%s (breadth %d: %.4f)", what, ours, reached), what, m.often(ann.Search{Breadth: ours, Path: ann.Graph}, nil), 0, 0)
			continue
		}
		theirs, theirReached, err := m.breadthFor(recall, m.theirRecall)
		if err != nil {
			return err
		}
		long := fmt.Sprintf("%s (breadth %d: %.4f; theirs %d: %.4f)", what, ours, reached, theirs, theirReached)
		if err := m.interleave(long, what, ours, theirs); err != nil {
			return err
		}
	}
	return nil
}

// interleave lets both take turns, so that a slow spell of the machine meets
// both; the ratio is the median of the pairs'.
func (m *annRun) interleave(long, short string, ours, theirs int) error {
	var a, b, ratios []float64
	for range m.repeats {
		mine := m.once(ann.Search{Breadth: ours, Path: ann.Graph}, nil)
		answer, err := m.peer.ask(annCommand{Do: "search", Breadth: theirs, K: m.k, Queries: m.asked()})
		if err != nil {
			return err
		}
		other := answer.CPU / float64(m.asked())
		a, b, ratios = append(a, mine), append(b, other), append(ratios, other/mine)
	}
	m.rates(long, short, medianOf(a), medianOf(b), medianOf(ratios))
	return nil
}

func (m *annRun) rates(long, short string, ours, theirs, ratio float64) {
	m.value(short, 1/ours)
	if theirs == 0 {
		m.add(long, fmt.Sprintf("%.0f", 1/ours), "missing", "")
		return
	}
	m.value(short+", ratio", ratio)
	m.add(long, fmt.Sprintf("%.0f", 1/ours), fmt.Sprintf("%.0f", 1/theirs), fmt.Sprintf("%.2f", ratio))
}

// scan measures the exact scan, and from which size the graph wins.
func (m *annRun) scan() {
	scan, graph := m.often(ann.Search{Path: ann.Scan}, nil), m.often(ann.Search{Path: ann.Graph}, nil)
	chosen := m.often(ann.Search{}, nil)
	m.value("exact scan, µs", scan*1e6)
	m.add("exact scan, recall 1", fmt.Sprintf("%.1f µs", scan*1e6), "", "")
	m.add("graph at the default breadth", fmt.Sprintf("%.1f µs", graph*1e6), "", "")
	m.add("as the index chooses", fmt.Sprintf("%.1f µs", chosen*1e6), "", "")
	m.value("exact scan wins below", float64(m.count())*graph/scan)
	m.add("exact scan wins below about", fmt.Sprintf("%.0f vectors", float64(m.count())*graph/scan), "", "")
}

// filtered measures searches among some.
func (m *annRun) filtered() {
	for _, percent := range []int{1, 10, 50} {
		r := rand.New(rand.NewPCG(5, uint64(percent)))
		filter := ann.NewBitmap(m.count())
		for id := range uint32(m.count()) {
			if r.IntN(100) < percent {
				filter.Set(id)
			}
		}
		truth := m.answers(ann.Search{Path: ann.Scan}, filter)
		recall := recallOf(m.answers(ann.Search{}, filter), truth)
		took := m.often(ann.Search{}, filter)
		what := fmt.Sprintf("%d %% allowed", percent)
		m.value(what+", recall", recall)
		m.value(what+", µs", took*1e6)
		m.add(what, fmt.Sprintf("%.1f µs, recall %.4f", took*1e6, recall), "", "")
	}
}

// churn deletes a fifth and inserts as many, one by one, and looks again.
func (m *annRun) churn() error {
	by := ann.Search{Path: ann.Graph}
	before := recallOf(m.answers(by, nil), m.truth)
	n, r := m.count(), rand.New(rand.NewPCG(6, 6))
	gone := r.Perm(n)[:n/5]
	began := time.Now()
	for i, id := range gone {
		m.index.Delete(uint32(id))
		if err := m.index.Insert(uint32(n+i), m.item(gone[len(gone)-1-i])); err != nil {
			return err
		}
	}
	each := time.Since(began).Seconds() / float64(len(gone))
	after := recallOf(m.answers(by, nil), m.answers(ann.Search{Path: ann.Scan}, nil))
	took := m.often(by, nil)
	m.value("recall before changes", before)
	m.value("recall after changes", after)
	m.add("recall after 20 % deletes and inserts, before them", fmt.Sprintf("%.4f, %.4f", after, before), "", "")
	m.add("a delete and an insert; a search afterwards", fmt.Sprintf("%.0f µs; %.1f µs", each*1e6, took*1e6), "", "")
	if cmp.Compare(after, before-0.01) < 0 {
		m.r.note("After the changes the recall is more than .01 lower.")
	}
	return nil
}
