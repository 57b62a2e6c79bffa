package api

import "net/http"

// route is one line of the surface.
type route struct {
	method  string
	pattern string
	scopes  []Scope // any of them is enough
	handle  func(*exchange) error

	kind   routeKind
	open   bool // needs no key
	cors   bool // browsers of other origins may ask
	reads  bool // a POST that changes nothing
	hot    bool // logged only when it fails
	health bool // answers whoever asks, under whatever host name

	keyInURL bool // a public key may come as ?key=, from what can send no headers

	operation *operation // what /openapi.json says; nil for pages
	meter     *meter
}

// routeKind says who asks a route, and so the form of its errors.
type routeKind int

const (
	apiRoute   routeKind = iota // programs: application/problem+json
	ofrepRoute                  // OpenFeature providers: the form of OFREP
	pageRoute                   // people: a page
)

// changes reports whether a request of this route changes something.
func (r *route) changes() bool {
	return r.method != http.MethodGet && !r.reads
}

// routes is the whole surface.
func routes() []route {
	var (
		evaluate       = []Scope{Evaluate}
		readOrEvaluate = []Scope{Evaluate, Read}
		read           = []Scope{Read}
		manage         = []Scope{Manage}
		send           = []Scope{EventsBehaviour, EventsTrusted, Manage}
	)
	const get, put, post, patch = http.MethodGet, http.MethodPut, http.MethodPost, http.MethodPatch
	return []route{
		// Assignment
		{method: post, pattern: "/ofrep/v1/evaluate/flags/{key}", scopes: evaluate, handle: evaluateFlag, kind: ofrepRoute, cors: true, reads: true, hot: true},
		{method: post, pattern: "/ofrep/v1/evaluate/flags", scopes: evaluate, handle: evaluateFlags, kind: ofrepRoute, cors: true, reads: true, hot: true},
		{method: get, pattern: streamPath, scopes: evaluate, handle: watchFlags, kind: ofrepRoute, cors: true, hot: true, keyInURL: true},
		{method: post, pattern: "/v1/assignments", scopes: evaluate, handle: assign, cors: true, reads: true, hot: true},

		// Experiments
		{method: get, pattern: "/v1/experiments", scopes: read, handle: listExperiments},
		{method: get, pattern: "/v1/experiments/{key}", scopes: read, handle: getExperiment},
		{method: put, pattern: "/v1/experiments/{key}", scopes: manage, handle: putExperiment},
		{method: patch, pattern: "/v1/experiments/{key}", scopes: manage, handle: patchExperiment},
		{method: post, pattern: "/v1/experiments/{key}/start", scopes: manage, handle: startExperiment},
		{method: post, pattern: "/v1/experiments/{key}/pause", scopes: manage, handle: pauseExperiment},
		{method: post, pattern: "/v1/experiments/{key}/stop", scopes: manage, handle: stopExperiment},
		{method: post, pattern: "/v1/experiments/{key}/ship", scopes: manage, handle: shipExperiment},
		{method: get, pattern: "/v1/experiments/{key}/history", scopes: read, handle: experimentHistory},
		{method: post, pattern: "/v1/experiments/{key}/qa-links", scopes: manage, handle: addQALink},
		{method: http.MethodDelete, pattern: "/v1/experiments/{key}/qa-links/{id}", scopes: manage, handle: removeQALink},
		{method: get, pattern: "/v1/experiments/{key}/report", scopes: read, handle: experimentReport},
		{method: get, pattern: "/v1/experiments/{key}/units", scopes: read, handle: experimentUnits},
		{method: post, pattern: "/v1/calculators/sample-size", scopes: read, handle: planSize, reads: true},
		{method: post, pattern: "/v1/calculators/mde", scopes: read, handle: planEffect, reads: true},
		{method: post, pattern: "/v1/calculators/duration", scopes: read, handle: planDuration, reads: true},
		{method: post, pattern: "/v1/calculators/looks", scopes: read, handle: planLooks, reads: true},
		{method: post, pattern: "/v1/calculators/test", scopes: read, handle: testNumbers, reads: true},
		{method: get, pattern: "/v1/metrics", scopes: read, handle: listMetrics},
		{method: get, pattern: "/v1/metrics/{key}", scopes: read, handle: getMetric},
		{method: put, pattern: "/v1/metrics/{key}", scopes: manage, handle: putMetric},
		{method: get, pattern: "/v1/layers", scopes: read, handle: listLayers},
		{method: get, pattern: "/v1/layers/{key}", scopes: read, handle: getLayer},
		{method: put, pattern: "/v1/layers/{key}", scopes: manage, handle: putLayer},
		{method: get, pattern: "/v1/holdouts", scopes: read, handle: listHoldouts},
		{method: get, pattern: "/v1/holdouts/{key}", scopes: read, handle: getHoldout},
		{method: put, pattern: "/v1/holdouts/{key}", scopes: manage, handle: putHoldout},
		{method: get, pattern: "/v1/holdouts/{key}/report", scopes: read, handle: holdoutReport},

		// Events
		{method: post, pattern: "/v1/events", scopes: send, handle: sendEvents, cors: true, hot: true, keyInURL: true},

		{method: get, pattern: "/sdk.js", handle: script, open: true, hot: true},

		// Recommendations
		{method: get, pattern: "/v1/recommendations", scopes: evaluate, handle: getRecommendations, cors: true, hot: true},
		{method: post, pattern: "/v1/recommendations", scopes: evaluate, handle: postRecommendations, cors: true, reads: true, hot: true},
		{method: get, pattern: "/v1/items/{item}/similar", scopes: readOrEvaluate, handle: similarItems, cors: true, hot: true},
		{method: get, pattern: "/v1/items/{item}/bought-together", scopes: readOrEvaluate, handle: boughtTogether, cors: true, hot: true},
		{method: get, pattern: "/v1/trending", scopes: readOrEvaluate, handle: trendingItems, cors: true, hot: true},
		{method: get, pattern: "/v1/stock/stream", scopes: evaluate, handle: watchStock, cors: true, hot: true, keyInURL: true},
		{method: get, pattern: "/v1/stock/{sku}", scopes: readOrEvaluate, handle: getStock, cors: true, hot: true},
		{method: get, pattern: "/v1/recommendations/earnings", scopes: read, handle: listEarnings},
		{method: get, pattern: "/v1/recommendations/interleavings", scopes: read, handle: listInterleavings},
		{method: post, pattern: "/v1/audiences/lookalike", scopes: read, handle: lookalike, reads: true},
		{method: get, pattern: "/v1/audiences/tiers", scopes: read, handle: listTiers},
		{method: get, pattern: "/v1/policies", scopes: read, handle: listPolicies},
		{method: get, pattern: "/v1/policies/{key}", scopes: read, handle: getPolicy},
		{method: put, pattern: "/v1/policies/{key}", scopes: manage, handle: putPolicy},
		{method: get, pattern: "/v1/rules", scopes: manage, handle: getRules},
		{method: put, pattern: "/v1/rules", scopes: manage, handle: putRules},
		{method: get, pattern: "/v1/models", scopes: manage, handle: listModels},
		{method: post, pattern: "/v1/models", scopes: manage, handle: trainModel},
		{method: post, pattern: "/v1/models/{version}/activate", scopes: manage, handle: activateModel},

		// Forecasts and stock plans
		{method: get, pattern: "/v1/forecasts", scopes: read, handle: eventForecasts},
		{method: get, pattern: "/v1/forecasts/{sku}", scopes: read, handle: getForecast},
		{method: get, pattern: "/v1/calendar", scopes: read, handle: listCalendar},
		{method: get, pattern: "/v1/calendar/{event}", scopes: read, handle: getCalendarEvent},
		{method: put, pattern: "/v1/calendar/{event}", scopes: manage, handle: putCalendarEvent},
		{method: get, pattern: "/v1/supply", scopes: read, handle: listSupply},
		{method: post, pattern: "/v1/supply", scopes: manage, handle: putSupplies},
		{method: get, pattern: "/v1/supply/{sku}", scopes: read, handle: getSupply},
		{method: put, pattern: "/v1/supply/{sku}", scopes: manage, handle: putSupply},
		{method: get, pattern: "/v1/overrides", scopes: read, handle: listOverrides},
		{method: get, pattern: "/v1/overrides/{sku}", scopes: read, handle: getOverride},
		{method: put, pattern: "/v1/overrides/{sku}", scopes: manage, handle: putOverride},
		{method: http.MethodDelete, pattern: "/v1/overrides/{sku}", scopes: manage, handle: deleteOverride},
		{method: post, pattern: "/v1/what-if", scopes: read, handle: postWhatIf, reads: true},
		{method: get, pattern: "/v1/sales", scopes: read, handle: getSales},
		{method: get, pattern: "/v1/lost-demand", scopes: read, handle: getLostDemand},
		{method: get, pattern: "/v1/alerts", scopes: read, handle: getAlerts},
		{method: get, pattern: "/v1/accuracy", scopes: read, handle: getAccuracy},
		{method: get, pattern: "/v1/funnels", scopes: read, handle: getFunnels},
		{method: get, pattern: "/v1/reconciliation", scopes: read, handle: getReconciliation},
		{method: get, pattern: "/v1/stock-plans", scopes: read, handle: listStockPlans},
		{method: post, pattern: "/v1/stock-plans", scopes: manage, handle: postStockPlan},
		{method: get, pattern: "/v1/stock-plans/{id}", scopes: read, handle: getStockPlan},

		// Operation
		{method: get, pattern: "/v1/consumers", scopes: manage, handle: getConsumers},
		{method: get, pattern: "/v1/consumers/dead-letters", scopes: manage, handle: listDeadLetters},
		{method: post, pattern: "/v1/consumers/dead-letters/replay", scopes: manage, handle: replayDeadLetters},
		{method: get, pattern: "/v1/settings", scopes: readOrEvaluate, handle: getSettings},
		{method: get, pattern: "/healthz", handle: healthz, open: true, health: true, hot: true},
		{method: get, pattern: "/readyz", handle: readyz, open: true, health: true, hot: true},
		{method: get, pattern: "/metrics", scopes: read, handle: prometheusMetrics, hot: true},
		{method: get, pattern: "/openapi.json", handle: openAPIDocument, open: true},

		// Pages
		{method: get, pattern: "/docs", handle: docsPage, kind: pageRoute, open: true},
		{method: get, pattern: "/", scopes: read, handle: overviewPage, kind: pageRoute},
		{method: get, pattern: "/experiments", scopes: read, handle: experimentsPage, kind: pageRoute},
		{method: get, pattern: "/experiments/{key}", scopes: read, handle: experimentPage, kind: pageRoute},
		{method: get, pattern: "/holdouts/{key}", scopes: read, handle: holdoutPage, kind: pageRoute},
		{method: get, pattern: "/recommendations", scopes: read, handle: recommendationsPage, kind: pageRoute},
		{method: get, pattern: "/models", scopes: manage, handle: modelsPage, kind: pageRoute},
		{method: post, pattern: "/models/train", scopes: manage, handle: trainPage, kind: pageRoute},
		{method: post, pattern: "/models/{version}/activate", scopes: manage, handle: activateModelPage, kind: pageRoute},
		{method: get, pattern: "/forecasts", scopes: read, handle: forecastsPage, kind: pageRoute},
		{method: get, pattern: "/forecasts/{sku}", scopes: read, handle: forecastPage, kind: pageRoute},
		{method: get, pattern: "/overrides", scopes: read, handle: overridesPage, kind: pageRoute},
		{method: post, pattern: "/overrides", scopes: manage, handle: addOverride, kind: pageRoute},
		{method: post, pattern: "/overrides/{sku}/end", scopes: manage, handle: endOverridePage, kind: pageRoute},
		{method: get, pattern: "/what-if", scopes: read, handle: whatIfPage, kind: pageRoute},
		{method: get, pattern: "/alerts", scopes: read, handle: alertsPage, kind: pageRoute},
		{method: get, pattern: "/accuracy", scopes: read, handle: accuracyPage, kind: pageRoute},
		{method: get, pattern: "/stock-plans", scopes: read, handle: stockPlansPage, kind: pageRoute},
		{method: post, pattern: "/stock-plans", scopes: manage, handle: makeStockPlan, kind: pageRoute},
		{method: get, pattern: "/stock-plans/{id}", scopes: read, handle: stockPlanPage, kind: pageRoute},
		{method: get, pattern: "/operation", scopes: manage, handle: operationPage, kind: pageRoute},
		{method: post, pattern: "/operation/replay", scopes: manage, handle: replayPage, kind: pageRoute},
		{method: get, pattern: "/login", handle: loginPage, kind: pageRoute, open: true},
		{method: post, pattern: "/login", handle: login, kind: pageRoute, open: true},
		{method: post, pattern: "/logout", handle: logout, kind: pageRoute, open: true},
		{method: get, pattern: "/assets/{name}", handle: asset, kind: pageRoute, open: true},
	}
}
