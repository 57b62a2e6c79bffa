package api

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/peakday/peakday/events"
)

// anyVersion is what If-Match: * says: there must be something.
const anyVersion int64 = -1

var errNothingThere error = &coded{code: "changed", detail: "If-Match: * asks for something that is there, and there is nothing"}

// ifMatch is the version that If-Match names: 0 without the header.
func (x *exchange) ifMatch() (int64, error) {
	given := strings.TrimSpace(x.r.Header.Get("If-Match"))
	switch given {
	case "":
		return 0, nil
	case "*":
		return anyVersion, nil
	}
	n, err := strconv.ParseInt(strings.Trim(given, `"`), 10, 64)
	if err != nil || n < 1 {
		return 0, &events.Invalid{Field: "If-Match", Problem: fmt.Sprintf(`must be the ETag of a definition such as "3", got %q`, events.Clip(given))}
	}
	return n, nil
}

// versioned answers with a definition and its version as ETag.
func (x *exchange) versioned(status int, version int64, v any) error {
	x.Header()["Etag"] = []string{`"` + strconv.FormatInt(version, 10) + `"`}
	return x.json(status, v)
}
