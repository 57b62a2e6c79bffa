package experiments

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Start lets a draft or a paused experiment run. The first start fixes its
// ranges and the definitions of its metrics.
func (d *Editor) Start(ctx context.Context, by By, key string) (*Experiment, error) {
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

func (d *Editor) firstStart(e *Experiment, all *Definitions, now time.Time) ([]Change, error) {
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
func (d *Editor) Pause(ctx context.Context, by By, key string) (*Experiment, error) {
	return d.move(ctx, by, key, "pause", func(e *Experiment, _ *Definitions) ([]Change, error) {
		if e.Status != Running {
			return nil, refuse("only a running experiment can be paused; it is %s", e.Status)
		}
		return nil, e.enter(Paused, by.Now)
	})
}

// Stop ends the experiment; its slots are free again.
func (d *Editor) Stop(ctx context.Context, by By, key string) (*Experiment, error) {
	return d.move(ctx, by, key, "stop", func(e *Experiment, _ *Definitions) ([]Change, error) {
		if e.Status != Running && e.Status != Paused {
			return nil, refuse("only a running or paused experiment can be stopped; it is %s", e.Status)
		}
		return nil, e.enter(Stopped, by.Now)
	})
}

// Ship ends the experiment and gives everybody the variant.
func (d *Editor) Ship(ctx context.Context, by By, key, variant string) (*Experiment, error) {
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
func (d *Editor) move(ctx context.Context, by By, key, action string, act func(*Experiment, *Definitions) ([]Change, error)) (*Experiment, error) {
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
