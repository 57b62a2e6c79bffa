package api

import "net/http"

// script answers sdk.js. Pages of every origin may load it: it holds no secret.
func script(x *exchange) error {
	h := x.Header()
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("ETag", x.sdkTag)
	if etagMatches(x.r.Header.Get("If-None-Match"), x.sdkTag) {
		x.WriteHeader(http.StatusNotModified)
		return nil
	}
	return x.send(http.StatusOK, x.headers.script, x.sdk)
}
