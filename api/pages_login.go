package api

import (
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/peakday/peakday/api/ui"
)

func loginPage(x *exchange) error {
	return x.renderPage(http.StatusOK, "login", "Log in", ui.Login{Next: localPath(x.get("next"))})
}

// login exchanges an access key for a session.
func login(x *exchange) error {
	form, err := x.parseForm()
	if err != nil {
		return err
	}
	next := localPath(form.Get("next"))
	k := x.Keys.bySecret(strings.TrimSpace(form.Get("key")))
	if k == nil || !k.may(Read) {
		return x.renderPage(http.StatusForbidden, "login", "Log in", ui.Login{Next: next, Error: "This key is not known, was revoked, or has neither the scope read nor manage."})
	}
	http.SetCookie(x, x.sessions.begin(x.r, k.ID, x.began))
	x.redirect(next)
	return nil
}

// logout forgets the session.
func logout(x *exchange) error {
	if _, err := x.checkedForm(); err != nil {
		return err
	}
	http.SetCookie(x, cookie(x.r, "", -1))
	x.redirect("/login")
	return nil
}

// localPath lets a login lead to our own pages only.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

func constantTimeEqual(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
