package events

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// blocks gives the fenced blocks of docs/events.md that are marked so.
func blocks(t *testing.T, mark string) (out []string) {
	t.Helper()
	text, err := os.ReadFile("../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?ms)^```"+mark+"\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		out = append(out, m[1])
	}
	if len(out) == 0 {
		t.Fatalf("no block is marked %q", mark)
	}
	return out
}

// checkSample wants the sample to be read, of a known type, and to be routed.
func checkSample(t *testing.T, d Decoded) Type {
	t.Helper()
	if d.Err != nil {
		t.Fatalf("event %d: %v", d.Index, d.Err)
	}
	typ := Type(d.Event.Type)
	if !typ.Known() {
		t.Errorf("%s is of an unknown type", d.Event.ID)
	}
	for _, r := range route(t, d.Event) {
		if r.Kind == ForNoKey {
			t.Errorf("%s says nothing to any fold", d.Event.ID)
		}
	}
	return typ
}

// Every sample of the manual is an event, and every type has one.
func TestSamplesOfTheManual(t *testing.T) {
	t.Parallel()
	seen := map[Type]bool{}
	ids := map[string]bool{}
	for _, b := range blocks(t, "json event") {
		e, err := DecodeEvent([]byte(b))
		seen[checkSample(t, Decoded{Event: e, Err: err})] = true
		if ids[e.ID] {
			t.Errorf("two samples have the id %s", e.ID)
		}
		ids[e.ID] = true
	}
	for _, typ := range declaredTypes(t) {
		if !seen[typ] {
			t.Errorf("%s has no sample", typ)
		}
	}
}

// What the manual's commands send is good.
func TestCommandsOfTheManual(t *testing.T) {
	t.Parallel()
	for _, b := range blocks(t, "ndjson") {
		ds, err := DecodeNDJSON(strings.NewReader(b))
		if err != nil || len(ds) < 2 {
			t.Fatal(len(ds), err)
		}
		for _, d := range ds {
			checkSample(t, d)
		}
	}
	sent := 0
	for _, b := range blocks(t, "sh") {
		body := regexp.MustCompile(`(?s)-d '(.*)'`).FindStringSubmatch(b)
		if body == nil {
			continue
		}
		sent++
		switch typ := regexp.MustCompile(`ce-type: ([a-z_.]+)`).FindStringSubmatch(b); {
		case typ != nil:
			checkSample(t, Decoded{Event: event(Type(typ[1]), body[1])})
		case strings.Contains(b, "batch+json"):
			ds, err := DecodeBatch([]byte(body[1]))
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range ds {
				checkSample(t, d)
			}
		default:
			e, err := DecodeEvent([]byte(body[1]))
			checkSample(t, Decoded{Event: e, Err: err})
		}
	}
	if sent != 3 {
		t.Errorf("%d commands send a body", sent)
	}
}
