package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestSessions(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	s := sessions{secret: []byte(strings.Repeat("s", 32))}
	plain := httptest.NewRequest("GET", "/", nil)
	c := s.begin(plain, "key.1", now)
	ask := func(s sessions, value string, at time.Time) (string, bool) {
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: value})
		return s.key(r, at)
	}
	if id, ok := ask(s, c.Value, now.Add(sessionFor-time.Second)); !ok || id != "key.1" {
		t.Errorf("%q %v", id, ok)
	}
	parts := strings.Split(c.Value, ".")
	longer := strings.Join([]string{parts[0], "9999999999", parts[2], parts[3]}, ".")
	for name, got := range map[string]func() (string, bool){
		"after its end":  func() (string, bool) { return ask(s, c.Value, now.Add(sessionFor)) },
		"longer":         func() (string, bool) { return ask(s, longer, now) },
		"another secret": func() (string, bool) { return ask(sessions{secret: []byte("x")}, c.Value, now) },
		"a csrf token": func() (string, bool) {
			return ask(s, parts[0]+"."+parts[1]+"."+parts[2]+"."+s.csrf(strings.Join(parts[:3], ".")), now)
		},
		"nothing": func() (string, bool) { return ask(s, "", now) },
		"dots":    func() (string, bool) { return ask(s, "...", now) },
	} {
		if id, ok := got(); ok {
			t.Errorf("%s: taken, of %q", name, id)
		}
	}
	if again := s.begin(plain, "key.1", now); again.Value == c.Value || s.csrf(again.Value) == s.csrf(c.Value) {
		t.Error("two sessions are one")
	}
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure {
		t.Errorf("%+v", c)
	}
	overTLS := httptest.NewRequest("GET", "https://shop.example/", nil)
	if !s.begin(overTLS, "k", now).Secure {
		t.Error("a session over TLS is not kept to TLS")
	}
}
