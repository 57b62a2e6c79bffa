package events_test

import (
	"errors"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

func TestDecodeStrictlyNamesTheWholePath(t *testing.T) {
	t.Parallel()
	type rule struct {
		Until time.Time      `json:"until"`
		Where map[string]int `json:"where"`
		hidden
	}
	type doc struct {
		Items []*rule `json:"items"`
		Own   string  `json:"-"`
	}
	for _, c := range []struct{ name, body, field, problem string }{
		{"nothing", " ", "", "must be a JSON object, got nothing"},
		{"no JSON", `{"items":`, "", "must be JSON: unexpected end of JSON input at byte 9"},
		{"two objects", `{} {}`, "", "must be one JSON object, got something behind it"},
		{"an array", `[]`, "", "must be an object, got array"},
		{"an unknown field", `{"item":[]}`, "item", "is not a field: there are items"},
		{"one that JSON does not show", `{"Own":"x"}`, "Own", "is not a field: there are items"},
		{"one of an element", `{"items":[{},{"untl":1}]}`, "items[1].untl", "is not a field: there are until, where, note"},
		{"a time in words", `{"items":[{"until":"tomorrow"}]}`, "items[0].until", `must be a time such as 2026-11-11T20:00:00+08:00, got "tomorrow"`},
		{"a time that is a number", `{"items":[{"until":5}]}`, "items[0].until", "must be a time such as 2026-11-11T20:00:00+08:00, got 5"},
		{"a value of a map", `{"items":[{"where":{"a":1,"b":"x"}}]}`, "items[0].where.b", "must be a whole number, got string"},
		{"a field of an embedded struct", `{"items":[{"note":1}]}`, "items[0].note", "must be a string, got number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var invalid *events.Invalid
			if err := events.DecodeStrictly([]byte(c.body), new(doc)); !errors.As(err, &invalid) {
				t.Fatalf("error %v, want an *events.Invalid", err)
			}
			if invalid.Field != c.field || invalid.Problem != c.problem {
				t.Errorf("%q %s\nwant %q %s", invalid.Field, invalid.Problem, c.field, c.problem)
			}
		})
	}
	var got doc
	if err := events.DecodeStrictly([]byte(`{"ITEMS":[null,{"note":"n","until":"2026-11-11T00:00:00Z"}]} `), &got); err != nil || got.Items[1].Note != "n" {
		t.Errorf("%+v, %v", got, err)
	}
}

type hidden struct {
	Note string `json:"note"`
}
