package app

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestImportActivatesWhatIsNotWorse: a service's new model serves after an
// import as after an import into the store: unless it does worse than the one
// in use, or there is nothing to learn from.
func TestImportActivatesWhatIsNotWorse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		status    int
		answer    string // to POST /v1/models
		activates bool
		fails     bool
	}{
		{"the first", http.StatusCreated, `{"version":"m1","report":{"items":3}}`, true, false},
		{"a better one", http.StatusCreated, `{"version":"m1","report":{"held_out":{"worse":false}}}`, true, false},
		{"a worse one", http.StatusCreated, `{"version":"m1","report":{"held_out":{"worse":true}}}`, false, false},
		{"nothing to learn from", http.StatusConflict, `{"title":"refused","code":"refused"}`, false, false},
		{"no right to train", http.StatusForbidden, `{"title":"forbidden","code":"missing_scope"}`, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			activated := false
			service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.Method + " " + r.URL.Path {
				case "GET /v1/consumers":
					fmt.Fprint(w, `{"lag":0}`)
				case "POST /v1/models":
					w.WriteHeader(c.status)
					_, _ = io.WriteString(w, c.answer)
				case "POST /v1/models/m1/activate":
					activated = true
					fmt.Fprint(w, `{}`)
				default:
					http.NotFound(w, r)
				}
			}))
			defer service.Close()
			sink, err := newRemoteSink(service.URL, "")
			if err != nil {
				t.Fatal(err)
			}
			if err := sink.finish(t.Context()); (err != nil) != c.fails || activated != c.activates {
				t.Errorf("activated %v, want %v: %v", activated, c.activates, err)
			}
		})
	}
}
