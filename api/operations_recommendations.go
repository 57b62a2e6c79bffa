package api

import "github.com/peakday/peakday/recommend"

func recommendationOperations() map[string]operation {
	category := param{name: "category", text: "only this one"}
	region := param{name: "region", text: "only what is sold and in stock there"}
	return map[string]operation{
		"GET /v1/recommendations": {
			id: "getRecommendations", tag: "Recommendations", summary: "Recommend items to a visitor",
			text: "Sold-out items are left out in the second in which their stock event arrives. Reasons name items of the user's history only to keys with the scope read.",
			query: []param{
				{name: "user", text: "a user_id"}, {name: "device", text: "an anonymous_id"}, {name: "placement", text: "where on the page"},
				limitParam(defaultRecommended, 100), category, region,
				{name: "exclude", text: "items to leave out, with commas between them or several times", list: true},
				flagParam("explain", "give reasons"),
			},
			answers: okReply(recommendations{}, "The items, the best first."),
		},
		"POST /v1/recommendations": {
			id: "recommendForSession", tag: "Recommendations", summary: "Recommend items for a session",
			body: &body{sample: recommendationRequest{}}, answers: okReply(recommendations{}, "The items, the best first."),
		},
		"GET /v1/items/{item}/similar": {
			id: "similarItems", tag: "Recommendations", summary: "List items like an item",
			query:   []param{limitParam(defaultRecommended, 100), category, region},
			answers: okReply(itemScores{}, "The items, the most alike first."),
		},
		"GET /v1/items/{item}/bought-together": {
			id: "boughtTogether", tag: "Recommendations", summary: "List what is bought with an item",
			text:    "In one order, the most often first; empty if nobody has.",
			query:   []param{limitParam(defaultRecommended, 100), category, region},
			answers: okReply(itemScores{}, "The items, the most often bought first."),
		},
		"GET /v1/trending": {
			id: "trendingItems", tag: "Recommendations", summary: "List what is wanted now", text: "Relative to the newest event consumed.",
			query: []param{
				limitParam(defaultRecommended, 100), category, region,
				enumParam("window", "in which an action loses half its weight; day if left out", "hour", "day", "week"),
			},
			answers: okReply(trending{}, "The items, the most wanted first."),
		},
		"GET /v1/stock/{sku}": {
			id: "getStock", tag: "Recommendations", summary: "Say what is left of a SKU",
			query:   []param{{name: "region", text: "only the locations of this region"}},
			answers: okReply(stock{}, "As of the newest stock event."),
		},
		"GET /v1/stock/stream": {
			id: "watchStock", tag: "Recommendations", summary: "Watch what is left of SKUs",
			text: "Server-sent events `stock`, whose data reads as the answer of GET /v1/stock/{sku}: of each SKU first as it is, and then after every change. A SKU that no event has named yet is silent until one does. A comment every 25 s keeps proxies from closing the stream.",
			query: []param{
				{name: "sku", text: "what to watch, at most 100: with commas between them or several times", list: true, required: true},
				{name: "region", text: "only the locations of this region"},
				{name: "key", text: "a public access key: an EventSource can send no headers"},
			},
			answers: []reply{{status: 200, types: []string{"text/event-stream"}, text: "Events, until the client or the service ends the stream."}},
		},
		"GET /v1/recommendations/earnings": {
			id: "listEarnings", tag: "Recommendations", summary: "Say what each policy's answers led to",
			text: "By the request id that recommendation.shown, product.clicked and product.added events and order lines carry. Compare arms by the experiment's report, which tests; these are plain sums.",
			query: []param{
				{name: "from", text: "the first day, such as 2026-11-01; thirty days in all if left out"},
				{name: "to", text: "the last day; today if left out"},
			},
			answers: okReply(earnings{}, "By experiment and policy."),
		},
		"GET /v1/recommendations/interleavings": {
			id: "listInterleavings", tag: "Recommendations", summary: "Say which of two interleaved policies visitors prefer",
			text:    "Every visitor counts once, for the policy from whose items more was clicked, or bought.",
			answers: okReply(interleavings{}, "By experiment."),
		},
		"POST /v1/audiences/lookalike": {
			id: "lookalike", tag: "Recommendations", summary: "Find users who are like some others",
			text: "Ranked by the likeness of what they look at and buy, by the vectors of the active model. The users named are left out.",
			body: &body{sample: lookalikeRequest{}}, answers: okReply(lookalikes{}, "The users, the most alike first."),
		},
		"GET /v1/audiences/tiers": {
			id: "listTiers", tag: "Recommendations", summary: "Count users by how recently and how often they buy",
			text:    "Experiments can ask for a user's tier by the attribute rfm_tier.",
			answers: okReply(tiers{}, "The tiers, the best first."),
		},
		"GET /v1/policies": {
			id: "listPolicies", tag: "Recommendations", summary: "List policies",
			query: listParams(), answers: okReply(listing[policyRequest]{}, "By key; the built-in default has version 0."),
		},
		"GET /v1/policies/{key}": {
			id: "getPolicy", tag: "Recommendations", summary: "Read a policy",
			answers: []reply{{status: 200, sample: policyRequest{}, text: "With its version as ETag.", etag: true}},
		},
		"PUT /v1/policies/{key}": {
			id: "putPolicy", tag: "Recommendations", summary: "Define or change a policy",
			text:    "What is left out is as in the built-in policy. The key `default` is that of requests which no experiment gives a policy. An experiment's variant names a policy by the value `{\"policy\":\"key\"}`.",
			headers: ifMatchHeader(),
			body:    &body{sample: policyRequest{}},
			answers: []reply{
				{status: 200, sample: policyRequest{}, text: "Changed.", etag: true},
				{status: 201, sample: policyRequest{}, text: "Defined.", etag: true},
			},
		},
		"GET /v1/rules": {
			id: "getRules", tag: "Recommendations", summary: "Read the business rules",
			answers: []reply{{status: 200, sample: recommend.Rules{}, text: "All rules.", etag: true}},
		},
		"PUT /v1/rules": {
			id: "putRules", tag: "Recommendations", summary: "Put all business rules in place of the old ones",
			text:    "A rule boosts, buries or pins items by id, category, brand or tag, at some placements or all, for a time or for good. No rule shows what is sold out, hidden, capped or bought already.",
			headers: ifMatchHeader(),
			body:    &body{sample: recommend.Rules{}},
			answers: []reply{
				{status: 200, sample: recommend.Rules{}, text: "Changed.", etag: true},
				{status: 201, sample: recommend.Rules{}, text: "Defined.", etag: true},
			},
		},
		"GET /v1/models": {
			id: "listModels", tag: "Recommendations", summary: "List trained models", answers: okReply(models{}, "The newest first."),
		},
		"POST /v1/models": {
			id: "trainModel", tag: "Recommendations", summary: "Train a model", text: "Answers when it is trained; it is not in use before it is activated.",
			answers: []reply{{status: 201, sample: Model{}, text: "The model."}},
		},
		"POST /v1/models/{version}/activate": {
			id: "activateModel", tag: "Recommendations", summary: "Use a model", text: "Also to go back to an older one.",
			answers: okReply(models{}, "All models."),
		},
	}
}
