package events

import (
	"strings"
	"testing"
)

func TestCheckID(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, id, problem string }{
		{"plain", "u-1", ""},
		{"with a blank", "red shoe", ""},
		{"Chinese", "用户甲", ""},
		{"only blanks", " ", ""},
		{"the longest", strings.Repeat("x", 256), ""},
		{"the longest in bytes", strings.Repeat("é", 128), ""},
		{"empty", "", "is required"},
		{"too long", strings.Repeat("x", 257), "must be at most 256 bytes, got 257"},
		{"too long in bytes", strings.Repeat("甲", 86), "must be at most 256 bytes, got 258"},
		{"not UTF-8", "a\xffb", "must be valid UTF-8"},
		{"half a character", "甲"[:2], "must be valid UTF-8"},
		{"newline", "a\nb", `must not contain control characters, got '\n'`},
		{"NUL", "a\x00", "must not contain control characters"},
		{"DEL", "a\x7f", "must not contain control characters"},
		{"a control character of two bytes", "a\u0085", "must not contain control characters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkProblem(t, CheckID("sku", c.id), "sku", c.problem)
		})
	}
}

func TestCheckKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, key, problem string }{
		{"plain", "checkout_v2", ""},
		{"every kind of character", "aZ09._-", ""},
		{"one", "a", ""},
		{"the longest", strings.Repeat("k", 64), ""},
		{"empty", "", "must be 1 to 64 characters"},
		{"too long", strings.Repeat("k", 65), "must be 1 to 64 characters"},
		{"blank", "a b", `got "a b"`},
		{"slash", "a/b", "must be 1 to 64 characters"},
		{"Chinese", "双11", "must be 1 to 64 characters"},
		{"newline", "a\n", "must be 1 to 64 characters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkProblem(t, CheckKey("event", c.key), "event", c.problem)
		})
	}
	if err := CheckKey("event", strings.Repeat("!", 10_000)); len(err.Error()) > 200 {
		t.Errorf("repeats %d bytes of the sender's", len(err.Error()))
	}
}

func TestUnitKinds(t *testing.T) {
	t.Parallel()
	for _, k := range UnitKinds() {
		if !k.Valid() {
			t.Errorf("%s is listed but not valid", k)
		}
	}
	for _, k := range []UnitKind{AnyUnit, "", "User", "household"} {
		if k.Valid() {
			t.Errorf("%q is valid but not listed", k)
		}
	}
}
