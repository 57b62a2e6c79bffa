package experiments_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/peakday/peakday/experiments"
)

func scalar() *rapid.Generator[any] {
	return rapid.OneOf(
		rapid.Map(rapid.SampledFrom([]string{"", "a", "A", "b", "ä", "1", "10", "9", "true", "2.4.0", "2.4.0-rc.1"}), asAny[string]),
		rapid.Map(rapid.Float64Range(-3, 12), asAny[float64]),
		rapid.Map(rapid.SampledFrom([]float64{0, 1, 9, 10}), asAny[float64]),
		rapid.Map(rapid.Bool(), asAny[bool]),
		rapid.Just(any(nil)),
	)
}

func asAny[T any](v T) any { return v }

func attributeValue() *rapid.Generator[any] {
	return rapid.OneOf(scalar(), scalar(), rapid.Map(rapid.SliceOfN(scalar(), 0, 4), asAny[[]any]))
}

// attributes generates values for some of the names x, y and z.
func attributes() *rapid.Generator[experiments.Attributes] {
	return rapid.Custom(func(t *rapid.T) experiments.Attributes {
		return rapid.MapOfN(rapid.SampledFrom([]string{"x", "y", "z"}), attributeValue(), 0, 3).Draw(t, "attributes")
	})
}

func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// operatorTest generates what stands behind an attribute.
func operatorTest() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		v := jsonOf(scalar().Draw(t, "operand"))
		list := jsonOf(rapid.SliceOfN(scalar(), 0, 12).Draw(t, "list"))
		text := jsonOf(rapid.SampledFrom([]string{"a", "1", "2.4.0", "1.0.0-beta.2"}).Draw(t, "text"))
		return rapid.SampledFrom([]string{
			v, `{"$eq":` + v + `}`, `{"$ne":` + v + `}`, `{"$in":` + list + `}`, `{"$nini":` + list + `}`,
			`{"$lt":` + text + `}`, `{"$gte":5}`, `{"$vgt":` + text + `}`, `{"$regexi":"a|1"}`, `{"$exists":true}`,
			`{"$type":"string"}`, `{"$size":{"$gt":1}}`, `{"$elemMatch":{"$eq":` + v + `}}`, `{"$all":` + list + `}`,
		}).Draw(t, "test")
	})
}

func anyCondition(depth int) *rapid.Generator[string] {
	leaf := rapid.Custom(func(t *rapid.T) string {
		return fmt.Sprintf(`{%q:%s}`, rapid.SampledFrom([]string{"x", "y", "x.0"}).Draw(t, "name"), operatorTest().Draw(t, "test"))
	})
	if depth == 0 {
		return leaf
	}
	below := anyCondition(depth - 1)
	return rapid.OneOf(leaf, rapid.Custom(func(t *rapid.T) string {
		return fmt.Sprintf(`{%q:[%s]}`, rapid.SampledFrom([]string{"$and", "$or", "$nor"}).Draw(t, "logic"),
			strings.Join(rapid.SliceOfN(below, 0, 3).Draw(t, "conditions"), ","))
	}))
}

// agree fails unless both conditions judge the attributes alike.
func agree(rt *rapid.T, tb testing.TB, a experiments.Attributes, one, other string) {
	if parseCondition(tb, one).Matches(a) != parseCondition(tb, other).Matches(a) {
		rt.Fatalf("%s and %s disagree on %s", one, other, jsonOf(a))
	}
}

func TestConditionLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		a := attributes().Draw(rt, "attributes")
		p, q := anyCondition(2).Draw(rt, "p"), anyCondition(2).Draw(rt, "q")
		agree(rt, t, a, `{"$not":{"$and":[`+p+`,`+q+`]}}`, `{"$or":[{"$not":`+p+`},{"$not":`+q+`}]}`)
		agree(rt, t, a, `{"$not":{"$or":[`+p+`,`+q+`]}}`, `{"$and":[{"$not":`+p+`},{"$not":`+q+`}]}`)
		agree(rt, t, a, `{"$nor":[`+p+`,`+q+`]}`, `{"$not":{"$or":[`+p+`,`+q+`]}}`)
		agree(rt, t, a, `{"$not":{"$not":`+p+`}}`, p)
		agree(rt, t, a, `{"$and":[`+p+`,`+q+`]}`, `{"$and":[`+q+`,`+p+`]}`)

		test := operatorTest().Draw(rt, "test")
		agree(rt, t, a, `{"x":{"$not":`+test+`}}`, `{"$not":{"x":`+test+`}}`)
		agree(rt, t, a, `{"x":{"$not":{"$not":`+test+`}}}`, `{"x":`+test+`}`)
	})
}

func TestConditionMembershipLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		list := rapid.SliceOfN(scalar(), 1, 20).Draw(rt, "list")
		members := jsonOf(list)
		a := experiments.Attributes{"x": scalar().Draw(rt, "x")}
		var equals []string
		for _, v := range list {
			equals = append(equals, `{"x":{"$eq":`+jsonOf(v)+`}}`)
		}
		agree(rt, t, a, `{"x":{"$in":`+members+`}}`, `{"$or":[`+strings.Join(equals, ",")+`]}`)

		a["x"] = attributeValue().Draw(rt, "x or an array")
		agree(rt, t, a, `{"x":{"$nin":`+members+`}}`, `{"x":{"$not":{"$in":`+members+`}}}`)
		agree(rt, t, a, `{"x":{"$nini":`+members+`}}`, `{"x":{"$not":{"$ini":`+members+`}}}`)
		// $elemMatch leaves null elements out, $in does not.
		if x, isArray := a["x"].([]any); isArray && !slices.Contains(x, nil) {
			agree(rt, t, a, `{"x":{"$in":`+members+`}}`, `{"x":{"$elemMatch":{"$in":`+members+`}}}`)
		}
	})
}

func TestConditionOrderLaws(t *testing.T) {
	t.Parallel()
	part := rapid.SampledFrom([]string{"0", "1", "2", "10", "100000", "alpha", "beta", "rc", ""})
	version := rapid.Map(rapid.SliceOfN(part, 1, 5), func(parts []string) string { return strings.Join(parts, ".") })
	rapid.Check(t, func(rt *rapid.T) {
		v, w := version.Draw(rt, "v"), version.Draw(rt, "w")
		holds := func(left, op, right string) bool {
			return parseCondition(t, `{"x":{"`+op+`":`+jsonOf(right)+`}}`).Matches(experiments.Attributes{"x": left})
		}
		outcomes := 0
		for _, op := range []string{"$vlt", "$veq", "$vgt"} {
			if holds(v, op, w) {
				outcomes++
			}
		}
		if outcomes != 1 {
			rt.Fatalf("%q and %q: %d of before, equal, after", v, w, outcomes)
		}
		if holds(v, "$vlt", w) != holds(w, "$vgt", v) {
			rt.Fatalf("%q and %q: before is not the contrary of after", v, w)
		}
		u := version.Draw(rt, "u")
		if holds(u, "$vlte", v) && holds(v, "$vlte", w) && !holds(u, "$vlte", w) {
			rt.Fatalf("%q, %q, %q: the order is not transitive", u, v, w)
		}
		a := experiments.Attributes{"x": v}
		for pair, bound := range map[[2]string]string{{"$lte", "$gt"}: w, {"$gte", "$lt"}: w, {"$vlte", "$vgt"}: w, {"$vgte", "$vlt"}: w, {"$veq", "$vne"}: w} {
			agree(rt, t, a, `{"x":{"`+pair[0]+`":`+jsonOf(bound)+`}}`, `{"x":{"$not":{"`+pair[1]+`":`+jsonOf(bound)+`}}}`)
		}
	})
}

// TestConditionReadsItsNamesOnly: other attributes change nothing.
func TestConditionReadsItsNamesOnly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c := parseCondition(t, anyCondition(2).Draw(rt, "condition"))
		a := attributes().Draw(rt, "attributes")
		read := experiments.Attributes{}
		for _, name := range c.Names() {
			if v, ok := a[name]; ok {
				read[name] = v
			}
		}
		if c.Matches(read) != c.Matches(a) {
			rt.Fatalf("depends on more than %v", c.Names())
		}
	})
}
