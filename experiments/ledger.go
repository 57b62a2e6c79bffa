package experiments

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// Ledger folds exposures and facts of units into moments, so that a report
// reads some thousand rows however many units there are. Whatever the order in
// which records arrive, the moments are those of a batch computation over all
// of them.
//
// It is used by one partition at a time; each partition has its own.
type Ledger struct {
	// Shard is where this ledger's sums go, 0 to Shards-1: partitions that
	// apply at the same time should not write the same rows.
	Shard int
	// Zone is the shop's time zone; days are its days.
	Zone *time.Location
	// Shop is the currency of amounts that name none.
	Shop events.Currency
	// Lateness is how much later than it happened a live fact may arrive.
	Lateness time.Duration

	definitions Definitions
}

// DefaultLateness is how late a live fact may arrive unless configured.
const DefaultLateness = 72 * time.Hour

// Shards is how many shards the moments are spread over, fixed for ever: a
// ledger of log partition p writes shard p % Shards.
const Shards = 16

// Name implements events.Fold.
func (l *Ledger) Name() string { return "ledger" }

// Apply adds a batch of records of units.
func (l *Ledger) Apply(ctx context.Context, tx LedgerTx, batch []events.Delivery) error {
	if err := l.refresh(ctx, tx); err != nil {
		return err
	}
	in := l.sort(batch)
	before, err := l.load(ctx, tx, in.units())
	if err != nil {
		return err
	}
	deltas := Cells{}
	for _, c := range in.lateExposures {
		deltas.addOuter(c, []int64{1}, 1)
	}
	var changed []UnitExposure
	for _, id := range in.units() {
		changed = append(changed, l.applyUnit(deltas, id, before, in)...)
	}
	if err := tx.SaveFacts(ctx, in.allFacts); err != nil {
		return fmt.Errorf("save facts: %w", err)
	}
	if err := tx.SaveExposures(ctx, changed); err != nil {
		return fmt.Errorf("save exposures: %w", err)
	}
	if err := tx.AddMoments(ctx, l.Shard, deltas.sorted(), deltas); err != nil {
		return fmt.Errorf("add moments: %w", err)
	}
	return nil
}

// refresh reads the definitions again when they have changed. It asks inside
// the transaction: an exposure must never be judged by definitions older than
// the assignment that it reports.
func (l *Ledger) refresh(ctx context.Context, tx LedgerTx) error {
	revision, err := tx.Revision(ctx)
	if err != nil {
		return fmt.Errorf("revision of the definitions: %w", err)
	}
	if revision == l.definitions.Revision && l.definitions.byKey != nil {
		return nil
	}
	all, err := tx.Definitions(ctx)
	if err != nil {
		return fmt.Errorf("definitions: %w", err)
	}
	all.index()
	l.definitions = all
	return nil
}

// arrived is a batch, sorted by unit.
type arrived struct {
	exposures map[events.UnitID][]UnitExposure
	facts     map[events.UnitID][]UnitFact
	allFacts  []UnitFact
	order     []events.UnitID

	lateExposures []Cell // one for each
}

func (a *arrived) units() []events.UnitID { return a.order }

func (l *Ledger) sort(batch []events.Delivery) *arrived {
	in := &arrived{exposures: map[events.UnitID][]UnitExposure{}, facts: map[events.UnitID][]UnitFact{}}
	seen := map[events.UnitID]bool{}
	for _, d := range batch {
		id := events.UnitID(d.Key)
		if x, ok := d.Fact.Data.(*events.Exposure); ok {
			if !l.counts(x, d.Fact) {
				continue
			}
			if tooLate(d.Fact, l.Lateness) {
				in.lateExposures = append(in.lateExposures, Cell{
					Experiment: x.Experiment, Phase: l.phaseOf(x, d.Fact), Metric: LateCell, Variant: x.Variant, Day: DayOf(d.Fact.Time, l.Zone),
				})
				continue
			}
			in.exposures[id] = append(in.exposures[id], UnitExposure{
				x.Experiment, id, x.Variant, l.phaseOf(x, d.Fact), d.Fact.Time, attributesJSON(x.Attributes),
			})
		} else {
			f := newUnitFact(d, l.Lateness, l.Shop)
			in.facts[id] = append(in.facts[id], f)
			in.allFacts = append(in.allFacts, f)
		}
		if !seen[id] {
			seen[id] = true
			in.order = append(in.order, id)
		}
	}
	return in
}

// counts reports whether an exposure belongs in the analysis, unless it is too
// late: the experiment ran at its time, has the variant, and has not put the
// unit there by hand.
func (l *Ledger) counts(x *events.Exposure, f events.Fact) bool {
	e := l.definitions.Experiment(x.Experiment)
	if e == nil || e.Variant(x.Variant) == nil || !e.RunningAt(f.Time) {
		return false
	}
	_, byHand := e.Overrides[x.Unit]
	return !byHand
}

// phaseOf is the phase of an exposure that counts. It is kept with the
// exposure: were it read off the definitions again, an exposure that came just
// before a change of weights would be subtracted from another phase than it was
// added to.
func (l *Ledger) phaseOf(x *events.Exposure, f events.Fact) int {
	return l.definitions.Experiment(x.Experiment).PhaseAt(f.Time)
}

// stored is what the transaction held of the batch's units before it.
type stored struct {
	exposures map[events.UnitID][]UnitExposure
	facts     map[events.UnitID][]UnitFact
}

func (l *Ledger) load(ctx context.Context, tx LedgerTx, units []events.UnitID) (stored, error) {
	s := stored{exposures: map[events.UnitID][]UnitExposure{}, facts: map[events.UnitID][]UnitFact{}}
	if !l.definitions.ran() || len(units) == 0 {
		return s, nil // facts are only kept
	}
	exposures, err := tx.Exposures(ctx, units)
	if err != nil {
		return s, fmt.Errorf("exposures: %w", err)
	}
	for _, x := range exposures {
		s.exposures[x.Unit] = append(s.exposures[x.Unit], x)
	}
	facts, err := tx.Facts(ctx, units, l.definitions.factTypes())
	if err != nil {
		return s, fmt.Errorf("facts: %w", err)
	}
	for _, f := range facts {
		if err := f.read(l.Shop); err != nil {
			return s, fmt.Errorf("fact of %s %s: %w", f.Unit.Kind, f.Unit.ID, err)
		}
		s.facts[f.Unit.ID] = append(s.facts[f.Unit.ID], f)
	}
	return s, nil
}

// applyUnit replaces what the unit contributed to each of its experiments by
// what it contributes now, and returns its exposures that are to be stored.
func (l *Ledger) applyUnit(deltas Cells, id events.UnitID, before stored, in *arrived) []UnitExposure {
	was := byExperiment(before.exposures[id])
	now, changed := merge(was, in.exposures[id])
	for _, key := range slices.Sorted(maps.Keys(now)) {
		e := l.definitions.Experiment(key)
		if e == nil {
			continue
		}
		old := factsFor(e, before.facts[id])
		fresh := factsFor(e, in.facts[id])
		if len(fresh) == 0 && slices.EqualFunc(was[key], now[key], UnitExposure.equal) {
			continue
		}
		contribute(deltas, e, was[key], old, l.Zone, -1)
		all := append(slices.Clone(old), fresh...)
		sortFacts(all)
		contribute(deltas, e, now[key], all, l.Zone, +1)
	}
	return changed
}

// factsFor picks, sorted, the facts that the experiment's metrics read, of its
// kind of unit: a user and a device may have the same id.
func factsFor(e *Experiment, facts []UnitFact) []UnitFact {
	var out []UnitFact
	types := e.factTypes()
	for _, f := range facts {
		if (f.Unit.Kind == e.Unit || f.Unit.Kind == events.AnyUnit) && slices.Contains(types, f.Type) {
			out = append(out, f)
		}
	}
	sortFacts(out)
	return out
}

func byExperiment(exposures []UnitExposure) map[string][]UnitExposure {
	m := map[string][]UnitExposure{}
	for _, x := range exposures {
		m[x.Experiment] = append(m[x.Experiment], x)
	}
	return m
}

// merge adds the new exposures to the stored ones: for each experiment and
// variant the earliest stays. It returns those that were added or replaced.
func merge(was map[string][]UnitExposure, fresh []UnitExposure) (now map[string][]UnitExposure, changed []UnitExposure) {
	now = maps.Clone(was)
	for _, x := range fresh {
		xs := slices.Clone(now[x.Experiment])
		i := slices.IndexFunc(xs, func(o UnitExposure) bool { return o.Variant == x.Variant })
		switch {
		case i < 0:
			xs = append(xs, x)
		case x.earlier(xs[i]) < 0:
			xs[i] = x
		default:
			continue
		}
		now[x.Experiment] = xs
		changed = slices.DeleteFunc(changed, func(o UnitExposure) bool {
			return o.Experiment == x.Experiment && o.Variant == x.Variant
		})
		changed = append(changed, x)
	}
	return now, changed
}

func (x UnitExposure) equal(o UnitExposure) bool {
	return x.Variant == o.Variant && x.earlier(o) == 0
}
