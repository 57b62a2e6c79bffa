package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Invalid says what is wrong with input from outside: the field, in the
// sender's own words, and what was expected of it.
type Invalid struct {
	Field   string // such as "data.products[0].quantity"; empty for the whole
	Problem string // such as "must be at least 1, got -2"
}

func (e *Invalid) Error() string {
	if e.Field == "" {
		return e.Problem
	}
	return e.Field + " " + e.Problem
}

// InvalidJSON turns an error of encoding/json into an Invalid that names the
// field below prefix and what was expected there.
func InvalidJSON(prefix string, err error) error {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		// The path goes through the Go name of an embedded struct.
		name := strings.ReplaceAll(wrongType.Field, "wireWho.", "")
		field := strings.Trim(prefix+"."+name, ".")
		return &Invalid{Field: field, Problem: fmt.Sprintf("must be %s, got %s", jsonName(wrongType), Clip(wrongType.Value))}
	}
	var invalid *Invalid
	if errors.As(err, &invalid) {
		return &Invalid{Field: strings.Trim(prefix+"."+invalid.Field, "."), Problem: invalid.Problem}
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return &Invalid{Field: prefix, Problem: fmt.Sprintf("must be JSON: %v at byte %d", syntax, syntax.Offset)}
	}
	return &Invalid{Field: prefix, Problem: "must be JSON: " + err.Error()}
}

// jsonName gives the JSON word for the Go type that a field wanted.
func jsonName(e *json.UnmarshalTypeError) string {
	switch e.Type.Kind().String() {
	case "string":
		return "a string"
	case "bool":
		return "true or false"
	case "slice", "array":
		return "an array"
	case "struct", "map":
		return "an object"
	case "float64", "float32":
		return "a number"
	}
	return "a whole number"
}

// within puts field before the field that err names.
func within(field string, err error) error {
	var invalid *Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	if invalid.Field != "" {
		field += "." + invalid.Field
	}
	return &Invalid{Field: field, Problem: invalid.Problem}
}

// Clip cuts s to 64 bytes at most, and at the end of a character: what a
// message repeats of the sender's words, whatever was sent.
func Clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

func quote(s string) string { return strconv.Quote(Clip(s)) }
