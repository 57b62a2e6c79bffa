package experiments

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

// numberOf gives the value of a number, and nothing else.
func numberOf(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case json.Number:
		return decimalOf(string(v))
	}
	return 0, false
}

// countOf reads a value as a number where two values are put in order: null
// is 0, a boolean 0 or 1, text its decimal.
func countOf(v any) (float64, bool) {
	switch v := v.(type) {
	case nil:
		return 0, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		return decimalOf(v)
	}
	return numberOf(v)
}

// decimalOf reads a decimal with spaces around it; blank text is 0, as in
// JavaScript. Go's hexadecimals, underscores and names of infinity are none.
func decimalOf(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, true
	}
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9', c == '.', c == '-', c == '+', c == 'e', c == 'E':
		default:
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil || errors.Is(err, strconv.ErrRange)
}

// truthOf is JavaScript's: false, 0, "" and null are false.
func truthOf(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	}
	f, isNumber := numberOf(v)
	return !isNumber || f != 0 && !math.IsNaN(f)
}

// appendText writes the text of a string, number or boolean; others have none.
func appendText(b []byte, v any) ([]byte, bool) {
	switch v := v.(type) {
	case string:
		return append(b, v...), true
	case bool:
		return strconv.AppendBool(b, v), true
	case int:
		return strconv.AppendInt(b, int64(v), 10), true
	case int64:
		return strconv.AppendInt(b, v, 10), true
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return strconv.AppendInt(b, i, 10), true
		}
	}
	f, ok := numberOf(v)
	if !ok {
		return b, false
	}
	return appendNumber(b, f), true
}

// appendNumber writes f as JavaScript does (ECMA-262, Number::toString).
func appendNumber(b []byte, f float64) []byte {
	size := math.Abs(f)
	switch {
	case f == 0:
		return append(b, '0')
	case size >= 1e-6 && size < 1e21:
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	b = strconv.AppendFloat(b, f, 'e', -1, 64)
	if n := len(b); n >= 4 && b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' {
		b = append(b[:n-2], b[n-1]) // e-09 to e-9
	}
	return b
}

// appendLower writes s in small letters, without allocating if it is ASCII and
// b has the room.
func appendLower(b []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if c >= 0x80 {
			return append(b[:len(b)-i], strings.ToLower(s)...)
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}
