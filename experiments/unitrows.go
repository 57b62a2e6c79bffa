package experiments

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/peakday/peakday/events"
)

// UnitColumns names the columns of an experiment's per-unit rows, for an
// analyst's own notebook: who, which variant, since when, in which segments, and
// for each metric the unit's number, a ratio's denominator, and the numbers over
// the pre-period. A funnel has a column a step. Quantiles have none: a unit has
// many values.
func (e *Experiment) UnitColumns() []string {
	e = e.whole()
	columns := []string{"unit", "variant", "phase", "exposed_at", "flicker", "suspicion"}
	columns = append(columns, e.Segments...)
	for i := range e.Metrics {
		for _, c := range e.Metrics[i].unitColumns() {
			columns = append(columns, c.name)
		}
	}
	return columns
}

// unitColumn is where a number of a unit stands in its vector.
type unitColumn struct {
	name            string
	index, decimals int
}

func (m *Metric) unitColumns() []unitColumn {
	out := []unitColumn{{m.Key, 1, m.Decimals}}
	switch {
	case m.Kind == Quantile:
		return nil
	case m.Kind == Funnel:
		out = nil
		for k := range m.Steps {
			out = append(out, unitColumn{fmt.Sprintf("%s.%d", m.Key, k+1), stepIndex(k, len(m.Steps)), 0})
		}
	case m.Denominator != nil && m.PrePeriod > 0:
		d := m.Denominator.Decimals
		out = append(out, unitColumn{m.Key + ".denominator", 2, d}, unitColumn{m.Key + ".before", 3, m.Decimals}, unitColumn{m.Key + ".denominator.before", 4, d})
	case m.Denominator != nil:
		out = append(out, unitColumn{m.Key + ".denominator", 2, m.Denominator.Decimals})
	case m.PrePeriod > 0:
		out = append(out, unitColumn{m.Key + ".before", 2, m.Decimals})
	}
	return out
}

// UnitRow is the row of a unit; nil if it was not exposed to the experiment.
// h may have facts of more types than the experiment reads.
func (e *Experiment) UnitRow(h UnitHistory, shop events.Currency) ([]string, error) {
	e = e.whole()
	xs := byExperiment(h.Exposures)[e.Key]
	if len(xs) == 0 {
		return nil, nil
	}
	for i := range h.Facts {
		if err := h.Facts[i].read(shop); err != nil {
			return nil, fmt.Errorf("fact of %s %s: %w", h.Facts[i].Unit.Kind, h.Unit, err)
		}
	}
	first := slices.MinFunc(xs, UnitExposure.earlier)
	row := []string{
		string(h.Unit), first.Variant, strconv.Itoa(first.Phase), first.At.UTC().Format(time.RFC3339Nano),
		strconv.FormatBool(len(xs) > 1), string(botReasonOf(e.Unit, factsOfKind(e.Unit, h.Facts))),
	}
	for i, segment := range segmentsOf(e, first.Attributes) {
		row = append(row, segment[len(e.Segments[i])+1:])
	}
	facts := factsFor(e, h.Facts)
	for i := range e.Metrics {
		m := &e.Metrics[i]
		columns := m.unitColumns()
		if len(columns) == 0 {
			continue
		}
		v := m.vector(first.At, facts)
		for _, c := range columns {
			row = append(row, strconv.FormatFloat(float64(v[c.index])/math.Pow10(c.decimals), 'f', -1, 64))
		}
	}
	return row, nil
}

// UnitTypes lists the facts that UnitRow reads.
func (e *Experiment) UnitTypes() []events.Type {
	types := append(e.whole().factTypes(), botTypes()...)
	slices.Sort(types)
	return slices.Compact(types)
}

// EndedAt is when the experiment last stopped running, at most now: now while
// it runs.
func (e *Experiment) EndedAt(now time.Time) time.Time {
	for i := len(e.Changes) - 1; i >= 0; i-- {
		if e.Changes[i].Status == Running {
			if i+1 < len(e.Changes) && e.Changes[i+1].At.Before(now) {
				return e.Changes[i+1].At
			}
			return now
		}
	}
	return now
}
