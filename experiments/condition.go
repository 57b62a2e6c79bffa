package experiments

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"

	"github.com/peakday/peakday/events"
)

// Attributes are what is known of a unit when it asks for a variant, as JSON
// gives them: string, float64, bool, nil, []any and map[string]any; int, int64
// and json.Number are numbers too. A value of another Go type equals nothing.
type Attributes map[string]any

// Condition is a compiled test of attributes. It never changes after it was
// parsed and is safe for concurrent use; nil and the zero Condition match
// everything.
//
// The language is GrowthBook's (SDK specification 0.8.0), which is MongoDB's
// query form:
//
//	{"tier": "gold", "age": {"$gte": 18}, "$or": [{"country": {"$in": ["CN", "SG"]}}, {"app.version": {"$vgte": "2.4.0"}}]}
//
// All members of an object must hold. A dot walks into an object
// ("app.version") or, before a number, into an array ("tags.0"). What an
// attribute may be asked:
//
//	a string                 its text, also that of a number or a boolean
//	a number                 its number, also that of "8" (8) or true (1)
//	true, false              its truth: false, 0 and "" are false, all else is true
//	null                     null or missing
//	an array, an object      the same as a whole; the order of names is free
//	$eq $ne                  the same type and value, without any conversion
//	$lt $lte $gt $gte        two strings by code points, all else as numbers
//	$in $nin $ini $nini      one of a list; an array: any of its elements; …i: letters' case is ignored
//	$inGroup $notInGroup     the same with a saved group (see ConditionOptions)
//	$all $alli               an array with a match for each of a list
//	$elemMatch $size         an array with such an element, of such a length
//	$regex $regexi           text that an RE2 pattern finds something in
//	$veq $vne $vlt $vlte $vgt $vgte    versions (SemVer's order, any number of parts)
//	$exists $type            not null; string, number, boolean, array, object or null
//	$near                    at most so many metres from {"lat", "lng"}
//	$not                     the contrary of any of these
//
// $and, $or and $nor take lists of conditions, $not one. An empty $or holds.
// A missing attribute is null: $exists tells it from the rest, and it equals
// null only; in an order ($lt …, $vlt …) it counts as 0.
//
// It differs from GrowthBook's JavaScript, on points where that one's cases are
// silent: null is never the text "null" nor the number 0 in an equality, nor a
// subject for a pattern; an array is never its joined text; text is a number in
// decimals only; $eq compares arrays and objects as wholes; inside $elemMatch,
// $and, $or and $nor may stand alone; version parts of six digits and more
// compare as numbers; $near is ours. RE2 (package regexp) has no
// look-around, no back-references and no \u escapes (write \x{4e2d}), repeats
// at most 1000 times, and its \s is ASCII.
//
// Matches takes time in proportion to the condition's tests times the size of
// the attributes that they read, at worst.
type Condition struct {
	text  []byte // as given
	root  clause // nil: matches everything
	names []string
	fault error // what a lenient parse put up with
}

// ConditionOptions say how ParseConditionWith reads a condition.
type ConditionOptions struct {
	// Groups are the saved lists that $inGroup and $notInGroup name. Their
	// values are strings, numbers, booleans or nil.
	Groups map[string][]any

	// Lenient takes in what a definition may not have: operators that are not
	// known, operands of a wrong type, patterns that do not compile, names of
	// no group. Such a test never holds (of an unknown group, no one is a
	// member); Check tells what it was. Text that is no JSON, or beyond the
	// limits, is refused all the same.
	Lenient bool
}

// ParseCondition compiles the condition of a definition. Empty, null and {}
// match everything. The error is an *events.Invalid whose Field is the path
// inside the condition, such as "$or[1].age.$gt", empty for the whole.
//
// A condition has at most 256 KiB, 32 levels and 1000 tests; an attribute's
// path at most 256 bytes, a list of $all at most 100 members, a pattern at
// most 1000 bytes, and all patterns together about 10,000 instructions.
func ParseCondition(b []byte) (*Condition, error) {
	return ParseConditionWith(b, ConditionOptions{})
}

// ParseConditionWith is ParseCondition with options.
func ParseConditionWith(b []byte, o ConditionOptions) (*Condition, error) {
	tree, err := readConditionJSON(b)
	if err != nil {
		return nil, err
	}
	c := &Condition{text: bytes.Clone(b)}
	if tree == nil {
		return c, nil
	}
	object, ok := tree.(jsonObject)
	if !ok {
		return nil, &events.Invalid{Problem: "must be an object, got " + jsonKind(tree)}
	}
	compiler := conditionCompiler{groups: o.Groups, names: map[string]struct{}{}}
	if len(object) > 0 {
		c.root = compiler.object("", object)
	}
	switch {
	case compiler.excess != nil:
		return nil, compiler.excess
	case compiler.fault != nil && !o.Lenient:
		return nil, compiler.fault
	case compiler.fault != nil:
		c.fault = compiler.fault
	}
	c.names = compiler.sortedNames()
	return c, nil
}

// Matches reports whether a unit with these attributes fulfils the condition.
func (c *Condition) Matches(a Attributes) bool {
	return c == nil || c.root == nil || c.root.admits(map[string]any(a))
}

// Names lists the top-level attributes that the condition reads, sorted.
func (c *Condition) Names() []string {
	if c == nil {
		return nil
	}
	return slices.Clone(c.names)
}

// Check returns the error that ParseCondition would have returned for a
// condition that was parsed leniently.
func (c *Condition) Check() error {
	if c == nil {
		return nil
	}
	return c.fault
}

// Equal reports whether both conditions were given the same JSON, spaces and
// escapes aside.
func (c *Condition) Equal(other *Condition) bool {
	return reflect.DeepEqual(c.tree(), other.tree())
}

// tree reads the text again. Conditions that match everything have none.
func (c *Condition) tree() any {
	if c == nil || c.root == nil {
		return nil
	}
	tree, _ := readConditionJSON(c.text) // it could be read before
	return tree
}

// MarshalJSON returns the text as it was given, {} if there was none.
func (c Condition) MarshalJSON() ([]byte, error) {
	if len(bytes.TrimSpace(c.text)) == 0 {
		return []byte("{}"), nil
	}
	return bytes.Clone(c.text), nil
}

// UnmarshalJSON is ParseCondition: as strict, and with its errors.
func (c *Condition) UnmarshalJSON(b []byte) error {
	parsed, err := ParseCondition(b)
	if err != nil {
		return err
	}
	*c = *parsed
	return nil
}

var (
	_ json.Marshaler   = Condition{}
	_ json.Unmarshaler = (*Condition)(nil)
)
