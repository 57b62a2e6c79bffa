package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// evalRequest is the body of an evaluation: for whom, of which experiments. It is
// reused by the next request.
type evalRequest struct {
	subject     experiments.Subject
	attributes  experiments.Attributes // only those that are needed
	raw         []byte                 // the object that holds the attributes
	experiments []string               // asked for; none: all
	expose      bool

	scan scanner
}

func (a *evalRequest) forget() {
	clear(a.subject.Units)
	clear(a.attributes)
	a.subject.Key, a.subject.QA, a.raw, a.experiments, a.expose = "", "", nil, a.experiments[:0], false
}

// evalError says that a body is not an evaluation request. code is
// OFREP's; for the rest of the API it is the *events.Invalid inside.
type evalError struct {
	code    string
	invalid *events.Invalid
}

func (e *evalError) Error() string { return e.invalid.Error() }

func (e *evalError) Unwrap() error { return e.invalid }

// The error codes of OFREP.
const (
	parseError          = "PARSE_ERROR"
	targetingKeyMissing = "TARGETING_KEY_MISSING"
	invalidContext      = "INVALID_CONTEXT"
	flagNotFound        = "FLAG_NOT_FOUND"
	generalError        = "GENERAL"
)

func badContext(field, problem string, args ...any) *evalError {
	return &evalError{invalidContext, &events.Invalid{Field: field, Problem: fmt.Sprintf(problem, args...)}}
}

// parse reads body with read, and finds words for what is no JSON.
func (a *evalRequest) parse(body []byte, read func(*scanner) *evalError) error {
	a.scan = scanner{b: body}
	if utf8.Valid(body) {
		fault := read(&a.scan)
		switch {
		case fault == nil && a.scan.end():
			return nil
		case fault != nil && !a.scan.bad && a.scan.peek() != 0: // else the JSON breaks off there
			return fault
		}
	}
	var any json.RawMessage
	problem := "must be a JSON object in UTF-8, nested at most 64 deep"
	if err := json.Unmarshal(body, &any); err != nil {
		problem = events.InvalidJSON("", err).Error()
	}
	return &evalError{parseError, &events.Invalid{Problem: problem}}
}

// readUnit reads an id; null is none.
func readUnit(s *scanner, field string) (events.UnitID, *evalError) {
	switch s.peek() {
	case '"':
	case 'n':
		s.skip()
		return "", nil
	default:
		return "", badContext(field, "must be a string")
	}
	id := s.text()
	if s.bad || id == "" {
		return "", nil
	}
	if err := events.CheckID(field, id); err != nil {
		return "", badContext(field, "%s", strings.TrimPrefix(err.Error(), field+" "))
	}
	return events.UnitID(id), nil
}

// readUnits reads the units of other kinds.
func (a *evalRequest) readUnits(s *scanner, field string) *evalError {
	if s.peek() == 'n' {
		s.skip()
		return nil
	}
	if s.peek() != '{' {
		return badContext(field, `must be an object of ids such as {"team":"t1"}`)
	}
	for s.object(); s.member(); {
		kind := events.UnitKind(s.name)
		if !kind.Valid() {
			return badContext(field, "must name user, device, session, team, shop or region, got %q", events.Clip(string(kind)))
		}
		id, fault := readUnit(s, field+"."+string(kind))
		if fault != nil {
			return fault
		}
		if a.subject.Units == nil {
			a.subject.Units = map[events.UnitKind]events.UnitID{}
		}
		if id != "" {
			a.subject.Units[kind] = id
		}
	}
	return nil
}

// qaAttribute carries the token of a QA link.
const qaAttribute = "peakday_qa"

// readAttribute keeps an attribute that some audience reads.
func (a *evalRequest) readAttribute(s *scanner, needed attributeSet) {
	if string(s.name) == qaAttribute {
		if s.peek() == '"' {
			a.subject.QA = s.text()
		} else {
			s.skip()
		}
		return
	}
	if !needed.has(s.name) {
		s.skip()
		return
	}
	name := string(s.name)
	if a.attributes == nil {
		a.attributes = experiments.Attributes{}
	}
	a.attributes[name] = s.value()
}

// attributeSet is a set of attribute names.
type attributeSet map[string]struct{}

func (n attributeSet) has(name []byte) bool {
	_, ok := n[string(name)]
	return ok
}
