package api

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestMatches(t *testing.T) {
	t.Parallel()
	const tag = `"abc"`
	for header, want := range map[string]bool{
		``: false, `"abc"`: true, `W/"abc"`: true, `*`: true, `"x", "abc"`: true, `"x",W/"abc" ,"y"`: true,
		`"x"`: false, `abc`: false, `"abcd"`: false, `,`: false, ` "abc" `: true,
	} {
		if got := etagMatches(header, tag); got != want {
			t.Errorf("%s: %v", header, got)
		}
	}
}

// TestMergePatch holds to the examples of RFC 7396, appendix A, whose targets
// and patches are objects.
func TestMergePatch(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		var target, patch, want map[string]any
		for i, into := range []*map[string]any{&target, &patch, &want} {
			if err := json.Unmarshal([]byte(c[i]), into); err != nil {
				t.Fatal(err)
			}
		}
		if got := merge(target, patch); !reflect.DeepEqual(got, want) {
			t.Errorf("%s and %s give %v, want %s", c[0], c[1], got, c[2])
		}
	}
}
