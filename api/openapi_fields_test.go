package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// documented is what the test reads of a schema.
type documented struct {
	Type        any
	Description string
	Enum        []any
	Examples    []any
	Properties  map[string]*documented
}

// TestEveryFieldIsDescribed holds recommendations and forecasts, whose types are
// the domain packages', to a description of every field and an example of every
// text and number, of the type that the schema says.
func TestEveryFieldIsDescribed(t *testing.T) {
	t.Parallel()
	_, raw := documentOf(t)
	var doc struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	reached := map[string]bool{}
	var reach func(text []byte)
	reach = func(text []byte) {
		for _, rest := range strings.Split(string(text), `"#/components/schemas/`)[1:] {
			if name, _, _ := strings.Cut(rest, `"`); !reached[name] {
				reached[name] = true
				reach(doc.Components.Schemas[name])
			}
		}
	}
	for _, operations := range doc.Paths {
		for _, operation := range operations {
			var o struct {
				OperationID string
				Tags        []string
				Parameters  []documented
			}
			if err := json.Unmarshal(operation, &o); err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(o.Tags, "Recommendations") && !slices.Contains(o.Tags, "Forecasts") {
				continue
			}
			reach(operation)
			for _, p := range o.Parameters {
				if p.Description == "" {
					t.Errorf("%s has a parameter without a description", o.OperationID)
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(reached)) {
		var s documented
		if err := json.Unmarshal(doc.Components.Schemas[name], &s); err != nil {
			t.Fatal(err)
		}
		for field, p := range s.Properties {
			if p.Description == "" {
				t.Errorf("%s.%s has no description", name, field)
			}
			kind := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(p.Type), "["), " null]")
			if want, scalar := exampleOf(kind); scalar && len(p.Enum) == 0 && (len(p.Examples) == 0 || fmt.Sprintf("%T", p.Examples[0]) != want) {
				t.Errorf("%s.%s is a %s with the examples %v", name, field, kind, p.Examples)
			}
		}
	}
	if len(reached) < 50 {
		t.Errorf("only %d schemas", len(reached))
	}
}

// exampleOf is the Go type in which JSON gives an example of a schema's type.
func exampleOf(kind string) (goType string, scalar bool) {
	switch kind {
	case "string":
		return "string", true
	case "number", "integer":
		return "float64", true
	}
	return "", false
}
