package recommend_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/memory"
)

var (
	ann    = events.Unit{Kind: events.User, ID: "ann"}
	bob    = events.Unit{Kind: events.User, ID: "bob"}
	tablet = events.Unit{Kind: events.Device, ID: "tablet"}
)

// small is a shop of items a to e, all of category x but e, wanted in this
// order; without a model.
func small(t testing.TB, policy recommend.Policy, facts ...events.Fact) *live {
	t.Helper()
	l := open(policy, nil)
	for i, item := range []events.ItemID{"a", "b", "c", "d", "e"} {
		category := "x"
		if item == "e" {
			category = "y"
		}
		l.happened(t, product(item, category, noon.Add(-time.Hour)))
		for n := range 10 - i {
			l.happened(t, viewed(events.Unit{Kind: events.Device, ID: events.UnitID(fmt.Sprint("d", n))}, item, noon.Add(-time.Minute)))
		}
	}
	l.happened(t, facts...)
	return l
}

func ask(t testing.TB, l *live, q recommend.Request, now time.Time) recommend.Response {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 10
	}
	answer, err := l.Recommend(t.Context(), q, now)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func listed(items []recommend.Recommended) string {
	var out []string
	for _, it := range items {
		out = append(out, string(it.Item))
	}
	return strings.Join(out, " ")
}

func TestRecommendFilters(t *testing.T) {
	t.Parallel()
	cap3 := []events.Fact{shown(ann, noon, "a", "b"), shown(ann, noon.Add(-23*time.Hour), "a", "b"), shown(ann, noon.Add(-25*time.Hour), "a"), shown(ann, noon, "b")}
	groceries := recommend.DefaultPolicy()
	groceries.HideBought, groceries.HideCart, groceries.Cap = false, false, 0
	off := false
	hidden := events.Fact{Type: events.ProductChanged, Time: noon, Data: &events.Product{Item: "b", Published: &off}}
	elsewhere := events.Fact{Type: events.ProductChanged, Time: noon, Data: &events.Product{Item: "b", Regions: []string{"north"}}}
	cancelled := events.Fact{Type: events.OrderCancelled, Time: noon.Add(time.Second), Data: &events.Order{Who: who(ann), Order: events.OrderID(fmt.Sprint("ann", noon))}}
	inCart := events.Fact{Type: events.ProductAdded, Time: noon, Data: &events.Behaviour{Who: who(ann), Item: "b"}}
	outOfCart := events.Fact{Type: events.ProductRemoved, Time: noon.Add(time.Second), Data: &events.Behaviour{Who: who(ann), Item: "b"}}
	for _, c := range []struct {
		name   string
		policy recommend.Policy
		facts  []events.Fact
		ask    recommend.Request
		want   string
	}{
		{"an anonymous visitor gets what is wanted", recommend.DefaultPolicy(), nil, recommend.Request{}, "a b c d e"},
		{"no more than the limit", recommend.DefaultPolicy(), nil, recommend.Request{Limit: 2}, "a b"},
		{"a category", recommend.DefaultPolicy(), nil, recommend.Request{Category: "y"}, "e"},
		{"a category that nobody has", recommend.DefaultPolicy(), nil, recommend.Request{Category: "z"}, ""},
		{"without what is excluded", recommend.DefaultPolicy(), nil, recommend.Request{Exclude: []events.ItemID{"a", "nobody knows"}}, "b c d e"},
		{"without what is sold out", recommend.DefaultPolicy(), []events.Fact{stocked("a", "r", 0, 1)}, recommend.Request{}, "b c d e"},
		{"with what is back", recommend.DefaultPolicy(), []events.Fact{stocked("a", "r", 0, 1), stocked("a", "r", 1, 2)}, recommend.Request{}, "a b c d e"},
		{"without what is sold out in the region", recommend.DefaultPolicy(), []events.Fact{stocked("a", "north", 5, 1)}, recommend.Request{Region: "south"}, "b c d e"},
		{"without what is not sold in the region", recommend.DefaultPolicy(), []events.Fact{elsewhere}, recommend.Request{Region: "south"}, "a c d e"},
		{"without what is hidden", recommend.DefaultPolicy(), []events.Fact{hidden}, recommend.Request{}, "a c d e"},
		{"without what was bought", recommend.DefaultPolicy(), []events.Fact{ordered(ann, "b", noon)}, recommend.Request{User: "ann"}, "a c d e"},
		{"with what was bought and cancelled", recommend.DefaultPolicy(), []events.Fact{ordered(ann, "b", noon), cancelled}, recommend.Request{User: "ann"}, "b a c d e"},
		{"with what another bought", recommend.DefaultPolicy(), []events.Fact{ordered(bob, "d", noon)}, recommend.Request{User: "ann"}, "d a b c e"},
		{"without what lies in the cart", recommend.DefaultPolicy(), []events.Fact{inCart}, recommend.Request{User: "ann"}, "a c d e"},
		{"without what the session put into it", recommend.DefaultPolicy(), nil, recommend.Request{Session: []recommend.Step{{Item: "c"}, {Item: "b", Action: recommend.Cart}}}, "a d c e"},
		{"a grocery shows it again", groceries, nil, recommend.Request{Session: []recommend.Step{{Item: "b", Action: recommend.Cart}}}, "a c b d e"},
		{"with what was taken out of it", recommend.DefaultPolicy(), []events.Fact{inCart, outOfCart}, recommend.Request{User: "ann"}, "b a c d e"},
		{"without what was shown three times in a day", recommend.DefaultPolicy(), cap3, recommend.Request{User: "ann"}, "a c d e"},
		{"a grocery shows all of it again", groceries, append(cap3, ordered(ann, "a", noon), inCart), recommend.Request{User: "ann"}, "a b c d e"},
		{"what the device bought, too", recommend.DefaultPolicy(), []events.Fact{ordered(ann, "b", noon), ordered(tablet, "c", noon)}, recommend.Request{User: "ann", Device: "tablet"}, "a d e"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := small(t, c.policy, c.facts...)
			if got := listed(ask(t, l, c.ask, noon).Items); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestImpressionsWearOffByTheServiceClock(t *testing.T) {
	t.Parallel()
	l := small(t, recommend.DefaultPolicy(), shown(ann, noon, "a"), shown(ann, noon.Add(time.Minute), "a"), shown(ann, noon.Add(2*time.Minute), "a"))
	for after, want := range map[time.Duration]string{3 * time.Minute: "b c d e", 24*time.Hour + time.Second: "a b c d e"} {
		if got := listed(ask(t, l, recommend.Request{User: "ann"}, noon.Add(after)).Items); got != want {
			t.Errorf("after %v: %q, want %q", after, got, want)
		}
	}
}

func TestAnswerSaysWhereItComesFrom(t *testing.T) {
	t.Parallel()
	l := small(t, recommend.DefaultPolicy())
	a := ask(t, l, recommend.Request{ID: "r1", User: "ann", Limit: 1}, noon)
	want := recommend.Response{Request: "r1", Policy: "default", AsOf: noon.Add(-time.Minute), Items: a.Items}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Error(diff)
	}
	if it := a.Items[0]; it.Source != recommend.SourceTrending || it.Score <= 0 || it.Score > 1 || it.Reasons != nil {
		t.Errorf("item %+v", it)
	}
}

func TestLimitIsChecked(t *testing.T) {
	t.Parallel()
	l := small(t, recommend.DefaultPolicy())
	for _, limit := range []int{-1, 0, 101} {
		var invalid *events.Invalid
		if _, err := l.Recommend(t.Context(), recommend.Request{Limit: limit}, noon); !errors.As(err, &invalid) || invalid.Field != "limit" {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}

func TestAnEmptyShopAnswersNothing(t *testing.T) {
	t.Parallel()
	l := open(recommend.DefaultPolicy(), nil)
	if a := ask(t, l, recommend.Request{User: "ann"}, noon); len(a.Items) != 0 || !a.AsOf.IsZero() || a.Degraded {
		t.Errorf("answer %+v", a)
	}
	m, err := recommend.Train(t.Context(), slices.Values([]recommend.Interaction(nil)), recommend.Training{})
	if err != nil {
		t.Fatal(err)
	}
	l.Install(m)
	if a := ask(t, l, recommend.Request{User: "ann", Session: []recommend.Step{{Item: "x"}}}, noon); len(a.Items) != 0 || a.Model != m.Version() {
		t.Errorf("answer %+v", a)
	}
}

// away is a store that does not answer.
type away struct{ recommend.Profiles }

var errAway = errors.New("connection refused")

func (away) Load(context.Context, []events.Unit) ([][]byte, error) { return nil, errAway }

func TestWithoutProfilesItAnswersDegraded(t *testing.T) {
	t.Parallel()
	l := open(recommend.DefaultPolicy(), away{})
	l.happened(t, product("a", "x", noon), viewed(bob, "a", noon))
	if a := ask(t, l, recommend.Request{User: "ann"}, noon); !a.Degraded || listed(a.Items) != "a" {
		t.Errorf("answer %+v", a)
	}
	if a := ask(t, l, recommend.Request{Session: []recommend.Step{{Item: "a"}}}, noon); a.Degraded {
		t.Error("a session needs no profile")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Recommend(ctx, recommend.Request{User: "ann", Limit: 1}, noon); !errors.Is(err, context.Canceled) {
		t.Errorf("to a caller who left: %v", err)
	}
}

// TestNeverTooFew draws shops in which most items are not to be shown: the
// answer must hold all that are, up to the limit, and nothing else.
func TestNeverTooFew(t *testing.T) {
	t.Parallel()
	m := makeShop(3, 60, 80, 4, 8)
	model, err := recommend.Train(t.Context(), m.interactions(), recommend.Training{})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		l := open(recommend.DefaultPolicy(), nil)
		allowed := map[events.ItemID]bool{}
		category := rapid.SampledFrom([]string{"", "category-1"}).Draw(rt, "category")
		for i := range m.items {
			l.happened(t, product(itemID(i), m.category(i), noon))
			ok := category == "" || m.category(i) == category
			switch rapid.IntRange(0, 6).Draw(rt, "fate") {
			case 0:
				l.happened(t, stocked(itemID(i), "north", 0, 1))
				ok = false
			case 1:
				l.happened(t, ordered(m.user(1), itemID(i), noon))
				ok = false
			case 2:
				l.happened(t, shown(m.user(1), noon, itemID(i), itemID(i), itemID(i)))
				ok = false
			case 3:
				l.happened(t, viewed(m.user(1), itemID(i), noon))
			}
			if ok {
				allowed[itemID(i)] = true
			}
		}
		if rapid.Bool().Draw(rt, "with a model") {
			l.Install(model)
		}
		limit := rapid.IntRange(1, 60).Draw(rt, "limit")
		q := recommend.Request{User: events.UserID(m.user(1).ID), Limit: limit, Category: category, Explain: true}
		a, err := l.Recommend(t.Context(), q, noon)
		if err != nil {
			rt.Fatal(err)
		}
		if len(a.Items) != min(limit, len(allowed)) {
			rt.Fatalf("%d items, %d are allowed and %d wanted", len(a.Items), len(allowed), limit)
		}
		for i, it := range a.Items {
			if !allowed[it.Item] {
				rt.Fatalf("%s is not allowed, or twice", it.Item)
			}
			delete(allowed, it.Item)
			if i > 0 && it.Score > a.Items[i-1].Score || math.IsNaN(it.Score) || it.Score < 0 || it.Score > 1 {
				rt.Fatalf("score %g behind %g", it.Score, a.Items[max(0, i-1)].Score)
			}
		}
	})
}

func TestExplanations(t *testing.T) {
	t.Parallel()
	m := makeShop(1, 200, 400, 10, 12)
	l := m.play(t, recommend.DefaultPolicy(), nil)
	q := recommend.Request{User: events.UserID(m.user(5).ID), Limit: 20, Explain: true}
	for _, name := range []bool{false, true} {
		q.NameItems = name
		named := 0
		for _, it := range ask(t, l, q, noon).Items {
			sum := 0.0
			for _, c := range it.Contributions {
				sum += c.Score
			}
			if math.Abs(sum-it.Score) > 1e-6 || it.Contributions[0].Source != it.Source || len(it.Reasons) == 0 {
				t.Errorf("item %+v adds up to %g", it, sum)
			}
			if strings.Contains(strings.Join(it.Reasons, " "), "item-") {
				named++
			}
		}
		if name != (named > 0) {
			t.Errorf("names allowed: %v, but %d explanations name an item", name, named)
		}
	}
}

func TestAViewChangesTheNextResponse(t *testing.T) {
	t.Parallel()
	m := makeShop(1, 200, 400, 10, 12)
	l := m.play(t, recommend.DefaultPolicy(), nil)
	before := ask(t, l, recommend.Request{User: "newuser"}, noon)
	l.happened(t, viewed(events.Unit{Kind: events.User, ID: "newuser"}, itemID(25), noon))
	after := ask(t, l, recommend.Request{User: "newuser"}, noon)
	if listed(before.Items) == listed(after.Items) || after.Items[0].Source == recommend.SourceTrending {
		t.Errorf("before %s, after %s by %s", listed(before.Items), listed(after.Items), after.Items[0].Source)
	}
	session := ask(t, l, recommend.Request{Session: []recommend.Step{{Item: itemID(25)}}}, noon)
	if listed(session.Items) != listed(after.Items) {
		t.Errorf("the same as a session: %s, want %s", listed(session.Items), listed(after.Items))
	}
}

func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	t.Parallel()
	m := makeShop(2, 100, 100, 5, 10)
	first, second := m.play(t, recommend.DefaultPolicy(), nil), open(recommend.DefaultPolicy(), nil)
	facts := m.facts()
	slices.Reverse(facts)
	second.happened(t, facts...)
	second.Install(first.Model())
	for u := range m.users {
		q := recommend.Request{User: events.UserID(m.user(u).ID), Explain: true}
		if diff := cmp.Diff(ask(t, first, q, noon), ask(t, second, q, noon)); diff != "" {
			t.Fatalf("user %d: %s", u, diff)
		}
	}
}

// fixed is a source that always proposes the same item.
type fixed struct{ slot func() recommend.Slot }

func (fixed) Name() string { return "campaign" }

func (f fixed) Propose(_ *recommend.Query, out *recommend.Proposals) { out.Add(f.slot(), 1) }

func TestASourceOfOnesOwnTakesPart(t *testing.T) {
	t.Parallel()
	policy := recommend.DefaultPolicy()
	policy.Weights = append(policy.Weights, recommend.Weight{Source: "campaign", Weight: 1})
	l := open(policy, nil, fixed{func() recommend.Slot { return 1 }})
	l.happened(t, product("a", "x", noon), product("b", "x", noon), viewed(bob, "a", noon))
	a := ask(t, l, recommend.Request{Explain: true}, noon)
	if it := a.Items[0]; it.Item != "b" || it.Source != "campaign" || it.Reasons[0] != "proposed by campaign" {
		t.Errorf("first %+v", it)
	}
}

func TestSimilar(t *testing.T) {
	t.Parallel()
	m := makeShop(1, 200, 400, 10, 12)
	l := m.play(t, recommend.DefaultPolicy(), nil)
	l.happened(t, product("lonely", "category-3", noon), stocked(itemID(26), "r", 0, 1))
	same := 0
	for i := range m.items {
		got, err := l.Similar(itemID(i), recommend.List{Limit: 10})
		if err != nil || len(got) != 10 {
			t.Fatalf("%s has %d similar items: %v", itemID(i), len(got), err)
		}
		for _, s := range got {
			if s.Item == itemID(i) || s.Item == itemID(26) {
				t.Fatalf("%s is like %s", itemID(i), s.Item)
			}
			if it, _ := l.catalog.Item(s.Item); it.Category == m.category(i) {
				same++
			}
		}
	}
	if share := float64(same) / float64(10*m.items); share < .6 {
		t.Errorf("%.2f of the similar items are of the same category", share)
	}
	got, err := l.Similar("lonely", recommend.List{Limit: 5})
	if err != nil || len(got) != 5 {
		t.Errorf("an item that nobody has seen: %v, %v", got, err)
	}
	if _, err := l.Similar("unheard of", recommend.List{Limit: 5}); !errors.Is(err, recommend.ErrUnknownItem) {
		t.Errorf("an unknown item: %v", err)
	}
}

func TestTrending(t *testing.T) {
	t.Parallel()
	l := small(t, recommend.DefaultPolicy(), viewed(ann, "e", noon), viewed(bob, "a", noon.Add(-30*24*time.Hour)), product("new", "x", noon))
	for _, c := range []struct {
		name string
		list recommend.List
		want string
	}{
		{"all", recommend.List{Limit: 10, Window: recommend.LastDay}, "a b c d e new"},
		{"some", recommend.List{Limit: 2, Window: recommend.LastHour}, "a b"},
		{"of a category", recommend.List{Limit: 10, Category: "y"}, "e"},
	} {
		got, err := l.Trending(c.list)
		var out []string
		for _, s := range got {
			out = append(out, string(s.Item))
		}
		if err != nil || strings.Join(out, " ") != c.want {
			t.Errorf("%s: %v, %v; want %s", c.name, out, err, c.want)
		}
	}
	var invalid *events.Invalid
	if _, err := l.Trending(recommend.List{Limit: 1, Window: 9}); !errors.As(err, &invalid) {
		t.Errorf("window 9: %v", err)
	}
}

// ndcg is the mean NDCG@10 of the shop's answers for the steps held out.
func (m *made) ndcg(t *testing.T, l *live) float64 {
	t.Helper()
	sum := 0.0
	for u, next := range m.next {
		for i, item := range ask(t, l, recommend.Request{User: events.UserID(m.user(u).ID)}, noon).Items {
			if item.Item == next {
				sum += 1 / math.Log2(float64(i)+2)
			}
		}
	}
	return sum / float64(len(m.next))
}

func TestRecommendBeatsPopularity(t *testing.T) {
	t.Parallel()
	m := makeShop(1, 500, 700, 20, 12)
	l := m.play(t, recommend.DefaultPolicy(), nil)
	ours := m.ndcg(t, l)
	policy := recommend.DefaultPolicy()
	policy.Weights = []recommend.Weight{{Source: recommend.SourcePopularity, Weight: 1}}
	popular := m.ndcg(t, l.with(policy))
	t.Logf("NDCG@10 %.4f, popularity %.4f", ours, popular)
	if ours < 2*popular {
		t.Errorf("NDCG@10 %.4f is not twice popularity's %.4f", ours, popular)
	}
}

func TestPolicyIsChecked(t *testing.T) {
	t.Parallel()
	for field, spoil := range map[string]func(p *recommend.Policy){
		"":           func(*recommend.Policy) {},
		"weights[1]": func(p *recommend.Policy) { p.Weights[1].Weight = math.NaN() },
		"candidates": func(p *recommend.Policy) { p.Candidates = 0 },
		"cap":        func(p *recommend.Policy) { p.Cap = 11 },
		"cap_window": func(p *recommend.Policy) { p.CapWindow = 25 * time.Hour },
		"item_floor": func(p *recommend.Policy) { p.ItemFloor = 1.5 },
	} {
		p := recommend.DefaultPolicy()
		spoil(&p)
		var invalid *events.Invalid
		if err := p.Check(); errors.As(err, &invalid) != (field != "") || invalid != nil && invalid.Field != field {
			t.Errorf("field %q: %v", field, err)
		}
	}
}

// TestOldItemsStepBack holds an item that nobody orders any more to its floor.
func TestOldItemsStepBack(t *testing.T) {
	t.Parallel()
	policy := recommend.DefaultPolicy()
	policy.Weights = []recommend.Weight{{Source: recommend.SourceTrending, Weight: 1}}
	l := open(policy, nil)
	l.happened(t, product("old", "x", noon.AddDate(-3, 0, 0)), product("new", "x", noon.Add(-time.Hour)), product("sold", "x", noon.AddDate(-3, 0, 0)),
		ordered(bob, "sold", noon), viewed(ann, "old", noon), viewed(ann, "new", noon))
	got := map[events.ItemID]float64{}
	for _, it := range ask(t, l, recommend.Request{}, noon).Items {
		got[it.Item] = it.Score
	}
	if ratio := got["old"] / got["new"]; math.Abs(ratio-policy.ItemFloor) > .01 || got["sold"] <= got["new"] {
		t.Errorf("scores %v: old/new %.3f, want the floor %.1f", got, ratio, policy.ItemFloor)
	}
}

func ExampleRecommender_Recommend() {
	register := recommend.NewInterner()
	catalog := recommend.NewCatalog(register, "log", "CNY")
	trends := recommend.NewTrends(register, "log")
	profiles := memory.NewProfiles(30*24*time.Hour, time.Now)
	followers := []events.Follower{catalog, trends, recommend.NewProfiler(profiles, "log")}

	// The consumer does this, with the facts of the log.
	tea, pot := viewed(ann, "tea", noon), viewed(ann, "pot", noon)
	batch := []events.Delivery{
		{Record: events.Record{Kind: events.Kind(events.User), Key: "ann", Type: tea.Type, Time: noon}, Fact: tea, Position: 1},
		{Record: events.Record{Kind: events.Kind(events.User), Key: "ann", Type: pot.Type, Time: noon}, Fact: pot, Position: 2},
	}
	for _, f := range followers {
		if err := f.Follow(context.Background(), 0, 0, 2, batch); err != nil {
			fmt.Println(err)
		}
	}

	r := recommend.New(catalog, trends, profiles, recommend.DefaultPolicy())
	answer, err := r.Recommend(context.Background(), recommend.Request{User: "bob", Limit: 1, Explain: true}, noon)
	if err != nil {
		fmt.Println(err)
	}
	for _, it := range answer.Items {
		fmt.Println(it.Item, it.Source, it.Reasons)
	}
	// Output: pot trending [wanted by many right now]
}

func ExampleTrain() {
	var did []recommend.Interaction
	for i, visitor := range []events.UnitID{"ann", "bob", "cid"} {
		for j, item := range []events.ItemID{"kettle", "tea"} {
			did = append(did, recommend.Interaction{
				Visitor: events.Unit{Kind: events.User, ID: visitor}, Item: item,
				Action: recommend.Buy, Time: noon.Add(time.Duration(i+j) * time.Minute),
			})
		}
	}
	model, err := recommend.Train(context.Background(), slices.Values(did), recommend.Training{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Items(), "items,", model.Interactions(), "interactions, as of", model.AsOf().Format(time.DateTime))
	// Output: 2 items, 6 interactions, as of 2026-11-11 12:03:00
}

func BenchmarkRecommend(b *testing.B) {
	m := makeShop(1, 10_000, 5_000, 50, 30)
	l := m.learned(b, recommend.RankerTraining{})
	policy := recommend.DefaultPolicy()
	policy.Learned = false
	q := recommend.Request{User: events.UserID(m.user(7).ID), Limit: 20}
	explained := q
	explained.Explain = true
	for _, c := range []struct {
		name string
		live *live
		ask  recommend.Request
	}{
		{"weights", l.with(policy), q}, {"weights, explained", l.with(policy), explained},
		{"learned", l, q}, {"learned, explained", l, explained},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ask(b, c.live, c.ask, noon)
			}
		})
	}
}
