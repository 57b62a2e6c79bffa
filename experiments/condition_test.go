package experiments_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// conditionCase is one of GrowthBook's cases; the file names their source.
type conditionCase struct {
	name       string
	condition  json.RawMessage
	attributes experiments.Attributes
	matches    bool
	groups     map[string][]any
}

func (c *conditionCase) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&c.name, &c.condition, &c.attributes, &c.matches, &c.groups})
}

func readConditionCases(tb testing.TB) []conditionCase {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "conditions.json"))
	if err != nil {
		tb.Fatal(err)
	}
	var file struct{ Cases []conditionCase }
	if err := json.Unmarshal(b, &file); err != nil {
		tb.Fatal(err)
	}
	return file.Cases
}

func parseCondition(tb testing.TB, text string) *experiments.Condition {
	tb.Helper()
	c, err := experiments.ParseCondition([]byte(text))
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return c
}

func readAttributes(tb testing.TB, text string) experiments.Attributes {
	tb.Helper()
	var a experiments.Attributes
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return a
}

func TestConditionMatchesAsGrowthBookSays(t *testing.T) {
	t.Parallel()
	cases := readConditionCases(t)
	if len(cases) != 248 {
		t.Fatalf("%d cases, want 248", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			condition, err := experiments.ParseConditionWith(c.condition,
				experiments.ConditionOptions{Groups: c.groups, Lenient: true})
			if err != nil {
				t.Fatal(err)
			}
			if got := condition.Matches(c.attributes); got != c.matches {
				t.Errorf("%s on %v: %v, want %v", c.condition, c.attributes, got, c.matches)
			}
		})
	}
}

// TestConditionCasesThatADefinitionMayNotHave lists all cases that only a
// lenient parse takes in.
func TestConditionCasesThatADefinitionMayNotHave(t *testing.T) {
	t.Parallel()
	var refused []string
	for _, c := range readConditionCases(t) {
		_, err := experiments.ParseConditionWith(c.condition, experiments.ConditionOptions{Groups: c.groups})
		if err != nil {
			refused = append(refused, c.name)
		}
		lenient, _ := experiments.ParseConditionWith(c.condition, experiments.ConditionOptions{Groups: c.groups, Lenient: true})
		if checked := lenient.Check(); (checked == nil) != (err == nil) || err != nil && checked.Error() != err.Error() {
			t.Errorf("%s: Check says %v, the strict parse %v", c.name, checked, err)
		}
	}
	want := []string{
		"$in - not array", "$nin - not array", "$ini - not array", "$nini - not array",
		"unknown operator - pass", "$regex invalid - pass", "$regex invalid - fail",
		"$inGroup fails for unknown group id", "$notInGroup passes for unknown group id",
	}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Error(diff)
	}
}

func TestConditionWithoutTestsMatchesEverything(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " \n", "null", "{}", " { } "} {
		c := parseCondition(t, text)
		if !c.Matches(nil) || !c.Matches(experiments.Attributes{"a": 1.0}) || len(c.Names()) != 0 {
			t.Errorf("%q does not match everything", text)
		}
	}
	var none *experiments.Condition
	if !none.Matches(nil) || none.Names() != nil || none.Check() != nil || !none.Equal(&experiments.Condition{}) {
		t.Error("nil is not like the zero condition")
	}
	if !new(experiments.Condition).Matches(nil) {
		t.Error("the zero condition does not match everything")
	}
}

func TestConditionWhereGrowthBookIsSilent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, condition, attributes string
		want                        bool
	}{
		{"text of a number", `{"a": "10"}`, `{"a": 10}`, true},
		{"text of a large number", `{"a": "1e+21"}`, `{"a": 1e21}`, true},
		{"text of a small number", `{"a": "1e-7"}`, `{"a": 0.0000001}`, true},
		{"text of minus zero", `{"a": "0"}`, `{"a": -0}`, true},
		{"text of a boolean", `{"a": "true"}`, `{"a": true}`, true},
		{"null is not its text", `{"a": "null"}`, `{"a": null}`, false},
		{"array is not its text", `{"a": "x"}`, `{"a": ["x"]}`, false},
		{"number in text", `{"a": 8}`, `{"a": " 8.0 "}`, true},
		{"number in hexadecimal text", `{"a": 16}`, `{"a": "0x10"}`, false},
		{"number with underscore", `{"a": 16}`, `{"a": "1_6"}`, false},
		{"no number in text", `{"a": 8}`, `{"a": "8 a"}`, false},
		{"missing is not zero", `{"a": 0}`, `{}`, false},
		{"missing is not false", `{"a": false}`, `{}`, false},
		{"zero is false", `{"a": false}`, `{"a": 0}`, true},
		{"blank is false", `{"a": false}`, `{"a": ""}`, true},
		{"text is true", `{"a": true}`, `{"a": "no"}`, true},
		{"$eq does not convert", `{"a": {"$eq": "10"}}`, `{"a": 10}`, false},
		{"$eq null is missing", `{"a": {"$eq": null}}`, `{}`, true},
		{"$eq of an array", `{"a": {"$eq": [1, {"b": null}]}}`, `{"a": [1, {"b": null}]}`, true},
		{"$ne of an array", `{"a": {"$ne": [1]}}`, `{"a": [2]}`, true},
		{"object in any order", `{"a": {"x": 1, "y": [true]}}`, `{"a": {"y": [true], "x": 1}}`, true},
		{"object with null for missing", `{"a": {"x": null}}`, `{"a": {"y": 1}}`, false},
		{"$in null is missing", `{"a": {"$in": [null]}}`, `{}`, true},
		{"$in does not convert", `{"a": {"$in": ["1"]}}`, `{"a": 1}`, false},
		{"$in booleans", `{"a": {"$in": [false]}}`, `{"a": false}`, true},
		{"$ini beyond ASCII", `{"a": {"$ini": ["ÄRGER"]}}`, `{"a": "ärger"}`, true},
		{"$ini keeps the type", `{"a": {"$ini": ["1"]}}`, `{"a": 1}`, false},
		{"$alli text of a number", `{"a": {"$alli": ["1"]}}`, `{"a": [1]}`, true},
		{"$all with operators", `{"a": {"$all": [{"$gt": 5}, 1]}}`, `{"a": [1, 6]}`, true},
		{"$elemMatch tries zero", `{"a": {"$elemMatch": {"$lt": 1}}}`, `{"a": [0]}`, true},
		{"$elemMatch leaves null out", `{"a": {"$elemMatch": {"$ne": 1}}}`, `{"a": [1, null]}`, false},
		{"$elemMatch with $or", `{"a": {"$elemMatch": {"$or": [{"b": 1}, {"c": 2}]}}}`, `{"a": [{"c": 3}, {"c": 2}]}`, true},
		{"$elemMatch in $elemMatch", `{"a": {"$elemMatch": {"$elemMatch": {"$eq": 2}}}}`, `{"a": [[1], [2]]}`, true},
		{"$elemMatch {} wants an element", `{"a": {"$elemMatch": {}}}`, `{"a": []}`, false},
		{"path into an array", `{"a.1.b": 7}`, `{"a": [0, {"b": 7}]}`, true},
		{"path behind an array's end", `{"a.2": 7}`, `{"a": [0, 7]}`, false},
		{"path with a padded index", `{"a.01": 7}`, `{"a": [0, 7]}`, false},
		{"missing counts as 0 in an order", `{"a": {"$gte": 0}}`, `{}`, true},
		{"missing is in no order with text", `{"a": {"$gte": "2025-01-01"}}`, `{}`, false},
		{"object is in no order", `{"a": {"$gte": 0}}`, `{"a": {}}`, false},
		{"blank text counts as 0", `{"a": {"$lte": 0}}`, `{"a": " "}`, true},
		{"beyond the basic plane is later", `{"a": {"$gt": "\uffee"}}`, `{"a": "😀"}`, true},
		{"$regex on a number", `{"a": {"$regex": "^4.$"}}`, `{"a": 42}`, true},
		{"$regex on missing", `{"a": {"$regex": ""}}`, `{}`, false},
		{"$regex on text", `{"a": {"$regex": "^/p/\\d+$"}}`, `{"a": "/p/17"}`, true},
		{"$regexi with alternatives", `{"a": {"$regexi": "x|ÉTÉ"}}`, `{"a": "été"}`, true},
		{"$nor of nothing", `{"$nor": []}`, `{}`, false},
		{"$exists and null", `{"a": {"$exists": true}}`, `{"a": null}`, false},
		{"$type of a missing one", `{"a": {"$type": "null"}}`, `{}`, true},
		{"$size and conversion", `{"a": {"$size": {"$in": [300]}}}`, `{"a": [` + strings.Repeat("0,", 299) + `0]}`, true},
		{"version of many digits", `{"a": {"$vgt": "1.0.99999"}}`, `{"a": "1.0.20251111"}`, true},
		{"version with leading zeros", `{"a": {"$veq": "1.02.0"}}`, `{"a": "1.2.00"}`, true},
		{"version in a number", `{"a": {"$vgte": "14"}}`, `{"a": 14}`, true},
		{"version of a missing one", `{"a": {"$vlt": "0.0.1"}}`, `{}`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := parseCondition(t, c.condition).Matches(readAttributes(t, c.attributes)); got != c.want {
				t.Errorf("%s on %s: %v", c.condition, c.attributes, got)
			}
		})
	}
}

func TestConditionTakesEveryGoNumber(t *testing.T) {
	t.Parallel()
	c := parseCondition(t, `{"n": {"$eq": 7, "$in": [7], "$gt": 6, "$type": "number", "$not": {"$ne": 7}, "$veq": "7", "$regex": "^7$"}, "$and": [{"n": 7}, {"n": "7"}]}`)
	for _, n := range []any{7.0, 7, int64(7), json.Number("7"), json.Number("7.0")} {
		if !c.Matches(experiments.Attributes{"n": n}) {
			t.Errorf("%T does not match", n)
		}
	}
	for _, other := range []any{struct{}{}, []string{"7"}, uint8(7)} {
		if c.Matches(experiments.Attributes{"n": other}) {
			t.Errorf("%T matches", other)
		}
	}
}

func TestConditionTextsOfLongIDs(t *testing.T) {
	t.Parallel()
	const id = 9007199254740993 // 2^53 + 1
	c := parseCondition(t, `{"id": "9007199254740993"}`)
	for _, v := range []any{id, int64(id), json.Number("9007199254740993"), "9007199254740993"} {
		if !c.Matches(experiments.Attributes{"id": v}) {
			t.Errorf("%T does not match", v)
		}
	}
}

func TestConditionGroups(t *testing.T) {
	t.Parallel()
	groups := map[string][]any{"staff": {"u1", 7, int64(8), nil}}
	c, err := experiments.ParseConditionWith([]byte(`{"id": {"$inGroup": "staff"}}`), experiments.ConditionOptions{Groups: groups})
	if err != nil {
		t.Fatal(err)
	}
	groups["staff"][0] = "changed afterwards"
	for _, v := range []any{"u1", 7.0, 8, nil, []any{"x", "u1"}} {
		if !c.Matches(experiments.Attributes{"id": v}) {
			t.Errorf("%v is not a member", v)
		}
	}
	if c.Matches(experiments.Attributes{"id": "u2"}) {
		t.Error("u2 is a member")
	}
}

func TestConditionNames(t *testing.T) {
	t.Parallel()
	c := parseCondition(t, `{"tier": "gold", "$or": [{"app.version": {"$vgt": "1"}}, {"$not": {"age": 3}}],
		"tags": {"$elemMatch": {"inner": 1}}, "$nor": [{"tier": "x"}]}`)
	names := c.Names()
	if diff := cmp.Diff([]string{"age", "app", "tags", "tier"}, names); diff != "" {
		t.Error(diff)
	}
	names[0] = "changed"
	if slices.Contains(c.Names(), "changed") {
		t.Error("Names hands out its own slice")
	}
}

func TestConditionJSONKeepsTheText(t *testing.T) {
	t.Parallel()
	type definition struct {
		Audience *experiments.Condition `json:"audience,omitempty"`
	}
	const text = `{ "name":{"$regex":"<b>"},  "n": 1.50 }`
	given := []byte(text)
	c, err := experiments.ParseCondition(given)
	if err != nil {
		t.Fatal(err)
	}
	given[2] = 'x'
	if b, err := c.MarshalJSON(); err != nil || string(b) != text {
		t.Errorf("%s, %v", b, err)
	}

	stored, err := json.Marshal(definition{c})
	if err != nil {
		t.Fatal(err)
	}
	var back definition
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Fatal(err)
	}
	if !back.Audience.Equal(c) || !c.Equal(back.Audience) || c.Equal(nil) {
		t.Errorf("%s does not come back equal", stored)
	}

	for want, d := range map[string]definition{`{}`: {}, `{"audience":{}}`: {new(experiments.Condition)}} {
		if b, err := json.Marshal(d); err != nil || string(b) != want {
			t.Errorf("%s, %v, want %s", b, err, want)
		}
	}
}

func TestConditionIsCheckedWhereADefinitionIsRead(t *testing.T) {
	t.Parallel()
	var definition struct{ Audience *experiments.Condition }
	err := json.Unmarshal([]byte(`{"audience": {"age": {"$gtt": 3}}}`), &definition)
	var invalid *events.Invalid
	if !errors.As(err, &invalid) || invalid.Field != "age.$gtt" {
		t.Errorf("%v", err)
	}
}

func TestParseConditionSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, condition, field, problem string }{
		{"no JSON", `{"a": }`, "", "must be JSON: invalid character '}' looking for beginning of value at byte 7"},
		{"two values", `{} {}`, "", "must be JSON"},
		{"cut", `{"a": [1`, "", "must be JSON: unexpected end"},
		{"not UTF-8", "{\"a\": \"\xff\"}", "", "must be valid UTF-8"},
		{"an array", `[]`, "", "must be an object, got an array"},
		{"a string", `"gold"`, "", `must be an object, got the string "gold"`},
		{"unknown operator", `{"$or": [{"a": 1}, {"b": {"$gt": 1, "$regx": "x"}}]}`, "$or[1].b.$regx", "is not an operator; they are $eq $ne"},
		{"unknown operator at the top", `{"$nand": [{"a": 1}]}`, "$nand", "must stand behind the name of an attribute"},
		{"unknown operator below $or", `{"$or": [{"$bogus": 1}]}`, "$or[0].$bogus", "must stand behind the name of an attribute"},
		{"operator at the top", `{"$in": ["a"]}`, "$in", "must stand behind the name of an attribute"},
		{"logic in capitals", `{"$OR": []}`, "$OR", "be one of $and"},
		{"logic behind an attribute", `{"a": {"$or": [1, 2]}}`, "a.$or", "must stand around the attributes"},
		{"operators among names", `{"a": {"$gt": 1, "b": 2}}`, "a.$gt", "compared as a whole (a)"},
		{"operators too deep", `{"a": {"b": {"c": [{"$gt": 1}]}}}`, "a.b.c[0].$gt", "write the path"},
		{"operators in $eq", `{"a": {"$eq": {"$gt": 1}}}`, "a.$eq.$gt", "compared as a whole (a.$eq)"},
		{"twice", `{"a": 1, "a": 2}`, "a", "must not be given twice"},
		{"name empty inside", `{"a": {"": {"$gt": 1}}}`, "a.$gt", "compared as a whole (a)"},
		{"operators in a list", `{"a": [0, [{"$gt": 1}]]}`, "a[1][0].$gt", "compared as a whole (a)"},
		{"number too large in a list", `{"$or": [{"a": [1, 1e999]}]}`, "$or[0].a[1]", "fits 64 bits"},
		{"twice below", `{"a": {"$eq": {"x": 1, "x": 1}}}`, "a.$eq.x", "must not be given twice"},
		{"number too large", `{"a": 1e999}`, "a", "must be a number that fits 64 bits"},
		{"name empty", `{"": 1}`, "", "must be the name of an attribute"},
		{"name with an empty step", `{"a..b": 1}`, "a..b", "none of them empty"},
		{"$and of an object", `{"$and": {"a": 1}}`, "$and", "must be a list of conditions, got an object"},
		{"$or of strings", `{"$or": [{}, "x"]}`, "$or[1]", `must be a condition (an object), got the string "x"`},
		{"$not of a string", `{"$not": "x"}`, "$not", "must be a condition (an object)"},
		{"$lt of an array", `{"a": {"$lt": []}}`, "a.$lt", "must be a number or a string, got an array"},
		{"$in of an object", `{"a": {"$in": {}}}`, "a.$in", "must be a list, got an object"},
		{"$in with an array", `{"a": {"$in": [1, [2]]}}`, "a.$in[1]", "must be a string, a number, true, false or null, got an array"},
		{"$inGroup unknown", `{"a": {"$inGroup": "vip"}}`, "a.$inGroup", `must be the name of a saved group, got the string "vip"`},
		{"$exists of a number", `{"a": {"$exists": 1}}`, "a.$exists", "must be true or false, got the number 1"},
		{"$type unknown", `{"a": {"$type": "date"}}`, "a.$type", "must be string, number"},
		{"$size of a string", `{"a": {"$size": "3"}}`, "a.$size", "must be a number or an object of operators"},
		{"$size of a value", `{"a": {"$size": {}}}`, "a.$size", "must be a number or an object of operators, got an object"},
		{"$all of a string", `{"a": {"$all": "x"}}`, "a.$all", "must be a list"},
		{"$all with a wrong operator", `{"a": {"$all": [{"$x": 1}]}}`, "a.$all[0].$x", "is not an operator"},
		{"$elemMatch of a string", `{"a": {"$elemMatch": "x"}}`, "a.$elemMatch", "must be an object"},
		{"$regex of a number", `{"a": {"$regex": 1}}`, "a.$regex", "must be a pattern in a string"},
		{"$regex with look-ahead", `{"a": {"$regex": "a(?=b)"}}`, "a.$regex", "must be an RE2 pattern: error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
		{"$veq of a number", `{"a": {"$veq": 1.1}}`, "a.$veq", `must be a version in a string, such as "2.4.0", got the number 1.1`},
		{"$near of a number", `{"a": {"$near": 1}}`, "a.$near", `must be an object such as`},
		{"$near without metres", `{"a": {"$near": {"lat": 1, "lng": 2}}}`, "a.$near.metres", "must be given, as a number from 0 to 20015115"},
		{"$near in kilometres", `{"a": {"$near": {"lat": 1, "lng": 2, "km": 3}}}`, "a.$near.km", "$near takes lat, lng and metres"},
		{"$near with text", `{"a": {"$near": {"lat": "1"}}}`, "a.$near.lat", "must be a number"},
		{"$near beyond a pole", `{"a": {"$near": {"lat": 90.1, "lng": 2, "metres": 3}}}`, "a.$near.lat", "from -90 to 90"},
		{"$near beyond the meridian", `{"a": {"$near": {"lat": 0, "lng": -180.1, "metres": 3}}}`, "a.$near.lng", "from -180 to 180"},
		{"$near of negative reach", `{"a": {"$near": {"lat": 0, "lng": 0, "metres": -1}}}`, "a.$near.metres", "from 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := experiments.ParseCondition([]byte(c.condition))
			var invalid *events.Invalid
			if !errors.As(err, &invalid) {
				t.Fatalf("error %v, want an *events.Invalid", err)
			}
			if invalid.Field != c.field || !strings.Contains(invalid.Problem, c.problem) {
				t.Errorf("%q %q, want %q and %q", invalid.Field, invalid.Problem, c.field, c.problem)
			}
		})
	}
}

func TestLenientConditionNeverHoldsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"$or": "x"}`, `{"$and": [1]}`, `{"a": {"$near": {}}}`, `{"a": {"$future": 1, "$eq": 1}}`, `{"a": {"$or": [1]}}`,
		`{"a": {"$in": [[1]]}}`, `{"a": {"$lt": null}}`, `{"a": {"$type": "date"}}`, `{"a": {"$regexi": "("}}`,
	} {
		c, err := experiments.ParseConditionWith([]byte(text), experiments.ConditionOptions{Lenient: true})
		if err != nil {
			t.Fatal(err)
		}
		if c.Matches(experiments.Attributes{"a": 1.0}) || c.Check() == nil {
			t.Errorf("%s holds, or is not found", text)
		}
	}
}

func TestParseConditionLimits(t *testing.T) {
	t.Parallel()
	nested := func(n int) string { return strings.Repeat(`{"$not":`, n) + `{}` + strings.Repeat(`}`, n) }
	tests := func(n int) string {
		return `{"$or": [` + strings.TrimSuffix(strings.Repeat(`{"a":1},`, n), ",") + `]}`
	}
	members := func(n int) string {
		return `{"a": {"$all": [` + strings.TrimSuffix(strings.Repeat(`1,`, n), ",") + `]}}`
	}
	pattern := func(p string) string { return `{"a": {"$regex": "` + p + `"}}` }
	for _, c := range []struct{ name, condition, problem string }{
		{"31 levels", nested(31), ""},
		{"32 levels", nested(32), "is nested too deep: at most 32 levels"},
		{"a hundred thousand levels", strings.Repeat(`[`, 100_000), "must be JSON"},
		{"nine thousand levels", strings.Repeat(`{"$not":`, 9000) + `1` + strings.Repeat(`}`, 9000), "is nested too deep"},
		{"499 members of $or", tests(499), ""},
		{"500 members of $or", tests(500), "is one test too many: at most 1000"},
		{"100 members of $all", members(100), ""},
		{"101 members of $all", members(101), "must have at most 100 members, got 101"},
		{"many members of $in", `{"a": {"$in": [` + strings.Repeat(`"member",`, 20_000) + `1]}}`, ""},
		{"256 KiB", `{"a": "` + strings.Repeat("x", 256<<10-9) + `"}`, ""},
		{"over 256 KiB", `{"a": "` + strings.Repeat("x", 256<<10-8) + `"}`, "must be at most 262144 bytes, got 262145"},
		{"256 bytes of name", `{"` + strings.Repeat("x", 256) + `": 1}`, ""},
		{"257 bytes of name", `{"` + strings.Repeat("x", 257) + `": 1}`, "must be at most 256 bytes long, got 257"},
		{"1000 bytes of pattern", pattern(strings.Repeat("x", 1000)), ""},
		{"1001 bytes of pattern", pattern(strings.Repeat("x", 1001)), "must be at most 1000 bytes, got 1001"},
		{"large repetition", pattern(`x{1000}`), ""},
		{"larger repetition", pattern(`(x{10}){101}`), "invalid repeat count"},
		{"large repetitions", pattern(strings.Repeat(`x{1000}`, 5)), "at most 10000 are allowed"},
		{"large groups", pattern(`(?:` + strings.Repeat("x", 500) + `){900}`), "at most 10000 are allowed"},
		{"deep groups", pattern(strings.Repeat(`(`, 450) + strings.Repeat(`)`, 450)), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, lenient := range []bool{false, true} {
				_, err := experiments.ParseConditionWith([]byte(c.condition), experiments.ConditionOptions{Lenient: lenient})
				if lenient && strings.HasPrefix(c.problem, "invalid repeat") {
					continue // a pattern that does not compile, not a limit
				}
				var invalid *events.Invalid
				switch {
				case c.problem == "" && err != nil:
					t.Errorf("lenient %v: %v", lenient, err)
				case c.problem != "" && (!errors.As(err, &invalid) || !strings.Contains(invalid.Problem, c.problem)):
					t.Errorf("lenient %v: %v, want %q", lenient, err, c.problem)
				case err != nil && len(err.Error()) > 4000:
					t.Errorf("the error has %d bytes", len(err.Error()))
				}
			}
		})
	}
}

// FuzzParseCondition: whatever the bytes, no panic; what parses says the same
// when it is marshalled and parsed again, strictly or leniently.
func FuzzParseCondition(f *testing.F) {
	for _, c := range readConditionCases(f) {
		attributes, err := json.Marshal(c.attributes)
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(c.condition), attributes)
	}
	f.Add([]byte(`{"a": {"$near": {"lat": 31.23, "lng": 121.47, "metres": 500}}}`), []byte(`{"a": {"lat": 31.23, "lng": 121.475}}`))
	f.Add([]byte(`{"$or": [{"a.0.b": {"$alli": ["X", {"$size": 3}]}}]}`), []byte(`{"a": [{"b": ["x", [1, 2, 3]]}]}`))
	f.Fuzz(func(t *testing.T, condition, attributes []byte) {
		var a experiments.Attributes
		if json.Unmarshal(attributes, &a) != nil {
			a = experiments.Attributes{"a": "b"}
		}
		for _, lenient := range []bool{false, true} {
			o := experiments.ConditionOptions{Groups: map[string][]any{"group_id": {1, "2"}}, Lenient: lenient}
			c, err := experiments.ParseConditionWith(condition, o)
			if err != nil {
				if invalid := (*events.Invalid)(nil); !errors.As(err, &invalid) {
					t.Fatalf("error %v is no *events.Invalid", err)
				}
				continue
			}
			text, err := c.MarshalJSON()
			if err != nil || !json.Valid(text) {
				t.Fatalf("marshalled to %q, %v", text, err)
			}
			if len(bytes.TrimSpace(condition)) > 0 && !bytes.Equal(text, condition) {
				t.Fatalf("marshalled to %q", text)
			}
			again, err := experiments.ParseConditionWith(text, o)
			if err != nil {
				t.Fatalf("%q is refused the second time: %v", text, err)
			}
			if !again.Equal(c) || again.Matches(a) != c.Matches(a) || !slices.Equal(again.Names(), c.Names()) {
				t.Fatalf("%q is another condition the second time", text)
			}
		}
	})
}
