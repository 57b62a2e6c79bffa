package offline

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/recommend/tower"
)

// fakeSettings is the place that a fake method gives to what is wanted.
type fakeSettings struct{ Place, Other int }

// TestTuningTakesWhatValidatesBest tunes a method whose NDCG is known.
func TestTuningTakesWhatValidatesBest(t *testing.T) {
	t.Parallel()
	set := &Set{Items: make([]events.ItemID, 10)}
	tried := 0
	m := &method[fakeSettings]{
		name: "fake", start: fakeSettings{Place: 5},
		stages: []func(fakeSettings) []fakeSettings{
			vary(func(s *fakeSettings, v int) { s.Place = v }, 7, 2, 9, 3),
			vary(func(s *fakeSettings, v int) { s.Other = v }, 1),
			func(best fakeSettings) []fakeSettings {
				if best != (fakeSettings{Place: 2}) {
					t.Errorf("the last stage starts from %+v, want the first of the best, place 2", best)
				}
				return []fakeSettings{best, {Place: 1}}
			},
		},
		fit: func(_ context.Context, _ *cachedSet, s fakeSettings) (Scorer, error) {
			tried++
			scores := make(given, 10)
			for i := range s.Place - 1 {
				scores[i+1] = 2
			}
			scores[0] = 1 // what the case wants
			return scores, nil
		},
	}
	trial := &trial{set: newCachedSet(set), cases: []Case{{History: []Step{{}}, Relevant: []int32{0}}}, cutoff: 10, progress: func(string) {}}
	fitted, best, err := m.tune(context.Background(), trial)
	if err != nil {
		t.Fatal(err)
	}
	if best != (fakeSettings{Place: 1}) || tried != 7 {
		t.Errorf("%+v won after %d fits, want place 1 after 7: the best of a stage is not fitted again", best, tried)
	}
	if scores := fitted.(given); scores[0] != 1 || scores[1] != 0 {
		t.Errorf("the model that is kept is another one: %v", scores)
	}
}

// runOf is an evaluation that has not begun.
func runOf(d *Data, seed uint64) *run {
	o := Options{Cutoffs: []int{10}, Seed: seed, Now: func() time.Time { return time.Time{} }}
	inner, cases := d.validation(seed)
	r := &run{data: d, options: o, inner: newCachedSet(inner), final: newCachedSet(d.Train), validation: cases}
	r.models = r.modelRuns()
	return r
}

// TestModelsAreFittedOnAllOfTraining: what the validation part alone shows is
// known to the model that is measured.
func TestModelsAreFittedOnAllOfTraining(t *testing.T) {
	t.Parallel()
	rows := shopRows(40, 6, 9)
	for u := range 30 { // "last" comes only where validation hides it
		user := fmt.Sprintf("x%d", u)
		for at, item := range []string{"i001", "i002", "last", "i003"} {
			rows = append(rows, Row{User: user, Item: events.ItemID(item), At: int64(at), Target: true})
		}
	}
	d := NewData(rows, nil, Protocol{Ordered: true})
	last, _ := slices.BinarySearch(d.Train.Items, "last")
	c := &Case{Visitor: -1, History: []Step{{IndexedStep: recommend.IndexedStep{Item: int32(slices.Index(d.Train.Items, "i002"))}, Target: true}}}
	r := runOf(d, 1)
	if slices.ContainsFunc(r.inner.Visitors, func(v Visitor) bool {
		return slices.ContainsFunc(v.Steps, func(s Step) bool { return int(s.Item) == last })
	}) {
		t.Fatal("validation did not hide what it should")
	}
	for _, name := range []string{"popularity", "item-knn", "transitions", "ials", "ease", nameTowers, nameBlend} {
		m, err := r.named(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		scores := scoresOf(m.fitted, d, c)
		above := 0
		for _, x := range scores {
			if x > scores[last] {
				above++
			}
		}
		if above >= 10 {
			t.Errorf("%s: %d items stand before the one that thirty visitors came to next", name, above)
		}
	}
}

// TestWithoutAClockOnlyTheOrderCounts moves positions apart, which mean no time:
// neither the data nor what the models are asked changes.
func TestWithoutAClockOnlyTheOrderCounts(t *testing.T) {
	t.Parallel()
	rows := shopRows(40, 10, 6)
	apart := slices.Clone(rows)
	for i := range apart {
		apart[i].At *= 86_400_000_000 // a day each
	}
	for _, clock := range []bool{false, true} {
		p := Protocol{Ordered: true, Clock: clock}
		near, far := NewData(rows, nil, p), NewData(apart, nil, p)
		if same := cmp.Equal(near, far, cmp.AllowUnexported(Step{})); same == clock {
			t.Errorf("a clock: %v, and the data are the same: %v", clock, same)
		}
		var w workspace
		query := w.query(&far.Cases[0])
		last := towerSteps(query.Steps, clock)[len(query.Steps)-1].Time
		newest := (&blend{clock: clock}).past(query).History[0].Second
		if (last > 0) != clock || (newest > 0) != clock {
			t.Errorf("a clock: %v, and the models read the times %d and %d", clock, last, newest)
		}
	}
}

func TestNewestSessionsValidate(t *testing.T) {
	t.Parallel()
	var rows []Row
	for s := range 40 {
		for at, item := range []events.ItemID{"a", "b", "c"} {
			rows = append(rows, Row{User: fmt.Sprintf("s%02d", s), Item: item, At: int64(1000*((s*17)%40) + at), Target: true})
		}
	}
	d := NewData(rows, nil, Protocol{Split: ByTime, Share: 0.9, Session: true, Ordered: true})
	train, cases := d.validation(1)
	newest := int64(0)
	for _, v := range train.Visitors {
		newest = max(newest, v.Steps[0].At)
	}
	if held := len(d.Train.Visitors) - len(train.Visitors); held != 5 || len(cases) != 10 {
		t.Errorf("%d sessions validate with %d cases, want 15 in a hundred of %d with two each", held, len(cases), len(d.Train.Visitors))
	}
	for _, c := range cases {
		if c.History[0].At <= newest {
			t.Errorf("the session of %d validates, one of %d is trained on", c.History[0].At, newest)
		}
	}
}

// TestOtherBehaviourCanBeLeftOut: carts lead nowhere in a study of targets.
func TestOtherBehaviourCanBeLeftOut(t *testing.T) {
	t.Parallel()
	d := NewData(rowsOfText("u1 a 1 buy\nu1 b 2 cart\nu1 c 3 buy\nu1 d 4 buy\nu2 a 1 buy\nu2 c 2 buy\nu2 b 3 buy"), nil, Protocol{Ordered: true})
	c := &Case{Visitor: -1, History: []Step{{IndexedStep: recommend.IndexedStep{Item: 0}, Target: true}}}
	for _, targets := range []bool{true, false} {
		settings := rulesSettings{recommend.TransitionRules{Gap: 1}, 0.5, targets}
		got := scoresOf(fitOn(t, d, transitions(d), settings), d, c)
		if leads := got[1] > 0; leads == targets {
			t.Errorf("targets alone: %v, and a leads to the cart of b with %v", targets, got[1])
		}
	}
}

func TestTowersLearnTargetsFromAllSteps(t *testing.T) {
	t.Parallel()
	var rows []Row
	for i := range 300 {
		user, view, buy := fmt.Sprint(i), events.ItemID(fmt.Sprint("view", i%10)), events.ItemID(fmt.Sprint("buy", i%10))
		rows = append(rows, Row{User: user, Item: view}, Row{User: user, Item: buy, At: 1, Action: recommend.Buy, Target: true},
			Row{User: user, Item: view, At: 2})
	}
	d := NewData(rows, nil, Protocol{Split: ByMark, Ordered: true})
	s, err := fitTowers(t.Context(), newCachedSet(d.Train), d.Protocol, 1, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		at := func(prefix string) int32 {
			item, _ := slices.BinarySearch(d.Train.Items, events.ItemID(fmt.Sprint(prefix, i)))
			return int32(item)
		}
		c := &Case{Visitor: -1, History: []Step{{IndexedStep: recommend.IndexedStep{Item: at("view")}}}}
		if got := topOf(scoresOf(s, d, c), 1, nil)[0]; got != at("buy") {
			t.Errorf("after a view of %d comes %s", i, d.Train.Items[got])
		}
	}
}

// TestTowersReadAttributesAndSeed also holds the progress that is told.
func TestTowersReadAttributesAndSeed(t *testing.T) {
	t.Parallel()
	rows := shopRows(60, 8, 5)
	attributes := map[events.ItemID][]Attribute{}
	for _, r := range rows {
		attributes[r.Item] = []Attribute{{"aisle", string(r.Item[1])}}
	}
	var told []string
	file := func(attributes map[events.ItemID][]Attribute, seed uint64) string {
		d := NewData(rows, attributes, Protocol{Ordered: true})
		s, err := fitTowers(t.Context(), newCachedSet(d.Train), d.Protocol, seed, func(what string) { told = append(told, what) })
		if err != nil {
			t.Fatal(err)
		}
		m := s.(*towers).model
		if known := m.Vocabulary().Len(); attributes != nil && known != 4 {
			t.Errorf("the model knows %d attributes, want 4", known)
		}
		return encodedTowers(t, m)
	}
	plain, first := file(nil, 1), file(attributes, 1)
	if first == plain || first != file(attributes, 1) || first == file(attributes, 2) {
		t.Error("a model must differ with attributes and with the seed, and not without")
	}
	if len(told) < 4 || !strings.HasPrefix(told[0], nameTowers) {
		t.Errorf("progress: %q", told)
	}
}

func encodedTowers(t *testing.T, m *tower.Model) string {
	t.Helper()
	var b bytes.Buffer
	if err := m.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMaskedItemsAreInNobodysList(t *testing.T) {
	t.Parallel()
	cases := []Case{{History: []Step{{}}, Relevant: []int32{0}, Masked: []int32{4}}}
	got, err := Measure(context.Background(), given{1, 2, 3, 4, 5}, cases, 5, []int{5})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "coverage@5", got[0].Coverage, 4.0/5)
}
