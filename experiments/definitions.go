package experiments

import (
	"encoding/json"
	"slices"

	"github.com/peakday/peakday/events"
)

// Definitions is everything that analysts have defined, as of a revision.
type Definitions struct {
	Revision    int64
	Experiments []*Experiment
	Metrics     []Metric
	Layers      []Layer
	Holdouts    []Holdout

	byKey map[string]*Experiment
}

// Layer makes the experiments in it exclude one another: each unit of Unit's
// kind meets at most one of them.
type Layer struct {
	Key     string          `json:"key"`
	Name    string          `json:"name,omitempty"`
	Unit    events.UnitKind `json:"unit"`
	Version int64           `json:"version"`
}

// ReadDefinitions makes Definitions of stored documents.
func ReadDefinitions(revision int64, docs []Change) (Definitions, error) {
	d := Definitions{Revision: revision}
	for _, doc := range docs {
		if err := d.read(doc); err != nil {
			return d, &DamagedError{Kind: doc.Kind, Key: doc.Key, Err: err}
		}
	}
	d.index()
	return d, nil
}

func (d *Definitions) read(doc Change) error {
	switch doc.Kind {
	case ExperimentKind:
		e := &Experiment{}
		if err := json.Unmarshal(doc.Doc, e); err != nil {
			return err
		}
		e.Version = doc.Version
		d.Experiments = append(d.Experiments, e)
	case MetricKindOf:
		var m Metric
		if err := json.Unmarshal(doc.Doc, &m); err != nil {
			return err
		}
		m.Version = doc.Version
		d.Metrics = append(d.Metrics, m)
	case LayerKind:
		var l Layer
		if err := json.Unmarshal(doc.Doc, &l); err != nil {
			return err
		}
		l.Version = doc.Version
		d.Layers = append(d.Layers, l)
	case HoldoutKind:
		var h Holdout
		if err := json.Unmarshal(doc.Doc, &h); err != nil {
			return err
		}
		h.Version = doc.Version
		d.Holdouts = append(d.Holdouts, h)
	}
	return nil
}

// DamagedError says that a stored definition cannot be read any more.
type DamagedError struct {
	Kind Kind
	Key  string
	Err  error
}

func (e *DamagedError) Error() string {
	return "stored " + string(e.Kind) + " " + e.Key + " cannot be read: " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

func (d *Definitions) index() {
	d.byKey = make(map[string]*Experiment, len(d.Experiments))
	for _, e := range d.Experiments {
		d.byKey[e.Key] = e
	}
}

// Experiment gives the experiment of that key, or nil.
func (d *Definitions) Experiment(key string) *Experiment { return d.byKey[key] }

// Metric gives the metric of that key, or nil.
func (d *Definitions) Metric(key string) *Metric {
	i := slices.IndexFunc(d.Metrics, func(m Metric) bool { return m.Key == key })
	if i < 0 {
		return nil
	}
	return &d.Metrics[i]
}

// Layer gives the layer of that key, or nil.
func (d *Definitions) Layer(key string) *Layer {
	i := slices.IndexFunc(d.Layers, func(l Layer) bool { return l.Key == key })
	if i < 0 {
		return nil
	}
	return &d.Layers[i]
}

// Holdout gives the holdout of that key, or nil.
func (d *Definitions) Holdout(key string) *Holdout {
	i := slices.IndexFunc(d.Holdouts, func(h Holdout) bool { return h.Key == key })
	if i < 0 {
		return nil
	}
	return &d.Holdouts[i]
}

// factTypes lists the event types that the started experiments sum.
func (d *Definitions) factTypes() []events.Type {
	var types []events.Type
	for _, e := range d.Experiments {
		if len(e.Changes) > 0 { // else it never ran, and nothing is exposed to it
			types = append(types, e.factTypes()...)
		}
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// ran reports whether any experiment was ever started.
func (d *Definitions) ran() bool {
	return slices.ContainsFunc(d.Experiments, func(e *Experiment) bool { return len(e.Changes) > 0 })
}

// factTypes lists the event types that the experiment's metrics sum. They are
// fixed at the start: what was added with them can be subtracted with them.
func (e *Experiment) factTypes() []events.Type {
	var types []events.Type
	for i := range e.Metrics {
		if e.Metrics[i].Pending == 0 {
			types = append(types, e.Metrics[i].types()...)
		}
	}
	return types
}

// types lists the event types that the metric reads.
func (m *Metric) types() []events.Type {
	if m.Kind == Funnel {
		var ts []events.Type
		for i := range m.Steps {
			ts = append(ts, m.Steps[i].types()...)
		}
		return ts
	}
	ts := m.Numerator.types()
	if m.Denominator != nil {
		ts = append(ts, m.Denominator.types()...)
	}
	return ts
}

// attributesJSON writes exposure attributes in a fixed order; empty for none.
func attributesJSON(a map[string]any) []byte {
	if len(a) == 0 {
		return nil
	}
	b, err := json.Marshal(a)
	if err != nil {
		return nil // cannot happen: a came out of JSON
	}
	return b
}
