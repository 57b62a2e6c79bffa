package experiments

import (
	"cmp"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// HoldoutScan looks once at every unit that was seen, exposed or not, for the reports
// of holdouts.
//
//	                 since                          until
//	  ─ pre-period ───┼──────────────────────────────┼──
//	unit a   ·  ·     ├────── counts from here ──────┤
//	unit b            │     ·├── counts from here ───┤
type HoldoutScan struct {
	asOf     time.Time
	zone     *time.Location
	shop     events.Currency
	hash     hasher
	holdouts []*scannedHoldout
}

// scannedHoldout is what a scan has seen of one holdout.
type scannedHoldout struct {
	holdout  *Holdout
	salt     salt
	in, ever Range // always held out; held out at some time
	since    time.Time
	until    time.Time // zero while it stands
	scan     *UnitScan // whose only experiment is the comparison
	scanned  *scannedExperiment
	leftOut  int64
}

// NewHoldoutScan begins a scan for the holdouts of d that ever stood. asOf is the
// event time of the newest record that was applied.
func NewHoldoutScan(d *Definitions, asOf time.Time, zone *time.Location, shop events.Currency) *HoldoutScan {
	c := &HoldoutScan{asOf: asOf, zone: zone, shop: shop}
	for i := range d.Holdouts {
		h := &d.Holdouts[i]
		e, ok := h.comparison(d, asOf)
		if !ok {
			continue
		}
		whole := e.whole()
		since, until, lowest, highest, _ := h.stretch()
		c.holdouts = append(c.holdouts, &scannedHoldout{
			holdout: h, salt: holdoutSalt(h.Key), in: below(lowest), ever: below(highest), since: since, until: until,
			scan: &UnitScan{asOf: asOf, zone: zone, shop: shop}, scanned: newScannedExperiment(e, whole),
		})
	}
	return c
}

// Wants says which facts the scan needs: of these types, from one time to
// before another. Without any type it needs none.
func (c *HoldoutScan) Wants() (types []events.Type, from, to time.Time) {
	for _, h := range c.holdouts {
		types = append(types, h.scanned.experiment.factTypes()...)
		if start := h.since.Add(-h.before()); from.IsZero() || start.Before(from) {
			from = start
		}
	}
	if len(c.holdouts) > 0 {
		types = append(types, botTypes()...)
	}
	slices.Sort(types)
	return slices.Compact(types), from, c.asOf.Add(time.Microsecond)
}

// defaultSeen is how long before a holdout's start units are looked for if no
// metric says.
const defaultSeen = 14 * 24 * time.Hour

// before is how long before the start facts count: for covariates, and for
// having been seen.
func (h *scannedHoldout) before() time.Duration {
	longest := Hours(defaultSeen)
	for i := range h.scanned.experiment.Metrics {
		longest = max(longest, h.scanned.experiment.Metrics[i].PrePeriod)
	}
	return time.Duration(longest)
}

// Take takes in all facts of some units: a unit's facts must come together.
func (c *HoldoutScan) Take(facts []UnitFact) error {
	if err := readFacts(facts, c.shop); err != nil {
		return err
	}
	slices.SortStableFunc(facts, func(a, b UnitFact) int { return cmp.Compare(a.Unit.ID, b.Unit.ID) })
	for len(facts) > 0 {
		n := 1
		for n < len(facts) && facts[n].Unit.ID == facts[0].Unit.ID {
			n++
		}
		for _, h := range c.holdouts {
			h.take(c, facts[0].Unit.ID, facts[:n])
		}
		facts = facts[n:]
	}
	return nil
}

// take enters one unit.
func (h *scannedHoldout) take(c *HoldoutScan, unit events.UnitID, facts []UnitFact) {
	e := h.scanned.experiment
	own := slices.DeleteFunc(factsOfKind(h.holdout.Unit, facts), func(f UnitFact) bool {
		return f.At.Before(h.since.Add(-h.before())) || (!h.until.IsZero() && !f.At.Before(h.until))
	})
	first := slices.IndexFunc(own, func(f UnitFact) bool { return f.Unit.Kind == h.holdout.Unit })
	if first < 0 {
		return
	}
	x := UnitExposure{Experiment: e.Key, Unit: unit, Variant: Others, Phase: 1, At: h.since}
	if own[first].At.After(h.since) {
		x.At = own[first].At
	}
	switch at := c.hash.point(h.salt, unit); {
	case h.in.Contains(at):
		x.Variant = HeldOut
	case h.ever.Contains(at):
		h.leftOut++
		return
	}
	exposed := map[string][]UnitExposure{e.Key: {x}}
	read := factsFor(e, own)
	h.scan.takeUnit(h.scanned, exposed, read, botReasonOf(h.holdout.Unit, own))
	contribute(h.scanned.rebuilt, e, exposed[e.Key], read, c.zone, 1)
}

// Findings gives what was found of each holdout, by its FindingsKey.
func (c *HoldoutScan) Findings() map[string]*Findings {
	out := map[string]*Findings{}
	for _, h := range c.holdouts {
		g := h.scanned
		out[h.holdout.FindingsKey()] = &Findings{
			AsOf: c.asOf, Version: h.holdout.Version, Units: g.units, LeftOut: h.leftOut,
			Rebuilt: NewStoredCells(g.rebuilt), Bots: NewStoredCells(g.bots), BotUnits: g.botUnits, BotReasons: g.reasons,
			Quantiles: g.quantiles(),
		}
	}
	return out
}
