package experiments

import "github.com/peakday/peakday/events"

// Subject is whom an evaluation is for. Key stands for the unit of any
// experiment unless Units names one of the experiment's kind.
type Subject struct {
	Key   events.UnitID
	Units map[events.UnitKind]events.UnitID
}

// unit gives the id that an experiment on kind randomises; empty if unknown.
func (s Subject) unit(kind events.UnitKind) events.UnitID {
	if id, named := s.Units[kind]; named {
		return id
	}
	return s.Key
}

// Reason says why a unit got what it got, in the words of OpenFeature.
type Reason string

// The reasons.
const (
	Split          Reason = "SPLIT"           // by the hash, as part of the experiment
	TargetingMatch Reason = "TARGETING_MATCH" // by an override
	Static         Reason = "STATIC"          // not part of the experiment: the control, or what was shipped
	Disabled       Reason = "DISABLED"        // the experiment was stopped
)

// Evaluation is what a unit gets from one experiment.
type Evaluation struct {
	Experiment *Experiment
	Variant    *Variant // nil when the experiment was stopped
	Unit       events.UnitID
	Reason     Reason
	Enrolled   bool // takes part: only then is meeting the variant an exposure
}

// Evaluate gives what the subject gets from the experiment of that key. ok is
// false for an experiment that does not exist or is still a draft.
func (c *Catalog) Evaluate(key string, s Subject, a Attributes) (got Evaluation, ok bool) {
	i, ok := c.byKey[key]
	if !ok {
		return Evaluation{}, false
	}
	h := c.hashers.Get().(*hasher)
	defer c.hashers.Put(h)
	return c.flags[i].evaluate(h, s, a), true
}

// EvaluateAll calls yield with what the subject gets from each experiment, in
// the order of their keys; drafts are left out.
func (c *Catalog) EvaluateAll(s Subject, a Attributes, yield func(Evaluation) bool) {
	h := c.hashers.Get().(*hasher)
	defer c.hashers.Put(h)
	for i := range c.flags {
		if !yield(c.flags[i].evaluate(h, s, a)) {
			return
		}
	}
}

func (f *flag) evaluate(h *hasher, s Subject, a Attributes) Evaluation {
	out := Evaluation{Experiment: f.Experiment, Variant: f.control, Reason: Static, Unit: s.unit(f.Unit)}
	switch f.Status {
	case Shipped:
		out.Variant = f.shipped
		return out
	case Stopped:
		out.Variant, out.Reason = nil, Disabled
		return out
	case Paused:
		return out
	}
	if f.hasOverrides {
		if key, byHand := f.Overrides[out.Unit]; byHand {
			out.Variant, out.Reason = f.Variant(key), TargetingMatch
			return out
		}
	}
	if f.takesPart(h, out.Unit) && f.Audience.Matches(a) {
		out.Variant, out.Reason, out.Enrolled = f.pick(h, out.Unit), Split, true
	}
	return out
}

// takesPart reports whether the unit is in the experiment's share of its
// layer, or of all units when it has no layer.
func (f *flag) takesPart(h *hasher, unit events.UnitID) bool {
	if unit == "" {
		return false
	}
	if f.Layer == "" {
		return f.Coverage == 1 || f.covered.Contains(h.point(f.coverage, unit))
	}
	at := h.point(f.layer, unit)
	for _, slot := range f.Slots {
		if slot.Contains(at) {
			return true
		}
	}
	return false
}

// pick finds the share that holds the unit's point. The shares fill the circle
// in order: it is the last one that begins at or before the point.
func (f *flag) pick(h *hasher, unit events.UnitID) *Variant {
	if len(f.variants) == 0 {
		return f.control
	}
	at := h.point(f.variant, unit)
	low, high := 0, len(f.Shares)
	for high-low > 1 {
		if middle := (low + high) / 2; f.Shares[middle].Range.From <= at {
			low = middle
		} else {
			high = middle
		}
	}
	return f.variants[low]
}
