package recommend

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

// TestOnlySourcesThatEarnSomethingAreAsked learns from sources of which one is
// right, one says nothing, and one is for anonymous visitors.
func TestOnlySourcesThatEarnSomethingAreAsked(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 5))
	var examples []RankExample
	for range 300 {
		want := rng.IntN(10)
		s := featuresOfRequest(want, rng.IntN(10), rng.IntN(10))
		if e, ok := s.example(func(i int) bool { return i == want }, rng); ok {
			examples = append(examples, e)
		}
	}
	sources := []string{SourceTransitions, SourceSimilar, SourceTrending}
	for name, c := range map[string]struct {
		enough int
		asked  []string
	}{
		"of enough examples": {300, []string{SourceTransitions, SourceTrending}},
		"of too few":         {301, sources},
	} {
		r, err := LearnRanker(context.Background(), sources, examples, RankerTraining{MinForAblation: c.enough})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.asked, r.sources); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if c.enough > len(examples) {
			continue
		}
		if w := r.Ablations(); w[0].Lost < 0.3 || w[1].Lost > 0 || w[2].Lost != 0 {
			t.Errorf("%s: worth %+v", name, w)
		}
	}
}

func TestExamplesOfFewerSources(t *testing.T) {
	t.Parallel()
	own := func(agreed float32) []float32 { return []float32{0, 0, 7, 0, agreed, 0, 0, 0, 0} }
	row := func(sources []float32, agreed float32) []float32 { return append(sources, own(agreed)...) }
	e := RankExample{wanted: []int32{0, 1}}
	for _, r := range [][]float32{
		row([]float32{4, 1, 1, 0, 0, 0}, 1), // wanted, and proposed by the first source alone
		row([]float32{2, .5, .5, 3, 1, 1}, 2),
		row([]float32{0, 0, 0, 1, .3, .5}, 1),
	} {
		e.rows = append(e.rows, r...)
	}
	got := e.narrow([]Ablation{{Source: SourceSimilar}, {Source: SourceNext, Used: true}})
	want := RankExample{rows: append(row([]float32{3, 1, 1}, 1), row([]float32{1, .3, .5}, 1)...), wanted: []int32{0}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(RankExample{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// silent is a source that must not be asked.
type silent struct {
	t    *testing.T
	name string
}

func (s silent) Name() string { return s.name }

func (s silent) Propose(*Query, *Proposals) { s.t.Errorf("%s was asked", s.name) }

func TestASourceThatEarnedNothingIsNotAsked(t *testing.T) {
	t.Parallel()
	catalog := NewCatalog(NewInterner(), "", "")
	in := &installed{model: &Model{popularity: []float32{3, 2, 1}}, catalog: catalog}
	in.model.ranker = (&Ranker{sources: []string{SourcePopularity}}).ready()
	for _, item := range []events.ItemID{"a", "b", "c"} {
		in.slots, in.numbers = append(in.slots, catalog.interner.Intern(item)), append(in.numbers, int32(len(in.numbers)))
	}
	in.sources = []Source{silent{t, SourceVisits}, newPopular(in), silent{t, SourceSimilar}}
	s, policy, d := &pipeline{catalog: catalog, trends: NewTrends(catalog.interner, ""), in: in}, DefaultPolicy(), &workspace{}
	in.mix = s.recommender().learned(in, in.model.ranker.sources, in.model.ranker)
	s.forPolicy(&policy).propose(d, VisitorState{}, time.Time{})
	if len(d.candidates) != 3 {
		t.Errorf("%d candidates, want 3", len(d.candidates))
	}
}
