package api

func operatingOperations() map[string]operation {
	return map[string]operation{
		"GET /v1/consumers": {
			id: "getConsumers", tag: "Operation", summary: "Say how far events have been applied", answers: okReply(consumers{}, "Lag, rates and counts."),
		},
		"GET /v1/consumers/dead-letters": {
			id: "listDeadLetters", tag: "Operation", summary: "List what could not be applied", query: listParams(),
			answers: okReply(listing[deadLetter]{}, "Records with the reasons, the oldest first."),
		},
		"POST /v1/consumers/dead-letters/replay": {
			id: "replayDeadLetters", tag: "Operation", summary: "Send all dead letters again",
			text: "After their cause was mended. What was applied meanwhile counts as a duplicate.", answers: okReply(replayed{}, "How many."),
		},
		"GET /v1/settings": {
			id: "getSettings", tag: "Operation", summary: "Get what was chosen at the first start", answers: okReply(settings{}, "It never changes."),
		},
		"GET /healthz": {id: "healthz", tag: "Operation", summary: "Say that the process runs", answers: okReply(health{}, "It runs.")},
		"GET /readyz": {
			id: "readyz", tag: "Operation", summary: "Say whether the service is ready",
			answers: []reply{
				{status: 200, sample: health{}, text: "Ready."},
				{status: 503, sample: health{}, text: "Not ready, with the reasons."},
			},
		},
		"GET /metrics": {
			id: "metrics", tag: "Operation", summary: "Show metrics to Prometheus",
			answers: []reply{{status: 200, sample: "", types: []string{"text/plain"}, text: "The exposition format that the client asks for."}},
		},
		"GET /openapi.json": {
			id: "openapi", tag: "Operation", summary: "Get this document",
			answers: okReply(map[string]any{}, "OpenAPI 3.1."),
		},
	}
}
