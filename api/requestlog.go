package api

import (
	"errors"
	"log/slog"
	"time"
)

// log writes the request's line. Of the hot routes it is written at debug
// level unless the request failed: tens of thousands of lines a second would
// cost more than the answers. Query strings and headers hold ids and secrets
// and are not logged.
func (x *exchange) log(took time.Duration) {
	level := slog.LevelInfo
	switch {
	case x.route.health: // a 503 of /readyz is an answer, asked for every second
		level = slog.LevelDebug
	case x.status >= 500 && x.r.Context().Err() == nil: // else the client went away
		level = slog.LevelError
	case x.route.hot && x.status < 400:
		level = slog.LevelDebug
	}
	ctx := x.r.Context()
	if !x.Logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("request_id", x.id), slog.String("method", x.r.Method), slog.String("route", x.route.pattern),
		slog.Int("status", x.status), slog.Duration("took", took), slog.String("by", x.caller.name()),
	}
	if x.problem != nil {
		attrs = append(attrs, slog.String("problem", x.problem.Code))
	}
	if x.status >= 500 && x.err != nil {
		attrs = append(attrs, slog.String("error", x.err.Error()))
		var p *panicked
		if errors.As(x.err, &p) {
			attrs = append(attrs, slog.String("stack", string(p.stack)))
		}
	}
	x.Logger.LogAttrs(ctx, level, "request", attrs...)
}
