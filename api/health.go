package api

import (
	"context"
	"net/http"
	"time"
)

// Ready lists what the service still waits for, such as "the play is being
// consumed"; empty when it is ready to serve.
type Ready func(ctx context.Context) []string

// healthz answers as long as the process runs.
func healthz(x *exchange) error {
	return x.json(http.StatusOK, health{Status: "alive"})
}

type health struct {
	Status  string   `json:"status" doc:"alive, ready or waiting"`
	Reasons []string `json:"reasons,omitempty" doc:"what it waits for"`
}

// readyWithin is how long a store may take to show that it is there. Probes
// wait no longer, and one that hangs is away.
const readyWithin = 2 * time.Second

// readyz answers 503 with the reasons until the service is ready.
func readyz(x *exchange) error {
	if x.Ready == nil {
		return x.json(http.StatusOK, health{Status: "ready"})
	}
	ctx, cancel := context.WithTimeout(x.ctx(), readyWithin)
	defer cancel()
	if reasons := x.Ready(ctx); len(reasons) > 0 {
		return x.json(http.StatusServiceUnavailable, health{Status: "waiting", Reasons: reasons})
	}
	return x.json(http.StatusOK, health{Status: "ready"})
}
