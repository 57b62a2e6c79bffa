package experiments

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// segmentsOf names the segments that a unit is in by its attributes at first
// exposure: one for each of the experiment's segment attributes, such as
// "tier=gold", and "tier=" for a unit without it.
func segmentsOf(e *Experiment, attributes []byte) []string {
	if len(e.Segments) == 0 {
		return nil
	}
	var a map[string]any
	if len(attributes) > 0 && json.Unmarshal(attributes, &a) != nil {
		a = nil
	}
	var out []string
	for _, name := range e.Segments {
		if !slices.Contains(e.PendingSegments, name) {
			out = append(out, name+"="+segmentValue(a[name]))
		}
	}
	return out
}

// maxSegmentBytes bounds the names and the values of segments.
const maxSegmentBytes = 64

// segmentValue is a value as text that any database takes: short, whole
// characters, none of them a control character.
func segmentValue(v any) string {
	var s string
	switch v := v.(type) {
	case string:
		s = strings.Map(printable, v)
	case bool:
		s = strconv.FormatBool(v)
	case float64:
		s = strconv.FormatFloat(v, 'g', -1, 64)
	}
	end := min(len(s), maxSegmentBytes)
	for end < len(s) && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

func printable(r rune) rune {
	if unicode.IsControl(r) {
		return utf8.RuneError
	}
	return r
}

// attributeOf is the attribute of a segment: tier of tier=gold.
func attributeOf(segment string) string {
	attribute, _, _ := strings.Cut(segment, "=")
	return attribute
}
