package api

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/peakday/peakday/events"
)

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// readsAs is what encoding/json makes of a text, if it takes it and the
// nesting is one that the scanner takes.
func readsAs(b []byte) (v any, ok bool) {
	if !utf8.Valid(b) || json.Unmarshal(b, &v) != nil {
		return nil, false
	}
	return v, depthOf(v) <= maxDepth
}

func depthOf(v any) int {
	deepest := 0
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			deepest = max(deepest, depthOf(e))
		}
		return deepest + 1
	case map[string]any:
		for _, e := range v {
			deepest = max(deepest, depthOf(e))
		}
		return deepest + 1
	}
	return 0
}

// checkScanner holds the scanner to encoding/json.
func checkScanner(t *testing.T, b []byte) {
	t.Helper()
	want, ok := readsAs(b)
	s := scanner{b: b}
	got := s.value()
	if s.end() != ok && utf8.Valid(b) {
		t.Fatalf("scanner takes %q: %v, encoding/json: %v", b, !ok, ok)
	}
	if ok && !reflect.DeepEqual(got, want) {
		t.Fatalf("%q reads as %#v, want %#v", b, got, want)
	}
	skipped := scanner{b: b}
	if raw := skipped.skip(); ok && string(raw) != strings.Trim(string(b), " \t\r\n") {
		t.Fatalf("skip of %q gives %q", b, raw)
	}
	object, isObject := want.(map[string]any)
	if !ok || !isObject {
		return
	}
	members := map[string]any{}
	m := scanner{b: b}
	for m.object(); m.member(); {
		name := string(m.name)
		members[name] = m.value()
	}
	if !m.end() || !reflect.DeepEqual(members, object) {
		t.Fatalf("members of %q are %#v, want %#v", b, members, object)
	}
}

func jsonTexts() []string {
	return []string{
		``, ` `, `{}`, `[]`, `null`, `true`, `false`, `tru`, `nul`, `nullx`, `0`, `-0`, `-`, `01`, `1.`, `1.5`, `.5`, `1e5`, `1E+5`, `1e`, `1e400`, `-1.5e-7`, `+1`,
		`"a"`, `"`, `"\""`, `"\u4e2d\n\/"`, `"\u12"`, `"\x"`, "\"a\tb\"", `"中"`, "\"\xff\"", `"\ud83d\ude00"`, `"\ud83d"`,
		`{"a":1}`, `{"a":1,}`, `{,}`, `{"a"}`, `{"a":}`, `{a:1}`, `{"a":1 "b":2}`, `{"a":{"b":[1,{"c":null}]}}`, `{"a":1,"a":2}`, `{"\u0061":1}`,
		`[1,2]`, `[1,]`, `[,]`, `[1 2]`, `[[]]`, `[`, `]`, `{"a":1}}`, `{} {}`, ` { "a" : [ 1 , "x" ] } `,
		strings.Repeat("[", 64) + strings.Repeat("]", 64), strings.Repeat("[", 65) + strings.Repeat("]", 65), strings.Repeat(`{"a":`, 70) + "1" + strings.Repeat("}", 70),
	}
}

func TestScannerReadsAsEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, text := range jsonTexts() {
		checkScanner(t, []byte(text))
	}
}

func FuzzScanner(f *testing.F) {
	for _, text := range jsonTexts() {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) { checkScanner(t, b) })
}

func TestReadContext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body  string
		code, field string // of the error; empty: none
	}{
		{"least", `{"context":{"targetingKey":"u1"}}`, "", ""},
		{"units", `{"context":{"targetingKey":"u1","units":{"device":"d1"}}}`, "", ""},
		{"units null", `{"context":{"targetingKey":"u1","units":null}}`, "", ""},
		{"more around it", `{"x":[1,{"context":2}],"context":{"targetingKey":"u1"},"y":null}`, "", ""},
		{"the last context counts", `{"context":{"targetingKey":1e5},"context":{"targetingKey":"u1"}}`, invalidContext, "context.targetingKey"},
		{"escapes", `{"c\u006fntext":{"targetingKey":"\u0075\u0031"}}`, "", ""},
		{"empty", ``, parseError, ""},
		{"no JSON", `{"context":{"targetingKey":"u1"`, parseError, ""},
		{"something behind", `{"context":{"targetingKey":"u1"}} x`, parseError, ""},
		{"not UTF-8", "{\"context\":{\"targetingKey\":\"u\xff\"}}", parseError, ""},
		{"an array", `[]`, parseError, ""},
		{"no context", `{}`, invalidContext, "context"},
		{"context null", `{"context":null}`, invalidContext, "context"},
		{"context a string", `{"context":"u1"}`, invalidContext, "context"},
		{"no key", `{"context":{"country":"CN"}}`, targetingKeyMissing, "context.targetingKey"},
		{"key empty", `{"context":{"targetingKey":""}}`, targetingKeyMissing, "context.targetingKey"},
		{"key null", `{"context":{"targetingKey":null}}`, targetingKeyMissing, "context.targetingKey"},
		{"key a number", `{"context":{"targetingKey":7}}`, invalidContext, "context.targetingKey"},
		{"key too long", `{"context":{"targetingKey":"` + strings.Repeat("x", 257) + `"}}`, invalidContext, "context.targetingKey"},
		{"key with a control character", `{"context":{"targetingKey":"a\u0000"}}`, invalidContext, "context.targetingKey"},
		{"units a string", `{"context":{"targetingKey":"u1","units":"d1"}}`, invalidContext, "context.units"},
		{"units of no kind", `{"context":{"targetingKey":"u1","units":{"planet":"p"}}}`, invalidContext, "context.units"},
		{"units with a number", `{"context":{"targetingKey":"u1","units":{"team":4}}}`, invalidContext, "context.units.team"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var a evalRequest
			err := a.readContext([]byte(c.body), attributeSet{"country": {}})
			if c.code == "" {
				if err != nil || a.subject.Key != "u1" {
					t.Fatalf("key %q, error %v", a.subject.Key, err)
				}
				return
			}
			fault, ok := err.(*evalError)
			if !ok || fault.code != c.code || fault.invalid.Field != c.field {
				t.Fatalf("error %#v (%v), want %s of %q", err, err, c.code, c.field)
			}
		})
	}
}

func TestReadContextKeepsWhatAudiencesRead(t *testing.T) {
	t.Parallel()
	var a evalRequest
	body := `{"context":{"targetingKey":"u1","country":"CN","age":30,"vip":true,"none":null,"tags":["a",{"b":1}],"app":{"version":"2.4"},"other":"x","units":{"team":"t1"}}}`
	wanted := attributeSet{"country": {}, "age": {}, "vip": {}, "none": {}, "tags": {}, "app": {}}
	for range 2 { // the second time it is used again
		if err := a.readContext([]byte(body), wanted); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"country": "CN", "age": 30.0, "vip": true, "none": nil,
			"tags": []any{"a", map[string]any{"b": 1.0}}, "app": map[string]any{"version": "2.4"},
		}
		if got := map[string]any(a.attributes); !reflect.DeepEqual(got, want) {
			t.Errorf("attributes %v, want %v", got, want)
		}
		if a.subject.Units[events.Team] != "t1" {
			t.Errorf("units %v", a.subject.Units)
		}
		exposed := `{"country":"CN","age":30,"vip":true,"none":null,"tags":["a",{"b":1}],"app":{"version":"2.4"},"other":"x"}`
		if got := exposedAttributes(a.raw); string(got) != exposed {
			t.Errorf("exposed %s, want %s", got, exposed)
		}
	}
}

func TestAskIsForgotten(t *testing.T) {
	t.Parallel()
	var a evalRequest
	if err := a.readAssignment([]byte(`{"unit":"u1","units":{"team":"t"},"attributes":{"a":1},"experiments":["e"],"expose":true}`), attributeSet{"a": {}}); err != nil {
		t.Fatal(err)
	}
	if err := a.readAssignment([]byte(`{"unit":"u2"}`), attributeSet{"a": {}}); err != nil {
		t.Fatal(err)
	}
	if a.subject.Key != "u2" || len(a.subject.Units) > 0 || len(a.attributes) > 0 || len(a.experiments) > 0 || a.expose || a.raw != nil {
		t.Errorf("something is left: %+v", a)
	}
}

// slowContext is what the context reads as by encoding/json.
type slowContext struct {
	Context struct {
		TargetingKey string            `json:"targetingKey"`
		Units        map[string]string `json:"units"`
	} `json:"context"`
}

func FuzzReadContext(f *testing.F) {
	f.Add([]byte(`{"context":{"targetingKey":"u1","country":"CN","units":{"team":"t1"}}}`))
	f.Add([]byte(`{"context":{"targetingKey":"\u0075","a":[{}]},"context":{}}`))
	for _, text := range jsonTexts() {
		f.Add([]byte(`{"context":{"targetingKey":"u","a":` + text + `}}`))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var a evalRequest
		err := a.readContext(b, attributeSet{"a": {}})
		_, wellFormed := readsAs(b)
		if err == nil && !wellFormed {
			t.Fatalf("%q was taken", b)
		}
		if err == nil {
			if events.CheckID("", string(a.subject.Key)) != nil {
				t.Fatalf("key %q", a.subject.Key)
			}
			if attributes := exposedAttributes(a.raw); attributes != nil && !json.Valid(attributes) {
				t.Fatalf("exposed attributes %q", attributes)
			}
			return
		}
		// What a plain reader takes must be taken.
		var slow slowContext
		var whole map[string]json.RawMessage
		if strings.Count(string(b), `"context"`) != 1 || !wellFormed || json.Unmarshal(b, &whole) != nil || whole["context"] == nil {
			return
		}
		// A name written with an escape stands there twice without being seen here.
		plain := !strings.Contains(string(b), `\`) && !strings.Contains(strings.ToLower(string(b)), `units`) && strings.Count(strings.ToLower(string(b)), `targetingkey`) == 1
		if plain && json.Unmarshal(b, &slow) == nil && events.CheckID("", slow.Context.TargetingKey) == nil &&
			strings.Contains(string(b), `"targetingKey"`) && whole["context"][0] == '{' && hasKey(whole["context"]) {
			t.Fatalf("%q was refused: %v", b, err)
		}
	})
}

func hasKey(context json.RawMessage) bool {
	var members map[string]json.RawMessage
	return json.Unmarshal(context, &members) == nil && len(members["targetingKey"]) > 0 && members["targetingKey"][0] == '"'
}

func FuzzReadAssignment(f *testing.F) {
	f.Add([]byte(`{"unit":"u1","units":{"team":"t1"},"attributes":{"a":1},"experiments":["e1"],"expose":true}`))
	f.Add([]byte(`{"unit":"u1","attributes":null,"experiments":null}`))
	for _, text := range jsonTexts() {
		f.Add([]byte(text))
		f.Add([]byte(`{"unit":"u","attributes":` + text + `}`))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var a evalRequest
		err := a.readAssignment(b, attributeSet{"a": {}})
		if err != nil {
			if fault, ok := err.(*evalError); !ok || fault.invalid == nil || fault.invalid.Problem == "" {
				t.Fatalf("%q gives %#v", b, err)
			}
			return
		}
		if _, ok := readsAs(b); !ok {
			t.Fatalf("%q was taken", b)
		}
		if a.subject.Key == "" && len(a.subject.Units) == 0 {
			t.Fatalf("%q names no unit", b)
		}
	})
}

func FuzzDecodeEvents(f *testing.F) {
	one := `{"specversion":"1.0","id":"1","source":"s","type":"order.paid","data":{}}`
	for _, kind := range []string{"", "application/json", "application/cloudevents+json", "application/cloudevents-batch+json", "application/x-ndjson", "text/plain; charset=utf-8", "image/png", ";"} {
		for _, body := range []string{one, "[" + one + "]", one + "\n\n" + one, "", "[", "{}", "null"} {
			f.Add(kind, "1.0", []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, kind, version string, body []byte) {
		h := map[string][]string{"Content-Type": {kind}}
		if version != "" {
			h["Ce-Specversion"], h["Ce-Id"], h["Ce-Time"] = []string{version}, []string{version}, []string{kind}
		}
		batch, alone, err := decodeEvents(h, body)
		if alone && len(batch) != 1 {
			t.Fatalf("%d events alone", len(batch))
		}
		if err != nil && len(batch) > 0 {
			t.Fatalf("%d events and an error: %v", len(batch), err)
		}
		for i, d := range batch {
			if d.Index != i {
				t.Fatalf("event %d has index %d", i, d.Index)
			}
		}
	})
}
