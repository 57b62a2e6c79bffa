package experiments

import (
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// HoldoutReport says what all launches together have done: the units that were
// not held out against those that were. Nobody is exposed to a holdout, so
// every unit takes part that peakday has seen: from the holdout's start on if it
// was seen in the pre-period before it, else from the first time that it was
// seen. Neither can depend on what a launch does, as long as the first visit
// does not.
type HoldoutReport struct {
	Holdout string          `json:"holdout"`
	Unit    events.UnitKind `json:"unit"`
	Share   float64         `json:"share"`           // that is held out now
	Since   time.Time       `json:"since"`           // what happened from here on counts
	Until   *time.Time      `json:"until,omitempty"` // null while it stands
	AsOf    time.Time       `json:"as_of"`           // event time up to which the last background pass has looked
	// Units are those of each arm, held-out and others.
	Units map[string]int64 `json:"units"`
	// LeftOut are the units that a change of the share moved in or out: they are
	// in neither arm.
	LeftOut  int64          `json:"left_out"`
	SRM      SampleRatio    `json:"srm"`
	Warnings []string       `json:"warnings"`
	Metrics  []MetricReport `json:"metrics"`
	Health   Health         `json:"health"`
	Launches []Launch       `json:"launches"` // what the held-out units were kept from

	arms []Variant
}

// Arms are the two arms, with their weights.
func (r *HoldoutReport) Arms() []Variant { return r.arms }

// Launch is an experiment that a holdout keeps units from.
type Launch struct {
	Experiment string    `json:"experiment"`
	Status     Status    `json:"status"`
	Started    time.Time `json:"started"`
	Shipped    string    `json:"shipped,omitempty"` // the variant
}

// The arms of a holdout.
const (
	HeldOut = "held-out" // the control
	Others  = "others"
)

// stretch is the time since a holdout stood last: from the change that began it
// to the one that ended it (zero while it stands), with the smallest and the
// largest share in between. ok is false if it never stood.
func (h *Holdout) stretch() (since, until time.Time, lowest, highest float64, ok bool) {
	for _, s := range h.Steps {
		switch {
		case s.Share == 0 && ok && until.IsZero():
			until = s.At
		case s.Share == 0:
		case !ok || !until.IsZero():
			since, until, lowest, highest, ok = s.At, time.Time{}, s.Share, s.Share, true
		default:
			lowest, highest = min(lowest, s.Share), max(highest, s.Share)
		}
	}
	return since, until, lowest, highest, ok
}

// launches lists the experiments that the holdout keeps units from, by start.
func (h *Holdout) launches(d *Definitions) []Launch {
	since, until, _, _, _ := h.stretch()
	out := []Launch{}
	for _, e := range d.Experiments {
		at := e.StartedAt()
		if at.IsZero() || at.Before(since) || (!until.IsZero() && !at.Before(until)) || h.shareFor(at) == 0 && until.IsZero() {
			continue
		}
		out = append(out, Launch{e.Key, e.Status, at, e.Shipped})
	}
	slices.SortFunc(out, func(a, b Launch) int { return a.Started.Compare(b.Started) })
	return out
}

// metrics are those that the holdout names, else the primary ones of the
// experiments on its units that it keeps units from.
func (h *Holdout) metrics(d *Definitions) []Metric {
	names := h.Metrics
	if len(names) == 0 {
		for _, l := range h.launches(d) {
			if e := d.Experiment(l.Experiment); e.Unit == h.Unit && e.Primary != "" && !slices.Contains(names, e.Primary) {
				names = append(names, e.Primary)
			}
		}
	}
	var out []Metric
	for _, name := range names {
		if m := d.Metric(name); m != nil {
			if own, err := m.clusteredBy(h.Unit); err == nil {
				out = append(out, own)
			}
		}
	}
	return out
}

// comparison is the holdout as an experiment of two arms, whose metrics count
// all that happened since it began. ok is false if it never stood.
func (h *Holdout) comparison(d *Definitions, asOf time.Time) (e *Experiment, ok bool) {
	since, until, lowest, highest, ok := h.stretch()
	if !ok {
		return nil, false
	}
	e = &Experiment{
		Key: h.Key, Unit: h.Unit, Coverage: 1, Alpha: 0.05, Correction: Holm, Status: Running,
		Variants: []Variant{{Key: HeldOut, Weight: lowest, Control: true}, {Key: Others, Weight: 1 - highest}},
		Changes:  []StatusChange{{since, Running}}, Metrics: h.metrics(d), Version: h.Version,
	}
	end := asOf
	if !until.IsZero() {
		e.Status, end = Stopped, until
		e.Changes = append(e.Changes, StatusChange{until, Stopped})
	}
	for i := range e.Metrics {
		m := &e.Metrics[i]
		m.Pending = h.Version // all of it comes from the background pass
		if m.Kind != Retention {
			m.Window = Hours(max(0, end.Sub(since)).Truncate(time.Hour) + 2*time.Hour)
		}
		if i == 0 {
			e.Primary = m.Key
		}
	}
	return e, true
}

// FindingsKey is where the findings about the holdout stand among those about
// experiments, whose keys have no blanks.
func (h *Holdout) FindingsKey() string { return "holdout " + h.Key }

// Report compares the arms of the holdout by what the last background pass
// found (see HoldoutScan). It is nil while there has been none since the holdout
// was changed. v picks the units.
func (h *Holdout) Report(d *Definitions, v View) *HoldoutReport {
	f := v.Findings
	if f == nil || f.Version != h.Version {
		return nil
	}
	since, until, _, _, _ := h.stretch()
	out := &HoldoutReport{
		Holdout: h.Key, Unit: h.Unit, Share: h.Share, Since: since, AsOf: f.AsOf, LeftOut: f.LeftOut,
		Units: map[string]int64{}, Warnings: []string{}, Metrics: []MetricReport{}, Launches: h.launches(d),
	}
	if !until.IsZero() {
		out.Until = &until
	}
	v.AsOf = f.AsOf
	e, ok := h.comparison(d, f.AsOf)
	if !ok {
		out.Warnings = append(out.Warnings, "nobody was ever held out")
		return out
	}
	r := v.Report(e, Cells{})
	out.arms = e.Variants
	out.Units, out.SRM, out.Warnings, out.Metrics, out.Health = r.Units, r.SRM, r.Warnings, r.Metrics, r.Health
	for i := range e.Metrics {
		if c := e.Metrics[i].Cap; c != nil && c.Value == 0 {
			r.warn("%s is not capped here: its cap is taken from the traffic before an experiment", e.Metrics[i].Key)
		}
	}
	if len(e.Metrics) == 0 {
		r.warn("there is nothing to compare: name metrics of %ss in the holdout, or start an experiment with a primary metric while it stands", h.Unit)
	}
	if len(out.Launches) == 0 {
		r.warn("no experiment has started while it stood: the arms should not differ")
	}
	out.Warnings = r.Warnings
	return out
}
