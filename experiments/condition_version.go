package experiments

import (
	"cmp"
	"strings"
)

// version compiles $veq, $vne, $vlt, $vlte, $vgt and $vgte.
func (c *conditionCompiler) version(at string, o ordering, operand any) predicate {
	if _, ok := operand.(string); !ok {
		c.refuse(at, `must be a version in a string, such as "2.4.0", got `+jsonKind(operand))
	}
	v := &comparedVersion{ordering: o}
	parts := versionParts{rest: versionText(operand)}
	for part, ok := parts.next(); ok; part, ok = parts.next() {
		v.parts = append(v.parts, part)
	}
	return v
}

// comparedVersion puts versions in order, part by part: numbers by value and
// before words, words by code points, and a version before its continuations;
// but a release (three parts) comes after all of its pre-releases. That is the
// order of SemVer 2.0.0, section 11, for any number of parts.
type comparedVersion struct {
	ordering
	parts []versionPart
}

func (c *comparedVersion) holds(v any) bool {
	return c.allows(c.outcome(versionParts{rest: versionText(v)}))
}

// outcome is negative if the version is before c's.
func (c *comparedVersion) outcome(version versionParts) int {
	for _, bound := range c.parts {
		part, ok := version.next()
		if !ok {
			return -1
		}
		if outcome := part.compare(bound); outcome != 0 {
			return outcome
		}
	}
	if _, more := version.next(); more {
		return 1
	}
	return 0
}

// versionText is the version in v without a leading v and build information;
// what is no version at all is version 0.
func versionText(v any) string {
	text, ok := v.(string)
	if !ok {
		if _, isNumber := numberOf(v); isNumber {
			b, _ := appendText(nil, v)
			text = string(b)
		}
	}
	if text == "" {
		return "0"
	}
	text, _, _ = strings.Cut(text, "+")
	return strings.TrimPrefix(text, "v")
}

// versionPart is a number, in digits without leading zeros, or a word.
type versionPart struct {
	text     string
	isNumber bool
}

// releaseMark is the fourth part of a release: the last of all ASCII words, so
// that 1.0.0 comes after 1.0.0-rc.
const releaseMark = "~"

func (p versionPart) compare(q versionPart) int {
	switch {
	case p.isNumber && q.isNumber:
		return cmp.Or(cmp.Compare(len(p.text), len(q.text)), cmp.Compare(p.text, q.text))
	case p.isNumber:
		return -1
	case q.isNumber:
		return 1
	}
	return cmp.Compare(p.text, q.text)
}

// versionParts goes through the parts, which dots and hyphens separate.
type versionParts struct {
	rest string
	read int
	done bool
}

func (v *versionParts) next() (versionPart, bool) {
	v.read++
	if v.done {
		return versionPart{text: releaseMark}, v.read == 4
	}
	for i := range len(v.rest) {
		if c := v.rest[i]; c == '.' || c == '-' {
			part := v.rest[:i]
			v.rest = v.rest[i+1:]
			return newVersionPart(part), true
		}
	}
	v.done = true
	return newVersionPart(v.rest), true
}

func newVersionPart(text string) versionPart {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return versionPart{text: text}
		}
	}
	if text == "" {
		return versionPart{}
	}
	return versionPart{text: strings.TrimLeft(text, "0"), isNumber: true}
}
