package ann

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// clustered makes vectors in clusters, of lengths that differ as items' do.
func clustered(seed uint64, n, d int) []float32 {
	r := rand.New(rand.NewPCG(seed, 7))
	centres := make([]float64, 64*d)
	for i := range centres {
		centres[i] = r.NormFloat64()
	}
	out := make([]float32, n*d)
	for i := range n {
		c, length := r.IntN(64), math.Exp(0.2*r.NormFloat64())/math.Sqrt(float64(d))
		for j := range d {
			out[i*d+j] = float32((centres[c*d+j] + 0.7*r.NormFloat64()) * length)
		}
	}
	return out
}

func counting(n int) []uint32 {
	ids := make([]uint32, n)
	for i := range ids {
		ids[i] = uint32(i)
	}
	return ids
}

// brute is the answer by float64.
func brute(vectors map[uint32][]float32, query []float32, k int, filter Bitmap) []Hit {
	var all []Hit
	for id, v := range vectors {
		if filter != nil && !filter.Has(id) {
			continue
		}
		sum := 0.0
		for i, q := range query {
			sum += float64(q) * float64(v[i])
		}
		all = append(all, Hit{id, float32(sum)})
	}
	slices.SortFunc(all, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	return all[:min(k, len(all))]
}

// same reports whether two answers agree up to ties within rounding.
func same(got, want []Hit) bool {
	if len(got) != len(want) {
		return false
	}
	for i, g := range got {
		if math.Abs(float64(g.Score-want[i].Score)) > 1e-4*(1+math.Abs(float64(g.Score))) {
			return false
		}
	}
	return true
}

func recall(got, want []Hit) float64 {
	found := 0
	for _, g := range got {
		if slices.ContainsFunc(want, func(w Hit) bool { return w.ID == g.ID }) {
			found++
		}
	}
	return float64(found) / float64(max(1, len(want)))
}

func TestScanEqualsBruteForce(t *testing.T) {
	t.Parallel()
	for _, kernel := range kernels() {
		t.Run(kernel.String(), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { scanLaw(t, kernel) })
		})
	}
}

func scanLaw(t *rapid.T, kernel kernel) {
	d, n := rapid.IntRange(1, 200).Draw(t, "dimension"), rapid.IntRange(1, 120).Draw(t, "vectors")
	seed := rapid.Uint64().Draw(t, "seed")
	o, _ := Options{Dimension: d}.withDefaults()
	x, vectors, all := newIndex(o, kernel), map[uint32][]float32{}, clustered(seed, n+20, d)
	at := func(i int) []float32 { return all[i*d : (i+1)*d] }
	for i := range n {
		id := uint32(i * 3)
		if err := x.Insert(id, at(i)); err != nil {
			t.Fatal(err)
		}
		vectors[id] = at(i)
	}
	r := rand.New(rand.NewPCG(seed, 1))
	filter := NewBitmap(3 * n)
	for i := range n {
		switch id := uint32(i * 3); r.IntN(5) {
		case 0:
			if !x.Delete(id) || x.Delete(id) {
				t.Fatal("an id goes once")
			}
			delete(vectors, id)
		case 1:
			vectors[id] = at(n + r.IntN(20))
			if err := x.Update(id, vectors[id]); err != nil {
				t.Fatal(err)
			}
		case 2:
			filter.Set(id)
		}
	}
	k, query := rapid.IntRange(1, 30).Draw(t, "k"), at(n+r.IntN(20))
	for _, f := range []Bitmap{nil, filter} {
		got, want := x.Search(query, k, f, nil), brute(vectors, query, k, f)
		if !same(got, want) {
			t.Fatalf("%d vectors, filter %v: %v, want %v", len(vectors), f != nil, got, want)
		}
		if !slices.IsSortedFunc(got, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) }) {
			t.Fatalf("not sorted: %v", got)
		}
	}
	if x.Len() != len(vectors) {
		t.Fatalf("%d vectors, want %d", x.Len(), len(vectors))
	}
}

// The threshold that a scan of many begins with is guessed by a sample, which may be
// wrong.
func TestScanOfManyEqualsBruteForce(t *testing.T) {
	t.Parallel()
	const n, d = 3000, 16
	x, err := New(Options{Dimension: d})
	all, vectors := clustered(5, n+30, d), map[uint32][]float32{}
	if err := errors.Join(err, x.InsertAll(counting(n), all[:n*d])); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		vectors[uint32(i)] = all[i*d : (i+1)*d]
	}
	for q := range 30 {
		query := all[(n+q)*d : (n+q+1)*d]
		for _, k := range []int{1, 10, 33, 150, 700} {
			want := brute(vectors, query, k, nil)
			if got := x.SearchWith(SearchOptions{Path: Scan}, query, k, nil, nil); !same(got, want) {
				t.Fatalf("query %d, k %d: %v, want %v", q, k, got, want)
			}
			unsorted := x.SearchWith(SearchOptions{Path: Scan, Unsorted: true}, query, k, nil, nil)
			slices.SortFunc(unsorted, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
			if len(unsorted) < k || !same(unsorted[:k], want) {
				t.Fatalf("query %d, k %d, unsorted: %v, want %v first", q, k, unsorted, want)
			}
		}
	}
}

// small is an index with a graph, built below the usual size.
func small(t testing.TB, n, d, workers int) (*Index, []float32) {
	t.Helper()
	o, err := Options{Dimension: d, BuildBreadth: 64, Workers: workers, Seed: 3}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	x, all := newIndex(o, fastest()), clustered(1, n+100, d)
	if err := x.InsertAll(counting(n), all[:n*d]); err != nil {
		t.Fatal(err)
	}
	if !x.ready {
		x.buildGraph()
	}
	return x, all
}

func meanRecall(x *Index, queries []float32, filter Bitmap) float64 {
	d, sum, n := x.Dimension(), 0.0, 0
	for at := 0; at < len(queries); at += d {
		query := queries[at : at+d]
		sum += recall(x.SearchWith(SearchOptions{Path: Graph}, query, 10, filter, nil), x.SearchWith(SearchOptions{Path: Scan}, query, 10, filter, nil))
		n++
	}
	return sum / float64(n)
}

func TestGraphFindsTheNearest(t *testing.T) {
	t.Parallel()
	x, all := small(t, 3000, 24, 2)
	for _, c := range []struct {
		name string
		one  uint32 // in so many is allowed
	}{{"all", 1}, {"half", 2}, {"a tenth", 10}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			filter := NewBitmap(3000)
			for i := uint32(0); i < 3000; i += c.one {
				filter.Set(i)
			}
			if got := meanRecall(x, all[3000*24:], filter); got < 0.95 {
				t.Errorf("recall %.3f", got)
			}
		})
	}
}

// TestFilteredSearchFindsEnough allows few, which also lie far from the query.
func TestFilteredSearchFindsEnough(t *testing.T) {
	t.Parallel()
	x, all := small(t, 3000, 24, 2)
	for _, allowed := range []int{1, 5, 10, 300} {
		query := all[3000*24 : 3001*24]
		worst := x.SearchWith(SearchOptions{Path: Scan}, query, 3000, nil, nil)[3000-allowed:]
		filter := NewBitmap(3000)
		for _, h := range worst {
			filter.Set(h.ID)
		}
		for _, path := range []Path{Fastest, Scan, Graph} {
			if got := x.SearchWith(SearchOptions{Path: path}, query, 10, filter, nil); len(got) != min(10, allowed) || got[0] != worst[0] {
				t.Errorf("%d allowed, path %d: %v", allowed, path, got)
			}
		}
	}
}

func TestSameSeedSameIndex(t *testing.T) {
	t.Parallel()
	var first []byte
	for _, workers := range []int{1, 2, 5} {
		x, all := small(t, 1500, 16, workers)
		for id := range uint32(400) {
			x.Delete(id)
		}
		if err := x.InsertAll([]uint32{1, 2, 3}, all[:48]); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := x.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b.Bytes()
		} else if !bytes.Equal(first, b.Bytes()) {
			t.Errorf("%d workers make another index", workers)
		}
	}
}

// TestRecallStaysThroughChanges deletes and inserts one by one.
func TestRecallStaysThroughChanges(t *testing.T) {
	t.Parallel()
	const n, d = 2000, 24
	x, all := small(t, n, d, 2)
	queries := all[n*d:]
	before, fresh := meanRecall(x, queries, nil), clustered(9, n/2, d)
	copy(fresh, all[:len(fresh)]) // of the same clusters
	for i := range n / 2 {
		if !x.Delete(uint32(i)) {
			t.Fatal("nothing to delete")
		}
		if err := x.Insert(uint32(n+i), fresh[i*d:(i+1)*d]); err != nil {
			t.Fatal(err)
		}
	}
	if x.used > n+n/4 {
		t.Errorf("%d slots for %d vectors", x.used, n)
	}
	if after := meanRecall(x, queries, nil); after < before-0.02 {
		t.Errorf("recall %.3f, before %.3f", after, before)
	}
	for slot := range int32(x.used) {
		if !x.linked.Has(uint32(slot)) {
			continue
		}
		for _, v := range x.neighbours(slot) {
			if v >= 0 && !x.linked.Has(uint32(v)) {
				t.Fatalf("slot %d leads to %d, which is free", slot, v)
			}
		}
	}
}

// TestNothingForbiddenUnderChange searches while vectors come and go: an id
// that is never in, or not allowed, is never found.
func TestNothingForbiddenUnderChange(t *testing.T) {
	t.Parallel()
	const n, d = 1000, 16
	x, all := small(t, n, d, 2)
	filter := NewBitmap(2 * n)
	for id := uint32(0); id < 2*n; id += 3 {
		filter.Set(id)
	}
	for id := uint32(1); id < n; id += 2 { // odd ids are gone for ever
		x.Delete(id)
	}
	var changing, searching sync.WaitGroup
	stop := make(chan struct{})
	for g := range 2 {
		searching.Go(func() {
			var hits []Hit
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				f := filter
				if i%2 == 0 {
					f = nil
				}
				hits = x.SearchWith(SearchOptions{Path: Path(i % 3)}, all[(i*2+g)%n*d:][:d], 10, f, hits)
				for _, h := range hits {
					if h.ID%2 == 1 || f != nil && h.ID%3 != 0 {
						t.Errorf("found %d", h.ID)
						return
					}
				}
				if len(hits) < 10 {
					t.Errorf("%d hits of 10", len(hits))
					return
				}
			}
		})
	}
	changing.Go(func() {
		for i := uint32(0); i < 60; i++ {
			id := i * 6 % 400
			if err := x.Update(id, all[(i+3)%n*d:][:d]); err != nil {
				t.Error(err)
			}
			x.Delete(id)
			if err := x.Insert(id, all[(i*5)%n*d:][:d]); err != nil {
				t.Error(err)
			}
		}
	})
	changing.Wait()
	close(stop)
	searching.Wait()
}

func TestWrongInputIsRefused(t *testing.T) {
	t.Parallel()
	x, err := New(Options{Dimension: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Insert(1, []float32{1, 2}); err != nil {
		t.Fatal(err)
	}
	nan := float32(math.NaN())
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"dimension", x.Insert(2, []float32{1}), "expected 2 numbers"},
		{"not a number", x.Insert(2, []float32{1, nan}), "not a number"},
		{"twice", x.Insert(1, []float32{1, 2}), "already"},
		{"twice at once", x.InsertAll([]uint32{3, 3}, []float32{1, 2, 3, 4}), "twice"},
		{"unknown", x.Update(5, []float32{1, 2}), "not in the index"},
		{"update not a number", x.Update(1, []float32{1, nan}), "not a number"},
		{"no dimension", func() error { _, err := New(Options{}); return err }(), "Dimension is 0"},
		{"many links", func() error { _, err := New(Options{Dimension: 4, Links: 65}); return err }(), "expected 4 to 64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", c.err, c.want)
			}
		})
	}
	for _, query := range [][]float32{nil, {1}, {nan, 1}} {
		if hits := x.Search(query, 3, nil, nil); len(hits) != 0 {
			t.Errorf("query %v finds %v", query, hits)
		}
	}
	if hits := x.Search([]float32{0, 0}, 3, nil, nil); len(hits) != 1 || x.Len() != 1 {
		t.Errorf("a query of zeros finds %v of %d", hits, x.Len())
	}
}

func TestSearchAllocatesNothing(t *testing.T) {
	x, all := small(t, 2000, 24, 1)
	hits := make([]Hit, 0, 10)
	for _, path := range []Path{Scan, Graph} {
		if n := testing.AllocsPerRun(100, func() { hits = x.SearchWith(SearchOptions{Path: path}, all[:24], 10, nil, hits) }); n > 0.5 && !raceEnabled() {
			t.Errorf("path %d: %v allocations", path, n)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	x, all := small(b, 20_000, 64, 2)
	for _, path := range []Path{Scan, Graph} {
		b.Run(fmt.Sprintf("path %d", path), func(b *testing.B) {
			b.ReportAllocs()
			var hits []Hit
			i := 0
			for b.Loop() {
				hits = x.SearchWith(SearchOptions{Path: path}, all[i%1000*64:][:64], 10, nil, hits)
				i++
			}
		})
	}
}
