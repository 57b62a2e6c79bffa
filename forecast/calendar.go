package forecast

import (
	"cmp"
	"slices"
)

// Calendar knows which days belong to which phases of which events. It is
// immutable.
//
// A day is labelled by (event, phase, offset) and not by its date, so that the
// same day of another year has the same label: the Monday of New Year's week,
// the day before Double 11.
type Calendar struct {
	events []Event
	days   map[Day][]mark
}

// Label says what a day is: the Offset-th day (from 0) of a phase of an event.
type Label struct {
	Event  string
	Phase  string
	Offset int
}

// mark is a label on a day of one year.
type mark struct {
	Label
	year   int
	length int // days of the phase
	uplift float64
}

// NewCalendar returns the calendar of these events and of those built-in ones
// whose keys they do not use. One with the key of a built-in event and without
// occurrences keeps the built-in dates. The days of disabled events are
// ordinary.
func NewCalendar(events []Event) *Calendar {
	c := &Calendar{events: slices.Clone(events), days: map[Day][]mark{}}
	for _, e := range BuiltinEvents() {
		i := slices.IndexFunc(events, func(own Event) bool { return own.Key == e.Key })
		switch {
		case i < 0:
			c.events = append(c.events, e)
		case len(events[i].Occurrences) == 0:
			c.events[i].Occurrences = e.Occurrences
			c.events[i].Name = cmp.Or(events[i].Name, e.Name)
		}
	}
	slices.SortFunc(c.events, func(a, b Event) int { return cmp.Compare(a.Key, b.Key) })
	for _, e := range c.events {
		if e.Disabled {
			continue
		}
		for _, o := range e.Occurrences {
			c.mark(e.Key, o)
		}
	}
	for _, marks := range c.days {
		slices.SortStableFunc(marks, func(a, b mark) int {
			return cmp.Or(cmp.Compare(a.length, b.length), cmp.Compare(a.Event, b.Event), cmp.Compare(a.Phase, b.Phase))
		})
	}
	return c
}

func (c *Calendar) mark(event string, o Occurrence) {
	for _, p := range o.Phases {
		for d := p.From; d <= p.To; d++ {
			c.days[d] = append(c.days[d], mark{
				Label: Label{event, p.Phase, int(d - p.From)},
				year:  o.Year, length: int(p.To-p.From) + 1, uplift: p.Uplift,
			})
		}
	}
}

// Events lists all events, the built-in and the disabled ones included,
// ordered by key.
func (c *Calendar) Events() []Event { return c.events }

// Event returns the event of that key.
func (c *Calendar) Event(key string) (Event, bool) {
	i, ok := slices.BinarySearchFunc(c.events, key, func(e Event, key string) int { return cmp.Compare(e.Key, key) })
	if !ok {
		return Event{}, false
	}
	return c.events[i], true
}

// Labels lists what d is, the shortest phase first; it is empty for an
// ordinary day.
func (c *Calendar) Labels(d Day) []Label {
	marks := c.days[d]
	if len(marks) == 0 {
		return nil
	}
	labels := make([]Label, len(marks))
	for i, m := range marks {
		labels[i] = m.Label
	}
	return labels
}

// Next returns the first occurrence of an event whose sale ends after d: the
// one to plan for. A disabled event has none.
func (c *Calendar) Next(event string, d Day) (Occurrence, bool) {
	e, _ := c.Event(event)
	if e.Disabled {
		return Occurrence{}, false
	}
	for _, o := range e.Occurrences {
		if _, to := o.Sale(); to > d {
			return o, true
		}
	}
	return Occurrence{}, false
}

// Sale is the window in which the occurrence sells: all its phases but the
// returns and the make-up workdays.
func (o Occurrence) Sale() (from, to Day) {
	first := true
	for _, p := range o.Phases {
		switch p.Phase {
		case PhaseReturns, PhaseMakeUpBefore, PhaseMakeUpAfter:
			continue
		}
		if first || p.From < from {
			from = p.From
		}
		if first || p.To > to {
			to = p.To
		}
		first = false
	}
	return from, to
}
