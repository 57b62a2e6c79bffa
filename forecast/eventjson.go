package forecast

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/peakday/peakday/events"
)

// Bounds of what a planner may say about an event.
const (
	maxOccurrences = 100
	maxPhases      = 32
	maxPhaseDays   = 120
	maxUplift      = 1000
)

// ParseEvent reads the JSON of one event of the calendar, to be kept under
// key; occurrences come out the oldest first. A built-in event may do without
// them: it keeps its own dates. The error is an *events.Invalid.
func ParseEvent(key string, body []byte) (Event, error) {
	if err := events.CheckKey("event", key); err != nil {
		return Event{}, err
	}
	var e Event
	if err := events.DecodeStrictly(body, &e); err != nil {
		return Event{}, err
	}
	if e.Key == "" {
		e.Key = key
	}
	if e.Key != key {
		return Event{}, &events.Invalid{Field: "event", Problem: fmt.Sprintf("must be %q as in the path, got %q", key, events.Clip(e.Key))}
	}
	if len(e.Name) > 256 {
		return Event{}, &events.Invalid{Field: "name", Problem: "must be at most 256 bytes"}
	}
	if n := len(e.Occurrences); n > maxOccurrences || n < 1 && !builtin(key) {
		return Event{}, &events.Invalid{Field: "occurrences", Problem: fmt.Sprintf("must be 1 to %d, got %d", maxOccurrences, n)}
	}
	if err := e.Presale.check(); err != nil {
		return Event{}, err
	}
	for i, o := range e.Occurrences {
		if err := o.check(fmt.Sprintf("occurrences[%d]", i)); err != nil {
			return Event{}, err
		}
	}
	slices.SortFunc(e.Occurrences, func(a, b Occurrence) int { return cmp.Compare(a.Year, b.Year) })
	for i := 1; i < len(e.Occurrences); i++ {
		if e.Occurrences[i].Year == e.Occurrences[i-1].Year {
			return Event{}, &events.Invalid{Field: "occurrences", Problem: fmt.Sprintf("must have one entry a year, %d comes twice", e.Occurrences[i].Year)}
		}
	}
	return e, nil
}

func (o Occurrence) check(field string) error {
	if o.Year < 1970 || o.Year > 2200 {
		return &events.Invalid{Field: field + ".year", Problem: fmt.Sprintf("must be 1970 to 2200, got %d", o.Year)}
	}
	if n := len(o.Phases); n < 1 || n > maxPhases {
		return &events.Invalid{Field: field + ".phases", Problem: fmt.Sprintf("must be 1 to %d, got %d", maxPhases, n)}
	}
	seen := map[string]bool{}
	for i, p := range o.Phases {
		at := fmt.Sprintf("%s.phases[%d]", field, i)
		if err := p.check(at); err != nil {
			return err
		}
		if seen[p.Phase] {
			return &events.Invalid{Field: at + ".phase", Problem: fmt.Sprintf("must come once a year, got %q again", p.Phase)}
		}
		seen[p.Phase] = true
	}
	return nil
}

func (p Phase) check(field string) error {
	if err := events.CheckKey(field+".phase", p.Phase); err != nil {
		return err
	}
	switch days := int64(p.To) - int64(p.From) + 1; {
	case days < 1:
		return &events.Invalid{Field: field + ".to", Problem: fmt.Sprintf("must not be before from (%s), got %s", p.From, p.To)}
	case days > maxPhaseDays:
		return &events.Invalid{Field: field + ".to", Problem: fmt.Sprintf("must be within %d days of from, got %d", maxPhaseDays, days)}
	}
	if math.IsNaN(p.Uplift) || p.Uplift < 0 || p.Uplift > maxUplift {
		return &events.Invalid{Field: field + ".uplift", Problem: fmt.Sprintf("must be 0 to %d, got %g", maxUplift, p.Uplift)}
	}
	return nil
}
