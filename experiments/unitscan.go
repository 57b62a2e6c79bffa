package experiments

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// UnitHistory is what is kept of one unit: its exposures to all experiments,
// and its facts.
type UnitHistory struct {
	Unit      events.UnitID
	Exposures []UnitExposure
	Facts     []UnitFact
}

// UnitScan looks once at every unit that was exposed, for what sums cannot tell:
// quantiles, bots, units whose window is over, novelty, interactions, and
// which SKUs a metric rests on. It holds the values of quantiles in memory, 16
// bytes each; the rest is small.
type UnitScan struct {
	asOf        time.Time
	zone        *time.Location
	shop        events.Currency
	definitions Definitions
	of          map[string]*scannedExperiment
}

// NewUnitScan begins a scan over the experiments of d that have started. asOf is
// the event time of the newest record that was applied.
func NewUnitScan(d Definitions, asOf time.Time, zone *time.Location, shop events.Currency) *UnitScan {
	whole := Definitions{Revision: d.Revision}
	for _, e := range d.Experiments {
		whole.Experiments = append(whole.Experiments, e.whole())
	}
	whole.index()
	s := &UnitScan{asOf: asOf, zone: zone, shop: shop, definitions: whole, of: map[string]*scannedExperiment{}}
	for _, e := range d.Experiments {
		if len(e.Changes) > 0 {
			s.of[e.Key] = newScannedExperiment(e, whole.Experiment(e.Key))
		}
	}
	return s
}

// Types lists the facts that the scan wants of units.
func (s *UnitScan) Types() []events.Type {
	types := append(s.definitions.factTypes(), botTypes()...)
	slices.Sort(types)
	return slices.Compact(types)
}

// Take takes in one unit with all its exposures and facts, in any order.
func (s *UnitScan) Take(h UnitHistory) error {
	if err := readFacts(h.Facts, s.shop); err != nil {
		return err
	}
	exposed := byExperiment(h.Exposures)
	why := map[events.UnitKind]BotReason{}
	for _, key := range slices.Sorted(maps.Keys(exposed)) {
		g := s.of[key]
		if g == nil {
			continue
		}
		e := g.experiment
		if _, known := why[e.Unit]; !known {
			why[e.Unit] = botReasonOf(e.Unit, factsOfKind(e.Unit, h.Facts))
		}
		s.takeUnit(g, exposed, factsFor(e, h.Facts), why[e.Unit])
		if g.folded.pending() {
			contribute(g.rebuilt, e, exposed[key], factsFor(e, h.Facts), s.zone, 1)
			contribute(g.rebuilt, g.folded, exposed[key], factsFor(g.folded, h.Facts), s.zone, -1)
		}
	}
	return nil
}

func factsOfKind(kind events.UnitKind, facts []UnitFact) []UnitFact {
	var out []UnitFact
	for _, f := range facts {
		if f.Unit.Kind == kind || f.Unit.Kind == events.AnyUnit {
			out = append(out, f)
		}
	}
	sortFacts(out)
	return out
}

// takeUnit adds a unit to what is known of one experiment.
func (s *UnitScan) takeUnit(g *scannedExperiment, exposed map[string][]UnitExposure, facts []UnitFact, why BotReason) {
	e := g.experiment
	xs := exposed[e.Key]
	first := slices.MinFunc(xs, UnitExposure.earlier)
	g.units++
	if why != "" {
		contribute(g.bots, e, xs, facts, s.zone, 1)
		g.reasons[why]++
		g.botUnits[first.Variant]++
	}
	if !first.At.Add(e.longestWindow()).After(s.asOf) {
		contribute(g.mature, e, xs, facts, s.zone, 1)
	}
	for i := range e.Metrics {
		if m := &e.Metrics[i]; m.Kind == Quantile {
			g.takeValues(m, first, facts)
		}
	}
	m := e.metric(e.Primary)
	if m == nil {
		return
	}
	g.takeSKUs(m, first.At, facts)
	g.takeAges(m, first, facts, s.asOf)
	if e.Status == Running {
		s.takeOverlaps(g, m, first, exposed, facts)
	}
}

// longestWindow is that of all metrics.
func (e *Experiment) longestWindow() time.Duration {
	var longest Hours
	for i := range e.Metrics {
		longest = max(longest, e.Metrics[i].Window)
	}
	return time.Duration(longest)
}

// number is a unit's number over its window, in the metric's own unit; of a
// ratio, its numerator.
func (m *Metric) number(t0 time.Time, facts []UnitFact) float64 {
	return float64(m.vector(t0, facts)[1]) / math.Pow10(m.Decimals)
}

// vector is what a unit contributes once its window is over, added up over the
// days: (1, y, …).
func (m *Metric) vector(t0 time.Time, facts []UnitFact) []int64 {
	own := Cells{}
	u := unitCells{cs: own, base: Cell{Phase: 1}, segments: []string{""}, zone: time.UTC, sign: 1}
	u.metric(m, t0, facts)
	v := make([]int64, m.dim())
	for _, t := range own {
		for k := range v {
			v[k] += t.count(k)
		}
	}
	return v
}

// Findings gives what was found of each experiment that has started.
func (s *UnitScan) Findings() map[string]*Findings {
	arms := func(key string) []string {
		var out []string
		for _, v := range s.definitions.Experiment(key).Variants {
			out = append(out, v.Key)
		}
		return out
	}
	out := map[string]*Findings{}
	for key, g := range s.of {
		out[key] = &Findings{
			AsOf: s.asOf, Version: g.folded.Version, Units: g.units,
			Rebuilt: NewStoredCells(g.rebuilt), Bots: NewStoredCells(g.bots), Mature: NewStoredCells(g.mature),
			BotUnits: g.botUnits, BotReasons: g.reasons,
			Quantiles: g.quantiles(), Novelty: g.novelty(), Interactions: g.interactions(arms), SKUs: g.topSKUs(),
		}
	}
	return out
}
