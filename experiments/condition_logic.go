package experiments

import "strconv"

// clause is a condition: it judges the object that holds the attributes.
type clause interface{ admits(root any) bool }

// predicate judges one value; nil is null or missing.
type predicate interface{ holds(v any) bool }

// allOf is $and, and an object with several members.
type allOf []clause

func (e allOf) admits(root any) bool {
	for _, c := range e {
		if !c.admits(root) {
			return false
		}
	}
	return true
}

// anyOf is $or.
type anyOf []clause

func (s anyOf) admits(root any) bool {
	for _, c := range s {
		if c.admits(root) {
			return true
		}
	}
	return len(s) == 0
}

// contrary is $not around a condition.
type contrary struct{ of clause }

func (n contrary) admits(root any) bool { return !n.of.admits(root) }

// eachHolds is an object with several operators.
type eachHolds []predicate

func (e eachHolds) holds(v any) bool {
	for _, p := range e {
		if !p.holds(v) {
			return false
		}
	}
	return true
}

// opposite is $not behind an attribute.
type opposite struct{ of predicate }

func (n opposite) holds(v any) bool { return !n.of.holds(v) }

// never stands for what a lenient parse could not understand.
type never struct{}

func (never) admits(any) bool { return false }
func (never) holds(any) bool  { return false }

// attributeTest asks something of the value at a path.
type attributeTest struct {
	name  string
	below []string // the steps that follow
	is    predicate
}

func (a *attributeTest) admits(root any) bool {
	v := childOf(root, a.name)
	for _, step := range a.below {
		v = childOf(v, step)
	}
	return a.is.holds(v)
}

// childOf is the member or element of v, nil if there is none.
func childOf(v any, step string) any {
	switch v := v.(type) {
	case map[string]any:
		return v[step]
	case []any:
		if i, ok := elementIndex(step); ok && i < len(v) {
			return v[i]
		}
	}
	return nil
}

// elementIndex reads "0", "1", "12" …, not "01" or "+1".
func elementIndex(step string) (int, bool) {
	if step == "" || step[0] < '0' || step[0] > '9' || step[0] == '0' && len(step) > 1 {
		return 0, false
	}
	i, err := strconv.Atoi(step)
	return i, err == nil
}
