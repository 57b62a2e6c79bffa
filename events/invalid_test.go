package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// checkProblem wants err to be an *Invalid of this field whose problem has
// these words in it, or no error if there are none.
func checkProblem(t *testing.T, err error, field, problem string) {
	t.Helper()
	if problem == "" {
		if err != nil {
			t.Errorf("error %q, want none", err)
		}
		return
	}
	var invalid *Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("error %v, want an Invalid of %q: %q", err, field, problem)
	}
	if invalid.Field != field || !strings.Contains(invalid.Problem, problem) {
		t.Errorf("%q: %q; want %q: %q", invalid.Field, invalid.Problem, field, problem)
	}
}

func TestInvalidSaysFieldAndProblem(t *testing.T) {
	t.Parallel()
	if got := (&Invalid{Field: "data.sku", Problem: "is required"}).Error(); got != "data.sku is required" {
		t.Error(got)
	}
	if got := (&Invalid{Problem: "must be JSON"}).Error(); got != "must be JSON" {
		t.Error(got)
	}
}

func TestInvalidJSON(t *testing.T) {
	t.Parallel()
	type inner struct {
		Flag bool    `json:"flag"`
		Size float64 `json:"size"`
	}
	type outer struct {
		wireWho
		Name  string         `json:"name"`
		Count int            `json:"count"`
		Inner inner          `json:"inner"`
		List  []string       `json:"list"`
		Map   map[string]any `json:"map"`
	}
	for _, c := range []struct{ json, field, problem string }{
		{`{"name": 5}`, "p.name", "must be a string, got number"},
		{`{"user_id": 5}`, "p.user_id", "must be a string, got number"},
		{`{"count": "x"}`, "p.count", "must be a whole number, got string"},
		{`{"count": 1.5}`, "p.count", "must be a whole number, got number 1.5"},
		{`{"inner": {"flag": 1}}`, "p.inner.flag", "must be true or false, got number"},
		{`{"inner": {"size": "x"}}`, "p.inner.size", "must be a number, got string"},
		{`{"inner": []}`, "p.inner", "must be an object, got array"},
		{`{"list": {}}`, "p.list", "must be an array, got object"},
		{`{"map": []}`, "p.map", "must be an object, got array"},
		{`[]`, "p", "must be an object, got array"},
		{`{"name"`, "p", "must be JSON: unexpected end of JSON input at byte 7"},
		{`{name: 1}`, "p", "must be JSON: invalid character 'n'"},
		{``, "p", "must be JSON"},
	} {
		checkProblem(t, InvalidJSON("p", json.Unmarshal([]byte(c.json), &outer{})), c.field, c.problem)
	}
	checkProblem(t, InvalidJSON("p", fmt.Errorf("read: %w", &Invalid{"a.b", "is odd"})), "p.a.b", "is odd")
	checkProblem(t, InvalidJSON("", errors.New("the pipe broke")), "", "must be JSON: the pipe broke")
	long := `{"count": ` + strings.Repeat("1", 10_000) + `}`
	if err := InvalidJSON("", json.Unmarshal([]byte(long), &outer{})); len(err.Error()) > 200 {
		t.Errorf("repeats %d bytes of the sender's", len(err.Error()))
	}
}

// TestClip: what is repeated of the sender's words stays short, and no
// character is cut in two.
func TestClip(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("双十一", 30)
	for name, c := range map[string]struct{ in, want string }{
		"empty":             {"", ""},
		"as long as can be": {long[:63] + "a", long[:63] + "a"},
		"between two":       {long[:63] + "ab", long[:63] + "a…"},
		"behind one":        {"a" + long, "a" + long[:63] + "…"},
		"within one":        {"ab" + long, "ab" + long[:60] + "…"},
		"no UTF-8":          {strings.Repeat("\x80", 70), strings.Repeat("\x80", 60) + "…"},
	} {
		if got := Clip(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
