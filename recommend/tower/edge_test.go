package tower

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

func TestOddShops(t *testing.T) {
	t.Parallel()
	words := &Vocabulary{}
	red := words.Number("color", "red")
	cases := []struct {
		name   string
		corpus Corpus
	}{
		{"nothing", Corpus{}},
		{"items without visitors", Corpus{Items: make([][]int32, 5)}},
		{"one item without visitors", Corpus{Items: make([][]int32, 1)}},
		{"one item, one step", Corpus{Items: make([][]int32, 1), Visitors: []Visitor{{Steps: []Step{{}}}}}},
		{"one item again and again", Corpus{Items: make([][]int32, 1), Visitors: []Visitor{{Steps: make([]Step, 50)}}}},
		{"one visitor", Corpus{Items: make([][]int32, 3), Visitors: []Visitor{{Steps: []Step{{Item: 0}, {Item: 1}, {Item: 2}}}}}},
		{"visitors without steps", Corpus{Items: make([][]int32, 3), Visitors: make([]Visitor, 4)}},
		{"steps about unknown items only", Corpus{Items: make([][]int32, 3), Vocabulary: words,
			Visitors: []Visitor{{Steps: []Step{{Item: -1}, {Item: -1}}, Unknown: [][]int32{{red}}}}}},
		{"times before 1970 and out of order", Corpus{Items: make([][]int32, 3),
			Visitors: []Visitor{{Steps: []Step{{Item: 1, Time: 99}, {Item: 2, Time: -99999}, {Item: 0, Time: math.MaxInt64}, {Item: 1, Time: math.MinInt64}}}}}},
		{"the same feature twice", Corpus{Items: [][]int32{{red, red}, {red}}, Vocabulary: words,
			Visitors: []Visitor{{Steps: []Step{{Item: 0}, {Item: 1}}}}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, holdout := range []float64{-1, 0.5} {
				options := quick(1)
				options.Holdout = holdout
				m, err := Train(t.Context(), &c.corpus, options)
				if err != nil {
					t.Fatal(err)
				}
				if m.Items() != len(c.corpus.Items) {
					t.Errorf("%d items of %d", m.Items(), len(c.corpus.Items))
				}
				wantFinite(t, m.Vectors())
				for _, v := range append(c.corpus.Visitors, Visitor{}) {
					u, err := m.UserVector(&v, 1e9)
					if err != nil {
						t.Fatal(err)
					}
					wantFinite(t, u)
				}
			}
		})
	}
}

func wantFinite(t *testing.T, v []float32) {
	t.Helper()
	for _, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			t.Fatalf("a vector holds %v", x)
		}
	}
}

func TestRefusesWhatContradictsItself(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		corpus  Corpus
		options Training
		want    error
		says    string
	}{
		{"a feature without vocabulary", Corpus{Items: [][]int32{{0}}}, Training{}, ErrCorpus, "item 0 has feature 0, the vocabulary has 0"},
		{"a negative feature", Corpus{Items: [][]int32{{-1}}}, Training{}, ErrCorpus, "feature -1"},
		{"an item beyond the last", Corpus{Items: make([][]int32, 2), Visitors: []Visitor{{Steps: []Step{{Item: 2}}}}}, Training{}, ErrCorpus, "visitor 0: step 0 is about item 2 of 2"},
		{"an unknown item that is not described", Corpus{Visitors: []Visitor{{Steps: []Step{{Item: -1}}}}}, Training{}, ErrCorpus, "item -1"},
		{"an event out of range", Corpus{Items: make([][]int32, 2), Visitors: []Visitor{{Steps: []Step{{Event: 8}}}}}, Training{}, ErrCorpus, "event 8"},
		{"a visitor's feature", Corpus{Visitors: []Visitor{{Features: []int32{3}}}}, Training{}, ErrCorpus, "feature 3"},
		{"too many dims", Corpus{}, Training{Dims: 257}, ErrTraining, "dims must be 1 to 256, got 257"},
		{"negative epochs", Corpus{}, Training{Epochs: -1}, ErrTraining, "epochs"},
		{"a long history", Corpus{}, Training{History: 201}, ErrTraining, "history"},
		{"a weight that is no number", Corpus{}, Training{Targets: []float32{float32(math.NaN())}}, ErrTraining, "event 0"},
		{"a holdout that leaves too little", Corpus{}, Training{Holdout: 0.9}, ErrTraining, "holdout"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Train(t.Context(), &c.corpus, c.options)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %v saying %q", err, c.want, c.says)
			}
		})
	}
	m := train(t, planted(20, 2, 10, 1), quick(1))
	if _, err := m.UserVector(&Visitor{Steps: []Step{{Item: 20}}}, 0); !errors.Is(err, ErrCorpus) {
		t.Errorf("a visitor with an item that does not exist: %v", err)
	}
	if _, err := m.ItemVector([]int32{10000}); !errors.Is(err, ErrCorpus) {
		t.Errorf("an item with a feature that does not exist: %v", err)
	}
}

func TestStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	options := quick(1)
	options.Epochs = 1000
	options.Progress = func(p Progress) {
		if p.Epoch == 2 {
			cancel()
		}
		if p.Epoch > 2 {
			t.Error("went on after it was cancelled")
		}
	}
	if _, err := Train(ctx, planted(60, 4, 100, 1), options); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
