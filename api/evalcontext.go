package api

import (
	"github.com/peakday/peakday/events"
)

// readContext reads the body of an evaluation by OFREP:
//
//	{"context":{"targetingKey":"u1","units":{"device":"d1"},"country":"CN",…}}
func (a *evalRequest) readContext(body []byte, needed attributeSet) error {
	there := false
	err := a.parse(body, func(s *scanner) *evalError {
		for s.object(); s.member(); {
			if string(s.name) != "context" {
				s.skip()
				continue
			}
			there = true
			a.forget()
			if fault := a.readMembers(s, needed); fault != nil {
				return fault
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case !there:
		return badContext("context", "is required")
	case a.subject.Key == "":
		return &evalError{targetingKeyMissing, &events.Invalid{Field: "context.targetingKey", Problem: "is required"}}
	}
	return nil
}

func (a *evalRequest) readMembers(s *scanner, needed attributeSet) *evalError {
	if s.peek() != '{' {
		return badContext("context", "must be an object")
	}
	from := s.at
	for s.object(); s.member(); {
		switch string(s.name) {
		case "targetingKey":
			var fault *evalError
			if a.subject.Key, fault = readUnit(s, "context.targetingKey"); fault != nil {
				return fault
			}
		case "units":
			if fault := a.readUnits(s, "context.units"); fault != nil {
				return fault
			}
		default:
			a.readAttribute(s, needed)
		}
	}
	a.raw = s.b[from:s.at]
	return nil
}
