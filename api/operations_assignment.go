package api

import "github.com/danielgtaylor/huma/v2"

func assignmentOperations() map[string]operation {
	return map[string]operation{
		"POST /ofrep/v1/evaluate/flags/{key}": {
			id: "evaluateFlag", tag: "Assignment", summary: "Evaluate one flag (OFREP)",
			text: "A flag is an experiment; `targetingKey` is the experiment's unit, and `context.units.<kind>` overrides it for other kinds. " +
				"A unit outside coverage, audience or layer gets the control with reason STATIC and `enrolled` false. A stopped experiment has reason DISABLED and no value.",
			query:   []param{switched("expose", "log that the unit meets its variant")},
			body:    &body{like: ofrepRequest{}},
			answers: ok(ofrepFlag{}, "The evaluation."),
		},
		"POST /ofrep/v1/evaluate/flags": {
			id: "evaluateFlags", tag: "Assignment", summary: "Evaluate all flags (OFREP)",
			text: "Never logs exposures. The ETag is a hash of the whole answer.",
			query: []param{
				{name: "flagConfigEtag", text: "taken, and of no effect: every evaluation is as fresh as it can be"},
				{name: "flagConfigLastModified", text: "the same"},
			},
			headers: []param{{name: "If-None-Match", text: "ETags of answers that the client has: a list, W/ and * as in RFC 9110"}},
			body:    &body{like: ofrepRequest{}},
			answers: []reply{
				{status: 200, like: ofrepFlags{}, text: "All flags but drafts, ordered by key.", etag: true},
				{status: 304, text: "The client has this answer already."},
			},
		},
		"POST /v1/assignments": {
			id: "assign", tag: "Assignment", summary: "Assign a unit its variants",
			text: "Experiments that do not exist or are drafts are left out of the answer.",
			body: &body{like: assignmentRequest{}}, answers: ok(assignments{}, "The assignments, ordered by experiment, or as asked for."),
		},
	}
}

// ofrepRequest and what follows are how OFREP's bodies read, for the document.
type ofrepRequest struct {
	Context ofrepContext `json:"context"`
}

type ofrepContext struct {
	TargetingKey string            `json:"targetingKey"`
	Units        map[string]string `json:"units,omitempty" doc:"ids of other kinds of units"`
	_            struct{}          `additionalProperties:"true"`
}

type ofrepFlag struct {
	Key      string         `json:"key"`
	Reason   string         `json:"reason" enum:"STATIC,TARGETING_MATCH,SPLIT,DISABLED"`
	Variant  string         `json:"variant,omitempty"`
	Value    flagValue      `json:"value,omitempty"`
	Metadata *ofrepMetadata `json:"metadata,omitempty"`
}

type ofrepMetadata struct {
	Experiment string `json:"experiment"`
	Version    int64  `json:"version"`
	Layer      string `json:"layer,omitempty"`
	Enrolled   bool   `json:"enrolled"`
}

type ofrepFlags struct {
	Flags []ofrepFlag `json:"flags"`
}

// flagValue is a string, a number, a boolean or an object.
type flagValue struct{}

// Schema implements huma.SchemaProvider.
func (flagValue) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString}, {Type: huma.TypeNumber}, {Type: huma.TypeBoolean},
		{Type: huma.TypeObject, AdditionalProperties: true},
	}}
}
