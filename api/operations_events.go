package api

import (
	"encoding/json"
	"time"
)

func eventOperations() map[string]operation {
	return map[string]operation{
		"GET /sdk.js": {
			id: "sdk", tag: "Events", summary: "Load the script for web pages", text: "It sends exposures and behaviour in batches: docs/sdk.md.",
			answers: []reply{{status: 200, sample: "", types: []string{"text/javascript"}, text: "The script.", etag: true}, {status: 304, text: "The client has it already."}},
		},
		"POST /v1/events": {
			id: "sendEvents", tag: "Events", summary: "Send events",
			text: "CloudEvents 1.0: one, a JSON batch, NDJSON, or binary mode with ce-* headers; gzip is understood. What is accepted is durable when the answer is sent. " +
				"One bad event by itself is a 422; in a batch or NDJSON it is in `rejected`. With events:behaviour only the types that browsers may send are taken, as many as the key's rate allows.",
			query: []param{flagParam("imported", "brought in afterwards: never late, and duplicates are looked up among all events ever applied; needs the scope manage"),
				{name: "key", text: "a public access key, for navigator.sendBeacon, which can send no headers"}},
			body: &body{sample: cloudEvent{}, types: []string{
				"application/cloudevents+json", "application/cloudevents-batch+json", "application/x-ndjson", "application/json",
			}, text: "At most 8 MiB, unpacked."},
			answers: []reply{{status: 202, sample: receipt{}, text: "What became of the events."}},
		},
	}
}

// cloudEvent is how an event reads, for the document.
type cloudEvent struct {
	SpecVersion string          `json:"specversion" enum:"1.0"`
	ID          string          `json:"id" doc:"unique within source; the pair is the idempotency key"`
	Source      string          `json:"source"`
	Type        string          `json:"type" doc:"such as order.paid; unknown ones are kept and counted"`
	Time        *time.Time      `json:"time,omitempty" doc:"when it happened; now if left out"`
	Subject     string          `json:"subject,omitempty"`
	Data        json.RawMessage `json:"data,omitempty" doc:"as the type wants it; see docs/events.md"`
}
