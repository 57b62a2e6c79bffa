package api

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/peakday/peakday/events"
)

// csrf is the token for the forms of this page. Where there are no keys a
// session without a key is begun for it.
func (x *exchange) csrf() string {
	if c, err := x.r.Cookie(sessionCookie); err == nil {
		if _, ok := x.sessions.key(x.r, x.began); ok {
			return x.sessions.csrf(c.Value)
		}
	}
	if !x.caller.local || x.r.Method != http.MethodGet {
		return ""
	}
	c := x.sessions.begin(x.r, "", x.began)
	http.SetCookie(x, c)
	return x.sessions.csrf(c.Value)
}

// checkedForm reads a form that one of our pages sent, and checks its token.
func (x *exchange) checkedForm() (url.Values, error) {
	form, err := x.parseForm()
	if err != nil {
		return nil, err
	}
	c, err := x.r.Cookie(sessionCookie)
	if err != nil || !constantTimeEqual(form.Get("csrf"), x.sessions.csrf(c.Value)) {
		return nil, errorf("csrf", "the form has expired, or another site sent it: open the page again")
	}
	if _, ok := x.sessions.key(x.r, x.began); !ok {
		return nil, errorf("csrf", "the form has expired: open the page again")
	}
	return form, nil
}

func (x *exchange) parseForm() (url.Values, error) {
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

// lines lists the lines that are not blank, each once.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

// formNumber reads a number of a form; given is false for a blank one.
func formNumber(form url.Values, name string) (v float64, given bool, err error) {
	text := strings.TrimSpace(form.Get(name))
	if text == "" {
		return 0, false, nil
	}
	v, err = strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, false, &events.Invalid{Field: name, Problem: fmt.Sprintf("must be a number such as 0.95, got %q", events.Clip(text))}
	}
	return v, true, nil
}

// formTexts copies what is not blank of the named fields.
func formTexts(form url.Values, names ...string) map[string]any {
	out := map[string]any{}
	for _, name := range names {
		if text := strings.TrimSpace(form.Get(name)); text != "" {
			out[name] = text
		}
	}
	return out
}

// formError says what a form shows when what it asked for cannot be done; ok is
// false for an error that whoever filled it in cannot mend.
func (x *exchange) formError(err error) (text string, ok bool) {
	var invalid *events.Invalid
	if errors.As(err, &invalid) {
		label := events.Invalid{Field: strings.ReplaceAll(invalid.Field, "_", " "), Problem: invalid.Problem}
		return sentence(label.Error()), true
	}
	switch p := x.explain(err); p.Code {
	case "not_found", "conflict", "refused":
		return sentence(p.Detail), true
	}
	return "", false
}
