package forecast

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/peakday/peakday/events"
)

// decode reads one JSON value into v and nothing else. The error is an
// *events.Invalid that names the field.
func decode(body []byte, v any) error {
	in := json.NewDecoder(bytes.NewReader(body))
	in.DisallowUnknownFields()
	err := in.Decode(v)
	if err == nil {
		if _, err := in.Token(); !errors.Is(err, io.EOF) {
			return &events.Invalid{Problem: "must be one JSON object"}
		}
		return nil
	}
	var invalid *events.Invalid
	var wrong *json.UnmarshalTypeError
	switch unknown, is := strings.CutPrefix(err.Error(), "json: unknown field "); {
	case errors.As(err, &invalid):
		return invalid
	case errors.As(err, &wrong):
		return &events.Invalid{Field: wrong.Field, Problem: fmt.Sprintf("must be %s, got %s", jsonName(wrong), wrong.Value)}
	case is:
		return &events.Invalid{Field: strings.Trim(unknown, `"`), Problem: "is not a field here"}
	}
	return &events.Invalid{Problem: "must be a JSON object: " + events.Clip(err.Error())}
}

// jsonName gives the JSON word for the Go type that a field wanted.
func jsonName(e *json.UnmarshalTypeError) string {
	if e.Type == reflect.TypeFor[Day]() {
		return "a date such as 2026-11-11, between 1970 and 2200"
	}
	switch e.Type.Kind().String() {
	case "string":
		return "a string"
	case "slice", "array":
		return "an array"
	case "struct", "map":
		return "an object"
	case "float64":
		return "a number"
	}
	return "a whole number"
}
