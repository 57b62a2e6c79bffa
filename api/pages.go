package api

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/peakday/peakday/api/ui"
)

// errLogin sends a browser without a session to the login.
var errLogin = errors.New("log in first")

// policy is what a page may do: show our own style sheet and send our forms.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// renderPage answers with a page.
func (x *exchange) renderPage(status int, name, title string, view any) error {
	f := ui.Frame{
		Title: title, Path: x.r.URL.Path, Login: x.Keys.required(), CSRF: x.csrf(), Manages: x.caller.may(Manage),
		Version: x.Version, Body: view,
	}
	if x.caller.key != nil {
		f.User = x.caller.key.Name
	}
	if asOf, err := x.asOf(); err == nil && !asOf.IsZero() && x.caller.may(Read) {
		f.AsOf = x.formatTime(asOf)
	}
	var b bytes.Buffer
	if err := x.pages.Write(&b, name, f); err != nil {
		return err
	}
	h := x.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	return x.send(status, x.headers.html, b.Bytes())
}

// formatTime writes a time in the shop's zone.
func (x *exchange) formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(x.Zone).Format("2 Jan 2006 15:04 MST")
}

// failPage answers with a problem as a page.
func (x *exchange) failPage(p problem) {
	if errors.Is(x.err, errLogin) {
		to := "/login"
		if x.r.Method == http.MethodGet {
			to += "?next=" + url.QueryEscape(x.r.URL.RequestURI())
		}
		x.redirect(to)
		return
	}
	title := p.Title
	if p.Code == "not_found" {
		title = "Not found"
	}
	err := x.renderPage(p.Status, "failure", title, ui.Failure{Status: p.Status, Title: p.Title, Detail: sentence(p.Detail), RequestID: x.id})
	if err != nil && x.status == 0 {
		_ = x.send(p.Status, x.headers.text, []byte(p.Detail+"\n"))
	}
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// redirect sends the browser to another page.
func (x *exchange) redirect(where string) {
	x.Header().Set("Location", where)
	x.WriteHeader(http.StatusSeeOther)
}

// asset answers with a file of the pages.
func asset(x *exchange) error {
	a, ok := x.pages.Asset(x.param("name"))
	if !ok {
		return errorf("not_found", "there is no such file")
	}
	x.Header().Set("Cache-Control", "public, max-age=3600")
	x.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	return x.send(http.StatusOK, []string{a.Type}, a.Body)
}
