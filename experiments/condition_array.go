package experiments

import "fmt"

// maxAllMembers bounds $all, which tries each member with each element.
const maxAllMembers = 100

// all compiles $all and $alli, whose members are plain values or operators.
func (c *conditionCompiler) all(at, name string, operand any) predicate {
	list, ok := operand.([]any)
	if !ok {
		return c.refuse(at, "must be a list, got "+jsonKind(operand))
	}
	if len(list) > maxAllMembers {
		return c.exceed(at, fmt.Sprintf("must have at most %d members, got %d", maxAllMembers, len(list)))
	}
	wanted := make(hasAll, len(list))
	for i, v := range list {
		if text, ok := v.(string); ok && name == "$alli" {
			c.spend(indexPath(at, i))
			wanted[i] = foldedTextIs(appendLower(nil, text))
			continue
		}
		wanted[i] = c.value(indexPath(at, i), v)
	}
	return wanted
}

// hasAll is $all: for each predicate, an element that it holds for.
type hasAll []predicate

func (a hasAll) holds(v any) bool {
	list, ok := v.([]any)
	if !ok {
		return false
	}
	for _, p := range a {
		if !anyHolds(list, p) {
			return false
		}
	}
	return true
}

func anyHolds(list []any, p predicate) bool {
	for _, v := range list {
		if p.holds(v) {
			return true
		}
	}
	return false
}

// foldedTextIs is textIs without regard to letters' case; it is in small ones.
type foldedTextIs string

func (t foldedTextIs) holds(v any) bool {
	var room [64]byte
	if s, ok := v.(string); ok {
		return string(appendLower(room[:0], s)) == string(t)
	}
	return textIs(t).holds(v)
}

// elemMatch compiles $elemMatch: operators for the elements, or a condition
// on elements that are objects. Elements that are null match nothing.
func (c *conditionCompiler) elemMatch(at string, operand any) predicate {
	o, ok := operand.(jsonObject)
	if !ok {
		return c.refuse(at, "must be an object of operators or a condition on the elements, got "+jsonKind(operand))
	}
	c.elements++
	defer func() { c.elements-- }()
	if onlyOperators(o) && !hasLogic(o) {
		return elementIs{c.value(at, o)}
	}
	return elementFulfils{c.object(at, o)}
}

func hasLogic(o jsonObject) bool {
	for _, m := range o {
		if isLogic(m.name) {
			return true
		}
	}
	return false
}

// elementIs is $elemMatch with operators.
type elementIs struct{ is predicate }

func (e elementIs) holds(v any) bool {
	list, _ := v.([]any)
	for _, element := range list {
		if element != nil && e.is.holds(element) {
			return true
		}
	}
	return false
}

// elementFulfils is $elemMatch with a condition.
type elementFulfils struct{ condition clause }

func (e elementFulfils) holds(v any) bool {
	list, _ := v.([]any)
	for _, element := range list {
		if element != nil && e.condition.admits(element) {
			return true
		}
	}
	return false
}

// size compiles $size, whose operand is a number or operators.
func (c *conditionCompiler) size(at string, operand any) predicate {
	switch operand := operand.(type) {
	case float64:
		return sized{countIs(operand)}
	case jsonObject:
		if onlyOperators(operand) {
			return sized{c.value(at, operand)}
		}
	}
	return c.refuse(at, "must be a number or an object of operators, got "+jsonKind(operand))
}

// sized is $size.
type sized struct{ is predicate }

func (s sized) holds(v any) bool {
	list, ok := v.([]any)
	return ok && s.is.holds(len(list))
}
