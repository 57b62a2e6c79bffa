package experiments

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/peakday/peakday/events"
)

const (
	maxConditionBytes = 256 << 10
	maxConditionDepth = 32
)

// jsonObject is a JSON object with its members in the order of the text, each
// name once.
type jsonObject []jsonMember

type jsonMember struct {
	name  string
	value any // string, float64, bool, nil, []any or jsonObject
}

// readConditionJSON reads the text within the limits. Nothing, or spaces only,
// is null.
func readConditionJSON(b []byte) (any, error) {
	if len(b) > maxConditionBytes {
		return nil, &events.Invalid{Problem: fmt.Sprintf("must be at most %d bytes, got %d", maxConditionBytes, len(b))}
	}
	if !utf8.Valid(b) {
		return nil, &events.Invalid{Problem: "must be valid UTF-8"}
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, nil
	}
	if err := checkSyntax(b); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	r := conditionReader{dec}
	return r.value(0)
}

// checkSyntax goes over the whole text, without recursion, so that what reads
// it afterwards meets valid JSON only.
func checkSyntax(b []byte) error {
	var whole json.RawMessage
	err := json.Unmarshal(b, &whole)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return &events.Invalid{Problem: fmt.Sprintf("must be JSON: %v at byte %d", syntax, syntax.Offset)}
	}
	return &events.Invalid{Problem: "must be JSON: " + err.Error()}
}

// conditionReader turns tokens into a tree. Unlike json.Unmarshal it keeps the
// order of members and refuses a name that stands twice.
type conditionReader struct{ dec *json.Decoder }

func (r conditionReader) value(depth int) (any, error) {
	token, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		if depth == maxConditionDepth {
			return nil, &events.Invalid{Problem: fmt.Sprintf("is nested too deep: at most %d levels are allowed", maxConditionDepth)}
		}
		if token == '[' {
			return r.array(depth + 1)
		}
		return r.object(depth + 1)
	case json.Number:
		f, err := strconv.ParseFloat(token.String(), 64)
		if err != nil {
			return nil, &events.Invalid{Problem: "must be a number that fits 64 bits, got " + quoteClipped(token.String())}
		}
		return f, nil
	}
	return token, nil // string, bool or nil
}

func (r conditionReader) array(depth int) (any, error) {
	list := []any{}
	for r.dec.More() {
		v, err := r.value(depth)
		if err != nil {
			return nil, readingAt(indexPath("", len(list)), err)
		}
		list = append(list, v)
	}
	_, err := r.dec.Token() // the closing bracket
	return list, err
}

func (r conditionReader) object(depth int) (any, error) {
	object := jsonObject{}
	seen := map[string]struct{}{}
	for r.dec.More() {
		token, err := r.dec.Token()
		if err != nil {
			return nil, err
		}
		name := token.(string) // the syntax was checked: an object's names are strings
		if _, twice := seen[name]; twice {
			return nil, &events.Invalid{Field: events.Clip(name), Problem: "must not be given twice"}
		}
		seen[name] = struct{}{}
		v, err := r.value(depth)
		if err != nil {
			return nil, readingAt(events.Clip(name), err)
		}
		object = append(object, jsonMember{name, v})
	}
	_, err := r.dec.Token() // the closing brace
	return object, err
}

// readingAt puts a step before the path that err names. Paths grow on the way
// back from an error only: a long text is read without building any.
func readingAt(step string, err error) error {
	var invalid *events.Invalid
	if !errors.As(err, &invalid) {
		return fmt.Errorf("read %s: %w", step, err)
	}
	return &events.Invalid{Field: joinPath(step, invalid.Field), Problem: invalid.Problem}
}

func joinPath(at, below string) string {
	if at == "" || below == "" || below[0] == '[' {
		return at + below
	}
	return at + "." + below
}

func namePath(at, name string) string { return joinPath(at, events.Clip(name)) }

func indexPath(at string, i int) string { return at + "[" + strconv.Itoa(i) + "]" }

// jsonKind says what v is, for "…, got an array".
func jsonKind(v any) string {
	switch v := v.(type) {
	case string:
		return "the string " + quoteClipped(v)
	case float64:
		return "the number " + string(appendNumber(nil, v))
	case bool:
		return strconv.FormatBool(v)
	case nil:
		return "null"
	case []any:
		return "an array"
	}
	return "an object"
}

func quoteClipped(s string) string { return strconv.Quote(events.Clip(s)) }
