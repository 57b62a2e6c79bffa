package experiments

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/peakday/peakday/events"
)

const (
	maxConditionTests = 1000
	maxAttributePath  = 256 // bytes
)

// conditionCompiler turns the tree of a condition into clauses and predicates.
type conditionCompiler struct {
	groups map[string][]any

	names    map[string]struct{}
	elements int // how many $elemMatch stand around: inside, names are not top-level

	tests       int
	patternSize int

	fault  *events.Invalid // the first that a lenient parse puts up with
	excess *events.Invalid // beyond a limit: none puts up with it
}

// refuse notes what is wrong at a path, and gives the test that never holds.
func (c *conditionCompiler) refuse(at, problem string) never {
	if c.fault == nil {
		c.fault = &events.Invalid{Field: at, Problem: problem}
	}
	return never{}
}

func (c *conditionCompiler) exceed(at, problem string) never {
	if c.excess == nil {
		c.excess = &events.Invalid{Field: at, Problem: problem}
	}
	return never{}
}

// spend counts one test.
func (c *conditionCompiler) spend(at string) {
	c.tests++
	if c.tests > maxConditionTests {
		c.exceed(at, fmt.Sprintf("is one test too many: at most %d are allowed", maxConditionTests))
	}
}

func (c *conditionCompiler) sortedNames() []string {
	return slices.Sorted(maps.Keys(c.names))
}

// object compiles a condition: names of attributes, $and, $or, $nor and $not.
func (c *conditionCompiler) object(at string, o jsonObject) clause {
	clauses := make(allOf, 0, len(o))
	for _, m := range o {
		if c.excess != nil {
			return never{}
		}
		clauses = append(clauses, c.member(namePath(at, m.name), m.name, m.value))
	}
	if len(clauses) == 1 {
		return clauses[0]
	}
	return clauses
}

func (c *conditionCompiler) member(at, name string, v any) clause {
	switch name {
	case "$and", "$or", "$nor":
		return c.list(at, name, v)
	case "$not":
		return contrary{c.condition(at, v)}
	}
	return c.attribute(at, name, v)
}

// list compiles the operand of $and, $or or $nor.
func (c *conditionCompiler) list(at, name string, v any) clause {
	c.spend(at)
	list, ok := v.([]any)
	if !ok {
		return c.refuse(at, "must be a list of conditions, got "+jsonKind(v))
	}
	clauses := make([]clause, len(list))
	for i, v := range list {
		if c.excess != nil {
			return never{}
		}
		clauses[i] = c.condition(indexPath(at, i), v)
	}
	switch name {
	case "$and":
		return allOf(clauses)
	case "$or":
		return anyOf(clauses)
	}
	return contrary{anyOf(clauses)}
}

// condition compiles a condition that stands inside $and, $or, $nor or $not.
func (c *conditionCompiler) condition(at string, v any) clause {
	c.spend(at)
	o, ok := v.(jsonObject)
	if !ok {
		return c.refuse(at, "must be a condition (an object), got "+jsonKind(v))
	}
	return c.object(at, o)
}

// attribute compiles what is asked of the attribute at path.
func (c *conditionCompiler) attribute(at, path string, v any) clause {
	if len(path) > maxAttributePath {
		return c.exceed(at, fmt.Sprintf("must be at most %d bytes long, got %d", maxAttributePath, len(path)))
	}
	steps := strings.Split(path, ".")
	switch {
	case strings.HasPrefix(path, "$") && steps[0] != "$groups": // an operator, known or not; $groups is an old attribute of GrowthBook's
		c.refuse(at, `must stand behind the name of an attribute, as in {"tier": {"$eq": "gold"}}, or be one of $and, $or, $nor, $not`)
	case slices.Contains(steps, ""):
		c.refuse(at, "must be the name of an attribute, or names joined by dots, none of them empty")
	}
	if c.elements == 0 {
		c.names[steps[0]] = struct{}{}
	}
	return &attributeTest{name: steps[0], below: steps[1:], is: c.value(at, v)}
}

// value compiles what stands behind a name: a plain value, or an object of
// operators that must all hold.
func (c *conditionCompiler) value(at string, v any) predicate {
	o, ok := v.(jsonObject)
	if !ok || !onlyOperators(o) {
		c.spend(at)
		return c.plain(at, v)
	}
	predicates := make(eachHolds, 0, len(o))
	for _, m := range o {
		below := namePath(at, m.name)
		c.spend(below)
		predicates = append(predicates, c.operator(below, m.name, m.value))
	}
	if len(predicates) == 1 {
		return predicates[0]
	}
	return predicates
}

// onlyOperators tells {"$gt": 5} from an object that is meant as a value.
func onlyOperators(o jsonObject) bool {
	for _, m := range o {
		if !strings.HasPrefix(m.name, "$") {
			return false
		}
	}
	return len(o) > 0
}

func (c *conditionCompiler) operator(at, name string, operand any) predicate {
	switch name {
	case "$eq":
		return c.equal(at, operand)
	case "$ne":
		return opposite{c.equal(at, operand)}
	case "$lt", "$lte", "$gt", "$gte":
		return c.compare(at, outcomesOf(name[1:]), operand)
	case "$in", "$nin", "$ini", "$nini":
		return c.in(at, name, operand)
	case "$inGroup", "$notInGroup":
		return c.inGroup(at, name, operand)
	case "$veq", "$vne", "$vlt", "$vlte", "$vgt", "$vgte":
		return c.version(at, outcomesOf(name[2:]), operand)
	case "$all", "$alli":
		return c.all(at, name, operand)
	case "$elemMatch":
		return c.elemMatch(at, operand)
	case "$size":
		return c.size(at, operand)
	case "$regex", "$regexi":
		return c.regex(at, name, operand)
	case "$exists":
		return c.exists(at, operand)
	case "$type":
		return c.typed(at, operand)
	case "$near":
		return c.near(at, operand)
	case "$not":
		return opposite{c.value(at, operand)}
	case "$and", "$or", "$nor":
		return c.refuse(at, "joins conditions: it must stand around the attributes, not behind one")
	}
	return c.refuse(at, "is not an operator; they are "+strings.Join(operators(), " "))
}

// operators lists what may stand behind an attribute.
func operators() []string {
	return []string{
		"$eq", "$ne", "$lt", "$lte", "$gt", "$gte", "$in", "$nin", "$ini", "$nini", "$inGroup", "$notInGroup",
		"$veq", "$vne", "$vlt", "$vlte", "$vgt", "$vgte", "$all", "$alli", "$elemMatch", "$size",
		"$regex", "$regexi", "$exists", "$type", "$near", "$not",
	}
}

// isLogic takes a name in small letters, to find slips of case.
func isLogic(lower string) bool {
	return lower == "$and" || lower == "$or" || lower == "$nor"
}
