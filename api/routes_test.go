package api

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

func TestEveryRouteIsDescribedAndViceVersa(t *testing.T) {
	t.Parallel()
	described := operations()
	there := map[string]bool{}
	ids := map[string]string{}
	for _, r := range routes() {
		name := r.method + " " + r.pattern
		if there[name] {
			t.Errorf("%s stands there twice", name)
		}
		there[name] = true
		o, ok := described[name]
		if ok == (r.kind == pageRoute) {
			t.Errorf("%s: described %v, a page %v: every route but the pages is described", name, ok, r.kind == pageRoute)
		}
		if !ok {
			continue
		}
		if o.id == "" || o.summary == "" || o.tag == "" || len(o.answers) == 0 {
			t.Errorf("%s lacks an id, a summary, a tag or an answer", name)
		}
		if other := ids[o.id]; other != "" {
			t.Errorf("%s and %s have one id, %s", name, other, o.id)
		}
		ids[o.id] = name
		if r.open == (len(r.scopes) > 0) {
			t.Errorf("%s must be open or have scopes, not both", name)
		}
	}
	for name := range described {
		if !there[name] {
			t.Errorf("%s is described but is no route", name)
		}
	}
}

func TestEveryTagIsUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, o := range operations() {
		used[o.tag] = true
	}
	for _, tag := range tags() {
		if !used[tag.Name] {
			t.Errorf("tag %s has no operation", tag.Name)
		}
		delete(used, tag.Name)
	}
	for tag := range used {
		t.Errorf("tag %s is not described", tag)
	}
}

// documentOf writes the document of all routes, by method and pattern.
func documentOf(t testing.TB) (all map[string]*route, document []byte) {
	t.Helper()
	all = map[string]*route{}
	described := operations()
	for _, r := range routes() {
		if o, ok := described[r.method+" "+r.pattern]; ok {
			r.operation = &o
		}
		all[r.method+" "+r.pattern] = &r
	}
	document, err := describe(all, "test")
	if err != nil {
		t.Fatal(err)
	}
	return all, document
}

// TestDocumentHoldsTogether reads /openapi.json as a generator of clients does.
func TestDocumentHoldsTogether(t *testing.T) {
	t.Parallel()
	all, b := documentOf(t)
	var doc struct {
		OpenAPI    string
		Paths      map[string]map[string]*huma.Operation
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("openapi is %q", doc.OpenAPI)
	}
	for name, r := range all {
		there := doc.Paths[r.pattern][strings.ToLower(r.method)] != nil
		if there != (r.operation != nil) {
			t.Errorf("%s in the document: %v", name, there)
		}
	}
	for _, ref := range regexp.MustCompile(`"\$ref":"#/components/schemas/([^"]+)"`).FindAllSubmatch(b, -1) {
		if doc.Components.Schemas[string(ref[1])] == nil {
			t.Errorf("%s leads nowhere", ref[0])
		}
	}
	for _, secret := range []string{"peakday/api", "huma"} {
		if strings.Contains(string(b), secret) {
			t.Errorf("the document speaks of %s", secret)
		}
	}
}

func TestSchemasOfOneNameStayApart(t *testing.T) {
	t.Parallel()
	names := schemaNames()
	type Event struct{}
	one := names(typeOf[Event](), "")
	if again := names(typeOf[*Event](), ""); again != one {
		t.Errorf("one type has two names, %s and %s", one, again)
	}
	if other := names(typeOf[cloudEvent](), "Event"); other == one {
		t.Errorf("two types have one name, %s", one)
	}
}
