package api

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/peakday/peakday/events"
)

// values reads the query once.
func (x *exchange) values() url.Values {
	if x.query == nil {
		x.query, _ = url.ParseQuery(x.r.URL.RawQuery) // checkQuery refused what cannot be read
	}
	return x.query
}

// checkQuery refuses parameters that the route does not have: a misspelt
// segment must not give a report of everybody. OFREP's clients may send what
// they like.
func (x *exchange) checkQuery() error {
	if x.r.URL.RawQuery == "" || x.route.operation == nil || x.route.kind == ofrepRoute {
		return nil
	}
	if _, err := url.ParseQuery(x.r.URL.RawQuery); err != nil {
		return &events.Invalid{Problem: "the query must be percent-encoded pairs of name=value"}
	}
	for name, values := range x.values() {
		p := x.route.operation.queryParam(name)
		if p == nil {
			return &events.Invalid{Field: name, Problem: "is not a parameter here: there are " + x.route.operation.queryNames()}
		}
		if len(values) > 1 && !p.list {
			return &events.Invalid{Field: name, Problem: "must be given once"}
		}
	}
	return nil
}

// get is a parameter of the query, empty if it is not there.
func (x *exchange) get(name string) string {
	if x.r.URL.RawQuery == "" {
		return ""
	}
	return x.values().Get(name)
}

// integer is a whole number of the query.
func (x *exchange) integer(name string, otherwise, least, most int) (int, error) {
	text := x.get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, &events.Invalid{Field: name, Problem: fmt.Sprintf("must be a whole number from %d to %d, got %q", least, most, events.Clip(text))}
	}
	return n, nil
}

// flag is a switch of the query: 1 or true, 0 or false.
func (x *exchange) flag(name string) (bool, error) {
	switch text := x.get(name); text {
	case "", "0", "false":
		return false, nil
	case "1", "true":
		return true, nil
	default:
		return false, &events.Invalid{Field: name, Problem: fmt.Sprintf("must be 1 or 0, got %q", events.Clip(text))}
	}
}

// list is a parameter that may come several times, or once with commas.
func (x *exchange) list(name string) []string {
	var out []string
	for _, v := range x.values()[name] {
		for part := range strings.SplitSeq(v, ",") {
			if part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

// oneOf is a word of the query.
func (x *exchange) oneOf(name string, words ...string) (string, error) {
	text := x.get(name)
	if text == "" {
		return words[0], nil
	}
	for _, w := range words {
		if text == w {
			return w, nil
		}
	}
	if words[0] == "" {
		words = words[1:]
	}
	last := len(words) - 1
	return "", &events.Invalid{Field: name, Problem: fmt.Sprintf("must be %s or %s, got %q", strings.Join(words[:last], ", "), words[last], events.Clip(text))}
}
