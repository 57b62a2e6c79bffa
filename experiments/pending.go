package experiments

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/stats"
)

// What is added to an experiment that has started, be it running or over, cannot
// enter the ledger: the sums of units seen before would lack it. It is pending:
// the fold leaves it out, and each UnitScan rebuilds it whole from the kept facts,
// by the same contribution of each unit, so that it equals what the ledger would
// hold as of the scan.

// holdsAll reports whether nothing of old is missing in now.
func holdsAll(now, old []string) bool {
	return !slices.ContainsFunc(old, func(s string) bool { return !slices.Contains(now, s) })
}

func guardrailMetrics(gs []Guardrail) []string {
	var out []string
	for _, g := range gs {
		out = append(out, g.Metric)
	}
	return out
}

// addPending marks what next names and e did not when it started.
func (e *Experiment) addPending(next *Experiment, all *Definitions) {
	if e.Status == Draft {
		return
	}
	next.Metrics = slices.Clone(e.Metrics)
	for _, name := range next.MetricNames() {
		if e.metric(name) == nil {
			m, err := all.Metric(name).clusteredBy(e.Unit)
			if err != nil {
				continue // cannot be: the editor has checked it
			}
			m.Pending, m.Row = e.Version+1, fmt.Sprintf("%s@%d", name, e.Version+1)
			next.Metrics = append(next.Metrics, m)
		}
	}
	next.PendingSegments = slices.Clone(e.PendingSegments)
	for _, s := range next.Segments {
		if !slices.Contains(e.Segments, s) {
			next.PendingSegments = append(next.PendingSegments, s)
		}
	}
}

// pending reports whether a scan has to rebuild something.
func (e *Experiment) pending() bool {
	return len(e.PendingSegments) > 0 || slices.ContainsFunc(e.Metrics, func(m Metric) bool { return m.Pending != 0 })
}

// whole is the experiment with nothing pending: as a scan sees it.
func (e *Experiment) whole() *Experiment {
	c := e.clone()
	c.PendingSegments = nil
	for i := range c.Metrics {
		c.Metrics[i].Pending = 0
	}
	return c
}

// with is cs and o together; where a cell stands in both, their sum.
func (cs Cells) with(o Cells) Cells {
	out := make(Cells, len(cs)+len(o))
	for c, t := range cs {
		out[c] = t
	}
	for c, t := range o {
		if before, there := out[c]; there && before.Dim() == t.Dim() {
			sum := NewTriangle(t.Dim())
			sum.Add(before)
			sum.Add(t)
			out[c] = sum
		} else if !there {
			out[c] = t
		}
	}
	return out
}

// unfrozen lists the metrics whose cap is to be taken from traffic and has not
// been yet.
func (e *Experiment) unfrozen() []*Metric {
	var out []*Metric
	for i := range e.Metrics {
		if c := e.Metrics[i].Cap; c != nil && c.Quantile > 0 && c.Value == 0 && !c.Frozen {
			out = append(out, &e.Metrics[i])
		}
	}
	return out
}

// FreezeCaps takes the caps of started experiments from the traffic of the last
// window before the start, over the units that did anything then, and stores
// them. Without such traffic a metric stays uncapped for good.
func (d *Editor) FreezeCaps(ctx context.Context, archive Archive, now time.Time) error {
	all, err := d.store.Definitions(ctx)
	if err != nil {
		return err
	}
	for _, e := range all.Experiments {
		if e.Status == Draft || len(e.unfrozen()) == 0 {
			continue
		}
		next := e.clone()
		for _, m := range next.unfrozen() {
			limit, err := d.capOf(ctx, archive, e, m)
			if err != nil {
				return fmt.Errorf("cap of %s in %s: %w", m.Key, e.Key, err)
			}
			m.Cap = &Cap{Quantile: m.Cap.Quantile, Value: limit, Frozen: true}
		}
		next.Version = e.Version + 1
		by := By{Author: "peakday", Now: now}
		if err := d.commit(ctx, by, e.Version, change(ExperimentKind, e.Key, next.Version, "freeze caps", next)); err != nil {
			return err
		}
	}
	return nil
}

// capOf is the quantile of units' numbers before the experiment; 0 if there are
// none.
func (d *Editor) capOf(ctx context.Context, archive Archive, e *Experiment, m *Metric) (float64, error) {
	to := e.StartedAt()
	from := to.Add(-time.Duration(m.Window))
	free := *m
	free.Cap, free.PrePeriod, free.Denominator = nil, 0, nil
	var values []float64
	for part := range events.Parts {
		facts, err := archive.FactsBetween(ctx, part, m.types(), from, to)
		if err != nil {
			return 0, err
		}
		for _, own := range byUnit(e.Unit, facts) {
			for i := range own {
				if err := own[i].read(d.shop); err != nil {
					return 0, err
				}
			}
			values = append(values, free.number(from, own))
		}
	}
	limit, err := stats.CapAt(values, m.Cap.Quantile)
	if err != nil || limit <= 0 {
		return 0, nil // no traffic to take it from
	}
	return limit, nil
}

// byUnit sorts facts by their unit, if it is of the kind.
func byUnit(kind events.UnitKind, facts []UnitFact) map[events.UnitID][]UnitFact {
	out := map[events.UnitID][]UnitFact{}
	for _, f := range facts {
		if f.Unit.Kind == kind || f.Unit.Kind == events.AnyUnit {
			out[f.Unit.ID] = append(out[f.Unit.ID], f)
		}
	}
	for _, own := range out {
		sortFacts(own)
	}
	return out
}
