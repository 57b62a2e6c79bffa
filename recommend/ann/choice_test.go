package ann

import (
	"math"
	"slices"
	"testing"
)

// TestIndexChoosesThePath holds the estimate of costs to what `cmd/bench ann`
// measures: the scan wins among some ten thousand, and among few that are
// allowed.
func TestIndexChoosesThePath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                           string
		vectors, dimension, k, allowed int
		filtered, graph                bool
		breadth, wantBreadth           int
	}{
		{name: "few", vectors: 1000, dimension: 64, k: 10, allowed: 1000, wantBreadth: 64},
		{name: "many", vectors: 100_000, dimension: 64, k: 10, allowed: 100_000, wantBreadth: 64, graph: true},
		{name: "many of 16 blocks", vectors: 20_000, dimension: 1024, k: 10, allowed: 20_000, wantBreadth: 64, graph: true},
		{name: "half are allowed", vectors: 500_000, dimension: 64, k: 10, allowed: 250_000, filtered: true, wantBreadth: 128, graph: true},
		{name: "one in a thousand is allowed", vectors: 500_000, dimension: 64, k: 10, allowed: 500, filtered: true, wantBreadth: 64_000},
		{name: "none is allowed", vectors: 500_000, dimension: 64, k: 10, filtered: true, wantBreadth: 64},
		{name: "a long answer", vectors: 100_000, dimension: 64, k: 1000, allowed: 100_000, wantBreadth: 1000},
		{name: "a breadth of one's own", vectors: 100_000, dimension: 64, k: 10, allowed: 100_000, breadth: 200, wantBreadth: 200, graph: true},
		{name: "never wider than all", vectors: 10_000, dimension: 64, k: 10, allowed: 10, filtered: true, wantBreadth: 10_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x, err := New(Options{Dimension: c.dimension})
			if err != nil {
				t.Fatal(err)
			}
			x.used = c.vectors
			breadth := x.breadth(SearchOptions{Breadth: c.breadth}, c.k, c.allowed)
			if breadth != c.wantBreadth {
				t.Errorf("breadth %d, want %d", breadth, c.wantBreadth)
			}
			if got := x.graphWins(breadth, c.allowed, c.filtered); got != c.graph {
				t.Errorf("the graph wins: %v, want %v", got, c.graph)
			}
		})
	}
}

// TestGraphIsBuiltByItself crosses the size from which there is one, and asks
// whether its walk finds enough without the scan.
func TestGraphIsBuiltByItself(t *testing.T) {
	t.Parallel()
	const d = 4
	all := clustered(3, graphFrom+100, d)
	x, err := New(Options{Dimension: d, Links: 8, BuildBreadth: 16})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.InsertAll(counting(graphFrom-1), all[:(graphFrom-1)*d]); err != nil {
		t.Fatal(err)
	}
	if x.ready {
		t.Fatalf("%d vectors have a graph already", graphFrom-1)
	}
	for i := graphFrom - 1; i < graphFrom+20; i++ {
		if err := x.Insert(uint32(i), all[i*d:(i+1)*d]); err != nil {
			t.Fatal(err)
		}
	}
	if !x.ready {
		t.Fatalf("%d vectors have no graph", x.Len())
	}
	for q := graphFrom; q < graphFrom+100; q++ {
		s := x.borrow()
		s.set(all[q*d : (q+1)*d])
		hits, enough := x.searchGraph(s, SearchOptions{}, 64, 10, x.living, nil, nil)
		x.scratch.Put(s)
		if !enough || len(hits) != 10 || len(s.pool) != 64 {
			t.Fatalf("the walk keeps %d slots and gives %d hits, want 64 and 10", len(s.pool), len(hits))
		}
	}
}

// TestEntriesGrowWithTheGraph: a walk that begins in an old part of the graph
// takes long to reach a new one.
func TestEntriesGrowWithTheGraph(t *testing.T) {
	t.Parallel()
	x, all := small(t, 1000, 8, 1)
	few := len(x.entries)
	if want := entryRoot * math.Sqrt(1000); float64(few) < want/2 || float64(few) > 2*want {
		t.Errorf("%d entries of 1000 vectors, want about %.0f", few, want)
	}
	ids := counting(4000)[1000:]
	if err := x.InsertAll(ids, slices.Concat(all[:1000*8], all[:1000*8], all[:1000*8])); err != nil {
		t.Fatal(err)
	}
	if len(x.entries) < few*3/2 || len(x.entryCodes) != len(x.entries)*x.codeStride {
		t.Errorf("%d entries with %d bytes of codes after %d vectors came, %d before", len(x.entries), len(x.entryCodes), len(ids), few)
	}
}

// TestLongerVectorsWidenTheCodes: a code must not be cut off at the largest
// number that the vectors before needed.
func TestLongerVectorsWidenTheCodes(t *testing.T) {
	t.Parallel()
	const d = 24
	x, all := small(t, 500, d, 1)
	longer := slices.Clone(all[:50*d])
	for i := range longer {
		longer[i] *= 30
	}
	if err := x.InsertAll(counting(550)[500:], longer); err != nil {
		t.Fatal(err)
	}
	if most := float64(x.scale) / 2 * math.Sqrt(d) * 1.001; x.codeError > most {
		t.Errorf("codes are off by %g, rounding alone by %g at most", x.codeError, most)
	}
	if got := x.Search(longer[:d], 1, nil, nil); len(got) != 1 || got[0].ID < 500 {
		t.Errorf("a query of a long vector finds %v", got)
	}
}

func TestEqualScoresComeByID(t *testing.T) {
	t.Parallel()
	for _, path := range []Path{Scan, Graph} {
		x, _ := small(t, 10, 2, 1)
		for id := uint32(40); id > 20; id-- {
			if err := x.Insert(id, []float32{300, 400}); err != nil {
				t.Fatal(err)
			}
		}
		for _, k := range []int{5, 20, 30} {
			hits := x.SearchWith(SearchOptions{Path: path}, []float32{3, 4}, k, nil, nil)
			if len(hits) != k || !slices.IsSortedFunc(hits[:min(k, 20)], func(a, b Hit) int { return int(a.ID) - int(b.ID) }) {
				t.Errorf("path %d: the %d best of twenty equal ones are %v", path, k, hits)
			}
		}
	}
}

// TestDeletesLeaveTheRestReachable takes out nine of ten: what linked the rest
// is gone.
func TestDeletesLeaveTheRestReachable(t *testing.T) {
	t.Parallel()
	const n, d = 3000, 24
	x, all := small(t, n, d, 2)
	for id := range uint32(n) {
		if id%10 != 0 {
			x.Delete(id)
		}
	}
	if x.Len() != n/10 || x.used-len(x.free) > n/2 {
		t.Fatalf("%d vectors in %d slots of %d", x.Len(), x.used-len(x.free), x.used)
	}
	if got := meanRecall(x, all[n*d:], nil); got < 0.98 {
		t.Errorf("recall %.3f of the %d that stay", got, x.Len())
	}
	s := x.borrow()
	defer x.scratch.Put(s)
	s.set(all[:d])
	x.walk(s, x.used)
	reached := 0
	for _, c := range s.pool {
		if x.alive.Has(uint32(candidateSlot(c))) {
			reached++
		}
	}
	if reached < x.Len()*99/100 {
		t.Errorf("a walk without end reaches %d of %d", reached, x.Len())
	}
}
