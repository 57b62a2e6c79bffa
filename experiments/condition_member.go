package experiments

import (
	"encoding/json"
	"slices"
)

// in compiles $in, $nin, $ini and $nini.
func (c *conditionCompiler) in(at, name string, operand any) predicate {
	list, ok := operand.([]any)
	if !ok {
		return c.refuse(at, "must be a list, got "+jsonKind(operand))
	}
	var m members
	m.foldCase = name == "$ini" || name == "$nini"
	for i, v := range list {
		if !m.add(v) {
			c.refuse(indexPath(at, i), "must be a string, a number, true, false or null, got "+jsonKind(v))
		}
	}
	m.index()
	if name == "$nin" || name == "$nini" {
		return opposite{&m}
	}
	return &m
}

// inGroup compiles $inGroup and $notInGroup.
func (c *conditionCompiler) inGroup(at, name string, operand any) predicate {
	var m members
	group, _ := operand.(string)
	list, ok := c.groups[group]
	if !ok {
		c.refuse(at, "must be the name of a saved group, got "+jsonKind(operand))
	}
	for _, v := range list {
		m.add(v)
	}
	m.index()
	if name == "$notInGroup" {
		return opposite{&m}
	}
	return &m
}

// members is a list of constants: $in, or $ini with foldCase.
type members struct {
	foldCase      bool // then texts are in small letters
	texts         []string
	numbers       []float64
	null, yes, no bool
	textSet       map[string]struct{}
	numberSet     map[float64]struct{}
}

// maxScanned is how long a list is searched from end to end, which is faster
// than a set up to there.
const maxScanned = 8

// add takes a scalar in.
func (m *members) add(v any) bool {
	switch v := v.(type) {
	case nil:
		m.null = true
	case bool:
		m.yes = m.yes || v
		m.no = m.no || !v
	case string:
		if m.foldCase {
			v = string(appendLower(nil, v))
		}
		m.texts = append(m.texts, v)
	default:
		f, ok := numberOf(v)
		if !ok {
			return false
		}
		m.numbers = append(m.numbers, f)
	}
	return true
}

// index makes sets of long lists.
func (m *members) index() {
	if len(m.texts) > maxScanned {
		m.textSet = memberSet(m.texts)
		m.texts = nil
	}
	if len(m.numbers) > maxScanned {
		m.numberSet = memberSet(m.numbers)
		m.numbers = nil
	}
}

func memberSet[T comparable](list []T) map[T]struct{} {
	set := make(map[T]struct{}, len(list))
	for _, v := range list {
		set[v] = struct{}{}
	}
	return set
}

// holds for a member, and for an array with one.
func (m *members) holds(v any) bool {
	list, ok := v.([]any)
	if !ok {
		return m.has(v)
	}
	return slices.ContainsFunc(list, m.has)
}

func (m *members) has(v any) bool {
	switch v := v.(type) {
	case string:
		if m.foldCase {
			return m.hasFolded(v)
		}
		if m.textSet != nil {
			_, ok := m.textSet[v]
			return ok
		}
		return slices.Contains(m.texts, v)
	case nil:
		return m.null
	case bool:
		return v && m.yes || !v && m.no
	case float64, int, int64, json.Number:
		f, ok := numberOf(v)
		return ok && m.hasNumber(f)
	}
	return false
}

func (m *members) hasFolded(s string) bool {
	var room [64]byte
	lower := appendLower(room[:0], s)
	if m.textSet != nil {
		_, ok := m.textSet[string(lower)]
		return ok
	}
	for _, text := range m.texts {
		if text == string(lower) {
			return true
		}
	}
	return false
}

func (m *members) hasNumber(f float64) bool {
	if m.numberSet != nil {
		_, ok := m.numberSet[f]
		return ok
	}
	return slices.Contains(m.numbers, f)
}
