package api

import (
	"fmt"

	"github.com/peakday/peakday/events"
)

// readAssignment reads the body of POST /v1/assignments:
//
//	{"unit":"u1","units":{…},"attributes":{…},"experiments":[…],"expose":false}
func (a *evalRequest) readAssignment(body []byte, needed attributeSet) error {
	a.forget()
	err := a.parse(body, func(s *scanner) *evalError {
		if s.peek() != '{' {
			return nil // parse says what is wrong
		}
		for s.object(); s.member(); {
			if fault := a.readField(s, needed); fault != nil {
				return fault
			}
		}
		return nil
	})
	if err == nil && a.subject.Key == "" && len(a.subject.Units) == 0 {
		return badContext("unit", "is required")
	}
	return err
}

func (a *evalRequest) readField(s *scanner, needed attributeSet) (fault *evalError) {
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
			return badContext("attributes", "must be an object")
		}
		from := s.at
		clear(a.attributes)
		for s.object(); s.member(); {
			a.readAttribute(s, needed)
		}
		a.raw = s.b[from:s.at]
		return nil
	case "experiments":
		return a.readExperiments(s)
	case "expose":
		if c := s.peek(); c != 't' && c != 'f' {
			return badContext("expose", "must be true or false")
		}
		a.expose = string(s.skip()) == "true"
		return nil
	default:
		return badContext(events.Clip(string(s.name)), "is not a field: there are unit, units, attributes, experiments, expose")
	}
}

func (a *evalRequest) readExperiments(s *scanner) *evalError {
	a.experiments = a.experiments[:0]
	if s.peek() == 'n' {
		s.skip()
		return nil
	}
	if s.peek() != '[' {
		return badContext("experiments", "must be an array of keys")
	}
	for s.array(); s.element(']'); {
		if s.peek() != '"' {
			return badContext(fmt.Sprintf("experiments[%d]", len(a.experiments)), "must be a string")
		}
		a.experiments = append(a.experiments, s.text())
	}
	return nil
}
