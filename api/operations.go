package api

import (
	"maps"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// operations says of every route but the pages what /openapi.json tells, by
// method and pattern.
func operations() map[string]operation {
	all := map[string]operation{}
	for _, some := range []map[string]operation{
		assignmentOperations(), experimentOperations(), definitionOperations(), calculatorOperations(), eventOperations(),
		recommendationOperations(), forecastOperations(), planningOperations(), operatingOperations(),
	} {
		maps.Copy(all, some)
	}
	return all
}

func tags() []*huma.Tag {
	return []*huma.Tag{
		{Name: "Assignment", Description: "Which variant a visitor sees. OpenFeature's OFREP 0.3.0 beside our own form."},
		{Name: "Experiments", Description: "Definitions, their life, and their reports."},
		{Name: "Events", Description: "What happens in the shop, as CloudEvents 1.0."},
		{Name: "Recommendations", Description: "What to show a visitor, and why."},
		{Name: "Forecasts", Description: "What will sell, and how much to stock for an event."},
		{Name: "Operation", Description: "Health, lag, dead letters."},
	}
}

func limitParam(otherwise, most int) param {
	least, top := 1.0, float64(most)
	return param{name: "limit", text: "how many at most", schema: &huma.Schema{Type: "integer", Minimum: &least, Maximum: &top, Default: otherwise}}
}

// listParams are the parameters of lists.
func listParams(more ...param) []param {
	return append(more, limitParam(defaultItems, maxItems), param{name: "cursor", text: "next_cursor of the answer before"})
}

func enumParam(name, text string, values ...any) param {
	return param{name: name, text: text, schema: &huma.Schema{Type: "string", Enum: values}}
}

func flagParam(name, text string) param {
	return param{name: name, text: text, schema: &huma.Schema{Type: "string", Enum: []any{"1", "0", "true", "false"}}}
}

// ifMatchHeader is what updates take.
func ifMatchHeader() []param {
	return []param{{name: "If-Match", text: "the ETag of the version to change; 412 if it is another one by now"}}
}

func okReply(like any, text string) []reply { return []reply{{status: 200, sample: like, text: text}} }

func versionedReplies(like any) []reply {
	return []reply{
		{status: 200, sample: like, text: "Changed.", etag: true},
		{status: 201, sample: like, text: "Created.", etag: true},
	}
}

func definitionReply(like any) []reply {
	return []reply{{status: 200, sample: like, text: "The definition.", etag: true}}
}

// operation is what /openapi.json says of a route.
type operation struct {
	id      string // for generators of clients
	summary string
	tag     string
	text    string // more than the summary
	query   []param
	headers []param
	body    *body
	answers []reply
}

// param is a parameter of the query, or a header.
type param struct {
	name     string
	text     string
	schema   *huma.Schema // a string if nil
	list     bool         // may come several times
	required bool
}

// body is what a request carries: a value of the type that like points to.
type body struct {
	sample   any
	types    []string // application/json if none
	optional bool
	text     string
}

// reply is an answer that is no problem.
type reply struct {
	status int
	sample any // nil: no body
	types  []string
	text   string
	etag   bool
}

func (o *operation) queryParam(name string) *param {
	for i := range o.query {
		if o.query[i].name == name {
			return &o.query[i]
		}
	}
	return nil
}

func (o *operation) queryNames() string {
	if len(o.query) == 0 {
		return "none"
	}
	names := make([]string, len(o.query))
	for i, p := range o.query {
		names[i] = p.name
	}
	return strings.Join(names, ", ")
}
