package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/recommend"
)

// problem is an answer of application/problem+json (RFC 9457).
type problem struct {
	Type      string `json:"type" doc:"where /docs tells about the code"`
	Title     string `json:"title" doc:"the code in words"`
	Status    int    `json:"status"`
	Detail    string `json:"detail" doc:"what is wrong here, for a person"`
	Code      string `json:"code" doc:"what is wrong, for a program; it never changes its meaning"`
	Field     string `json:"field,omitempty" doc:"the field or parameter that is wrong"`
	RequestID string `json:"request_id" doc:"of this request, also in the header X-Request-Id and in the log"`

	retryAfter time.Duration
	challenge  bool
	ofrep      string // the error code of OFREP, where it is a finer one
}

// problemKind is a code with its status and its meaning.
type problemKind struct {
	code   string
	status int
	title  string
}

// problemKinds lists every code. Clients rely on them.
func problemKinds() []problemKind {
	return []problemKind{
		{"invalid", 422, "Something in the request is not as it must be"},
		{"unauthenticated", 401, "An access key is needed"},
		{"missing_scope", 403, "The access key lacks the scope"},
		{"foreign_origin", 403, "The access key is bound to other origins"},
		{"not_local", 403, "Without access keys only this machine may ask"},
		{"cross_origin", 403, "Without access keys no other origin may write"},
		{"csrf", 403, "The form has expired"},
		{"not_found", 404, "There is no such thing"},
		{"method_not_allowed", 405, "The path does not have this method"},
		{"conflict", 409, "Someone else has changed it at the same time"},
		{"refused", 409, "It does not fit the state that things are in"},
		{"in_progress", 409, "The first request with this Idempotency-Key is still running"},
		{"changed", 412, "It has another version than If-Match says"},
		{"too_large", 413, "The body is too large"},
		{"unsupported_media_type", 415, "The body is of a type that is not understood"},
		{"key_reused", 422, "The Idempotency-Key belongs to another request"},
		{"rate_limited", 429, "Too many requests"},
		{"internal", 500, "Something went wrong on our side"},
		{"unavailable", 503, "It cannot be done right now"},
	}
}

func problemKindOf(code string) problemKind {
	all := problemKinds()
	for _, k := range all {
		if k.code == code {
			return k
		}
	}
	panic("no kind of problem has the code " + code)
}

// coded is an error of this package: it knows its code.
type coded struct {
	code       string
	detail     string
	retryAfter time.Duration
	cause      error // for the log
}

func (e *coded) Error() string {
	if e.cause != nil {
		return e.detail + ": " + e.cause.Error()
	}
	return e.detail
}

func (e *coded) Unwrap() error { return e.cause }

func errorf(code, detail string, args ...any) error {
	return &coded{code: code, detail: fmt.Sprintf(detail, args...)}
}

// unavailable hides cause from the client, who may try again.
func unavailable(detail string, cause error) error {
	return &coded{code: "unavailable", detail: detail, retryAfter: time.Second, cause: cause}
}

// errNoRoute says that no route has the path.
var errNoRoute = &coded{code: "not_found", detail: "no such path; see /docs"}

// wrongMethodError says that the path has other methods.
type wrongMethodError struct{ allowed []string }

func (e *wrongMethodError) Error() string {
	return "this path allows " + strings.Join(e.allowed, ", ")
}

// panicked is a bug of ours.
type panicked struct {
	value any
	stack []byte
}

func (e *panicked) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// explain turns an error into a problem. It is the only place that does.
func (x *exchange) explain(err error) problem {
	var (
		own     *coded
		invalid *events.Invalid
		asked   *evalError
		refused *experiments.RefusedError
		method  *wrongMethodError
		large   *http.MaxBytesError
	)
	switch {
	case errors.As(err, &own):
		p := x.newProblem(own.code, own.detail)
		p.retryAfter, p.challenge = own.retryAfter, own.code == "unauthenticated"
		return p
	case errors.As(err, &invalid):
		p := x.newProblem("invalid", invalid.Error())
		p.Field = invalid.Field
		if errors.As(err, &asked) {
			p.ofrep = asked.code
		}
		return p
	case errors.As(err, &refused):
		return x.newProblem("refused", refused.Error())
	case errors.Is(err, experiments.ErrConflict), errors.Is(err, forecast.ErrChanged), errors.Is(err, recommend.ErrChanged):
		if x.r.Header.Get("If-Match") != "" {
			return x.newProblem("changed", "it has been changed since the version that If-Match names: get it again")
		}
		return x.newProblem("conflict", "it was changed while this request ran: send the request again")
	case errors.Is(err, experiments.ErrNotFound), errors.Is(err, forecast.ErrNotFound), errors.Is(err, recommend.ErrUnknownItem), errors.Is(err, recommend.ErrNoPolicy):
		return x.newProblem("not_found", strings.TrimSuffix(err.Error(), ": not found"))
	case errors.As(err, &method):
		return x.newProblem("method_not_allowed", method.Error())
	case errors.As(err, &large):
		return x.newProblem("too_large", fmt.Sprintf("the body must be at most %d bytes", large.Limit))
	case errors.Is(err, context.DeadlineExceeded), x.r.Context().Err() != nil:
		return x.newProblem("unavailable", "the request took too long or was given up")
	}
	return x.newProblem("internal", "something went wrong on our side; the log has it under the request id "+x.id)
}

func (x *exchange) newProblem(code, detail string) problem {
	k := problemKindOf(code)
	return problem{Type: "/docs#" + code, Title: k.title, Status: k.status, Detail: detail, Code: code, RequestID: x.id}
}

// fail answers with an error, in the form of the route.
func (x *exchange) fail(err error) {
	p := x.explain(err)
	x.err, x.problem = err, &p
	if x.status != 0 {
		return // the answer has begun: all that is left is the log
	}
	h := x.Header()
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
	if p.challenge {
		h.Set("WWW-Authenticate", `Bearer realm="peakday"`)
	}
	var method *wrongMethodError
	if errors.As(err, &method) {
		h.Set("Allow", strings.Join(method.allowed, ", "))
	}
	switch {
	case x.route.kind == ofrepRoute || strings.HasPrefix(x.r.URL.Path, "/ofrep/"):
		x.failOFREP(p)
	case x.route.kind == pageRoute:
		x.failPage(p)
	default:
		b, err := json.Marshal(p)
		if err != nil {
			b = nil // cannot happen: strings and a number
		}
		_ = x.send(p.Status, x.headers.problem, append(b, '\n'))
	}
}
