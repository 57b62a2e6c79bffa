package experiments

import (
	"fmt"
	"regexp"
	"regexp/syntax"
)

const (
	maxPatternBytes = 1000
	maxPatternSize  = 10_000 // of all patterns of a condition, see patternSize
)

// regex compiles $regex and $regexi.
func (c *conditionCompiler) regex(at, name string, operand any) predicate {
	pattern, ok := operand.(string)
	if !ok {
		return c.refuse(at, "must be a pattern in a string, got "+jsonKind(operand))
	}
	if len(pattern) > maxPatternBytes {
		return c.exceed(at, fmt.Sprintf("must be at most %d bytes, got %d", maxPatternBytes, len(pattern)))
	}
	if name == "$regexi" {
		pattern = "(?i)" + pattern
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return c.refuse(at, "must be an RE2 pattern: "+err.Error())
	}
	if c.patternSize += patternSize(parsed); c.patternSize > maxPatternSize {
		return c.exceed(at, fmt.Sprintf("makes the patterns too large: about %d instructions, at most %d are allowed", c.patternSize, maxPatternSize))
	}
	compiled, err := regexp.Compile(pattern)
	if err != nil {
		return c.refuse(at, "must be an RE2 pattern: "+err.Error())
	}
	return found{compiled}
}

// patternSize estimates the compiled size before anything is compiled: a
// counted repetition costs its count. package syntax bounds the recursion (a
// height of 1000) and the counts (a product of 1000).
func patternSize(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)
	for _, sub := range re.Sub {
		n += patternSize(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return n
}

// found is $regex: text, also that of a number or a boolean, with a match.
type found struct{ pattern *regexp.Regexp }

func (f found) holds(v any) bool {
	if s, ok := v.(string); ok {
		return f.pattern.MatchString(s)
	}
	b, ok := appendText(nil, v)
	return ok && f.pattern.Match(b)
}
