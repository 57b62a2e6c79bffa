package experiments_test

import (
	"encoding/json"
	"fmt"

	"github.com/peakday/peakday/experiments"
)

func ExampleParseCondition() {
	c, err := experiments.ParseCondition([]byte(`{
		"tier": {"$in": ["gold", "platinum"]},
		"$or": [{"age": {"$gte": 18}}, {"app.version": {"$vgte": "2.4.0"}}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Names())
	fmt.Println(c.Matches(experiments.Attributes{"tier": "gold", "age": 31}))
	fmt.Println(c.Matches(experiments.Attributes{"tier": "gold", "app": map[string]any{"version": "2.10.0"}}))
	fmt.Println(c.Matches(experiments.Attributes{"tier": "silver", "age": 31}))
	// Output:
	// [age app tier]
	// true
	// true
	// false
}

func ExampleParseCondition_wrong() {
	_, err := experiments.ParseCondition([]byte(`{"$or": [{"tier": "gold"}, {"age": {"$gte": [18]}}]}`))
	fmt.Println(err)
	// Output: $or[1].age.$gte must be a number or a string, got an array
}

func ExampleParseConditionWith() {
	text := []byte(`{"id": {"$inGroup": "staff"}, "browser": {"$future": "operator"}}`)
	c, err := experiments.ParseConditionWith(text, experiments.ConditionOptions{
		Groups:  map[string][]any{"staff": {"u1", "u2"}},
		Lenient: true,
	})
	fmt.Println(err)
	fmt.Println(c.Matches(experiments.Attributes{"id": "u1"}), c.Check() != nil)
	// Output:
	// <nil>
	// false true
}

func ExampleCondition_Matches_near() {
	c, err := experiments.ParseCondition([]byte(`{"location": {"$near": {"lat": 31.23, "lng": 121.47, "metres": 500}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, lng := range []float64{121.475, 121.476} { // 475 m and 570 m to the east
		fmt.Println(c.Matches(experiments.Attributes{"location": map[string]any{"lat": 31.23, "lng": lng}}))
	}
	// Output:
	// true
	// false
}

func ExampleCondition_MarshalJSON() {
	var definition struct {
		Audience *experiments.Condition `json:"audience"`
	}
	if err := json.Unmarshal([]byte(`{"audience": {"tier": "gold"}}`), &definition); err != nil {
		fmt.Println(err)
		return
	}
	b, err := json.Marshal(definition)
	fmt.Println(string(b), err)
	// Output: {"audience":{"tier":"gold"}} <nil>
}
