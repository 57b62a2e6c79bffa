package experiments

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// Experiment is one question put to the shop's visitors: its definition as an
// analyst writes it, and below that what peakday has decided about it.
type Experiment struct {
	Key        string                   `json:"key"`
	Name       string                   `json:"name,omitempty"`
	Hypothesis string                   `json:"hypothesis,omitempty"`
	Unit       events.UnitKind          `json:"unit"`
	Layer      string                   `json:"layer,omitempty"`
	Layers     []string                 `json:"layers,omitempty"` // in place of Layer, when there are several
	Coverage   float64                  `json:"coverage"`         // share of the units (of the layer's units) that take part
	Variants   []Variant                `json:"variants"`
	Audience   *Condition               `json:"audience,omitempty"`
	Overrides  map[events.UnitID]string `json:"overrides,omitempty"` // unit → variant key
	Primary    string                   `json:"primary,omitempty"`
	Secondary  []string                 `json:"secondary,omitempty"`
	Guardrails []Guardrail              `json:"guardrails,omitempty"`
	Segments   []string                 `json:"segments,omitempty"` // attributes by which the report can be split
	// PendingSegments are those of Segments that were added after the start.
	PendingSegments []string `json:"pending_segments,omitempty"`
	Alpha           float64  `json:"alpha"`
	// Allocation is fixed unless a bandit draws the weights anew, every Redraw.
	Allocation Allocation `json:"allocation,omitempty"`
	Redraw     Hours      `json:"redraw_every,omitempty"`
	// Stages are the coverages of a ramp, one after the other. The first is the
	// coverage at the start; a guardrail that breaks stops the experiment.
	Stages []Stage `json:"stages,omitempty"`
	// StartsAt and EndsAt start a draft and stop what runs, by the service's
	// clock; zero for by hand.
	StartsAt   time.Time  `json:"starts_at,omitzero"`
	EndsAt     time.Time  `json:"ends_at,omitzero"`
	Correction Correction `json:"correction"`
	// MinEffect is the smallest relative effect on the primary metric that is
	// worth finding: 0.02 is 2 %. Power and duration are reckoned by it.
	MinEffect float64 `json:"min_effect,omitempty"`

	Status  Status `json:"status"`
	Version int64  `json:"version"` // grows with every change; If-Match compares it

	// HashVersion names the hash and the salts that assign units, so that a
	// later peakday can change them for new experiments only.
	HashVersion int `json:"hash_version"`
	// Shares say which ranges of the hash circle each variant owns, in order.
	// A change of weights moves as little of the circle as it can.
	Shares []Share `json:"shares,omitempty"`
	// Slots are the ranges that the experiment holds of the circle of each of
	// its layers, and Held is the share of the circle that they make up. The
	// coverage may grow up to it.
	Slots map[string][]Range `json:"slots,omitempty"`
	Held  float64            `json:"held,omitempty"`
	// Metrics are the definitions of the metrics named above as they were at
	// the start: later changes of a metric do not change what is being summed.
	Metrics []Metric `json:"metrics,omitempty"`
	// Shipped is the variant that everybody gets once the experiment is shipped.
	Shipped string `json:"shipped,omitempty"`
	// Changes is the dated history of the status. Whether an exposure counts
	// depends on the status at its own time.
	Changes []StatusChange `json:"status_changes,omitempty"`
	// Phases is the dated history of the weights since the start.
	Phases []Phase `json:"phases,omitempty"`
	// Stage is the one that a ramp is in, from 1, and StageAt since when.
	Stage   int       `json:"stage,omitempty"`
	StageAt time.Time `json:"stage_since,omitzero"`
	// Breach is the broken guardrail that stopped the experiment.
	Breach *Breach `json:"breach,omitempty"`
	// QALinks force a variant on whoever shows their token.
	QALinks []QALink `json:"qa_links,omitempty"`
}

// Variant is one of the things that a unit may meet.
type Variant struct {
	Key     string          `json:"key"`
	Weight  float64         `json:"weight"` // relative to the other variants' weights
	Value   json.RawMessage `json:"value,omitempty"`
	Control bool            `json:"control,omitempty"`
}

// Guardrail is a metric that must not get worse by more than Margin.
type Guardrail struct {
	Metric string  `json:"metric"`
	Margin float64 `json:"margin,omitempty"` // tolerated worsening, relative to control: 0.02 is 2 %
}

// InLayers lists the layers that the experiment is in.
func (e *Experiment) InLayers() []string {
	if e.Layer != "" {
		return []string{e.Layer}
	}
	return e.Layers
}

// adaptive reports whether the weights follow what was seen.
func (e *Experiment) adaptive() bool { return e.Allocation != "" && e.Allocation != Fixed }

// Allocation says how the weights come about.
type Allocation string

// The allocations: as they were written, or by a bandit that gives more traffic
// to what does better on the primary metric.
const (
	Fixed    Allocation = "fixed"
	Thompson Allocation = "thompson" // the share of a variant is its chance to be the best
	TopTwo   Allocation = "top-two"  // the same, but half of it to the runner-up: finds the best sooner
)

// Correction says how p-values and intervals allow for several comparisons.
type Correction string

// The corrections.
const (
	Holm              Correction = "holm"
	BenjaminiHochberg Correction = "bh"
	Uncorrected       Correction = "none"
)

// Status is where an experiment stands in its life.
type Status string

// The statuses: a draft is started; a running experiment is paused and started
// again; both are stopped; all three can be shipped.
const (
	Draft   Status = "draft"
	Running Status = "running"
	Paused  Status = "paused"
	Stopped Status = "stopped"
	Shipped Status = "shipped"
)

// StatusChange says since when a status holds.
type StatusChange struct {
	At     time.Time `json:"at"`
	Status Status    `json:"status"`
}

// Control gives the variant that the others are compared with: the one with
// key "control", else the one marked as control. Check guarantees that there
// is one.
func (e *Experiment) Control() *Variant {
	for i := range e.Variants {
		if e.Variants[i].Key == "control" {
			return &e.Variants[i]
		}
	}
	for i := range e.Variants {
		if e.Variants[i].Control {
			return &e.Variants[i]
		}
	}
	return nil
}

// controlAt is the place of the control among the variants.
func (e *Experiment) controlAt() int {
	c := e.Control()
	return slices.IndexFunc(e.Variants, func(v Variant) bool { return v.Key == c.Key })
}

// Variant gives the variant of that key, or nil.
func (e *Experiment) Variant(key string) *Variant {
	for i := range e.Variants {
		if e.Variants[i].Key == key {
			return &e.Variants[i]
		}
	}
	return nil
}

// MetricNames lists the metrics that the experiment uses, each once: the
// primary, the secondary ones, the guardrails.
func (e *Experiment) MetricNames() []string {
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		if name != "" && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	add(e.Primary)
	for _, m := range e.Secondary {
		add(m)
	}
	for _, g := range e.Guardrails {
		add(g.Metric)
	}
	return names
}

// naming is the field that names a metric of the experiment; the first of
// several.
func (e *Experiment) naming(metric string) string {
	if metric == e.Primary {
		return "primary"
	}
	if i := slices.Index(e.Secondary, metric); i >= 0 {
		return fmt.Sprintf("secondary[%d]", i)
	}
	i := slices.IndexFunc(e.Guardrails, func(g Guardrail) bool { return g.Metric == metric })
	return fmt.Sprintf("guardrails[%d].metric", i)
}

// metric gives the metric of that key as it was at the start, or nil.
func (e *Experiment) metric(key string) *Metric {
	for i := range e.Metrics {
		if e.Metrics[i].Key == key {
			return &e.Metrics[i]
		}
	}
	return nil
}

// RunningAt reports whether the experiment was running at t.
func (e *Experiment) RunningAt(t time.Time) bool {
	status := Draft
	for _, c := range e.Changes {
		if c.At.After(t) {
			break
		}
		status = c.Status
	}
	return status == Running
}

// StartedAt is when the experiment first ran; zero if it never did.
func (e *Experiment) StartedAt() time.Time {
	for _, c := range e.Changes {
		if c.Status == Running {
			return c.At
		}
	}
	return time.Time{}
}

// clone copies e deeply enough that the copy can be changed.
func (e *Experiment) clone() *Experiment {
	c := *e
	c.Variants = append([]Variant(nil), e.Variants...)
	c.Shares = append([]Share(nil), e.Shares...)
	c.Slots = maps.Clone(e.Slots)
	c.QALinks = append([]QALink(nil), e.QALinks...)
	c.Metrics = append([]Metric(nil), e.Metrics...)
	c.Changes = append([]StatusChange(nil), e.Changes...)
	c.Phases = append([]Phase(nil), e.Phases...)
	return &c
}
