package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// ask is whom an evaluation is for, as a body tells it. It is used again.
type ask struct {
	subject     experiments.Subject
	attributes  experiments.Attributes // only those that are wanted
	raw         []byte                 // the object that holds the attributes
	experiments []string               // asked for; none: all
	expose      bool

	scan scanner
}

func (a *ask) forget() {
	clear(a.subject.Units)
	clear(a.attributes)
	a.subject.Key, a.subject.QA, a.raw, a.experiments, a.expose = "", "", nil, a.experiments[:0], false
}

// askError says that a body is no question that can be answered. code is
// OFREP's; for the rest of the API it is the *events.Invalid inside.
type askError struct {
	code    string
	invalid *events.Invalid
}

func (e *askError) Error() string { return e.invalid.Error() }
func (e *askError) Unwrap() error { return e.invalid }

// The error codes of OFREP.
const (
	parseError          = "PARSE_ERROR"
	targetingKeyMissing = "TARGETING_KEY_MISSING"
	invalidContext      = "INVALID_CONTEXT"
	flagNotFound        = "FLAG_NOT_FOUND"
	generalError        = "GENERAL"
)

func badAsk(field, problem string, args ...any) *askError {
	return &askError{invalidContext, &events.Invalid{Field: field, Problem: fmt.Sprintf(problem, args...)}}
}

// parse reads body with read, and finds words for what is no JSON.
func (a *ask) parse(body []byte, read func(*scanner) *askError) error {
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
	return &askError{parseError, &events.Invalid{Problem: problem}}
}

// readContext reads the body of an evaluation by OFREP:
//
//	{"context":{"targetingKey":"u1","units":{"device":"d1"},"country":"CN",…}}
func (a *ask) readContext(body []byte, wanted names) error {
	there := false
	err := a.parse(body, func(s *scanner) *askError {
		for s.object(); s.member(); {
			if string(s.name) != "context" {
				s.skip()
				continue
			}
			there = true
			a.forget()
			if fault := a.readMembers(s, wanted); fault != nil {
				return fault
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case !there:
		return badAsk("context", "is required")
	case a.subject.Key == "":
		return &askError{targetingKeyMissing, &events.Invalid{Field: "context.targetingKey", Problem: "is required"}}
	}
	return nil
}

func (a *ask) readMembers(s *scanner, wanted names) *askError {
	if s.peek() != '{' {
		return badAsk("context", "must be an object")
	}
	from := s.at
	for s.object(); s.member(); {
		switch string(s.name) {
		case "targetingKey":
			var fault *askError
			if a.subject.Key, fault = readUnit(s, "context.targetingKey"); fault != nil {
				return fault
			}
		case "units":
			if fault := a.readUnits(s, "context.units"); fault != nil {
				return fault
			}
		default:
			a.readAttribute(s, wanted)
		}
	}
	a.raw = s.b[from:s.at]
	return nil
}

// readUnit reads an id; null is none.
func readUnit(s *scanner, field string) (events.UnitID, *askError) {
	switch s.peek() {
	case '"':
	case 'n':
		s.skip()
		return "", nil
	default:
		return "", badAsk(field, "must be a string")
	}
	id := s.text()
	if s.bad || id == "" {
		return "", nil
	}
	if err := events.CheckID(field, id); err != nil {
		return "", badAsk(field, "%s", strings.TrimPrefix(err.Error(), field+" "))
	}
	return events.UnitID(id), nil
}

// readUnits reads the units of other kinds.
func (a *ask) readUnits(s *scanner, field string) *askError {
	if s.peek() == 'n' {
		s.skip()
		return nil
	}
	if s.peek() != '{' {
		return badAsk(field, `must be an object of ids such as {"team":"t1"}`)
	}
	for s.object(); s.member(); {
		kind := events.UnitKind(s.name)
		if !kind.Valid() {
			return badAsk(field, "must name user, device, session, team, shop or region, got %q", events.Clip(string(kind)))
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
func (a *ask) readAttribute(s *scanner, wanted names) {
	if string(s.name) == qaAttribute {
		if s.peek() == '"' {
			a.subject.QA = s.text()
		} else {
			s.skip()
		}
		return
	}
	if !wanted.has(s.name) {
		s.skip()
		return
	}
	name := string(s.name)
	if a.attributes == nil {
		a.attributes = experiments.Attributes{}
	}
	a.attributes[name] = s.value()
}

// readAssignment reads the body of POST /v1/assignments:
//
//	{"unit":"u1","units":{…},"attributes":{…},"experiments":[…],"expose":false}
func (a *ask) readAssignment(body []byte, wanted names) error {
	a.forget()
	err := a.parse(body, func(s *scanner) *askError {
		if s.peek() != '{' {
			return nil // parse says what is wrong
		}
		for s.object(); s.member(); {
			if fault := a.readField(s, wanted); fault != nil {
				return fault
			}
		}
		return nil
	})
	if err == nil && a.subject.Key == "" && len(a.subject.Units) == 0 {
		return badAsk("unit", "is required")
	}
	return err
}

func (a *ask) readField(s *scanner, wanted names) (fault *askError) {
	switch string(s.name) {
	case "unit":
		a.subject.Key, fault = readUnit(s, "unit")
		return fault
	case "units":
		return a.readUnits(s, "units")
	case "attributes":
		if s.peek() == 'n' {
			s.skip()
			return nil
		}
		if s.peek() != '{' {
			return badAsk("attributes", "must be an object")
		}
		from := s.at
		clear(a.attributes)
		for s.object(); s.member(); {
			a.readAttribute(s, wanted)
		}
		a.raw = s.b[from:s.at]
		return nil
	case "experiments":
		return a.readExperiments(s)
	case "expose":
		if c := s.peek(); c != 't' && c != 'f' {
			return badAsk("expose", "must be true or false")
		}
		a.expose = string(s.skip()) == "true"
		return nil
	default:
		return badAsk(events.Clip(string(s.name)), "is not a field: there are unit, units, attributes, experiments, expose")
	}
}

func (a *ask) readExperiments(s *scanner) *askError {
	a.experiments = a.experiments[:0]
	if s.peek() == 'n' {
		s.skip()
		return nil
	}
	if s.peek() != '[' {
		return badAsk("experiments", "must be an array of keys")
	}
	for s.array(); s.element(']'); {
		if s.peek() != '"' {
			return badAsk(fmt.Sprintf("experiments[%d]", len(a.experiments)), "must be a string")
		}
		a.experiments = append(a.experiments, s.text())
	}
	return nil
}

// names is a set of attributes.
type names map[string]struct{}

func (n names) has(name []byte) bool {
	_, ok := n[string(name)]
	return ok
}
