package recommend

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

// twoSources makes examples of ten candidates: source "transitions" puts what is
// wanted first nine times in ten, source "similar" says nothing about it.
func twoSources(n int, seed uint64) []RankExample {
	rng := rand.New(rand.NewPCG(seed, 1))
	var out []RankExample
	for range n {
		want := rng.IntN(10)
		first := want
		if rng.IntN(10) == 0 {
			first = rng.IntN(10)
		}
		if e, ok := featuresOfRequest(first, rng.IntN(10)).example(func(i int) bool { return i == want }, rng); ok {
			out = append(out, e)
		}
	}
	return out
}

// featuresOfRequest is a feature matrix of ten candidates with the firsts of some sources.
func featuresOfRequest(firsts ...int) *featureMatrix {
	var s featureMatrix
	s.reset(len(firsts))
	for source, first := range firsts {
		proposed := []scored{{int32(first), 10}}
		for i := range int32(10) {
			if int(i) != first {
				proposed = append(proposed, scored{i, float32(10 - len(proposed))})
			}
		}
		s.addProposals(source, proposed, func(slot Slot) int { return int(slot) })
	}
	return &s
}

// two are the names of two sources.
func two() []string { return []string{SourceTransitions, SourceSimilar} }

func learnTwo(t *testing.T, seed uint64) *Ranker {
	t.Helper()
	r, err := LearnRanker(context.Background(), two(), twoSources(400, seed), RankerTraining{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRankerTrustsTheSourceThatIsRight(t *testing.T) {
	t.Parallel()
	r := learnTwo(t, 1)
	scores := r.scores(featuresOfRequest(3, 7), nil)
	best := slices.Index(scores, slices.Max(scores))
	if best != 3 {
		t.Errorf("candidate %d stands first, want 3: what the good source puts first", best)
	}
}

func TestRankerIsTheSameOfTheSameExamples(t *testing.T) {
	t.Parallel()
	a, b := learnTwo(t, 2), learnTwo(t, 2)
	if !cmp.Equal(a.encode(nil), b.encode(nil)) {
		t.Error("two rankers of equal examples differ")
	}
}

func TestLearnRankerWantsExamples(t *testing.T) {
	t.Parallel()
	_, err := LearnRanker(context.Background(), two(), twoSources(5, 1), RankerTraining{})
	var invalid *events.Invalid
	if !errors.As(err, &invalid) || invalid.Field != "examples" {
		t.Errorf("error %v, want one of examples", err)
	}
}

func TestFeatureMatrixHoldsWhatSourcesPropose(t *testing.T) {
	t.Parallel()
	var s featureMatrix
	s.reset(3)
	s.at(3)[0] = 1 // of an earlier request
	s.reset(2)
	at := func(slot Slot) int { return int(slot) }
	s.addProposals(0, []scored{{2, 1}, {0, 4}, {1, 1}, {0, 4}}, at)
	s.addProposals(1, []scored{{1, 0.5}}, at)
	want := [][]float32{
		{4, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0},
		{1, 0.25, 1 / float32(3), 0.5, 1, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0},
		{1, 0.25, 1 / float32(3), 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}, // as good as the one before
	}
	if s.candidates != len(want) {
		t.Fatalf("%d candidates, want %d", s.candidates, len(want))
	}
	for i := range want {
		if diff := cmp.Diff(want[i], s.row(i, nil)); diff != "" {
			t.Errorf("candidate %d (-want +got):\n%s", i, diff)
		}
	}
	var spare featureMatrix
	spare.reset(2)
	spare.appendWithout(0, &s, 1)
	if diff := cmp.Diff([]float32{0, 0, 0, 0.5, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0}, spare.row(0, nil)); diff != "" {
		t.Errorf("without its first source (-want +got):\n%s", diff)
	}
}

// TestKernelsAgree asks random trees, some of fewer levels, for slates of every
// number of candidates: one by one, by groups in Go, and by this processor.
func TestKernelsAgree(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 4))
	number := func() float32 { return float32(rng.IntN(5)-2) * rng.Float32() * 3 } // zeros, too
	for n := 1; n < 40; n++ {
		r := &Ranker{sources: two()}
		for range n {
			tr := tree{value: make([]float32, 1<<(n%6))}
			for i := range tr.value {
				tr.value[i] = number()
			}
			for range n % 6 {
				tr.feature, tr.cut = append(tr.feature, uint16(rng.IntN(rankWidth(2)))), append(tr.cut, number())
			}
			r.trees = append(r.trees, tr, tree{value: []float32{1}})
		}
		r.ready()
		var s featureMatrix
		s.reset(2)
		for i := range n {
			of := s.at(i)
			for f := range s.width {
				of[f*lanes] = number()
			}
		}
		got := r.scores(&s, nil)
		inGo := make([]float32, (n+lanes-1)/lanes*lanes)
		scoreGroupsGo(s.cells, s.width, &r.packed, inGo)
		for i := range n {
			if want := r.Score(s.row(i, nil)); got[i] != want || inGo[i] != want {
				t.Fatalf("candidate %d of %d: %g, in Go %g, one by one %g", i, n, got[i], inGo[i], want)
			}
		}
	}
}

func TestRankerComesBackAsItWas(t *testing.T) {
	t.Parallel()
	r := learnTwo(t, 3)
	d := &decoder{b: string(r.encode(nil))}
	back := decodeRanker(d)
	if err := d.done(); err != nil || !cmp.Equal(r, back, cmp.AllowUnexported(Ranker{}, tree{}, packed{})) {
		t.Errorf("error %v, or another ranker than was written", err)
	}
}

func FuzzDecodeRanker(f *testing.F) {
	r, err := LearnRanker(context.Background(), two(), twoSources(60, 1), RankerTraining{Trees: 3})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(r.encode(nil))
	f.Fuzz(func(t *testing.T, payload []byte) {
		d := &decoder{b: string(payload)}
		r := decodeRanker(d)
		if d.done() != nil {
			return
		}
		if s := r.Score(make([]float32, rankWidth(len(r.sources)))); s != s {
			t.Errorf("score %g", s)
		}
	})
}

func BenchmarkRankerScore(b *testing.B) {
	r, err := LearnRanker(context.Background(), two(), twoSources(400, 1), RankerTraining{})
	if err != nil {
		b.Fatal(err)
	}
	row := featuresOfRequest(3, 7).row(0, nil)
	b.ReportAllocs()
	for b.Loop() {
		r.Score(row)
	}
}

func BenchmarkRankerScores(b *testing.B) {
	var s featureMatrix
	s.reset(11)
	s.at(499)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range s.cells {
		s.cells[i] = rng.Float32()
	}
	r := &Ranker{sources: rankedSources()}
	for range 100 {
		t := tree{value: make([]float32, 32)}
		for range 5 {
			t.feature, t.cut = append(t.feature, uint16(rng.IntN(s.width))), append(t.cut, rng.Float32())
		}
		r.trees = append(r.trees, t)
	}
	r.ready()
	into := make([]float32, 504)
	for name, score := range map[string]func([]float32, int, *packed, []float32){"this processor": scoreGroups, "Go": scoreGroupsGo} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				score(s.cells, s.width, &r.packed, into)
			}
		})
	}
}
