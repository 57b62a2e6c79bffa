package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/forecast"
)

func openAPIDocument(x *exchange) error {
	doc, err := x.openAPI()
	if err != nil {
		return err
	}
	return x.send(http.StatusOK, x.headers.json, doc)
}

// describe writes the OpenAPI 3.1 document of the routes.
func describe(routes map[string]*route, version string) ([]byte, error) {
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "peakday", Version: cmp.Or(version, "dev"),
			Description: "A/B assignment and statistics, recommendations, sales forecasts and stock plans for mega-sale days, fed by events.",
			License:     &huma.License{Name: "Apache 2.0", Identifier: "Apache-2.0"},
		},
		Servers:    []*huma.Server{{URL: "/"}},
		Security:   []map[string][]string{{"bearer": {}}, {"apiKey": {}}},
		Tags:       tags(),
		Components: &huma.Components{Schemas: registry(), SecuritySchemes: schemes()},
	}
	for _, name := range slices.Sorted(maps.Keys(routes)) {
		if r := routes[name]; r.operation != nil {
			doc.AddOperation(operationOf(r, doc.Components.Schemas))
		}
	}
	describeFields(doc.Components.Schemas.Map())
	b, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	return append(b, '\n'), nil
}

func schemes() map[string]*huma.SecurityScheme {
	return map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", Description: "An access key. Without any key the service answers only the machine that it runs on, and needs none."},
		"apiKey": {Type: "apiKey", In: "header", Name: "X-API-Key", Description: "The same key in a header of its own."},
	}
}

// registry makes schemas out of Go types. Types that write themselves are
// named as what they look like on the wire.
func registry() huma.Registry {
	r := huma.NewMapRegistry("#/components/schemas/", schemaNames())
	text, number, object := reflect.TypeFor[string](), reflect.TypeFor[*float64](), reflect.TypeFor[map[string]any]()
	r.RegisterTypeAlias(reflect.TypeFor[experiments.Hours](), text)
	r.RegisterTypeAlias(reflect.TypeFor[experiments.Number](), number)
	r.RegisterTypeAlias(reflect.TypeFor[experiments.Condition](), object)
	r.RegisterTypeAlias(reflect.TypeFor[experiments.Range](), reflect.TypeFor[[2]string]())
	r.RegisterTypeAlias(reflect.TypeFor[forecast.Quantiles](), reflect.TypeFor[map[string]float64]())
	r.RegisterTypeAlias(reflect.TypeFor[forecast.Supply](), reflect.TypeFor[supply]())
	r.RegisterTypeAlias(reflect.TypeFor[forecast.Plan](), reflect.TypeFor[stockPlan]())
	return r
}

// schemaNames names a schema by its Go type. Of two types with one name, in
// different packages, the second has its package's name before its own.
func schemaNames() func(reflect.Type, string) string {
	taken := map[string]reflect.Type{}
	return func(t reflect.Type, hint string) string {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		name := capital(huma.DefaultSchemaNamer(t, hint))
		if first, ok := taken[name]; ok && first != t {
			name = capital(t.PkgPath()[strings.LastIndex(t.PkgPath(), "/")+1:]) + name
		}
		taken[name] = t
		return name
	}
}

func capital(s string) string {
	return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):]
}

func operationOf(r *route, types huma.Registry) *huma.Operation {
	o := r.operation
	op := &huma.Operation{
		Method: r.method, Path: r.pattern, OperationID: o.id, Summary: o.summary, Tags: []string{o.tag},
		Description: strings.TrimSpace(o.text + "\n\n" + access(r)),
		Responses:   map[string]*huma.Response{},
	}
	op.Security = security(r)
	op.Parameters = append(pathParams(r.pattern), queryParams(o)...)
	if r.changes() {
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: "Idempotency-Key", In: "header", Description: "of 1 to 255 characters: a repeated request with it gets the first one's answer, for a day", Schema: &huma.Schema{Type: "string"},
		})
	}
	if b := o.body; b != nil {
		op.RequestBody = &huma.RequestBody{Required: !b.optional, Description: b.text, Content: content(b.sample, b.types, types)}
	}
	for _, a := range o.answers {
		answer := &huma.Response{Description: a.text}
		if a.sample != nil {
			answer.Content = content(a.sample, a.types, types)
		}
		if a.etag {
			answer.Headers = map[string]*huma.Param{"ETag": {Description: "the version, for If-Match", Schema: &huma.Schema{Type: "string"}}}
		}
		op.Responses[strconv.Itoa(a.status)] = answer
	}
	if r.kind == ofrepRoute {
		op.Responses["default"] = &huma.Response{Description: "An error in OFREP's form.", Content: content(failedFlag{}, nil, types)}
	} else {
		op.Responses["default"] = &huma.Response{Description: "A problem; see /docs for the codes.", Content: content(problem{}, []string{"application/problem+json"}, types)}
	}
	return op
}

// security names the scopes, any of which is enough.
func security(r *route) []map[string][]string {
	out := []map[string][]string{}
	if r.open {
		return out
	}
	for _, s := range r.scopes {
		for _, scheme := range []string{"bearer", "apiKey"} {
			out = append(out, map[string][]string{scheme: {string(s)}})
		}
	}
	return out
}

// access says in words what a route needs.
func access(r *route) string {
	if r.open {
		return "Needs no access key."
	}
	return "Needs the scope " + join(r.scopes, " or ") + "."
}

func content(like any, mediaTypes []string, types huma.Registry) map[string]*huma.MediaType {
	if len(mediaTypes) == 0 {
		mediaTypes = []string{"application/json"}
	}
	out := map[string]*huma.MediaType{}
	for _, t := range mediaTypes {
		schema := &huma.Schema{Type: "string"}
		if strings.HasSuffix(t, "json") {
			schema = types.Schema(reflect.TypeOf(like), true, "")
		}
		out[t] = &huma.MediaType{Schema: schema}
	}
	return out
}

func pathParams(pattern string) []*huma.Param {
	var out []*huma.Param
	for rest := pattern; ; {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			return out
		}
		name, behind, _ := strings.Cut(after, "}")
		rest = behind
		note := pathNote(name)
		out = append(out, &huma.Param{Name: name, In: "path", Required: true, Description: note.text, Example: note.example, Schema: &huma.Schema{Type: "string"}})
	}
}

func queryParams(o *operation) []*huma.Param {
	var out []*huma.Param
	for in, params := range map[string][]param{"query": o.query, "header": o.headers} {
		for _, p := range params {
			schema := p.schema
			if schema == nil {
				schema = &huma.Schema{Type: "string"}
			}
			if p.list {
				schema = &huma.Schema{Type: "array", Items: schema}
			}
			out = append(out, &huma.Param{Name: p.name, In: in, Description: p.text, Required: p.required, Schema: schema})
		}
	}
	slices.SortStableFunc(out, func(a, b *huma.Param) int { return -cmp.Compare(a.In, b.In) })
	return out
}
