package api

import (
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/spaolacci/murmur3"

	"github.com/peakday/peakday/experiments"
)

// evaluateFlag is OFREP's evaluation of one flag, an experiment. With
// ?expose=1 it also logs that the unit meets its variant, before it answers:
// who is not counted must not be treated.
func evaluateFlag(x *exchange) error {
	expose, err := x.flag("expose")
	if err != nil {
		return err
	}
	table, err := x.readContext()
	if err != nil {
		return err
	}
	got, ok := table.catalog.Evaluate(x.param("key"), x.eval.subject, x.eval.attributes)
	if !ok {
		return errNoFlag
	}
	f := &table.flags[table.find(&got)]
	if expose && got.Enrolled {
		if err := x.logExposures(got); err != nil {
			return err
		}
	}
	return x.send(http.StatusOK, x.headers.json, f.outcome(&got).flag)
}

// errNoFlag says that there is no such flag, or only a draft.
var errNoFlag = &coded{code: "not_found", detail: "there is no such flag, or it is still a draft"}

// evaluateFlags is OFREP's evaluation of all flags. It never exposes: a page
// loads them all and shows few. The ETag is a hash of the answer, which depends
// on the attributes as well as on the user.
func evaluateFlags(x *exchange) error {
	table, err := x.readContext()
	if err != nil {
		return err
	}
	b := append(x.out[:0], `{"flags":[`...)
	i := 0
	table.catalog.EvaluateAll(x.eval.subject, x.eval.attributes, func(e experiments.Evaluation) bool {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, table.flags[table.at(i, &e)].outcome(&e).flag...)
		i++
		return true
	})
	b, tag := x.appendStream(b, table.catalog.Revision())
	x.out = b
	x.Header()["Etag"] = []string{tag}
	if etagMatches(x.r.Header.Get("If-None-Match"), tag) {
		x.WriteHeader(http.StatusNotModified)
		return nil
	}
	return x.send(http.StatusOK, x.headers.json, b)
}

// readContext reads the body into x.ask and gives the table to answer with.
func (x *exchange) readContext() (*flagTable, error) {
	body, err := x.body()
	if err != nil {
		return nil, err
	}
	table := x.flags.of(x.newestFor(x.get("flagConfigEtag")))
	if err := x.eval.readContext(body, table.audienceAttributes); err != nil {
		return nil, err
	}
	x.addComputed(table.computed)
	return table, nil
}

// etagOf hashes a body. Every replica gives the same tag for the same bytes.
func etagOf(b []byte) string {
	hi, lo := murmur3.Sum128(b)
	var raw [16]byte
	for i := range 8 {
		raw[i], raw[8+i] = byte(hi>>(56-8*i)), byte(lo>>(56-8*i))
	}
	var tag [34]byte
	tag[0], tag[33] = '"', '"'
	hex.Encode(tag[1:33], raw[:])
	return string(tag[:])
}

// etagMatches reads If-None-Match: a list of tags, weak ones too, or *.
func etagMatches(header, tag string) bool {
	for header != "" {
		var one string
		one, header, _ = strings.Cut(header, ",")
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == tag || one == "*" {
			return true
		}
	}
	return false
}

// failOFREP answers with an error in OFREP's form. The clients want key and
// errorCode on every one, whatever the status.
func (x *exchange) failOFREP(p problem) {
	status, code := p.Status, generalError
	var key string
	if rest, ok := strings.CutPrefix(x.r.URL.Path, "/ofrep/v1/evaluate/flags/"); ok {
		key = rest
	}
	switch p.Code {
	case "invalid":
		status, code = http.StatusBadRequest, parseError
		if p.ofrep != "" {
			code = p.ofrep
		}
	case "not_found":
		if key != "" {
			code = flagNotFound
		}
	}
	_ = x.json(status, failedFlag{Key: key, ErrorCode: code, ErrorDetails: p.Detail})
}

// failedFlag is OFREP's evaluationFailure.
type failedFlag struct {
	Key          string `json:"key,omitempty" doc:"the flag; absent when all were asked for"`
	ErrorCode    string `json:"errorCode" enum:"PARSE_ERROR,TARGETING_KEY_MISSING,INVALID_CONTEXT,FLAG_NOT_FOUND,GENERAL"`
	ErrorDetails string `json:"errorDetails,omitempty"`
}
