package recommend_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

func TestParsePolicy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, key, body, field string }{
		{"nothing said is the default", "p", `{}`, ""},
		{"everything", "p", `{"key":"p","sources":{"trending":1,"fresh":0},"model":"m","candidates":50,"cap":0,"cap_window":"90m","explore":0.5,"diversity":1,"category_cap":2}`, ""},
		{"learned, with weights behind it", "p", `{"blend":"learned","sources":{"visits":1}}`, ""},
		{"weights by default", "p", `{"blend":"weights"}`, ""},
		{"a blend that is none", "p", `{"blend":"stirred"}`, "blend"},
		{"no body", "p", ``, ""},
		{"another key", "p", `{"key":"q"}`, "key"},
		{"a key that is none", "a/b", `{}`, "key"},
		{"no source", "p", `{"sources":{}}`, "sources"},
		{"a source that is none", "p", `{"sources":{"tarot":1}}`, "sources"},
		{"a negative weight", "p", `{"sources":{"trending":-1}}`, "sources.trending"},
		{"a span that is none", "p", `{"cap_window":"a day"}`, "cap_window"},
		{"a long window", "p", `{"cap_window":"25h"}`, "cap_window"},
		{"half of the places at most", "p", `{"explore":0.6}`, "explore"},
		{"an unknown field", "p", `{"diversty":1}`, "diversty"},
		{"two objects", "p", `{}{}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := recommend.ParsePolicy(c.key, []byte(c.body))
			var invalid *events.Invalid
			switch {
			case errors.As(err, &invalid):
				if invalid.Field != c.field {
					t.Errorf("field %q: %v", invalid.Field, err)
				}
			case err != nil || c.field != "":
				t.Fatalf("error %v, want one of field %q", err, c.field)
			default:
				back, err := json.Marshal(p)
				if err != nil {
					t.Fatal(err)
				}
				again, err := recommend.ParsePolicy(c.key, back)
				if diff := cmp.Diff(p, again); diff != "" || err != nil {
					t.Errorf("%v\n%s", err, diff)
				}
			}
		})
	}
}

func TestWhoNamesWeightsMeansThem(t *testing.T) {
	t.Parallel()
	for body, learned := range map[string]bool{
		`{}`: true, `{"sources":{"trending":1}}`: false, `{"blend":"weights"}`: false, `{"blend":"learned","sources":{"trending":1}}`: true,
	} {
		if p, err := recommend.ParsePolicy("p", []byte(body)); err != nil || p.Learned != learned {
			t.Errorf("%s: learned %v, %v", body, p.Learned, err)
		}
	}
}

func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(`{"sources":{"trending":1},"cap_window":"90m"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := recommend.ParsePolicy("p", body)
		if err == nil && p.Check() != nil {
			t.Errorf("%s was taken: %v", body, p.Check())
		}
	})
}

func TestParseRulesNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	rule := func(fields string) string {
		return `{"items":[{"name":"a","do":"boost","factor":2,"where":{"items":["p"]}},{"name":"b",` + fields + `}]}`
	}
	for _, c := range []struct{ name, body, problem string }{
		{"no items would end all rules", `{}`, "items is required: all rules, or [] for none"},
		{"a misspelt field", `{"item":[]}`, "item is not a field: there are version, items"},
		{"a misspelt field of a rule", rule(`"do":"bury","wher":{}`), "items[1].wher is not a field: there are name, do, factor, position, where, placements, from, until"},
		{"a time that is none", rule(`"do":"bury","from":"tomorrow"`), `items[1].from must be a time such as 2026-11-11T20:00:00+08:00, got "tomorrow"`},
		{"a wrong type", rule(`"do":"bury","factor":"much"`), "items[1].factor must be a number, got string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := recommend.ParseRules([]byte(c.body)); err == nil || err.Error() != c.problem {
				t.Errorf("%v, want %s", err, c.problem)
			}
		})
	}
}

func FuzzParseRules(f *testing.F) {
	f.Add([]byte(`{"items":[{"name":"a","do":"pin","where":{"tags":["x"]},"until":"2026-11-11T00:00:00Z"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := recommend.ParseRules(body)
		if err != nil {
			return
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := recommend.ParseRules(text); err != nil || !cmp.Equal(r, again) {
			t.Errorf("%s became %+v: %v", text, again, err)
		}
	})
}

// shelf is a shop of eight items: a to d of category x, e to h of category y,
// wanted in this order, under a policy that only asks what is wanted.
func shelf(t testing.TB, change func(*recommend.Policy), rules string) *live {
	t.Helper()
	policy := recommend.DefaultPolicy()
	policy.Weights = []recommend.Weight{{Source: recommend.SourceTrending, Weight: 1}}
	change(&policy)
	l := open(policy, nil)
	book := recommend.NewPolicies(&desk{}, policy)
	parsed, err := recommend.ParseRules([]byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.PutRules(t.Context(), recommend.Edit{}, parsed); err != nil {
		t.Fatal(err)
	}
	l.UsePolicies(book)
	for i, item := range []events.ItemID{"a", "b", "c", "d", "e", "f", "g", "h"} {
		l.happened(t, product(item, string("xy"[i/4]), noon.Add(-time.Hour)))
		for range 10 - i {
			l.happened(t, viewed(bob, item, noon.Add(-time.Minute)))
		}
	}
	return l
}

// desk keeps definitions in memory.
type desk struct {
	revision int64
	docs     []recommend.Document
}

func (d *desk) Revision(context.Context) (int64, error) { return d.revision, nil }

func (d *desk) Documents(context.Context, ...recommend.DocumentKind) ([]recommend.Document, error) {
	return d.docs, nil
}

func (d *desk) PutDocument(_ context.Context, doc recommend.Document) error {
	d.revision++
	for i, have := range d.docs {
		if have.Kind == doc.Kind && have.Key == doc.Key {
			if have.Version != doc.Version-1 {
				return recommend.ErrChanged
			}
			d.docs[i] = doc
			return nil
		}
	}
	d.docs = append(d.docs, doc)
	return nil
}

func TestRulesAndDiversity(t *testing.T) {
	t.Parallel()
	same := func(*recommend.Policy) {}
	for _, c := range []struct {
		name   string
		policy func(*recommend.Policy)
		rules  string
		ask    recommend.Request
		want   string
	}{
		{"as wanted", same, `{"items":[]}`, recommend.Request{}, "a b c d e f g h"},
		{"boosted", same, `{"items":[{"name":"n","do":"boost","factor":100,"where":{"items":["g"]}}]}`, recommend.Request{}, "g a b c d e f h"},
		{"buried", same, `{"items":[{"name":"n","do":"bury","factor":0.001,"where":{"categories":["x"]}}]}`, recommend.Request{}, "e f g h a b c d"},
		{"of both conditions", same, `{"items":[{"name":"n","do":"bury","factor":0.001,"where":{"categories":["x"],"items":["a","e"]}}]}`, recommend.Request{}, "b c d e f g h a"},
		{"pinned", same, `{"items":[{"name":"n","do":"pin","position":3,"where":{"items":["h"]}}]}`, recommend.Request{}, "a b h c d e f g"},
		{"the best of a category", same, `{"items":[{"name":"n","do":"pin","where":{"categories":["y"]}}]}`, recommend.Request{}, "e a b c d f g h"},
		{"two at one place", same, `{"items":[{"name":"n","do":"pin","where":{"items":["h"]}},{"name":"m","do":"pin","where":{"items":["g"]}}]}`, recommend.Request{}, "h g a b c d e f"},
		{"pins out of order", same, `{"items":[{"name":"n","do":"pin","position":3,"where":{"items":["h"]}},{"name":"m","do":"pin","where":{"items":["g"]}}]}`, recommend.Request{}, "g a h b c d e f"},
		{"into a short answer", same, `{"items":[{"name":"n","do":"pin","position":9,"where":{"items":["h"]}}]}`, recommend.Request{Limit: 3}, "a b h"},
		{"not what is excluded", same, `{"items":[{"name":"n","do":"pin","where":{"items":["h"]}}]}`, recommend.Request{Exclude: []events.ItemID{"h"}, Limit: 2}, "a b"},
		{"elsewhere", same, `{"items":[{"name":"n","do":"pin","where":{"items":["h"]},"placements":["cart"]}]}`, recommend.Request{Placement: "home", Limit: 2}, "a b"},
		{"not yet", same, `{"items":[{"name":"n","do":"pin","where":{"items":["h"]},"from":"2026-11-12T00:00:00Z"}]}`, recommend.Request{Limit: 2}, "a b"},
		{"a policy above the rules", func(p *recommend.Policy) { p.IgnoreRules = true }, `{"items":[{"name":"n","do":"pin","where":{"items":["h"]}}]}`, recommend.Request{Limit: 2}, "a b"},
		{"two of a category", func(p *recommend.Policy) { p.CategoryCap = 2 }, `{"items":[]}`, recommend.Request{Limit: 4}, "a b e f"},
		{"more when there are no others", func(p *recommend.Policy) { p.CategoryCap = 2 }, `{"items":[]}`, recommend.Request{Limit: 6}, "a b e f c d"},
		{"not within one category", func(p *recommend.Policy) { p.CategoryCap = 2 }, `{"items":[]}`, recommend.Request{Limit: 4, Category: "x"}, "a b c d"},
		{"unlike each other", func(p *recommend.Policy) { p.Diversity = 0.5 }, `{"items":[]}`, recommend.Request{Limit: 2}, "a e"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := shelf(t, c.policy, c.rules)
			c.ask.Explain = true
			a := ask(t, l, c.ask, noon)
			if got := listed(a.Items); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			for i, it := range a.Items {
				if it.Score < 0 || it.Score > 1 || i > 0 && it.Score > a.Items[i-1].Score {
					t.Errorf("score %g of %s", it.Score, it.Item)
				}
			}
		})
	}
}

func TestStepsAreExplained(t *testing.T) {
	t.Parallel()
	l := shelf(t, func(p *recommend.Policy) { p.LowStock, p.LowStockWeight = 3, 0.5 },
		`{"items":[{"name":"winter sale","do":"boost","factor":100,"where":{"items":["b"]}},{"name":"ours","do":"pin","where":{"items":["h"]}}]}`)
	l.happened(t, stocked("c", "r", 2, 1))
	notes := map[events.ItemID]map[string]string{}
	for _, it := range ask(t, l, recommend.Request{Explain: true}, noon).Items {
		notes[it.Item] = map[string]string{}
		product := 1.0
		for _, s := range it.Steps {
			notes[it.Item][s.Step] = s.Note
			product *= s.Factor
		}
		if product > 0 && math.Abs(product-it.Score) > 1e-9 {
			t.Errorf("%s: the steps lead to %g, and its score is %g", it.Item, product, it.Score)
		}
	}
	for _, c := range []struct {
		item       events.ItemID
		step, note string
	}{
		{"h", "pin", "pinned to place 1: ours"}, {"b", "rule", "boost: winter sale"}, {"c", "stock", "only 2 left"},
	} {
		if got := notes[c.item][c.step]; got != c.note {
			t.Errorf("%s %s: %q, want %q", c.item, c.step, got, c.note)
		}
	}
}

func TestNewItemsGetTheirShare(t *testing.T) {
	t.Parallel()
	l := shelf(t, func(p *recommend.Policy) { p.Explore = 0.25 }, `{"items":[]}`)
	l.happened(t, product("new-x", "x", noon.Add(-time.Minute)), product("new-y", "y", noon.Add(-time.Minute)))
	for i := range 2000 {
		l.happened(t, product(itemID(i), "old", noon.AddDate(-1, 0, 0)))
	}
	seen := map[events.ItemID]int{}
	answers := map[string]bool{}
	const asked = 2000
	for seed := range uint64(asked) {
		q := recommend.Request{Limit: 4, Seed: seed, Session: []recommend.Step{{Item: "a"}}}
		a := ask(t, l, q, noon)
		if listed(a.Items) != listed(ask(t, l, q, noon).Items) {
			t.Fatal("one seed, two answers")
		}
		answers[listed(a.Items)] = true
		new := 0
		for i, it := range a.Items {
			if it.Source == recommend.SourceFresh {
				seen[it.Item]++
				new++
				if i == 0 {
					t.Fatal("the first place was given away")
				}
			}
		}
		if new > 2 || len(a.Items) != 4 {
			t.Fatalf("%d new of %d", new, len(a.Items))
		}
	}
	total := 0
	for _, n := range seen {
		total += n
	}
	if share := float64(total) / (4 * asked); share < 0.22 || share > 0.28 {
		t.Errorf("%.3f of the places, want 0.25", share)
	}
	if seen["new-x"] <= seen["new-y"] || seen["new-y"] == 0 {
		t.Errorf("of the liked category %d, of the other %d", seen["new-x"], seen["new-y"])
	}
}

func TestANewItemIsFoundByItsCategory(t *testing.T) {
	t.Parallel()
	m := makeShop(1, 200, 400, 10, 12)
	l := m.play(t, recommend.DefaultPolicy(), nil)
	l.happened(t, product("brand-new", "category-3", noon.Add(-time.Minute)))
	policy := recommend.DefaultPolicy()
	policy.Weights = []recommend.Weight{{Source: recommend.SourceFresh, Weight: 1}}
	got := ask(t, l.with(policy), recommend.Request{Session: []recommend.Step{{Item: "item-00061"}}}, noon)
	if got.Items[0].Item != "brand-new" {
		t.Errorf("first %+v", got.Items[0])
	}
	// And who has looked at nothing but a new item is understood by its category.
	policy.Weights = []recommend.Weight{{Source: recommend.SourceAttributes, Weight: 1}}
	for _, it := range ask(t, l.with(policy), recommend.Request{Session: []recommend.Step{{Item: "brand-new"}}}, noon).Items {
		if found, _ := l.catalog.Item(it.Item); found.Category != "category-3" {
			t.Errorf("%s is of %s", it.Item, found.Category)
		}
	}
}

func TestAPolicyAsksItsOwnModel(t *testing.T) {
	t.Parallel()
	m := makeShop(1, 100, 200, 10, 10)
	l := m.play(t, recommend.DefaultPolicy(), nil)
	other, err := recommend.Train(t.Context(), m.interactions(), recommend.Training{Dims: 8})
	if err != nil {
		t.Fatal(err)
	}
	policy := recommend.DefaultPolicy()
	policy.Model = other.Version()
	with := l.with(policy)
	if a := ask(t, with, recommend.Request{}, noon); a.Model != l.Model().Version() {
		t.Errorf("without it the active one: %s", a.Model)
	}
	with.Keep(other)
	if a := ask(t, with, recommend.Request{}, noon); a.Model != other.Version() {
		t.Errorf("model %s", a.Model)
	}
	with.Drop(nil)
	if with.Kept(other.Version()) {
		t.Error("a dropped model is kept")
	}
}

func TestPoliciesRefuseAnOldVersion(t *testing.T) {
	t.Parallel()
	book := recommend.NewPolicies(&desk{}, recommend.DefaultPolicy())
	p, err := book.PutPolicy(t.Context(), recommend.Edit{}, recommend.Policy{Name: "p", Candidates: 1, Weights: recommend.DefaultPolicy().Weights})
	if err != nil || p.Version != 1 {
		t.Fatal(p.Version, err)
	}
	if _, err := book.PutPolicy(t.Context(), recommend.Edit{IfVersion: 2}, p); !errors.Is(err, recommend.ErrChanged) {
		t.Errorf("error %v", err)
	}
	if p, err = book.PutPolicy(t.Context(), recommend.Edit{IfVersion: 1}, p); err != nil || p.Version != 2 || len(book.All()) != 2 {
		t.Errorf("version %d, %v", p.Version, err)
	}
	l := open(recommend.DefaultPolicy(), nil)
	l.UsePolicies(book)
	if _, err := l.Recommend(t.Context(), recommend.Request{Policy: "gone", Limit: 1}, noon); !errors.Is(err, recommend.ErrNoPolicy) {
		t.Errorf("an unknown policy: %v", err)
	}
}
