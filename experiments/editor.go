package experiments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
)

// Editor changes definitions for analysts: it checks every change against the
// others and stores it with its author.
type Editor struct {
	store Store
	shop  events.Currency
}

// NewEditor returns an editor over store; amounts are in shop.
func NewEditor(store Store, shop events.Currency) *Editor { return &Editor{store, shop} }

// By says who changes something, when, and from which version. IfVersion 0
// means whatever version there is.
type By struct {
	Author    string
	Now       time.Time
	IfVersion int64
}

// What can be wrong with a change beyond its own fields (*events.Invalid).
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("it has been changed since")
)

// RefusedError says that a change does not fit the state that things are in.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }

func refuse(reason string, args ...any) error {
	return &RefusedError{fmt.Sprintf(reason, args...)}
}

// PutMetric defines a metric or changes it. Experiments that have started keep
// the definition that they started with.
func (d *Editor) PutMetric(ctx context.Context, by By, m *Metric) (*Metric, error) {
	if err := m.Check(d.shop); err != nil {
		return nil, err
	}
	all, err := d.store.Definitions(ctx)
	if err != nil {
		return nil, err
	}
	old := int64(0)
	if before := all.Metric(m.Key); before != nil {
		old = before.Version
	}
	m.Version = old + 1
	return m, d.commit(ctx, by, old, change(MetricKindOf, m.Key, m.Version, actionOn(old), m))
}

// PutLayer defines a layer or renames it.
func (d *Editor) PutLayer(ctx context.Context, by By, l *Layer) (*Layer, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	all, err := d.store.Definitions(ctx)
	if err != nil {
		return nil, err
	}
	old := int64(0)
	if before := all.Layer(l.Key); before != nil {
		if before.Unit != l.Unit {
			return nil, refuse("a layer's unit cannot change: it is %s", before.Unit)
		}
		old = before.Version
	}
	l.Version = old + 1
	return l, d.commit(ctx, by, old, change(LayerKind, l.Key, l.Version, actionOn(old), l))
}

// Put defines an experiment or changes it. Once it has started, only what
// cannot bend the comparison may change: name, hypothesis, overrides, alpha,
// correction, margins; coverage may grow; other weights open a new phase.
func (d *Editor) Put(ctx context.Context, by By, e *Experiment) (*Experiment, error) {
	if err := e.Check(); err != nil {
		return nil, err
	}
	all, err := d.store.Definitions(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.checkNames(e, &all); err != nil {
		return nil, err
	}
	old := int64(0)
	if before := all.Experiment(e.Key); before != nil {
		old = before.Version
		if err := before.keep(e); err != nil {
			return nil, err
		}
		before.addPending(e, &all)
		e.reweigh(by.Now)
	}
	e.Version = old + 1
	return e, d.commit(ctx, by, old, change(ExperimentKind, e.Key, e.Version, actionOn(old), e))
}

// checkNames holds an experiment to the metrics and layers that exist.
func (d *Editor) checkNames(e *Experiment, all *Definitions) error {
	for _, name := range e.MetricNames() {
		m := all.Metric(name)
		if m == nil {
			return wrong(e.naming(name), "names %q, which does not exist: define it with PUT /v1/metrics/%s", name, name)
		}
		if _, err := m.clusteredBy(e.Unit); err != nil {
			return err
		}
	}
	for _, key := range e.InLayers() {
		l := all.Layer(key)
		if l == nil {
			return wrong("layer", "names %q, which does not exist: define it with PUT /v1/layers/%s", key, key)
		}
		if l.Unit != e.Unit {
			return wrong("layer", "%q divides %ss, but the experiment's unit is %s", l.Key, l.Unit, e.Unit)
		}
	}
	return nil
}

func actionOn(old int64) string {
	if old == 0 {
		return "create"
	}
	return "change"
}

// commit stores changes, the first of which was made from version old.
func (d *Editor) commit(ctx context.Context, by By, old int64, changes ...Change) error {
	if by.IfVersion != 0 && by.IfVersion != old {
		return ErrConflict
	}
	for i := range changes {
		changes[i].At, changes[i].Author = by.Now, by.Author
	}
	return d.store.Commit(ctx, changes)
}

func change(kind Kind, key string, version int64, action string, doc any) Change {
	b, err := json.Marshal(doc)
	if err != nil {
		panic(err) // a definition is plain data
	}
	return Change{Kind: kind, Key: key, Version: version, Action: action, Doc: b}
}
