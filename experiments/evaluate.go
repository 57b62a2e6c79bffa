package experiments

import "github.com/peakday/peakday/events"

// Subject is whom an evaluation is for. Key stands for the unit of any
// experiment unless Units names one of the experiment's kind.
type Subject struct {
	Key   events.UnitID
	Units map[events.UnitKind]events.UnitID
	// QA is the token of a QA link; empty for none.
	QA string
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
// false for an experiment that does not exist or is still a draft; a QA link
// shows a draft too.
func (c *Catalog) Evaluate(key string, s Subject, a Attributes) (got Evaluation, ok bool) {
	if forced, ok := c.forced(s); ok && forced.Experiment.Key == key {
		return forced, true
	}
	i, ok := c.byKey[key]
	if !ok {
		return Evaluation{}, false
	}
	h := c.hashers.Get().(*hasher)
	defer c.hashers.Put(h)
	c.hold(h, s)
	return c.flags[i].evaluate(h, s, a), true
}

// EvaluateAll calls yield with what the subject gets from each experiment, in
// the order of their keys; drafts are left out, but for one that a QA link
// shows, which comes last.
func (c *Catalog) EvaluateAll(s Subject, a Attributes, yield func(Evaluation) bool) {
	forced, isForced := c.forced(s)
	h := c.hashers.Get().(*hasher)
	defer c.hashers.Put(h)
	c.hold(h, s)
	for i := range c.flags {
		got := Evaluation{}
		if isForced && c.flags[i].Experiment == forced.Experiment {
			got = forced
		} else {
			got = c.flags[i].evaluate(h, s, a)
		}
		if !yield(got) {
			return
		}
	}
	if isForced && forced.Experiment.Status == Draft {
		yield(forced)
	}
}

// forced is what the subject's QA link shows, of an experiment that is not over.
func (c *Catalog) forced(s Subject) (Evaluation, bool) {
	if s.QA == "" {
		return Evaluation{}, false
	}
	t, ok := c.qa[qaHash(s.QA)]
	if !ok || t.variant == nil || t.experiment.Status == Stopped || t.experiment.Status == Shipped {
		return Evaluation{}, false
	}
	return Evaluation{Experiment: t.experiment, Variant: t.variant, Reason: TargetingMatch, Unit: s.unit(t.experiment.Unit)}, true
}

// hold places the subject on the circle of each holdout.
func (c *Catalog) hold(h *hasher, s Subject) {
	h.held = h.held[:0]
	for i := range c.holdouts {
		o := &c.holdouts[i]
		unit, named := s.Units[o.unit]
		if !named {
			unit = s.Key
		}
		p := holdPoint{named: named, known: unit != ""}
		if p.known {
			p.at = h.point(o.salt, unit)
		}
		h.held = append(h.held, p)
	}
}

func (f *flag) evaluate(h *hasher, s Subject, a Attributes) Evaluation {
	out := Evaluation{Experiment: f.Experiment, Variant: f.control, Reason: Static, Unit: s.unit(f.Unit)}
	if f.isHeldOut(h) {
		if f.Status == Stopped {
			out.Variant, out.Reason = nil, Disabled
		}
		return out
	}
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

// takesPart reports whether the unit is in the experiment's share of each of
// its layers, and of the coverage within.
func (f *flag) takesPart(h *hasher, unit events.UnitID) bool {
	if unit == "" {
		return false
	}
	for i := range f.layers {
		if !f.layers[i].hold(h, unit) {
			return false
		}
	}
	return f.whole || f.covered.Contains(h.point(f.coverage, unit))
}

// hold reports whether the unit is in the slots.
func (l *layerSlots) hold(h *hasher, unit events.UnitID) bool {
	at := h.point(l.salt, unit)
	for _, slot := range l.slots {
		if slot.Contains(at) {
			return true
		}
	}
	return false
}

// isHeldOut reports whether a holdout keeps the subject from the experiment. A
// unit of another kind than the experiment's must be named: the subject's key
// does not stand for it.
func (f *flag) isHeldOut(h *hasher) bool {
	for _, o := range f.heldOut {
		if p := h.held[o.holdout]; p.known && (p.named || o.own) && o.share.Contains(p.at) {
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
