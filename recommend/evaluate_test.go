package recommend_test

import (
	"slices"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// TestATestSetTellsModelsApart trains on a shop, on the same shop with a damaged
// log, and compares both by what neither has seen.
func TestATestSetTellsModelsApart(t *testing.T) {
	t.Parallel()
	m := makeShop(1, 200, 6000, 10, 10)
	// Everybody's last three steps are of the last day.
	steps := slices.Clone(m.steps)
	for u := 0; u < len(steps); u += 10 {
		for i := range 10 {
			steps[u+i].Time = noon.Add(time.Duration(i-10)*time.Minute - 48*time.Hour)
			if i >= 7 {
				steps[u+i].Time = steps[u+i].Time.Add(48 * time.Hour)
			}
		}
	}
	since := noon.Add(-24 * time.Hour)
	rest, test := recommend.HoldOut(slices.Values(steps), since, nil)
	seen := 0
	good, err := recommend.Train(t.Context(), func(yield func(recommend.Interaction) bool) {
		for in := range rest {
			seen++
			if !yield(in) {
				return
			}
		}
	}, recommend.Training{})
	if err != nil {
		t.Fatal(err)
	}
	held := len(steps) - seen
	if share := float64(held) / float64(len(steps)); share < .01 || share > .02 {
		t.Errorf("%.4f of the steps are held out, want 0.05·0.3", share)
	}
	// What visitors did is mixed up: only popularity is left in it.
	mixed := slices.Clone(steps)
	for i := range mixed {
		mixed[i].Item = steps[(i*7919)%len(steps)].Item
	}
	bad, err := recommend.Train(t.Context(), slices.Values(mixed), recommend.Training{})
	if err != nil {
		t.Fatal(err)
	}
	ofGood, ofBad, popular := test.Evaluate(good), test.Evaluate(bad), test.EvaluatePopularity(good)
	t.Logf("%d cases: NDCG@10 %.4f, damaged %.4f, popularity %.4f", ofGood.Cases, ofGood.NDCG, ofBad.NDCG, popular.NDCG)
	if ofGood.Cases < 200 || ofGood.NDCG <= popular.NDCG || ofGood.Recall <= 0 {
		t.Errorf("metrics %+v, popularity %+v", ofGood.NDCG, popular.NDCG)
	}
	if !ofBad.WorseThan(ofGood) || ofGood.WorseThan(ofBad) || ofGood.WorseThan(ofGood) {
		t.Error("the test set does not tell which is worse")
	}
}

func TestFewCasesSayNothing(t *testing.T) {
	t.Parallel()
	m := makeShop(1, 50, 60, 5, 8)
	rest, test := recommend.HoldOut(m.interactions(), noon.Add(-time.Hour*24*365), nil)
	model, err := recommend.Train(t.Context(), rest, recommend.Training{})
	if err != nil {
		t.Fatal(err)
	}
	if metrics := test.Evaluate(model); metrics.WorseThan(recommend.Metrics{}) || metrics.Cases != 0 {
		t.Errorf("metrics %+v", metrics)
	}
}

func TestTrainingTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	m := makeShop(1, 50, 60, 5, 8)
	last := -1.0
	_, err := recommend.Train(t.Context(), m.interactions(), recommend.Training{Progress: func(step string, done float64) {
		if step == "" || done <= last || done >= 1 {
			t.Errorf("%q at %g behind %g", step, done, last)
		}
		last = done
	}})
	if err != nil || last < 0 {
		t.Errorf("last %g: %v", last, err)
	}
}

func TestRecallOfExact(t *testing.T) {
	t.Parallel()
	m := makeShop(1, 300, 400, 10, 12)
	l := m.play(t, recommend.DefaultPolicy(), nil)
	var visitors []events.Unit
	for u := range 50 {
		visitors = append(visitors, m.user(u))
	}
	recall, err := l.RecallOfExact(t.Context(), visitors, 20)
	if err != nil || recall < .98 || recall > 1 {
		t.Errorf("recall %g, %v", recall, err)
	}
	// Of anonymous visitors nothing can be said, and nothing without a model.
	if recall, err := l.RecallOfExact(t.Context(), []events.Unit{{Kind: events.User, ID: "stranger"}}, 20); err != nil || recall == recall {
		t.Errorf("recall %g, %v", recall, err)
	}
	if recall, err := open(recommend.DefaultPolicy(), nil).RecallOfExact(t.Context(), visitors, 20); err != nil || recall == recall {
		t.Errorf("recall %g, %v", recall, err)
	}
	away := open(recommend.DefaultPolicy(), away{})
	away.Install(l.Model())
	if _, err := away.RecallOfExact(t.Context(), visitors, 20); err == nil {
		t.Error("profiles cannot be read, and no error")
	}
}
