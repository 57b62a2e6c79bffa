package experiments_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/peakday/peakday/experiments"
)

func benchmarkedCondition(tb testing.TB) *experiments.Condition {
	return parseCondition(tb, `{"tier": "gold", "age": {"$gte": 18}, "country": {"$in": ["CN", "SG", "MY"]}}`)
}

func visitor() experiments.Attributes {
	return experiments.Attributes{
		"tier": "gold", "age": 31.0, "country": "SG", "device": "ios", "new": false,
		"app": map[string]any{"version": "2.10.3"}, "tags": []any{"a", "b"},
		"location": map[string]any{"lat": 31.231, "lng": 121.472},
	}
}

func BenchmarkConditionMatches(b *testing.B) {
	var long []string
	for i := range 1000 {
		long = append(long, fmt.Sprintf(`"c%d"`, i))
	}
	for _, c := range []struct{ name, condition string }{
		{"equality, comparison, membership", ""},
		{"equality", `{"tier": "gold"}`},
		{"or of two", `{"$or": [{"tier": "silver"}, {"age": {"$gt": 30, "$lt": 40}}]}`},
		{"one of 1000", `{"country": {"$in": [` + strings.Join(long, ",") + `,"SG"]}}`},
		{"ignoring case", `{"country": {"$ini": ["cn", "sg"]}}`},
		{"version", `{"app.version": {"$vgte": "2.4.0"}}`},
		{"pattern", `{"device": {"$regex": "^(ios|android)$"}}`},
		{"near", `{"location": {"$near": {"lat": 31.23, "lng": 121.47, "metres": 500}}}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			condition, a := benchmarkedCondition(b), visitor()
			if c.condition != "" {
				condition = parseCondition(b, c.condition)
			}
			b.ReportAllocs()
			for b.Loop() {
				if !condition.Matches(a) {
					b.Fatal("does not match")
				}
			}
		})
	}
}

func BenchmarkParseCondition(b *testing.B) {
	text, err := benchmarkedCondition(b).MarshalJSON()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := experiments.ParseCondition(text); err != nil {
			b.Fatal(err)
		}
	}
}

// TestConditionMatchesWithoutAllocating runs alone: it counts allocations.
func TestConditionMatchesWithoutAllocating(t *testing.T) {
	a := visitor()
	for _, text := range []string{
		`{"tier": "gold", "age": {"$gte": 18}, "country": {"$in": ["CN", "SG"]}}`,
		`{"$or": [{"tier": "x"}, {"$not": {"new": true}}], "$nor": [{"age": {"$lt": 18}}], "device": {"$ne": "web"}}`,
		`{"age": "31", "country": {"$nin": ["A", "B", "C", "D", "E", "F", "G", "H", "I"]}}`,
		`{"age": {"$in": [1, 2, 3, 4, 5, 6, 7, 8, 9, 31]}, "country": {"$ini": ["cn", "sg"]}}`,
		`{"app.version": {"$vgt": "2.9"}, "tags": {"$all": ["a"], "$size": 2, "$in": ["b"]}}`,
		`{"location": {"$near": {"lat": 31.23, "lng": 121.47, "metres": 500}}}`,
	} {
		c := parseCondition(t, text)
		if !c.Matches(a) {
			t.Errorf("%s does not match", text)
		}
		if n := testing.AllocsPerRun(100, func() { c.Matches(a) }); n != 0 {
			t.Errorf("%s allocates %v times", text, n)
		}
	}
}
