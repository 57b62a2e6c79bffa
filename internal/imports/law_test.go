package imports_test

import (
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/peakday/peakday/internal/imports"
)

// The law of ids: equal rows of an order are told apart by counting them, and
// nothing else about the file matters. So a file that is sorted otherwise, or
// cut between orders and repeated, or renamed, holds the same events.

// sample is a kind of file and how its rows are drawn.
type sample struct {
	name   string
	kind   func(imports.Settings) imports.Kind
	header string
	row    func(t *rapid.T) []string
	order  int // the column that rows of one order share; -1: each row stands alone
}

// samples draw from few values, so that equal rows are common. What is no part
// of an id (region, title, session …) follows from what is.
func samples() []sample {
	pick := func(t *rapid.T, name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	at := func(t *rapid.T) string {
		return pick(t, "time", "2026-11-11 20:00:00", "2026-11-11 20:00:01", "2026-11-10")
	}
	return []sample{
		{"orders", imports.Orders, "order_id,user_id,product_id,sku,quantity,price,time,region", func(t *rapid.T) []string {
			order := pick(t, "order", "o1", "o2", "o3")
			return []string{order, "user of " + order, pick(t, "product", "p1", "p2"), pick(t, "sku", "", "s1", "s2"),
				pick(t, "quantity", "1", "2", "-1"), pick(t, "price", "5", "0", "7.50"), at(t), "region of " + order}
		}, 0},
		{"behaviour", imports.Behaviour, "user_id,type,product_id,sku,quantity,price,time,order_id,session_id", func(t *rapid.T) []string {
			user := pick(t, "user", "u1", "u2")
			return []string{user, pick(t, "type", "view", "cart", "buy"), pick(t, "product", "p1", "p2"), pick(t, "sku", "", "s1"),
				pick(t, "quantity", "", "1", "2"), pick(t, "price", "", "5"), at(t), pick(t, "order", "", "o1", "o2"), "session of " + user}
		}, -1},
		{"catalog", imports.Catalog, "product_id,sku,title,price,time", func(t *rapid.T) []string {
			return []string{pick(t, "product", "p1", "p2"), pick(t, "sku", "", "s1"), pick(t, "title", "", "Kettle", "Pot"), pick(t, "price", "", "5"), pick(t, "time", "", "2026-11-10")}
		}, -1},
		{"stock", imports.Stock, "sku,location_id,available,delta,version,time", func(t *rapid.T) []string {
			level := []string{"5", ""}
			if rapid.Bool().Draw(t, "delta") {
				level = []string{"", "-1"}
			}
			return []string{pick(t, "sku", "s1", "s2"), pick(t, "location", "", "l1"), level[0], level[1], pick(t, "version", "", "7"), pick(t, "time", "", "2026-11-10")}
		}, -1},
		{"exposures", imports.Exposures, "experiment,variant,unit,time", func(t *rapid.T) []string {
			return []string{pick(t, "experiment", "a", "b"), pick(t, "variant", "control", "b"), pick(t, "unit", "u1", "u2"), at(t)}
		}, -1},
	}
}

func (s sample) file(t testing.TB, rows [][]string) string {
	t.Helper()
	var out strings.Builder
	out.WriteString(s.header + "\n")
	w := csv.NewWriter(&out)
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// events counts the file's events, ids included.
func (s sample) events(t testing.TB, rows [][]string) map[string]int {
	t.Helper()
	n := map[string]int{}
	for _, r := range read(t, s.kind(shop(t)), s.file(t, rows), imports.Options{}) {
		if r.err != nil {
			t.Fatal(r.err)
		}
		n[r.event.ID+" "+r.String()]++
	}
	return n
}

func TestSortingOtherwiseGivesTheSameEvents(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				rows := rapid.SliceOfN(rapid.Custom(s.row), 1, 15).Draw(rt, "rows")
				want := s.events(t, rows)
				if len(want) != len(rows) {
					rt.Fatalf("%d rows gave %d different events", len(rows), len(want))
				}
				if got := s.events(t, rapid.Permutation(rows).Draw(rt, "shuffled")); !maps.Equal(got, want) {
					rt.Fatalf("got  %v\nwant %v", got, want)
				}
			})
		})
	}
}

func TestCuttingBetweenOrdersGivesTheSameEvents(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		if s.order < 0 {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				rows := rapid.SliceOfN(rapid.Custom(s.row), 1, 15).Draw(rt, "rows")
				orders := map[string]int{}
				parts := make([][][]string, 3)
				for _, r := range rows {
					if _, known := orders[r[s.order]]; !known {
						orders[r[s.order]] = rapid.IntRange(0, 2).Draw(rt, "part")
					}
					part := orders[r[s.order]]
					parts[part] = append(parts[part], r)
				}
				// One part is imported twice, as after an accident.
				parts = append(parts, parts[rapid.IntRange(0, 2).Draw(rt, "twice")])
				got := map[string]int{}
				for _, part := range parts {
					for e := range s.events(t, part) {
						got[e] = 1
					}
				}
				if want := s.events(t, rows); !maps.Equal(got, want) {
					rt.Fatalf("got  %v\nwant %v", got, want)
				}
			})
		})
	}
}

// ids are those of the file's rows, in order.
func ids(t testing.TB, kind imports.Kind, file string) []string {
	t.Helper()
	var out []string
	for _, r := range read(t, kind, file, imports.Options{}) {
		if r.err != nil {
			t.Fatal(r.err)
		}
		out = append(out, r.event.ID)
	}
	return out
}

func TestWhatAnIDIsMadeOf(t *testing.T) {
	t.Parallel()
	const header = "order_id,user_id,product_id,sku,title,quantity,price,time,region,coupon\n"
	id := func(row string) string {
		t.Helper()
		return ids(t, imports.Orders(shop(t)), header+row+"\n")[0]
	}
	want := id("o1,u1,p1,s1,Kettle,2,5.00,2026-11-11 20:00:00,east,c1")
	for name, row := range map[string]string{
		"user": "o1,u2,p1,s1,Kettle,2,5.00,2026-11-11 20:00:00,east,c1", "nobody": "o1,,p1,s1,Kettle,2,5.00,2026-11-11 20:00:00,east,c1",
		"title": "o1,u1,p1,s1,Pot,2,5.00,2026-11-11 20:00:00,east,c1", "region": "o1,u1,p1,s1,Kettle,2,5.00,2026-11-11 20:00:00,,c1",
		"coupon":             "o1,u1,p1,s1,Kettle,2,5.00,2026-11-11 20:00:00,east,",
		"time written apart": "o1,u1,p1,s1,Kettle,2,5.00,2026-11-11T12:00:00Z,east,c1", "price written apart": "o1,u1,p1,s1,Kettle,2,5,2026-11-11 20:00:00,east,c1",
		"quantity written apart": "o1,u1,p1,s1,Kettle,2.0,5.00,2026-11-11 20:00:00,east,c1",
	} {
		if got := id(row); got != want {
			t.Errorf("%s changes the id", name)
		}
	}
	for name, row := range map[string]string{
		"order": "o2,u1,p1,s1,Kettle,2,5.00,2026-11-11 20:00:00,east,c1", "product": "o1,u1,p2,s1,Kettle,2,5.00,2026-11-11 20:00:00,east,c1",
		"SKU": "o1,u1,p1,s2,Kettle,2,5.00,2026-11-11 20:00:00,east,c1", "quantity": "o1,u1,p1,s1,Kettle,3,5.00,2026-11-11 20:00:00,east,c1",
		"price": "o1,u1,p1,s1,Kettle,2,5.01,2026-11-11 20:00:00,east,c1", "time": "o1,u1,p1,s1,Kettle,2,5.00,2026-11-11 20:00:01,east,c1",
		"return": "o1,u1,p1,s1,Kettle,-2,5.00,2026-11-11 20:00:00,east,c1",
	} {
		if got := id(row); got == want {
			t.Errorf("%s does not change the id", name)
		}
	}
	if twice := ids(t, imports.Orders(shop(t)), header+strings.Repeat("o1,u1,p1,s1,Kettle,2,5.00,2026-11-11 20:00:00,east,c1\n", 2)); twice[0] != want || twice[1] == want {
		t.Error("equal lines are not told apart")
	}
	if view := ids(t, imports.Behaviour(shop(t)), "user_id,type,product_id,time\no1,view,p1,2026-11-11 20:00:00\n")[0]; view == want {
		t.Error("two kinds share an id")
	}
}

// TestIDsStay pins the ids: a file that was imported by an older program must
// be a duplicate for a newer one.
func TestIDsStay(t *testing.T) {
	t.Parallel()
	s := shop(t)
	for _, c := range []struct {
		kind imports.Kind
		file string
		want []string
	}{
		{imports.Orders(s), "order_id,product_id,quantity,price,time\no1,p1,1,5,2026-11-11 20:00:00\no1,p1,1,5,2026-11-11 20:00:00\n", []string{"b97279e41e0133a0912f457814a9a5fc", "eb00663a4a71ede3089c4bc5e7273268"}},
		{imports.Behaviour(s), "user_id,type,product_id,time\nu1,view,p1,2026-11-11 20:00:00\n", []string{"34bbcad4243948818ca5704b0fb16a3d"}},
		{imports.Catalog(s), "product_id,title\np1,Kettle\n", []string{"d792f8a62aee1ff25b0b5994f109467d"}},
		{imports.Stock(s), "sku,available\ns1,40\n", []string{"d2b39081dcdb6d1ad41719afc7d860e0"}},
		{imports.Exposures(s), "experiment,variant,unit,time\ncheckout,b,u1,2026-11-11 20:00:00\n", []string{"60926b1ffe3ed2e3ef07f15401e23953"}},
	} {
		if got := ids(t, c.kind, c.file); !slices.Equal(got, c.want) {
			t.Errorf("%q has the ids %q, want %q", c.file, got, c.want)
		}
	}
}

func TestTheFilesNameIsNoPartOfItsEvents(t *testing.T) {
	t.Parallel()
	const file = "user_id,type,product_id,time\nu1,view,p1,2026-11-11 20:00:00\nu1,view,p1,2026-11-11 20:00:00\n"
	var want []string
	for _, name := range []string{"a.csv", "/somewhere/else/b.csv"} {
		kind := imports.Behaviour(shop(t))
		known, required := kind.Fields()
		rows, err := imports.NewRows(name, strings.NewReader(file), imports.Options{Known: known, Required: required})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for row, err := range rows.All() {
			e, problem := kind.Event(row)
			if err != nil || problem != nil {
				t.Fatal(err, problem)
			}
			got = append(got, fmt.Sprint(e))
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// TestRowsWithoutATimeAreTheSameTomorrow imports a list of what holds now on
// two days.
func TestRowsWithoutATimeAreTheSameTomorrow(t *testing.T) {
	t.Parallel()
	today, tomorrow := shop(t), shop(t)
	tomorrow.Now = tomorrow.Now.AddDate(0, 0, 1)
	for name, file := range map[string]string{"catalog": "product_id,title\np1,Kettle\n", "stock": "sku,available\ns1,40\n"} {
		kind := imports.Catalog
		if name == "stock" {
			kind = imports.Stock
		}
		if a, b := ids(t, kind(today), file), ids(t, kind(tomorrow), file); !slices.Equal(a, b) {
			t.Errorf("%s: %q today, %q tomorrow", name, a, b)
		}
	}
}
