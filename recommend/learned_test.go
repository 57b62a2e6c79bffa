package recommend_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// anyway accepts every ranker.
func anyway(_, _ *recommend.Model) bool { return true }

// withRanker trains on the shop with a ranker; the race detector makes learning a
// large one slow.
func withRanker(l *live, how recommend.RankerTraining) recommend.Training {
	return recommend.Training{Seed: 1, Dims: 8, Catalog: l.catalog, Accept: anyway, Ranker: how}
}

// smallRanker is enough for tests.
func smallRanker() recommend.RankerTraining {
	return recommend.RankerTraining{Trees: 15, Depth: 3, LearningRate: 0.4, MinForAblation: 200}
}

// learned is the shop with a model whose ranker serves.
func (m *made) learned(t testing.TB, how recommend.RankerTraining) *live {
	t.Helper()
	l := open(recommend.DefaultPolicy(), nil)
	l.happened(t, m.facts()...)
	model, err := recommend.Train(t.Context(), m.interactions(), withRanker(l, how))
	if err != nil {
		t.Fatal(err)
	}
	if why := model.Ranking(); !strings.Contains(why, "trees learned from") {
		t.Fatalf("the model has no ranker: %s", why)
	}
	l.Install(model)
	return l
}

// TestLearnedBlend trains once and asks in several ways.
func TestLearnedBlend(t *testing.T) {
	t.Parallel()
	m := makeShop(1, 200, 1000, 10, 10)
	l := m.learned(t, smallRanker())
	t.Run("is not worse", func(t *testing.T) { isNotWorse(t, &m, l) })
	t.Run("explains itself", func(t *testing.T) { explainsItself(t, &m, l) })
	t.Run("comes back", func(t *testing.T) { comesBack(t, &m, l) })
	t.Run("never shows what it must not", func(t *testing.T) { underFire(t, &m, l) })
}

func isNotWorse(t *testing.T, m *made, l *live) {
	policy := recommend.DefaultPolicy()
	policy.Learned = false
	some := *m
	some.next = m.next[:300]
	byHand, ours := some.ndcg(t, l.with(policy)), some.ndcg(t, l)
	t.Logf("NDCG@10 %.4f, by weights %.4f", ours, byHand)
	if ours < byHand {
		t.Errorf("NDCG@10 %.4f, by weights %.4f", ours, byHand)
	}
	// Who names weights gets what they say, ranker or not.
	policy.Weights = []recommend.Weight{{Source: recommend.SourcePopularity, Weight: 1}}
	for _, it := range ask(t, l.with(policy), recommend.Request{User: events.UserID(m.user(3).ID)}, noon).Items {
		if it.Source != recommend.SourcePopularity {
			t.Errorf("%s is from %s", it.Item, it.Source)
		}
	}
}

func explainsItself(t *testing.T, m *made, l *live) {
	for u := range 20 {
		for i, it := range ask(t, l, recommend.Request{User: events.UserID(m.user(u).ID), Limit: 20, Explain: true}, noon).Items {
			sum := 0.0
			for _, c := range it.Contributions {
				if sum += c.Score; c.Score <= 0 {
					t.Errorf("%+v of %s", c, it.Item)
				}
			}
			if math.Abs(sum-it.Score) > 1e-6 || it.Contributions[0].Source != it.Source || len(it.Reasons) == 0 {
				t.Errorf("place %d: %+v adds up to %g", i, it, sum)
			}
			if it.Score <= 0 || it.Score > 1 || it.Steps[0].Step != "blend" {
				t.Errorf("place %d: %+v", i, it)
			}
		}
	}
}

func comesBack(t *testing.T, m *made, l *live) {
	var file bytes.Buffer
	if err := l.Model().Encode(&file); err != nil {
		t.Fatal(err)
	}
	q := recommend.Request{User: events.UserID(m.user(5).ID), Limit: 20, Explain: true}
	want := ask(t, l, q, noon)
	back, err := recommend.DecodeModel(bytes.NewReader(file.Bytes()))
	if err != nil || back.Ranking() != l.Model().Ranking() {
		t.Fatalf("%v: %q, want %q", err, back.Ranking(), l.Model().Ranking())
	}
	other := l.with(recommend.DefaultPolicy())
	other.Install(back)
	if diff := cmp.Diff(want, ask(t, other, q, noon)); diff != "" {
		t.Errorf("another answer: %s", diff)
	}
	if _, err := recommend.DecodeModel(bytes.NewReader(file.Bytes()[:file.Len()-20])); !errors.Is(err, recommend.ErrSealed) {
		t.Errorf("cut short: %v, want ErrSealed", err)
	}
	again, err := recommend.Train(t.Context(), m.interactions(), withRanker(l, smallRanker()))
	if err != nil || again.Version() != l.Model().Version() {
		t.Errorf("the same interactions give %s and %s: %v", l.Model().Version(), again.Version(), err)
	}
}

// underFire sells items out, hides them, brings them back, and lets two
// visitors buy them or see them too often, while these ask: what was out of the
// question before a request began must not be in its answer.
func underFire(t *testing.T, m *made, l *live) {
	var mu sync.RWMutex
	gone := [3]map[events.ItemID]bool{{}, {}, {}} // for the first visitor, the second, for all
	stop := make(chan struct{})
	var asking sync.WaitGroup
	for w := range 2 {
		asking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				mu.RLock()
				before := maps.Clone(gone[2])
				maps.Copy(before, gone[w])
				a, err := l.Recommend(context.Background(), recommend.Request{User: events.UserID(m.user(w).ID), Limit: 50}, noon)
				mu.RUnlock()
				if err != nil {
					t.Error(err)
					return
				}
				for _, it := range a.Items {
					if before[it.Item] {
						t.Errorf("%s must not be shown to visitor %d", it.Item, w)
						return
					}
				}
			}
		})
	}
	set := func(whom int, item events.ItemID, out bool) {
		mu.Lock()
		defer mu.Unlock()
		gone[whom][item] = out
	}
	published := func(item events.ItemID, is bool) events.Fact {
		return events.Fact{Type: events.ProductChanged, Time: noon, Data: &events.Product{Item: item, Published: &is}}
	}
	for n := range 240 {
		item, visitor := itemID(n*7%m.items), n/4%2
		switch n % 4 {
		case 0:
			l.happened(t, stocked(item, "r", 0, int64(n)))
			set(2, item, true)
		case 1:
			l.happened(t, published(item, false))
			set(2, item, true)
		case 2:
			l.happened(t, shown(m.user(visitor), noon, item), shown(m.user(visitor), noon, item), shown(m.user(visitor), noon, item))
			set(visitor, item, true)
		case 3:
			l.happened(t, ordered(m.user(visitor), item, noon))
			set(visitor, item, true)
		}
		if back := n - 20; back >= 0 && back%4 == 0 {
			set(2, itemID(back*7%m.items), false)
			l.happened(t, stocked(itemID(back*7%m.items), "r", 1, int64(n)))
		}
		if n%60 == 0 {
			l.Install(l.Model())
		}
	}
	close(stop)
	asking.Wait()
}

func TestWithoutARankerTheModelSaysWhy(t *testing.T) {
	t.Parallel()
	small, large := makeShop(1, 50, 60, 5, 8), makeShop(1, 100, 900, 5, 10)
	for name, c := range map[string]struct {
		shop   made
		accept func(_, _ *recommend.Model) bool
		want   string
	}{
		"no test set": {large, nil, "weights: nothing was held out"},
		"few visits":  {small, anyway, "weights: a ranker is learned from 200 requests or more"},
		"no better":   {large, func(_, _ *recommend.Model) bool { return false }, "weights: the learned ranker did worse"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := recommend.Train(t.Context(), c.shop.interactions(), recommend.Training{Accept: c.accept, Ranker: recommend.RankerTraining{Trees: 1, Depth: 1}})
			if err != nil || !strings.HasPrefix(m.Ranking(), c.want) {
				t.Errorf("ranking %q, %v; want %q", m.Ranking(), err, c.want)
			}
		})
	}
}
