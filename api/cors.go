package api

import "net/http"

// allowOrigin lets a page of origin read the answer of a route that browsers
// may ask. No cookie is ever part of such a request: it carries a key.
func (x *exchange) allowOrigin(origin string) {
	if !x.route.cors {
		return
	}
	h := x.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Add("Vary", "Origin")
	h.Set("Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-Id")
}

// preflight answers a browser's question whether it may send a request. It
// carries no key, so that the key's origins are looked at later.
func (x *exchange) preflight() bool {
	wanted := x.r.Header.Get("Access-Control-Request-Method")
	origin := x.r.Header.Get("Origin")
	if x.r.Method != http.MethodOptions || wanted == "" || origin == "" {
		return false
	}
	asked := x.lookUp(wanted, x.r.URL.EscapedPath())
	if asked == nil || !asked.cors || x.caller.local && (!localOrigin(origin) || asked.changes()) {
		return false
	}
	h := x.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Add("Vary", "Origin")
	h.Set("Access-Control-Allow-Methods", asked.method)
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, If-None-Match, X-API-Key, X-Request-Id")
	h.Set("Access-Control-Max-Age", "600")
	x.WriteHeader(http.StatusNoContent)
	return true
}
