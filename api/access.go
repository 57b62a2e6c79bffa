package api

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/peakday/peakday/events"
)

// caller is who sent a request.
type caller struct {
	key   *Key // nil where there are no keys, and for who sent none
	local bool // there are no keys, and the request comes from this machine
}

// may reports whether the caller has any of the scopes.
func (c caller) may(scopes ...Scope) bool {
	return c.local || c.key != nil && c.key.may(scopes...)
}

// name is the author of what the caller changes.
func (c caller) name() string {
	switch {
	case c.key != nil:
		return c.key.Name
	case c.local:
		return "local"
	}
	return ""
}

// admit lets the request in or says why not: by its key, or, where there are
// no keys, by the rules for a service that only its own machine may ask.
func (x *exchange) admit() error {
	if x.route.health {
		return nil
	}
	if !x.Keys.required() {
		return x.admitLocal()
	}
	if err := x.identify(); err != nil {
		return err
	}
	if err := x.checkOrigin(); err != nil {
		return err
	}
	switch {
	case x.route.open:
		return x.checkPageWrite()
	case x.caller.key == nil && x.route.kind == pageRoute:
		return errLogin
	case x.caller.key == nil:
		return errorf("unauthenticated", "send an access key as Authorization: Bearer … or X-API-Key")
	case !x.caller.may(x.route.scopes...):
		return errorf("missing_scope", "the access key %q has the scopes %s; this needs %s", x.caller.key.Name, join(x.caller.key.Scopes, ", "), join(x.route.scopes, " or "))
	}
	return x.checkPageWrite()
}

func join(scopes []Scope, between string) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, between)
}

// identify finds the caller's key. A session of the pages may also follow
// their links into the API, but not write through it: what a cookie allows,
// other sites can try to trigger.
func (x *exchange) identify() error {
	secret := secretOf(x.r.Header)
	if secret == "" && x.route.keyInURL {
		return x.identifyByURL()
	}
	if secret != "" {
		if x.caller.key = x.Keys.bySecret(secret); x.caller.key == nil && !x.route.open {
			return errorf("unauthenticated", "the access key is not known, or it was revoked")
		}
		return nil
	}
	if x.route.kind == pageRoute || x.r.Method == http.MethodGet || x.r.Method == http.MethodHead {
		if id, ok := x.sessions.key(x.r, x.began); ok {
			x.caller.key = x.Keys.byID(id)
		}
	}
	return nil
}

// identifyByURL takes a public key out of ?key=, for what browsers send without
// headers. A key that may do more does not belong into a URL, where proxies and
// histories see it.
func (x *exchange) identifyByURL() error {
	secret := x.get("key")
	if secret == "" {
		return nil
	}
	key := x.Keys.bySecret(secret)
	switch {
	case key == nil:
		return errorf("unauthenticated", "the access key is not known, or it was revoked")
	case !key.public():
		return errorf("missing_scope", "an access key in a URL must have no scopes but evaluate and events:behaviour; %q has %s", key.Name, join(key.Scopes, ", "))
	}
	x.caller.key = key
	return nil
}

// secretOf reads the two headers that may carry a key.
func secretOf(h http.Header) string {
	if v := h["Authorization"]; len(v) == 1 {
		const scheme = "bearer "
		if len(v[0]) > len(scheme) && strings.EqualFold(v[0][:len(scheme)], scheme) {
			return strings.TrimSpace(v[0][len(scheme):])
		}
		return v[0] // of another scheme: no key has it
	}
	if v := h["X-Api-Key"]; len(v) == 1 {
		return v[0]
	}
	return ""
}

// checkOrigin holds a browser's request to the origins of its key, and lets
// pages of those origins read the answer.
func (x *exchange) checkOrigin() error {
	origin := x.r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	if k := x.caller.key; k != nil && len(k.Origins) > 0 && !slices.Contains(k.Origins, origin) && !sameOrigin(x.r, origin) {
		return errorf("foreign_origin", "the access key %q may be used from %s, not from %s", k.Name, strings.Join(k.Origins, ", "), events.Clip(origin))
	}
	x.allowOrigin(origin)
	return nil
}

// checkPageWrite keeps other sites from sending our forms.
func (x *exchange) checkPageWrite() error {
	if x.route.kind != pageRoute || !x.route.changes() {
		return nil
	}
	return x.checkSameOrigin()
}

func (x *exchange) checkSameOrigin() error {
	if http.NewCrossOriginProtection().Check(x.r) != nil {
		return errorf("cross_origin", "another site sent this request; without access keys, or with a page's session, only our own pages may write")
	}
	return nil
}

// admitLocal is for a service without keys. Whoever can reach it may do
// anything, so it must be this machine, asked by its own name, not through a
// proxy, and not by a page of another site in this machine's browser.
func (x *exchange) admitLocal() error {
	if !localPeer(x.r.RemoteAddr) {
		return errorf("not_local", "there are no access keys, so only this machine may ask: create one with peakday keys create")
	}
	if !localName(x.r.Host) {
		return errorf("not_local", "there are no access keys, so the host must be localhost or 127.0.0.1, got %q: create a key with peakday keys create", events.Clip(x.r.Host))
	}
	if name := forwarded(x.r.Header); name != "" {
		return errorf("not_local", "there are no access keys, so the request must not come through a proxy, but it has %s: create a key with peakday keys create", name)
	}
	x.caller.local = true
	if x.route.changes() {
		return x.checkSameOrigin()
	}
	switch origin := x.r.Header.Get("Origin"); {
	case origin == "":
	case localOrigin(origin):
		x.allowOrigin(origin)
	case x.r.Method != http.MethodGet: // what a page gets, it may not read
		return errorf("cross_origin", "without access keys only pages of this machine may ask, not %s", events.Clip(origin))
	}
	return nil
}

// checkWrite is for a request that turns out to write though its route does
// not say so: an evaluation that logs an exposure.
func (x *exchange) checkWrite() error {
	if !x.caller.local {
		return nil
	}
	return x.checkSameOrigin()
}

func localPeer(remote string) bool {
	addr, err := netip.ParseAddrPort(remote)
	return err == nil && addr.Addr().Unmap().IsLoopback()
}

// localName reports whether a host, with or without a port, names this machine.
func localName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

func localOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && localName(u.Host)
}

func sameOrigin(r *http.Request, origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

// forwarded names a header that only a proxy sends, if there is one.
func forwarded(h http.Header) string {
	for name := range h {
		if name == "Forwarded" || name == "X-Real-Ip" || name == "Via" || strings.HasPrefix(name, "X-Forwarded-") {
			return name
		}
	}
	return ""
}
