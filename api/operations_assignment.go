package api

import "github.com/danielgtaylor/huma/v2"

func assignmentOperations() map[string]operation {
	return map[string]operation{
		"POST /ofrep/v1/evaluate/flags/{key}": {
			id: "evaluateFlag", tag: "Assignment", summary: "Evaluate one flag (OFREP)",
			text: "A flag is an experiment; `targetingKey` is the experiment's unit, and `context.units.<kind>` overrides it for other kinds. " +
				"A unit outside coverage, audience or layer gets the control with reason STATIC and `enrolled` false. A stopped experiment has reason DISABLED and no value.",
			query:   []param{flagParam("expose", "log that the unit meets its variant")},
			body:    &body{sample: ofrepRequest{}},
			answers: okReply(ofrepFlag{}, "The evaluation."),
		},
		"POST /ofrep/v1/evaluate/flags": {
			id: "evaluateFlags", tag: "Assignment", summary: "Evaluate all flags (OFREP)",
			text: "Never logs exposures. The ETag is a hash of the answer. `eventStreams` names the stream of changes, unless the access key is one that must not stand in a URL.",
			query: []param{
				{name: "flagConfigEtag", text: "`etag` of the event that made the client ask: the answer is not older"},
				{name: "flagConfigLastModified", text: "`lastModified` of that event; of no effect"},
			},
			headers: []param{{name: "If-None-Match", text: "ETags of answers that the client has: a list, W/ and * as in RFC 9110"}},
			body:    &body{sample: ofrepRequest{}},
			answers: []reply{
				{status: 200, sample: ofrepFlags{}, text: "All flags but drafts, ordered by key.", etag: true},
				{status: 304, text: "The client has this answer already."},
			},
		},
		"GET " + streamPath: {
			id: "watchFlags", tag: "Assignment", summary: "Hear that flags may have changed (OFREP)",
			text: "Server-sent events of OFREP's ADR-0008: on `refetchEvaluation` evaluate all flags again. After a break, an EventSource sends Last-Event-ID by itself, and hears at once what it missed.",
			query: []param{
				{name: "since", text: "the revision that the client knows; without it, the first event comes at once"},
				{name: "key", text: "a public access key: an EventSource can send no headers"},
			},
			headers: []param{{name: "Last-Event-ID", text: "`id` of the last event that the client has seen"}},
			answers: []reply{{status: 200, types: []string{"text/event-stream"}, text: "Events, until the client or the service ends the stream."}},
		},
		"POST /v1/assignments": {
			id: "assign", tag: "Assignment", summary: "Assign a unit its variants",
			text: "Experiments that do not exist or are drafts are left out of the answer.",
			body: &body{sample: assignmentRequest{}}, answers: okReply(assignments{}, "The assignments, ordered by experiment, or as asked for."),
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
	Unit       string `json:"unit" doc:"the kind of unit that is assigned, such as user"`
	Enrolled   bool   `json:"enrolled"`
}

type ofrepFlags struct {
	Flags        []ofrepFlag   `json:"flags"`
	EventStreams []ofrepStream `json:"eventStreams,omitempty"`
}

type ofrepStream struct {
	Type     string `json:"type" enum:"sse"`
	Endpoint struct {
		RequestURI string `json:"requestUri" doc:"below the origin of this service"`
	} `json:"endpoint"`
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
