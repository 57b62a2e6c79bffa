// Package api is peakday over HTTP: assignment, experiments and their reports,
// events, recommendations, forecasts and stock plans, and the pages at /.
//
//	request ── route (routes.go) ── admit (access.go) ── handler ── answer
//	                                                        └─ error ── problem (problem.go)
//
// The whole surface stands on one page, routes.go. Each noun has a file with
// its handlers, in the order of its routes. A handler gets an *exchange and
// returns an error; problem.go is the only place that turns errors into
// statuses. What /openapi.json says of a route stands in the operations_*.go
// files, and a test holds the two together.
//
// The package knows the domain packages and no database: internal/app fills in
// Services.
//
//	service, err := api.New(api.Services{Desk: desk, Live: live, Intake: intake, …})
//	http.Serve(listener, service)
package api
