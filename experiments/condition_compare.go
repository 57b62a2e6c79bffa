package experiments

import (
	"cmp"
	"math"
)

// ordering says which outcomes of a comparison hold.
type ordering struct{ less, equal, greater bool }

// outcomesOf reads lt, lte, gt, gte, eq and ne.
func outcomesOf(name string) ordering {
	switch name {
	case "lt":
		return ordering{less: true}
	case "lte":
		return ordering{less: true, equal: true}
	case "gt":
		return ordering{greater: true}
	case "gte":
		return ordering{greater: true, equal: true}
	case "eq":
		return ordering{equal: true}
	}
	return ordering{less: true, greater: true}
}

// allows judges an outcome as cmp.Compare gives it.
func (o ordering) allows(outcome int) bool {
	switch {
	case outcome < 0:
		return o.less
	case outcome > 0:
		return o.greater
	}
	return o.equal
}

// compare compiles $lt, $lte, $gt and $gte.
func (c *conditionCompiler) compare(at string, o ordering, operand any) predicate {
	switch operand := operand.(type) {
	case string:
		n, ok := countOf(operand)
		return &comparedText{ordering: o, text: operand, number: comparedNumber{o, n}, isNumber: ok}
	case float64:
		return &comparedNumber{o, operand}
	}
	return c.refuse(at, "must be a number or a string, got "+jsonKind(operand))
}

// comparedNumber puts a value in order with a number. What is no number, and
// does not read as one, is in no order with it.
type comparedNumber struct {
	ordering
	number float64
}

func (c *comparedNumber) holds(v any) bool {
	f, ok := v.(float64)
	if !ok {
		f, ok = countOf(v)
	}
	return ok && !math.IsNaN(f) && c.allows(cmp.Compare(f, c.number))
}

// comparedText puts strings in order by code points, and others with the
// number that the text reads as.
type comparedText struct {
	ordering
	text     string
	number   comparedNumber
	isNumber bool
}

func (c *comparedText) holds(v any) bool {
	if s, ok := v.(string); ok {
		return c.allows(cmp.Compare(s, c.text))
	}
	return c.isNumber && c.number.holds(v)
}
