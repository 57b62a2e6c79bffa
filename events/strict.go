package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// DecodeStrictly reads the one JSON object of body into the struct that into
// points to, and refuses a field that it does not have: a misspelt one must not
// be dropped in silence. The error is an *Invalid with the whole path of the
// field.
func DecodeStrictly(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return &Invalid{Problem: "must be a JSON object, got nothing"}
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		if fault := findFault("", body, reflect.TypeOf(into).Elem()); fault != nil {
			return fault
		}
		return InvalidJSON("", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return &Invalid{Problem: "must be one JSON object, got something behind it"}
	}
	return nil
}

// findFault looks for what in raw, the JSON at path, cannot be read as a t.
// encoding/json only says so much: it names neither the place of an element in
// an array, nor the path to an unknown field, nor the field whose own
// UnmarshalJSON failed. It returns nil if there is no fault.
func findFault(path string, raw json.RawMessage, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if bytes.Equal(raw, []byte("null")) {
		return nil // encoding/json takes it for nothing
	}
	_, decodesItself := reflect.New(t).Interface().(json.Unmarshaler)
	switch {
	case t == reflect.TypeFor[time.Time]():
		return findInTime(path, raw)
	case decodesItself:
	case t.Kind() == reflect.Struct:
		return findInStruct(path, raw, t)
	case t.Kind() == reflect.Slice:
		return findInSlice(path, raw, t.Elem())
	case t.Kind() == reflect.Map:
		return findInMap(path, raw, t.Elem())
	}
	if err := json.Unmarshal(raw, reflect.New(t).Interface()); err != nil {
		return InvalidJSON(path, err)
	}
	return nil
}

func findInTime(path string, raw json.RawMessage) error {
	if err := json.Unmarshal(raw, new(time.Time)); err != nil {
		return &Invalid{Field: path, Problem: "must be a time such as 2026-11-11T20:00:00+08:00, got " + Clip(string(raw))}
	}
	return nil
}

func findInStruct(path string, raw json.RawMessage, t reflect.Type) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return InvalidJSON(path, err)
	}
	fields, names := map[string]reflect.Type{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			fields[strings.ToLower(name)] = f.Type // encoding/json takes names in any case
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		field, known := fields[strings.ToLower(name)]
		if !known {
			return &Invalid{Field: Clip(memberPath(path, name)), Problem: "is not a field: there are " + strings.Join(names, ", ")}
		}
		if err := findFault(memberPath(path, name), members[name], field); err != nil {
			return err
		}
	}
	return nil
}

func findInSlice(path string, raw json.RawMessage, element reflect.Type) error {
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return InvalidJSON(path, err)
	}
	for i, e := range elements {
		if err := findFault(fmt.Sprintf("%s[%d]", path, i), e, element); err != nil {
			return err
		}
	}
	return nil
}

func findInMap(path string, raw json.RawMessage, element reflect.Type) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return InvalidJSON(path, err)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if err := findFault(memberPath(path, name), members[name], element); err != nil {
			return err
		}
	}
	return nil
}

// memberPath is the path of a member of what stands at path.
func memberPath(path, name string) string { return strings.TrimPrefix(path+"."+name, ".") }
