package experiments

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// Difference is one field that two versions of a definition do not share.
type Difference struct {
	Field  string          `json:"field"`            // its path: variants[1].weight
	Before json.RawMessage `json:"before,omitempty"` // absent: it was not there
	After  json.RawMessage `json:"after,omitempty"`  // absent: it is not there any more
}

// Differences compares two definitions as JSON, field by field, in the order of
// their paths. The version, which always differs, is left out. What is no JSON
// has no differences.
func Differences(before, after []byte) []Difference {
	x, errX := numbered(before)
	y, errY := numbered(after)
	if errX != nil || errY != nil {
		return nil
	}
	var out []Difference
	compareFields("", x, y, &out)
	return slices.DeleteFunc(out, func(d Difference) bool { return d.Field == "version" })
}

// numbered reads JSON and keeps numbers as they are written.
func numbered(b []byte) (v any, err error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	err = dec.Decode(&v)
	return v, err
}

// missing stands for what is not there.
type missing struct{}

func compareFields(path string, x, y any, out *[]Difference) {
	if reflect.DeepEqual(x, y) {
		return
	}
	switch a := x.(type) {
	case map[string]any:
		if b, ok := y.(map[string]any); ok {
			names := maps.Clone(a)
			maps.Copy(names, b)
			for _, name := range slices.Sorted(maps.Keys(names)) {
				compareFields(joinPath(path, name), member(a, name), member(b, name), out)
			}
			return
		}
	case []any:
		if b, ok := y.([]any); ok {
			for i := range max(len(a), len(b)) {
				compareFields(path+"["+strconv.Itoa(i)+"]", element(a, i), element(b, i), out)
			}
			return
		}
	}
	*out = append(*out, Difference{path, written(x), written(y)})
}

func member(m map[string]any, name string) any {
	if v, there := m[name]; there {
		return v
	}
	return missing{}
}

func element(l []any, i int) any {
	if i < len(l) {
		return l[i]
	}
	return missing{}
}

func written(v any) json.RawMessage {
	if v == (missing{}) {
		return nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil // cannot happen: v came out of JSON
	}
	return b
}
