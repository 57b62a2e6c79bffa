package api

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/events"
)

// errLogin sends a stranger to the login.
var errLogin = errors.New("log in first")

// policy is what a page may do: show our own style sheet and send our forms.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// show answers with a page.
func (x *exchange) show(status int, name, title string, view any) error {
	f := ui.Frame{
		Title: title, Path: x.r.URL.Path, Login: x.Keys.required(), CSRF: x.csrf(),
		Version: x.Version, Body: view,
	}
	if x.who.key != nil {
		f.User = x.who.key.Name
	}
	if asOf, err := x.asOf(); err == nil && !asOf.IsZero() && x.who.may(Read) {
		f.AsOf = x.moment(asOf)
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

// moment writes a time in the shop's zone.
func (x *exchange) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(x.Zone).Format("2 Jan 2006 15:04 MST")
}

// csrf is the token for the forms of this page. Where there are no keys a
// session without a key is begun for it.
func (x *exchange) csrf() string {
	if c, err := x.r.Cookie(sessionCookie); err == nil {
		if _, ok := x.sessions.key(x.r, x.began); ok {
			return x.sessions.csrf(c.Value)
		}
	}
	if !x.who.local || x.r.Method != http.MethodGet {
		return ""
	}
	c := x.sessions.begin(x.r, "", x.began)
	http.SetCookie(x, c)
	return x.sessions.csrf(c.Value)
}

// form reads a form that one of our pages sent, and checks its token.
func (x *exchange) form() (url.Values, error) {
	form, err := x.anyForm()
	if err != nil {
		return nil, err
	}
	c, err := x.r.Cookie(sessionCookie)
	if err != nil || !equal(form.Get("csrf"), x.sessions.csrf(c.Value)) {
		return nil, errorf("csrf", "the form has expired, or another site sent it: open the page again")
	}
	if _, ok := x.sessions.key(x.r, x.began); !ok {
		return nil, errorf("csrf", "the form has expired: open the page again")
	}
	return form, nil
}

func (x *exchange) anyForm() (url.Values, error) {
	body, err := x.body()
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, &events.Invalid{Problem: "the form must be percent-encoded pairs of name=value"}
	}
	return form, nil
}

// failPage answers with a problem as a page.
func (x *exchange) failPage(p problem) {
	if errors.Is(x.fault, errLogin) {
		to := "/login"
		if x.r.Method == http.MethodGet {
			to += "?next=" + url.QueryEscape(x.r.URL.RequestURI())
		}
		x.see(to)
		return
	}
	title := p.Title
	if p.Code == "not_found" {
		title = "Not found"
	}
	err := x.show(p.Status, "failure", title, ui.Failure{Status: p.Status, Title: p.Title, Detail: sentence(p.Detail), RequestID: x.id})
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

// see sends the browser to another page.
func (x *exchange) see(where string) {
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
