package api

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/peakday/peakday/events"
)

// exchange is one request and its answer. Exchanges are reused: nothing
// may keep one, or what body returned, after the handler has returned.
type exchange struct {
	*API
	r      *http.Request
	w      http.ResponseWriter
	route  *route
	path   chi.Context // the path's parameters
	id     string      // of the request
	began  time.Time
	caller caller
	query  url.Values // nil until it is asked for

	status     int
	err        error // what the handler returned
	problem    *problem
	bodyBuffer []byte // for the body
	hasBody    bool   // it is in bodyBuffer
	out        []byte // for the answer
	eval       evalRequest
	recorded   *bytes.Buffer // of the answer, for Idempotency-Key
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := a.exchanges.Get().(*exchange)
	x.begin(a, w, r)
	defer x.end()
	x.matchRoute()
	a.meters.inFlight.Inc()
	x.handle()
}

func (x *exchange) begin(a *API, w http.ResponseWriter, r *http.Request) {
	x.API, x.w, x.r, x.began = a, w, r, time.Now()
	x.status, x.hasBody = 0, false
	x.id = requestID(r)
	h := w.Header()
	h["X-Request-Id"] = []string{x.id}
	h["X-Content-Type-Options"] = a.headers.nosniff
}

// requestID takes over the one that a proxy gave, if it is a plain one.
func requestID(r *http.Request) string {
	if given := r.Header["X-Request-Id"]; len(given) == 1 && events.CheckKey("", given[0]) == nil {
		return given[0]
	}
	var room [16]byte
	n := rand.Uint64()
	for i := range room {
		room[i] = "0123456789abcdef"[n&15]
		n >>= 4
	}
	return string(room[:])
}

// matchRoute looks the route up. Where only the method is wrong, or nothing is
// there, a handler says so.
func (x *exchange) matchRoute() {
	method, path := x.r.Method, x.r.URL.Path
	if x.r.URL.RawPath != "" {
		path = x.r.URL.RawPath
	}
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if x.route = x.lookUp(method, path); x.route == nil {
		x.route = x.noRoute
	}
}

func (x *exchange) lookUp(method, path string) *route {
	if path == "" || path[0] != '/' {
		return nil
	}
	x.path.Reset()
	pattern := x.mux.Find(&x.path, method, path)
	if pattern == "" {
		return nil
	}
	return x.API.routes[method+" "+pattern]
}

// handle lets the request in, runs its handler, and answers with its error.
func (x *exchange) handle() {
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			x.fail(&panicked{p, debug.Stack()})
		}
	}()
	err := x.admit()
	if err == nil {
		err = x.idempotent()
	}
	if err != nil {
		x.fail(err)
	}
}

func (x *exchange) run() error {
	if x.route == x.noRoute {
		if x.preflight() {
			return nil
		}
		return x.notFound()
	}
	if err := x.checkQuery(); err != nil {
		return err
	}
	return x.route.handle(x)
}

// notFound tells a wrong path from a wrong method.
func (x *exchange) notFound() error {
	path := x.r.URL.EscapedPath()
	var allowed []string
	for _, method := range x.methods {
		if x.lookUp(method, path) == nil {
			continue
		}
		allowed = append(allowed, method)
		if method == http.MethodGet {
			allowed = append(allowed, http.MethodHead)
		}
	}
	if len(allowed) == 0 {
		return errNoRoute
	}
	slices.Sort(allowed)
	return &wrongMethodError{allowed}
}

// end counts and logs the exchange, and lets it be reused.
func (x *exchange) end() {
	took := time.Since(x.began)
	x.meters.inFlight.Dec()
	if x.status == 0 {
		x.status = http.StatusOK
	}
	x.route.meter.observe(x.status, took)
	x.log(took)
	x.r, x.w, x.route, x.caller, x.err, x.problem, x.query, x.recorded = nil, nil, nil, caller{}, nil, nil, nil, nil
	x.eval.forget()
	if cap(x.bodyBuffer) <= maxKept && cap(x.out) <= maxKept {
		x.exchanges.Put(x)
	}
}

// maxKept is how large a buffer may be to be reused.
const maxKept = 1 << 20

func (x *exchange) ctx() context.Context { return x.r.Context() }

func (x *exchange) now() time.Time { return x.Clock() }

// param is a parameter of the path, decoded.
func (x *exchange) param(name string) string {
	v := x.path.URLParam(name)
	if x.r.URL.RawPath == "" {
		return v
	}
	if decoded, err := url.PathUnescape(v); err == nil {
		return decoded
	}
	return v
}
