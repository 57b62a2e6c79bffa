package experiments

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// Desk is where analysts define things: it checks every change against the
// others and stores it with its author.
type Desk struct {
	store Store
	shop  events.Currency
}

// NewDesk returns a desk over store; amounts are in shop.
func NewDesk(store Store, shop events.Currency) *Desk { return &Desk{store, shop} }

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
func (d *Desk) PutMetric(ctx context.Context, by By, m *Metric) (*Metric, error) {
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
func (d *Desk) PutLayer(ctx context.Context, by By, l *Layer) (*Layer, error) {
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
func (d *Desk) Put(ctx context.Context, by By, e *Experiment) (*Experiment, error) {
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
		before.addLater(e, &all)
		e.reweigh(by.Now)
	}
	e.Version = old + 1
	return e, d.commit(ctx, by, old, change(ExperimentKind, e.Key, e.Version, actionOn(old), e))
}

// checkNames holds an experiment to the metrics and layers that exist.
func (d *Desk) checkNames(e *Experiment, all *Definitions) error {
	for _, name := range e.MetricNames() {
		m := all.Metric(name)
		if m == nil {
			return wrong("metrics", "name %q, which does not exist: define it with PUT /v1/metrics/%s", name, name)
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

// keep carries what peakday has decided about e over to its next definition,
// and refuses what would make its data incomparable.
func (e *Experiment) keep(next *Experiment) error {
	next.Status, next.Shares, next.Slots = e.Status, e.Shares, e.Slots
	next.Metrics, next.Shipped, next.Changes, next.HashVersion = e.Metrics, e.Shipped, e.Changes, e.HashVersion
	next.Phases, next.Held, next.Breach, next.QALinks = slices.Clone(e.Phases), e.Held, e.Breach, e.QALinks
	next.Stage, next.StageAt = e.Stage, e.StageAt
	if e.Status == Draft {
		return nil
	}
	if len(next.Stages) > 0 {
		next.Coverage = e.Coverage // the ramp's
	}
	if e.adaptive() {
		next.takeWeights(e) // the bandit's
	}
	for _, f := range []struct {
		name  string
		fixed bool
	}{
		{"unit", e.Unit == next.Unit},
		{"layer", slices.Equal(e.InLayers(), next.InLayers())},
		{"allocation", e.Allocation == next.Allocation},
		{"stages", slices.Equal(e.Stages, next.Stages)},
		{"coverage", e.Coverage == next.Coverage || next.Coverage > e.Coverage && (e.Held == 0 || next.Coverage <= e.Held)},
		{"variants", slices.EqualFunc(e.Variants, next.Variants, e.comparable())},
		{"audience", e.Audience.Equal(next.Audience)},
		{"primary", e.Primary == next.Primary},
		{"secondary", holdsAll(next.Secondary, e.Secondary)},
		{"guardrails", holdsAll(guardrailMetrics(next.Guardrails), guardrailMetrics(e.Guardrails))},
		{"segments", holdsAll(next.Segments, e.Segments)},
	} {
		if !f.fixed {
			return refuse("%s cannot change once the experiment has started (it is %s); while it runs the variants' weights may change, coverage may grow (in a layer, up to what it holds of it), and metrics and segments may be added", f.name, e.Status)
		}
	}
	return nil
}

// comparable says how variants may differ from the next definition's: while the
// experiment runs or is paused, in their weights.
func (e *Experiment) comparable() func(a, b Variant) bool {
	if e.Status != Running && e.Status != Paused {
		return Variant.equal
	}
	return func(a, b Variant) bool {
		a.Weight, b.Weight = 0, 0
		return a.equal(b)
	}
}

// equal compares values as they are stored: storing writes "<" as "\u003c".
func (v Variant) equal(o Variant) bool {
	x, errX := json.Marshal(v)
	y, errY := json.Marshal(o)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func actionOn(old int64) string {
	if old == 0 {
		return "create"
	}
	return "change"
}

// commit stores changes, the first of which was made from version old.
func (d *Desk) commit(ctx context.Context, by By, old int64, changes ...Change) error {
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

// Start lets a draft or a paused experiment run. The first start fixes its
// ranges and the definitions of its metrics.
func (d *Desk) Start(ctx context.Context, by By, key string) (*Experiment, error) {
	return d.move(ctx, by, key, "start", func(e *Experiment, all *Definitions) ([]Change, error) {
		switch e.Status {
		case Running:
			return nil, refuse("it is running already")
		case Stopped, Shipped:
			return nil, refuse("it is %s: copy it under a new key to run it again", e.Status)
		case Paused:
			return nil, e.enter(Running, by.Now)
		}
		return d.firstStart(e, all, by.Now)
	})
}

func (d *Desk) firstStart(e *Experiment, all *Definitions, now time.Time) ([]Change, error) {
	if err := d.checkNames(e, all); err != nil {
		return nil, err
	}
	for _, name := range e.MetricNames() {
		m, err := all.Metric(name).clusteredBy(e.Unit)
		if err != nil {
			return nil, err
		}
		if m.Cap != nil && m.Cap.Quantile > 0 {
			m.Pending = e.Version + 1 // until its cap is known
		}
		e.Metrics = append(e.Metrics, m)
	}
	e.open(now)
	if len(e.Stages) > 0 {
		e.enterStage(1, now)
	}
	also, err := e.enterLayers(all)
	if err != nil {
		return nil, err
	}
	return also, e.enter(Running, now)
}

// enterLayers takes the experiment's share of each of its layers: as much as
// its ramp may come to.
func (e *Experiment) enterLayers(all *Definitions) (also []Change, err error) {
	for _, key := range e.InLayers() {
		layer := all.Layer(key)
		slots, ok := take(all.usedSlots(key), points(e.peak()))
		if !ok {
			return nil, refuse("layer %s has less than %g of its range free", key, e.peak())
		}
		if e.Slots == nil {
			e.Slots, e.Held = map[string][]Range{}, e.peak()
		}
		e.Slots[key] = slots
		// The layer's version grows with every experiment that enters, so that two
		// starts at once cannot take the same slots.
		layer.Version++
		also = append(also, change(LayerKind, layer.Key, layer.Version, "enter "+e.Key, layer))
	}
	return also, nil
}

// usedSlots gives the ranges of a layer that experiments hold, sorted.
func (d *Definitions) usedSlots(layer string) []Range {
	var used []Range
	for _, e := range d.Experiments {
		if e.Status == Running || e.Status == Paused {
			used = append(used, e.Slots[layer]...)
		}
	}
	slices.SortFunc(used, func(a, b Range) int { return cmp.Compare(a.From, b.From) })
	return used
}

// Pause gives every unit the control until the experiment is started again.
func (d *Desk) Pause(ctx context.Context, by By, key string) (*Experiment, error) {
	return d.move(ctx, by, key, "pause", func(e *Experiment, _ *Definitions) ([]Change, error) {
		if e.Status != Running {
			return nil, refuse("only a running experiment can be paused; it is %s", e.Status)
		}
		return nil, e.enter(Paused, by.Now)
	})
}

// Stop ends the experiment; its slots are free again.
func (d *Desk) Stop(ctx context.Context, by By, key string) (*Experiment, error) {
	return d.move(ctx, by, key, "stop", func(e *Experiment, _ *Definitions) ([]Change, error) {
		if e.Status != Running && e.Status != Paused {
			return nil, refuse("only a running or paused experiment can be stopped; it is %s", e.Status)
		}
		return nil, e.enter(Stopped, by.Now)
	})
}

// Ship ends the experiment and gives everybody the variant.
func (d *Desk) Ship(ctx context.Context, by By, key, variant string) (*Experiment, error) {
	return d.move(ctx, by, key, "ship", func(e *Experiment, _ *Definitions) ([]Change, error) {
		if e.Variant(variant) == nil {
			return nil, wrong("variant", "must be a variant of the experiment, got %q", variant)
		}
		if e.Status == Draft {
			return nil, refuse("a draft cannot be shipped: start it first")
		}
		e.Shipped = variant
		return nil, e.enter(Shipped, by.Now)
	})
}

// move changes an experiment's status; act may return further changes.
func (d *Desk) move(ctx context.Context, by By, key, action string, act func(*Experiment, *Definitions) ([]Change, error)) (*Experiment, error) {
	all, err := d.store.Definitions(ctx)
	if err != nil {
		return nil, err
	}
	before := all.Experiment(key)
	if before == nil {
		return nil, ErrNotFound
	}
	e := before.clone()
	also, err := act(e, &all)
	if err != nil {
		return nil, err
	}
	e.Version = before.Version + 1
	changes := append([]Change{change(ExperimentKind, key, e.Version, action, e)}, also...)
	return e, d.commit(ctx, by, before.Version, changes...)
}

// enter changes the status from now on. Time never runs backwards in a
// history, whatever the clocks of two replicas say.
func (e *Experiment) enter(s Status, now time.Time) error {
	now = now.UTC().Truncate(time.Microsecond)
	if n := len(e.Changes); n > 0 && !e.Changes[n-1].At.Before(now) {
		now = e.Changes[n-1].At.Add(time.Microsecond)
	}
	e.Status = s
	e.Changes = append(e.Changes, StatusChange{now, s})
	return nil
}
