package api

import (
	"encoding/json"
	"strconv"
)

// scanner walks over JSON text in place, strictly by RFC 8259, and makes
// nothing of it: decoding the context of an evaluation with encoding/json
// costs more than the evaluation. After the first fault bad stays true and
// every method gives nothing.
//
//	for s.object(); s.member(); {
//		switch string(s.name) { case "unit": …s.text()… default: s.skip() }
//	}
type scanner struct {
	b     []byte
	at    int
	depth int
	bad   bool

	name    []byte // of the member whose value comes next
	rawName []byte // the same as the text has it, without the quotes
	escaped bool   // the string that was read last has escapes
	first   bool   // no member or element of the innermost value has been read
}

// maxDepth bounds how deep values may be nested.
const maxDepth = 64

func (s *scanner) fail() bool {
	s.bad = true
	return false
}

// peek gives the next byte that is no blank, 0 at the end.
func (s *scanner) peek() byte {
	for s.at < len(s.b) {
		switch c := s.b[s.at]; c {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// is takes c if it comes next.
func (s *scanner) is(c byte) bool {
	if s.bad || s.peek() != c {
		return false
	}
	s.at++
	return true
}

// object enters an object; array enters an array.
func (s *scanner) object() bool { return s.enter('{') }
func (s *scanner) array() bool  { return s.enter('[') }

func (s *scanner) enter(bracket byte) bool {
	if !s.is(bracket) || s.depth == maxDepth {
		return s.fail()
	}
	s.depth++
	s.first = true
	return true
}

// member goes to the object's next member, whose value must then be read or
// skipped. It is false at the object's end, and leaves it.
func (s *scanner) member() bool {
	if !s.element('}') {
		return false
	}
	if s.peek() != '"' {
		return s.fail()
	}
	s.rawName = s.raw()
	s.name = s.rawName
	if s.escaped {
		s.name = []byte(s.decoded(s.rawName))
	}
	return !s.bad && (s.is(':') || s.fail())
}

// element goes to the next element before the closing bracket.
func (s *scanner) element(closing byte) bool {
	first := s.first
	s.first = false
	switch {
	case s.bad:
		return false
	case s.is(closing):
		s.depth--
		return false
	}
	return first || s.is(',') || s.fail()
}

// raw reads a string and gives what stands between its quotes.
func (s *scanner) raw() []byte {
	if !s.is('"') {
		s.fail()
		return nil
	}
	from := s.at
	s.escaped = false
	for s.at < len(s.b) {
		switch c := s.b[s.at]; {
		case c == '"':
			s.at++
			return s.b[from : s.at-1]
		case c < ' ':
			s.fail()
			return nil
		case c == '\\':
			s.escaped = true
			if !s.escape() {
				return nil
			}
		default:
			s.at++
		}
	}
	s.fail()
	return nil
}

// escape passes a backslash and what belongs to it.
func (s *scanner) escape() bool {
	if s.at+1 >= len(s.b) {
		return s.fail()
	}
	switch s.b[s.at+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at += 2
		return true
	case 'u':
		if s.at+6 > len(s.b) {
			return s.fail()
		}
		for _, c := range s.b[s.at+2 : s.at+6] {
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return s.fail()
			}
		}
		s.at += 6
		return true
	}
	return s.fail()
}

// text reads a string.
func (s *scanner) text() string { return s.decoded(s.raw()) }

// decoded is what a raw string says.
func (s *scanner) decoded(raw []byte) string {
	if !s.escaped {
		return string(raw)
	}
	quoted := make([]byte, 0, len(raw)+2)
	quoted = append(append(append(quoted, '"'), raw...), '"')
	var out string
	if json.Unmarshal(quoted, &out) != nil {
		s.fail()
	}
	return out
}

// skip passes one value and gives its text.
func (s *scanner) skip() []byte {
	c := s.peek()
	from := s.at
	switch {
	case s.bad:
	case c == '"':
		s.raw()
	case c == '{':
		for s.object(); s.member(); {
			s.skip()
		}
	case c == '[':
		for s.array(); s.element(']'); {
			s.skip()
		}
	case c == 't':
		s.word("true")
	case c == 'f':
		s.word("false")
	case c == 'n':
		s.word("null")
	default:
		s.number()
	}
	if s.bad {
		return nil
	}
	return s.b[from:s.at]
}

func (s *scanner) word(w string) {
	if len(s.b)-s.at < len(w) || string(s.b[s.at:s.at+len(w)]) != w {
		s.fail()
		return
	}
	s.at += len(w)
}

// number passes -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
func (s *scanner) number() {
	s.sign("-")
	if s.at < len(s.b) && s.b[s.at] == '0' {
		s.at++
	} else if !s.digits() {
		return
	}
	if s.at < len(s.b) && s.b[s.at] == '.' {
		s.at++
		if !s.digits() {
			return
		}
	}
	if s.at < len(s.b) && s.b[s.at]|0x20 == 'e' {
		s.at++
		s.sign("+-")
		s.digits()
	}
}

func (s *scanner) sign(signs string) {
	if s.at < len(s.b) && (s.b[s.at] == signs[0] || s.b[s.at] == signs[len(signs)-1]) {
		s.at++
	}
}

func (s *scanner) digits() bool {
	from := s.at
	for s.at < len(s.b) && s.b[s.at] >= '0' && s.b[s.at] <= '9' {
		s.at++
	}
	return s.at > from || s.fail()
}

// value reads one value as encoding/json would into an any.
func (s *scanner) value() any {
	switch c := s.peek(); c {
	case '"':
		return s.text()
	case '{', '[':
		var v any
		if raw := s.skip(); s.bad || json.Unmarshal(raw, &v) != nil {
			s.fail()
		}
		return v
	case 't', 'f', 'n':
		raw := s.skip()
		if s.bad || raw[0] == 'n' {
			return nil
		}
		return raw[0] == 't'
	}
	raw := s.skip()
	if s.bad {
		return nil
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		s.fail()
	}
	return f
}

// end reports whether nothing but blanks is left, every bracket is closed, and
// all went well.
func (s *scanner) end() bool { return !s.bad && s.depth == 0 && s.peek() == 0 && s.at == len(s.b) }
