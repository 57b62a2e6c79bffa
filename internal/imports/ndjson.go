package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"unicode/utf8"
)

// objects reads NDJSON.
func (r *Rows) objects(yield func(Row, error) bool) {
	in := lines{in: r.in}
	for {
		l, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			yield(Row{}, r.unreadable(in.number, err))
			return
		case l.blank():
			continue
		}
		row := Row{File: r.file, Line: in.number, column: r.column}
		object, why := readObject(l)
		if why != "" {
			row, err = r.broken(in.number, why)
		} else {
			row.fields = func(field string) string { return jsonText(object[r.column(field)]) }
			row.names = func() []string { return slices.Sorted(maps.Keys(object)) }
		}
		if !yield(row, err) {
			return
		}
	}
}

func readObject(l line) (object map[string]json.RawMessage, why string) {
	if l.long {
		return nil, tooLong
	}
	if !utf8.Valid(l.text) {
		// encoding/json would put U+FFFD in place of what it cannot read, and
		// two different ids would become one.
		return nil, "is not UTF-8"
	}
	err := json.Unmarshal(bytes.TrimSpace(l.text), &object)
	var other *json.UnmarshalTypeError
	switch {
	case errors.As(err, &other):
		return nil, "must be a JSON object, got " + other.Value
	case err != nil:
		return nil, "is not JSON: " + err.Error()
	case object == nil:
		return nil, "must be a JSON object, got null"
	}
	return object, ""
}

// jsonText gives a string its characters and anything else its JSON.
func jsonText(raw json.RawMessage) string {
	var s string
	switch {
	case len(raw) == 0 || bytes.Equal(raw, []byte("null")):
		return ""
	case raw[0] == '"' && json.Unmarshal(raw, &s) == nil:
		return s
	}
	return string(raw)
}
