package recommend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend/tower"
)

// steps makes interactions of words like "ann:a b+c": each visitor's items one
// second apart, those joined by + in one moment.
func steps(lines ...string) []Interaction {
	var out []Interaction
	for _, line := range lines {
		visitor, rest, _ := bytes.Cut([]byte(line), []byte(":"))
		for i, moment := range bytes.Fields(rest) {
			for _, item := range bytes.Split(moment, []byte("+")) {
				out = append(out, Interaction{
					Visitor: events.Unit{Kind: events.User, ID: events.UnitID(visitor)},
					Item:    events.ItemID(item), Action: View, Time: noon.Add(time.Duration(i) * time.Second),
				})
			}
		}
	}
	return out
}

func train(t testing.TB, interactions []Interaction, how Training) *Model {
	t.Helper()
	m, err := Train(t.Context(), slices.Values(interactions), how)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *Model) linksOf(l *links, item events.ItemID) map[events.ItemID]float32 {
	n, _ := slices.BinarySearch(m.items, item)
	to, score := l.of(int32(n))
	out := map[events.ItemID]float32{}
	for i := range to {
		out[m.items[to[i]]] = score[i]
	}
	return out
}

func near(t *testing.T, got, want map[events.ItemID]float32) {
	t.Helper()
	equal := cmp.Comparer(func(a, b float32) bool { return math.Abs(float64(a-b)) < 1e-5 })
	if diff := cmp.Diff(want, got, equal); diff != "" {
		t.Errorf("unexpected (-want +got):\n%s", diff)
	}
}

// The expected numbers are worked out by hand from the formulas.
func TestTransitions(t *testing.T) {
	t.Parallel()
	m := train(t, steps("ann:a b c", "bob:a c", "cid:d a+b"), Training{})
	// a occurs 3 times, b 2, c 2, d 1; T = Σ 1/gap/√size / √(n+1)(n+1).
	root := func(x float64) float32 { return float32(math.Sqrt(x)) }
	near(t, m.linksOf(&m.transitions, "a"), map[events.ItemID]float32{
		"b": (1 + 1/root(2)) / root(12), // ann at gap 1; cid in the same basket of 2
		"c": (0.5 + 1) / root(12),
	})
	near(t, m.linksOf(&m.transitions, "b"), map[events.ItemID]float32{"c": 1 / root(9), "a": 1 / root(2) / root(12)})
	near(t, m.linksOf(&m.transitions, "d"), map[events.ItemID]float32{"a": 1 / root(2) / root(8), "b": 1 / root(2) / root(6)})
	near(t, m.linksOf(&m.transitions, "c"), map[events.ItemID]float32{})
}

func TestStrongerActionsLeadMore(t *testing.T) {
	t.Parallel()
	in := append(steps("ann:a b", "bob:a c"), Interaction{Visitor: events.Unit{Kind: events.User, ID: "bob"}, Item: "c", Action: Buy, Time: noon.Add(2 * time.Second)})
	m := train(t, in, Training{})
	got := m.linksOf(&m.transitions, "a")
	if got["c"] <= got["b"] {
		t.Errorf("a bought item leads with %g, a viewed one with %g", got["c"], got["b"])
	}
	if m.Interactions() != 4 {
		t.Errorf("%d steps: the buy right after the view is another", m.Interactions())
	}
}

// The oracle counts pairs by the formula, all of them.
func TestSimilarIsTheShrunkCosine(t *testing.T) {
	t.Parallel()
	in := someInteractions(3, 40, 15, 300)
	m := train(t, in, Training{Neighbours: 100})
	has := map[events.ItemID]map[events.Unit]bool{}
	for _, i := range in {
		if has[i.Item] == nil {
			has[i.Item] = map[events.Unit]bool{}
		}
		has[i.Item][i.Visitor] = true
	}
	for a := range has {
		want := map[events.ItemID]float32{}
		for b := range has {
			both := 0
			for v := range has[a] {
				if has[b][v] {
					both++
				}
			}
			if both > 0 && a != b {
				want[b] = float32(float64(both) / (math.Sqrt(float64(len(has[a])*len(has[b]))) + DefaultItemSimilarity().Shrink))
			}
		}
		near(t, m.linksOf(&m.similar, a), want)
	}
}

func someInteractions(seed uint64, visitors, items, n int) []Interaction {
	rng := rand.New(rand.NewPCG(seed, 3))
	out := make([]Interaction, n)
	for i := range out {
		out[i] = Interaction{
			Visitor: events.Unit{Kind: events.User, ID: events.UnitID(fmt.Sprint("u", rng.IntN(visitors)))},
			Item:    events.ItemID(fmt.Sprint("i", int(float64(items)*rng.Float64()*rng.Float64()))),
			Action:  Action(rng.IntN(actions)), Time: noon.Add(time.Duration(rng.IntN(1_000_000)) * time.Second),
		}
	}
	return out
}

// The oracle is gonum's full eigendecomposition of XᵀX.
func TestFactorsAreTheLargestEigenvectors(t *testing.T) {
	t.Parallel()
	tastes := newCorpus(slices.Values(someInteractions(5, 200, 60, 3000))).matrix()
	n, visitors := len(tastes.colStarts)-1, len(tastes.rowStarts)-1
	x := mat.NewDense(visitors, n, nil)
	for v := range visitors {
		for _, item := range tastes.row(v) {
			x.Set(v, int(item), float64(tastes.colScale(int(item))*rootOf(len(tastes.row(v)))))
		}
	}
	var gram mat.SymDense
	gram.SymOuterK(1, x.T())
	values, vectors := eigen(&gram)
	const dims = 8
	got, err := tastes.factors(t.Context(), dims, 1)
	if err != nil {
		t.Fatal(err)
	}
	for d := range dims {
		from := n - 1 - d
		dot, length := 0.0, 0.0
		for i := range n {
			dot += float64(got.row(i)[d]) * vectors.At(i, from)
			length += float64(got.row(i)[d]) * float64(got.row(i)[d])
		}
		if want := math.Sqrt(values[from]); math.Abs(length-want) > .05*want {
			t.Errorf("direction %d has squared length %.4f, want √λ = %.4f", d, length, want)
		}
		// Random eigenvalues lie close together, but the first stands apart.
		if cos := math.Abs(dot) / math.Sqrt(length); d == 0 && cos < .99 {
			t.Errorf("direction %d: cosine %.4f with the eigenvector", d, cos)
		}
	}
}

func TestDotsAreDotProducts(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 7, vectorBlock, vectorBlock + 1, 3*vectorBlock - 1} {
		rows := randomDense(n, 20, 1)
		v := newVectors(rows)
		user := make([]float32, 20)
		v.add(user, int32(n/2), 2)
		seen := 0
		v.dots(user, make([]float32, vectorBlock), func(first int, scores []float32) {
			for i, got := range scores {
				want := 0.0
				for d, x := range rows.row(first + i) {
					want += float64(x) * float64(user[d])
				}
				if math.Abs(float64(got)-want) > 1e-3 {
					t.Errorf("of %d, item %d: %g, want %g", n, first+i, got, want)
				}
				seen++
			}
		})
		if seen != n {
			t.Errorf("saw %d of %d", seen, n)
		}
	}
}

func encoded(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestTrainingIsDeterministic also changes the order of interactions and the
// number of cores, so it runs by itself.
func TestTrainingIsDeterministic(t *testing.T) {
	in := someInteractions(9, 300, 700, 8000)
	want := encoded(t, train(t, in, Training{Seed: 4}))
	shuffled := slices.Clone(in)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(in), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	if !bytes.Equal(want, encoded(t, train(t, shuffled, Training{Seed: 4}))) {
		t.Error("shuffled and on three cores it is another model")
	}
	runtime.GOMAXPROCS(1)
	if !bytes.Equal(want, encoded(t, train(t, in, Training{Seed: 4}))) {
		t.Error("on one core it is another model")
	}
	if bytes.Equal(want, encoded(t, train(t, in, Training{Seed: 5}))) {
		t.Error("another seed gives the same model")
	}
}

func TestTrainingOnOddData(t *testing.T) {
	t.Parallel()
	guest := Interaction{Item: "g", Action: Buy, Time: noon}
	crowd := steps("ann:a")
	for range 5000 {
		crowd = append(crowd, Interaction{Visitor: events.Unit{Kind: events.Device, ID: "robot"}, Item: events.ItemID(fmt.Sprint("r", len(crowd)%3000)), Time: noon.Add(time.Duration(len(crowd)) * time.Second)})
	}
	for name, in := range map[string][]Interaction{
		"nothing": nil, "one step": steps("ann:a"), "the same again": steps("ann:a a a a"), "only guests": {guest, guest},
		"nobody shares anything": steps("ann:a b", "bob:c d"), "a robot": crowd,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := train(t, in, Training{Dims: 16})
			for _, x := range m.vectors.data {
				if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
					t.Fatal("a vector is not finite")
				}
			}
			again, err := DecodeModel(bytes.NewReader(encoded(t, m)))
			if err != nil || again.Version() != m.Version() || again.Items() != m.Items() {
				t.Errorf("comes back as %v: %v", again, err)
			}
		})
	}
}

func TestTrainingIsChecked(t *testing.T) {
	t.Parallel()
	for field, how := range map[string]Training{"dims": {Dims: 257}, "neighbours": {Neighbours: -1}} {
		var invalid *events.Invalid
		if _, err := Train(t.Context(), slices.Values(steps("ann:a")), how); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Train(ctx, slices.Values(steps("ann:a b")), Training{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestModelComesBack(t *testing.T) {
	t.Parallel()
	m := train(t, someInteractions(2, 100, 80, 1000), Training{})
	whole := encoded(t, m)
	again, err := DecodeModel(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, again, cmp.AllowUnexported(Model{}, links{}, Sessions{}, occurrences{}, occurrence{}, Ranker{}, tree{}, packed{}), cmp.Comparer(sameTowers), cmp.Comparer(sameVectors)); diff != "" {
		t.Error(diff)
	}
	for name, b := range map[string][]byte{"empty": nil, "cut": whole[:len(whole)/3], "a byte short": whole[:len(whole)-1], "a byte long": append(bytes.Clone(whole), 0)} {
		if _, err := DecodeModel(bytes.NewReader(b)); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v, want ErrSealed", name, err)
		}
	}
}

// sameTowers compares by what is stored: work space does not count.
func sameTowers(a, b *tower.Model) bool {
	if a == nil || b == nil {
		return a == b
	}
	var x, y bytes.Buffer
	return a.Encode(&x) == nil && b.Encode(&y) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// sameVectors compares without the index, which is built from the rest.
func sameVectors(a, b *vectors) bool {
	return a.items == b.items && a.dims == b.dims && slices.Equal(a.data, b.data)
}

// FuzzDecodeModel seals any payload properly, so that decoding itself is met.
func FuzzDecodeModel(f *testing.F) {
	m := train(f, steps("ann:a b c", "bob:b c"), Training{Dims: 2})
	f.Add(appendString(m.encode(), m.version))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, payload []byte) {
		var file bytes.Buffer
		if err := Seal(&file, modelKind, modelVersion, payload); err != nil {
			t.Fatal(err)
		}
		m, err := DecodeModel(&file)
		if err != nil {
			if !errors.Is(err, ErrSealed) {
				t.Fatal(err)
			}
			return
		}
		in := install(m, NewCatalog(NewInterner(), "log", "CNY"))
		query := Query{History: []HistoryItem{{Slot: 0, Weight: 1}}}
		c := NewCatalog(in.register(t), "log", "CNY")
		d := &workspace{}
		d.begin(c, "", "", nil)
		for _, s := range in.sources {
			d.offers.best.reset(5)
			s.Propose(&query, &d.offers)
		}
	})
}

func (in *installed) register(t *testing.T) *Interner {
	t.Helper()
	r := NewInterner()
	for _, item := range in.model.items {
		r.Intern(item)
	}
	return r
}

func FuzzUnseal(f *testing.F) {
	var file bytes.Buffer
	if err := Seal(&file, "trends", 1, []byte("payload")); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add([]byte("peakday trends\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		payload, err := Unseal(bytes.NewReader(b), "trends", 1)
		if err != nil && !errors.Is(err, ErrSealed) {
			t.Fatal(err)
		}
		if err == nil {
			var again bytes.Buffer
			if err := Seal(&again, "trends", 1, payload); err != nil || !bytes.Equal(again.Bytes(), b) {
				t.Fatal("another file has the same payload")
			}
		}
	})
}

// whole joins pieces.
func whole(pieces iter.Seq[[]byte]) (b []byte) {
	for piece := range pieces {
		b = append(b, piece...)
	}
	return b
}

// FuzzRestore feeds sealed rubbish to the followers' snapshots.
func FuzzRestore(f *testing.F) {
	f.Add(whole(newCatalog(f, fact{events.ProductChanged, noon, `{"product_id":"p","sku":"s","attributes":{"a":1}}`}, fact{events.StockLevelled, noon, `{"sku":"s","available":0,"version":1}`}).pieces()))
	f.Add(whole(slices.Values(newTrends(f, did(events.ProductViewed, noon, "p")).encode())))
	f.Fuzz(func(t *testing.T, payload []byte) {
		sealed := func(kind string) *bytes.Buffer {
			var file bytes.Buffer
			if err := Seal(&file, kind, 1, payload); err != nil {
				t.Fatal(err)
			}
			return &file
		}
		c, tr := NewCatalog(NewInterner(), "log", "CNY"), NewTrends(NewInterner(), "log")
		_, _ = c.Restore(sealed(catalogKind)), tr.Restore(sealed(trendsKind))
		_, _ = whole(c.pieces()), tr.encode()
	})
}

func TestTopKKeepsTheHighest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		scores := rapid.SliceOf(rapid.Float32Range(0, 4)).Draw(rt, "scores")
		limit := rapid.IntRange(1, 20).Draw(rt, "limit")
		var b topK
		b.reset(limit)
		var want []scored
		for i, s := range scores {
			s = float32(math.Round(float64(s)))
			b.offer(int32(i), s)
			want = append(want, scored{int32(i), s})
		}
		slices.SortStableFunc(want, func(x, y scored) int { return int(y.score - x.score) }) // whole numbers
		want = want[:min(limit, len(want))]
		if got := b.ranked(); !slices.Equal(got, want) {
			rt.Fatalf("kept %v, want %v", got, want)
		}
	})
}

func BenchmarkDots(b *testing.B) {
	v := newVectors(randomDense(10_000, 32, 1))
	user, scratch := make([]float32, 32), make([]float32, vectorBlock)
	v.add(user, 3, 1)
	b.ReportAllocs()
	for b.Loop() {
		v.dots(user, scratch, func(int, []float32) {})
	}
}

func BenchmarkTrain(b *testing.B) {
	in := someInteractions(1, 4300, 3700, 300_000)
	b.ReportAllocs()
	for b.Loop() {
		train(b, in, Training{})
	}
}
