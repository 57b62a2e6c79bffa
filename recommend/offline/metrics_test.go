package offline

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// given scores every case alike.
type given []float32

func (g given) Score(_ *Query, out []float32) { copy(out, g) }

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("%s is %.6f, want %.6f", what, got, want)
	}
}

func TestMetricsOfKnownPlaces(t *testing.T) {
	t.Parallel()
	// Items by score: 4 3 2 1 0. Case a wants the items at places 1 and 4, case b
	// the one at place 3, and case c one at place 5, of which place 1 is masked:
	// it stands fourth.
	cases := []Case{
		{History: []Step{{}}, Relevant: []int32{1, 4}},
		{History: []Step{{}}, Relevant: []int32{2}},
		{History: []Step{{}}, Relevant: []int32{0}, Masked: []int32{4}},
	}
	got, err := Measure(context.Background(), given{1, 2, 3, 4, 5}, cases, 5, []int{3, 4, 1})
	if err != nil {
		t.Fatal(err)
	}
	log := math.Log2
	at3, at4, at1 := got[0], got[1], got[2]
	near(t, "HR@3", at3.HR, 2.0/3)
	near(t, "NDCG@3", at3.NDCG, (1/(1+1/log(3))+1/log(4))/3)
	near(t, "recall@3", at3.Recall, (0.5+1)/3)
	near(t, "MRR@3", at3.MRR, (1+1.0/3)/3)
	near(t, "coverage@3", at3.Coverage, 4.0/5) // 4 3 2 and, where 4 is masked, 1
	near(t, "HR@4", at4.HR, 1)
	near(t, "NDCG@4", at4.NDCG, ((1+1/log(5))/(1+1/log(3))+1/log(4)+1/log(5))/3)
	near(t, "MRR@4", at4.MRR, (1+1.0/3+1.0/4)/3)
	near(t, "coverage@4", at4.Coverage, 1)
	near(t, "NDCG@1", at1.NDCG, 1.0/3)
	near(t, "recall@1", at1.Recall, 0.5/3)
}

func TestEqualScoresShareTheirPlaces(t *testing.T) {
	t.Parallel()
	// All of 21 items are equal: the wanted one stands at place 11, whatever its
	// number is.
	for _, item := range []int32{0, 10, 20} {
		var d workspace
		c := Case{History: []Step{{}}, Relevant: []int32{item}}
		if got := d.places(given(make([]float32, 21)), &c, 21); !slices.Equal(got, []float64{11}) {
			t.Errorf("item %d stands at %v, want 11", item, got)
		}
	}
}

func TestTopIsTheFrontOfASort(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "items")
		k := rapid.IntRange(0, 50).Draw(t, "k")
		scores := make([]float32, n)
		order := make([]int32, n)
		for i := range scores {
			scores[i], order[i] = float32(rapid.IntRange(0, 6).Draw(t, "score")), int32(i)
		}
		slices.SortStableFunc(order, func(a, b int32) int { return int(scores[b] - scores[a]) })
		if got := topOf(scores, k, nil); !slices.Equal(got, order[:min(n, k)]) {
			t.Fatalf("top %d of %v is %v, want %v", k, scores, got, order[:min(n, k)])
		}
	})
}
