package app

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
)

// walks are users who go from item to item of a ring.
func walks(users, items int) string {
	var rows strings.Builder
	rows.WriteString("who,what,when,did,part\n")
	for u := range users {
		for step := range 4 + u%3 {
			part, did := "train", "buy"
			if step == 3+u%3 {
				part = "test"
			}
			if step == 1 {
				did = "cart"
			}
			fmt.Fprintf(&rows, "u%d,i%d,%d,%s,%s\n", u, (7*u+step)%items, 100*u+step, did, part)
		}
	}
	return rows.String()
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	file := write(t, "walks.csv", walks(120, 40))
	items := write(t, "items.csv", "what,kind\ni1,even|small\ni2,odd big\n")
	flags := []string{"evaluate", file, "--user", "who", "--item", "what", "--time", "when", "--models", "transitions,popularity", "--k", "5,10"}
	type report struct {
		Users, Items, Interactions int
		Models                     []map[string]any
	}
	got := objectOf[report](t, ok(t, append(slices.Clone(flags), "--items", items, "--item-key", "what", "--json")...))
	if got.Users != 120 || got.Items != 40 || got.Interactions != 600 || len(got.Models) != 2 || got.Models[0]["name"] != "popularity" {
		t.Errorf("it says %+v", got)
	}
	want := []string{
		"coverage@10", "coverage@5", "hr@10", "hr@5", "mrr@10", "mrr@5", "name", "ndcg@10", "ndcg@5", "recall@10", "recall@5", "settings", "train_seconds",
	}
	if names := slices.Sorted(maps.Keys(got.Models[1])); !slices.Equal(names, want) {
		t.Errorf("a model has %v, want %v", names, want)
	}
	if hr, _ := got.Models[1]["hr@5"].(float64); hr < 0.9 {
		t.Errorf("transitions find %v of what comes next on a ring, want nearly all", got.Models[1]["hr@5"])
	}
	table := ok(t, append(flags, "--event", "did", "--target", "buy", "--split", "column:part")...)
	for _, want := range []string{"120 users, 40 items, 600 interactions; 120 test cases", "NDCG@5", "settings that validated best", "Targets:"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table has no %q:\n%s", want, table)
		}
	}
}

func TestEvaluateSessionsWithAFileOfTheirOwn(t *testing.T) {
	t.Parallel()
	train, test := write(t, "train.csv", walks(120, 40)), write(t, "test.csv", "who,what,when\ns1,i1,1\ns1,i2,2\ns1,i3,3\n")
	table := ok(t, "evaluate", train, "--test", test, "--user", "who", "--item", "what", "--time", "when", "--session", "--models", "item-knn")
	if want := "121 users, 40 items, 603 interactions; 2 test cases"; !strings.Contains(table, want) {
		t.Errorf("the table has no %q:\n%s", want, table)
	}
}

func TestEvaluateSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := write(t, "good.csv", walks(20, 10))
	bad := func(rows string) string { return write(t, "bad.csv", "who,what,when,did,part\n"+rows) }
	for _, c := range []struct {
		name  string
		code  int
		args  []string
		wants string
	}{
		{"no user", 2, []string{good, "--item", "what"}, "--user is required"},
		{"no item", 2, []string{good, "--user", "who"}, "--item is required"},
		{"a target of no column", 2, []string{good, "--user", "who", "--item", "what", "--target", "buy"}, "--target needs --event"},
		{"items without a key", 2, []string{good, "--user", "who", "--item", "what", "--items", good}, "--items and --item-key go together"},
		{"two tests", 2, []string{good, "--user", "who", "--item", "what", "--test", good, "--split", "leave-one-out"}, "exclude one another"},
		{"an unknown split", 2, []string{good, "--user", "who", "--item", "what", "--split", "time:2"}, "--split must be"},
		{"an unknown model", 2, []string{good, "--user", "who", "--item", "what", "--models", "oracle"}, "--models must be some of two-tower"},
		{"a cutoff of 0", 2, []string{good, "--user", "who", "--item", "what", "--k", "0"}, "--k must be"},
		{"no such file", 1, []string{good + "x", "--user", "who", "--item", "what"}, "no such file"},
		{"no such column", 1, []string{good, "--user", "whom", "--item", "what"}, `there is no column "whom"; the columns are who, what`},
		{"no rows", 1, []string{bad(""), "--user", "who", "--item", "what"}, "has no rows"},
		{"no item in a row", 1, []string{bad("u1,,1,buy,train\n"), "--user", "who", "--item", "what"}, "bad.csv:2: column what"},
		{"a bad time", 1, []string{bad("u1,a,1,buy,train\nu1,b,noon,buy,train\n"), "--user", "who", "--item", "what", "--time", "when"}, "bad.csv:3: column when must be a time"},
		{"no event", 1, []string{bad("u1,a,1,,train\n"), "--user", "who", "--item", "what", "--event", "did"}, "bad.csv:2: column did must say"},
		{"a target that nobody did", 1, []string{good, "--user", "who", "--item", "what", "--event", "did", "--target", "sell"}, `no row has "sell" in column did`},
		{"a part of neither", 1, []string{bad("u1,a,1,buy,later\n"), "--user", "who", "--item", "what", "--split", "column:part"}, "bad.csv:2: column part must be train or test"},
		{"too many fields", 1, []string{bad("u1,a,1,buy,train,x\n"), "--user", "who", "--item", "what"}, "bad.csv:2:"},
		{"nothing to test", 1, []string{bad("u1,a,1,buy,train\n"), "--user", "who", "--item", "what"}, "--split leaves no test case"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkFailure(t, peakday(t, nil, append([]string{"evaluate"}, c.args...)...), c.code, []string{c.wants})
		})
	}
}

func TestEvaluateWithSeveralSeedsPrintsTheSpread(t *testing.T) {
	t.Parallel()
	file := write(t, "walks.csv", walks(60, 20))
	flags := []string{"evaluate", file, "--user", "who", "--item", "what", "--models", "two-tower,popularity", "--k", "3", "--seeds", "3"}
	type report struct{ Models []map[string]any }
	got := objectOf[report](t, ok(t, append(slices.Clone(flags), "--json")...))
	towers, popular := got.Models[0], got.Models[1]
	low, _ := towers["low"].(map[string]any)
	high, _ := towers["high"].(map[string]any)
	for _, metric := range []string{"hr@3", "ndcg@3", "recall@3", "mrr@3", "coverage@3"} {
		l, _ := low[metric].(float64)
		m, _ := towers[metric].(float64)
		h, _ := high[metric].(float64)
		if !(0 < l && l <= m+1e-12 && m <= h+1e-12) || metric == "ndcg@3" && l == h {
			t.Errorf("%s is %v, from %v to %v", metric, m, l, h)
		}
	}
	if towers["seeds"] != 3.0 || popular["seeds"] != nil || popular["low"] != nil {
		t.Errorf("two-tower was measured with %v seeds, popularity has %v", towers["seeds"], popular)
	}
	first := objectOf[report](t, ok(t, append(slices.Clone(flags[:len(flags)-2]), "--json")...))
	if l, h, one := low["mrr@3"].(float64), high["mrr@3"].(float64), first.Models[0]["mrr@3"].(float64); one < l || one > h {
		t.Errorf("MRR of the first seed is %v, the spread is %v to %v", one, l, h)
	}
	if table := ok(t, flags...); !strings.Contains(table, " to ") || !strings.Contains(table, "means over seeds") {
		t.Errorf("the table has no spread:\n%s", table)
	}
}

func TestEvaluateTimesThatAreNumbersKeepTheirOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		times []string
		unit  float64
		clock bool
	}{
		{"positions", []string{"0", "1", "2.5", "7e3"}, 1e6, false},
		{"before 1970", []string{"-5", "-2", "0"}, 1e6, false},
		{"rising beyond the last second", []string{"6999999999", "7000000000", "7000000001"}, 1e6, true},
		{"seconds", []string{"1700000000", "1700000000.5", "1700000001"}, 1e6, true},
		{"milliseconds", []string{"1700000000123", "1700000000124"}, 1e3, true},
		{"microseconds", []string{"1700000000123456", "1700000000123457"}, 1, true},
		{"nanoseconds", []string{"1700000000123456789", "1700000000123999999"}, 1e-3, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var e evaluation
			last, clock := int64(math.MinInt64), false
			for _, text := range c.times {
				at, ok := e.micros(text)
				if !ok || at <= last {
					t.Errorf("%s is %d, %v; the time before it is %d", text, at, ok, last)
				}
				last, clock = at, clock || at >= firstClock*1e6
			}
			if e.unit != c.unit || clock != c.clock {
				t.Errorf("a unit of %v µs, of a clock: %v; want %v, %v", e.unit, clock, c.unit, c.clock)
			}
		})
	}
	for _, text := range []string{"", "NaN", "inf", "1e300", "yesterday"} {
		var e evaluation
		if at, ok := e.micros(text); ok {
			t.Errorf("%q is %d", text, at)
		}
	}
}
