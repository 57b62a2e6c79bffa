package experiments

import (
	"fmt"
	"strings"

	"github.com/peakday/peakday/events"
)

// plain compiles a value without operator. Scalars convert what they are
// compared with, arrays and objects do not.
func (c *conditionCompiler) plain(at string, v any) predicate {
	switch v := v.(type) {
	case string:
		return textIs(v)
	case float64:
		return countIs(v)
	case bool:
		return truthIs(v)
	}
	return c.equal(at, v)
}

// textIs holds for a string, number or boolean with this text.
type textIs string

func (t textIs) holds(v any) bool {
	if s, ok := v.(string); ok {
		return s == string(t)
	}
	var room [32]byte
	b, ok := appendText(room[:0], v)
	return ok && string(b) == string(t)
}

// countIs holds for a number, and for text or a boolean that reads as it.
type countIs float64

func (n countIs) holds(v any) bool {
	if v == nil {
		return false
	}
	f, ok := countOf(v)
	return ok && f == float64(n)
}

// truthIs holds for what is as true as it; null is neither true nor false.
type truthIs bool

func (t truthIs) holds(v any) bool { return v != nil && truthOf(v) == bool(t) }

// equal compiles $eq.
func (c *conditionCompiler) equal(at string, operand any) predicate {
	if below, ok := operatorInside(operand); ok {
		c.refuse(joinPath(at, below), fmt.Sprintf(`is inside a value that is compared as a whole (%s); to ask something of a member, write the path, as in {"father.age": {"$gt": 65}}`, at))
	}
	return equalTo{operand}
}

// equalTo is $eq: the same type and value.
type equalTo struct{ to any } // as jsonMember.value

func (e equalTo) holds(v any) bool { return sameValue(e.to, v) }

// sameValue compares a value of the condition's tree with an attribute's, arrays
// and objects as wholes. It goes no deeper than the condition does.
func sameValue(literal, v any) bool {
	switch l := literal.(type) {
	case nil:
		return v == nil
	case string:
		s, ok := v.(string)
		return ok && s == l
	case float64:
		f, ok := numberOf(v)
		return ok && f == l
	case bool:
		b, ok := v.(bool)
		return ok && b == l
	case []any:
		list, ok := v.([]any)
		return ok && sameList(l, list)
	case jsonObject:
		object, ok := v.(map[string]any)
		return ok && sameObject(l, object)
	}
	return false
}

func sameList(literal, list []any) bool {
	if len(literal) != len(list) {
		return false
	}
	for i, l := range literal {
		if !sameValue(l, list[i]) {
			return false
		}
	}
	return true
}

func sameObject(literal jsonObject, object map[string]any) bool {
	if len(literal) != len(object) {
		return false
	}
	for _, m := range literal {
		v, ok := object[m.name]
		if !ok || !sameValue(m.value, v) {
			return false
		}
	}
	return true
}

// operatorInside finds an operator inside a value that is compared as a whole,
// and its path there: it would do nothing ({"a": {"b": {"$gt": 1}}}).
func operatorInside(v any) (path string, ok bool) {
	switch v := v.(type) {
	case []any:
		for i, element := range v {
			if below, ok := operatorInside(element); ok {
				return joinPath(indexPath("", i), below), true
			}
		}
	case jsonObject:
		for _, m := range v {
			if strings.HasPrefix(m.name, "$") {
				return events.Clip(m.name), true
			}
			if below, ok := operatorInside(m.value); ok {
				return joinPath(events.Clip(m.name), below), true
			}
		}
	}
	return "", false
}

// exists compiles $exists.
func (c *conditionCompiler) exists(at string, operand any) predicate {
	if _, ok := operand.(bool); !ok {
		c.refuse(at, "must be true or false, got "+jsonKind(operand))
	}
	return existence(truthOf(operand))
}

// existence is $exists: null counts as missing.
type existence bool

func (e existence) holds(v any) bool { return (v != nil) == bool(e) }

// typed compiles $type.
func (c *conditionCompiler) typed(at string, operand any) predicate {
	switch name, _ := operand.(string); name {
	case "string", "number", "boolean", "array", "object", "null":
		return typed(name)
	}
	return c.refuse(at, "must be string, number, boolean, array, object or null, got "+jsonKind(operand))
}

// typed is $type.
type typed string

func (t typed) holds(v any) bool {
	switch v.(type) {
	case nil:
		return t == "null"
	case string:
		return t == "string"
	case bool:
		return t == "boolean"
	case []any:
		return t == "array"
	case map[string]any:
		return t == "object"
	}
	_, isNumber := numberOf(v)
	return isNumber && t == "number"
}
