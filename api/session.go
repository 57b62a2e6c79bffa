package api

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// sessions are the logins of the pages. A session is a signed cookie that
// names a key and ends after 12 hours; nothing is stored. The key must still
// be in force, so that revoking it ends its sessions.
//
//	cookie = base64(key id) . expiry . nonce . HMAC(secret, "session" …)
//	csrf   = HMAC(secret, "csrf" cookie)
type sessions struct{ secret []byte }

const (
	sessionCookie = "peakday_session"
	sessionFor    = 12 * time.Hour
)

// key gives the key's id of a request's session. It is empty for a session
// that was made where there are no keys.
func (s sessions) key(r *http.Request, now time.Time) (id string, ok bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return "", false
	}
	signed, mac, ok := cutLast(c.Value, ".")
	if !ok || !hmac.Equal([]byte(mac), []byte(s.sign("session", signed))) {
		return "", false
	}
	parts := strings.Split(signed, ".")
	if len(parts) != 3 {
		return "", false
	}
	until, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || now.Unix() >= until {
		return "", false
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[0])
	return string(raw), err == nil
}

// begin makes a session's cookie.
func (s sessions) begin(r *http.Request, key string, now time.Time) *http.Cookie {
	until := now.Add(sessionFor)
	signed := base64.RawURLEncoding.EncodeToString([]byte(key)) + "." + strconv.FormatInt(until.Unix(), 10) + "." + rand.Text()
	return cookie(r, signed+"."+s.sign("session", signed), int(sessionFor/time.Second))
}

// cookie is sent over TLS only where the request came over TLS.
func cookie(r *http.Request, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: sessionCookie, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
	}
}

// csrf is the token that the forms of a session carry.
func (s sessions) csrf(cookie string) string { return s.sign("csrf", cookie) }

func (s sessions) sign(purpose, text string) string {
	h := hmac.New(sha256.New, s.secret)
	h.Write([]byte(purpose + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
