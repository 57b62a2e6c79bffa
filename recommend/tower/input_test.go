package tower

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestInputHasWhatIsKnownOfTheVisitor reads one past at several moments: row
// by row of the context table, and step by step.
func TestInputHasWhatIsKnownOfTheVisitor(t *testing.T) {
	t.Parallel()
	words := &Vocabulary{}
	shoes, hats, gold := words.Number("category", "shoes"), words.Number("category", "hats"), words.Number("tier", "gold")
	brand := words.Number("brand", "Ada")
	items := [][]int32{{shoes, brand}, {hats, brand}}
	all := newBags(items, words)
	e := inputEncoder{history: 3, features: int32(words.Len()), latest: all.only(words, []string{"category"})}
	latest := userFeatureRows + e.features
	const noon = 1_800_014_400 // 12:00 on the shop's clock
	past := []Step{
		{Item: 1, Event: 0, Time: noon - 90_000},
		{Item: 0, Event: 2, Time: noon - 2_000},
		{Item: 1, Event: 1, Time: noon - 1_000},
		{Item: 0, Event: 1, Time: noon - 60},
	}
	for _, c := range []struct {
		name    string
		steps   []Step
		now     int64
		context []int32
		past    []pastStep
	}{
		{"nothing known", nil, 0, []int32{biasRow, userFeatureRows + gold}, nil},
		{
			"a time and no past", nil, noon,
			[]int32{biasRow, hourRows + 12, userFeatureRows + gold}, nil,
		},
		{
			"the newest three steps, two of event 1 within half an hour, the latest of shoes", past, noon,
			[]int32{biasRow, hourRows + 12, recencyRows + 7, countRows + countBuckets + 2, userFeatureRows + gold, latest + shoes},
			[]pastStep{{0, 0, 1, 1}, {1, 1, 1, 11}, {0, 2, 2, 12}},
		},
		{
			"an hour later nothing counts", past, noon + 3600,
			[]int32{biasRow, hourRows + 13, recencyRows + 13, userFeatureRows + gold, latest + shoes},
			[]pastStep{{0, 0, 1, 1}, {1, 1, 1, 11}, {0, 2, 2, 12}},
		},
		{
			"without a time the moment is that of the newest step", past[:3], 0,
			[]int32{biasRow, countRows + countBuckets + 1, countRows + 2*countBuckets + 1, userFeatureRows + gold, latest + hats},
			[]pastStep{{1, 0, 1, 1}, {0, 1, 2, 11}, {1, 2, 0, 18}},
		},
		{
			"steps without times", []Step{{Item: 1}, {Item: 0, Event: 1}}, 0,
			[]int32{biasRow, userFeatureRows + gold, latest + shoes}, []pastStep{{0, 0, 1, 0}, {1, 1, 0, 0}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var in userInput
			e.encode(&in, c.steps, []int32{gold}, c.now, nil, 0)
			slices.Sort(in.context)
			if !slices.Equal(in.context, c.context) {
				t.Errorf("context %v, want %v", in.context, c.context)
			}
			if !slices.Equal(in.steps, c.past) {
				t.Errorf("steps %v, want %v", in.steps, c.past)
			}
		})
	}
}

func TestDroppedStepsLeaveTheNewest(t *testing.T) {
	t.Parallel()
	e := inputEncoder{history: 20, latest: &bags{starts: make([]int32, 100)}}
	steps := make([]Step, 10)
	for i := range steps {
		steps[i].Item = int32(i)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	kept := 0
	for range 1000 {
		var in userInput
		e.encode(&in, steps, nil, 0, rng, 0.3)
		kept += len(in.steps)
	}
	if share := float64(kept) / 10_000; math.Abs(share-0.7) > 0.03 {
		t.Errorf("%.3f of the steps stay, want .7", share)
	}
	var in userInput
	e.encode(&in, steps, nil, 0, rng, 1)
	if len(in.steps) != 1 || in.steps[0].item != 9 {
		t.Errorf("where all are dropped %v stay, want the newest", in.steps)
	}
}

// TestFeaturesOfAFieldWeighAsOne: ten tags must not outweigh one brand.
func TestFeaturesOfAFieldWeighAsOne(t *testing.T) {
	t.Parallel()
	words := &Vocabulary{}
	list := []int32{words.Number("brand", "Ada")}
	for _, tag := range []string{"red", "wide", "new", "soft"} {
		list = append(list, words.Number("tag", tag))
	}
	_, weights := newBags([][]int32{list}, words).of(0)
	if want := []float32{1, 0.5, 0.5, 0.5, 0.5}; !slices.Equal(weights, want) {
		t.Errorf("weights %v, want %v: their squares add up to 1 by field", weights, want)
	}
}
