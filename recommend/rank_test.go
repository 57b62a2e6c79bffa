package recommend

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

// twoSources makes lessons of ten candidates: source "good" puts what is wanted
// first nine times in ten, source "bad" says nothing about it.
func twoSources(n int, seed uint64) []Lesson {
	rng := rand.New(rand.NewPCG(seed, 1))
	var out []Lesson
	for range n {
		want := Slot(rng.IntN(10))
		first := want
		if rng.IntN(10) == 0 {
			first = Slot(rng.IntN(10))
		}
		var s Slate
		if l, ok := NewLesson(slateOf(&s, first, Slot(rng.IntN(10))), func(slot Slot) bool { return slot == want }, rng); ok {
			out = append(out, l)
		}
	}
	return out
}

// slateOf is a slate of ten candidates with the firsts of two sources.
func slateOf(s *Slate, good, bad Slot) *Slate {
	s.Begin(2)
	for source, first := range []Slot{good, bad} {
		place := 1
		s.Propose(source, 0, first, 10, 10)
		for slot := range Slot(10) {
			if slot != first {
				s.Propose(source, place, slot, float32(10-place), 10)
				place++
			}
		}
	}
	s.Describe(nil, func(Slot) float32 { return 1 })
	return s
}

func learnTwo(t *testing.T, seed uint64) *Ranker {
	t.Helper()
	r, err := LearnRanker(context.Background(), []string{"good", "bad"}, twoSources(400, seed), Ranking{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRankerBelievesTheSourceThatIsRight(t *testing.T) {
	t.Parallel()
	r := learnTwo(t, 1)
	var s Slate
	slateOf(&s, 3, 7)
	best := 0
	for i := range s.Len() {
		if r.Score(s.Row(i)) > r.Score(s.Row(best)) {
			best = i
		}
	}
	if s.Slot(best) != 3 {
		t.Errorf("candidate %d stands first, want 3: what the good source puts first", s.Slot(best))
	}
}

func TestRankerIsTheSameOfTheSameLessons(t *testing.T) {
	t.Parallel()
	a, b := learnTwo(t, 2), learnTwo(t, 2)
	if !cmp.Equal(a.encode(nil), b.encode(nil)) {
		t.Error("two rankers of equal lessons differ")
	}
}

func TestLearnRankerWantsLessons(t *testing.T) {
	t.Parallel()
	_, err := LearnRanker(context.Background(), []string{"good", "bad"}, twoSources(5, 1), Ranking{})
	var invalid *events.Invalid
	if !errors.As(err, &invalid) || invalid.Field != "lessons" {
		t.Errorf("error %v, want one of lessons", err)
	}
}

func TestSlateDescribesCandidates(t *testing.T) {
	t.Parallel()
	var s Slate
	s.Begin(2)
	s.Propose(0, 0, 5, 4, 4)
	s.Propose(0, 1, 6, 1, 4)
	s.Propose(1, 3, 6, 0.5, 2)
	s.Describe([]Taste{{Slot: 9, Moment: 0, Weight: 1}, {Slot: 6, Moment: 1, Weight: 3}}, func(slot Slot) float32 { return float32(slot - 5) })
	const log2 = 0.6931472
	want := [][]float32{
		{4, 1, 1, 0, 0, 0, 0, 0, 0, 2, 1},
		{1, 0.25, 0.5, 0.5, 0.25, 0.25, 0.5, 3, log2, 2, 2},
	}
	if s.Len() != 2 {
		t.Fatalf("%d candidates, want 2", s.Len())
	}
	for i := range want {
		if diff := cmp.Diff(want[i], s.Row(i)); diff != "" {
			t.Errorf("candidate %d (-want +got):\n%s", s.Slot(i), diff)
		}
	}
}

func TestRankerComesBackAsItWas(t *testing.T) {
	t.Parallel()
	r := learnTwo(t, 3)
	var file bytes.Buffer
	if err := r.Encode(&file); err != nil {
		t.Fatal(err)
	}
	back, err := DecodeRanker(bytes.NewReader(file.Bytes()))
	if err != nil || !cmp.Equal(r, back, cmp.AllowUnexported(Ranker{}, tree{})) {
		t.Errorf("error %v, or another ranker than was written", err)
	}
	if _, err := DecodeRanker(bytes.NewReader(file.Bytes()[:file.Len()-9])); !errors.Is(err, ErrSealed) {
		t.Errorf("error %v of a file cut short, want ErrSealed", err)
	}
}

func FuzzDecodeRanker(f *testing.F) {
	r, err := LearnRanker(context.Background(), []string{"good", "bad"}, twoSources(60, 1), Ranking{Trees: 3})
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
	r, err := LearnRanker(context.Background(), []string{"good", "bad"}, twoSources(400, 1), Ranking{})
	if err != nil {
		b.Fatal(err)
	}
	var s Slate
	slateOf(&s, 3, 7)
	b.ReportAllocs()
	for b.Loop() {
		r.Score(s.Row(0))
	}
}
