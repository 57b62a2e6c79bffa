package sqldb

import (
	"context"
	"database/sql"
	"strings"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

var _ experiments.LedgerTx = (*Tx)(nil)

// units makes a table of (part, unit).
func units(ids []events.UnitID) *table {
	t := newTable("it", len(ids))
	for _, id := range ids {
		t.add(int64(events.PartOf(id)), string(id))
	}
	return t
}

// Exposures implements experiments.LedgerTx.
func (tx *Tx) Exposures(ctx context.Context, ids []events.UnitID) ([]experiments.UnitExposure, error) {
	var out []experiments.UnitExposure
	err := units(ids).query(ctx, tx.dialect, tx, `
		WITH k(part, unit) AS (ROWS)
		SELECT t.unit, t.experiment, t.variant, t.phase, t.at, t.attributes FROM k CROSS JOIN exposures t
		WHERE t.part = k.part AND t.unit = k.unit`,
		func(r *sql.Rows) error {
			x, err := scanExposure(r)
			out = append(out, x)
			return err
		})
	return out, err
}

// SaveExposures implements experiments.LedgerTx.
func (tx *Tx) SaveExposures(ctx context.Context, xs []experiments.UnitExposure) error {
	t := newTable("itttiit", len(xs))
	for _, x := range xs {
		t.add(int64(events.PartOf(x.Unit)), string(x.Unit), x.Experiment, x.Variant, int64(x.Phase), events.Micros(x.At), string(x.Attributes))
	}
	return t.exec(ctx, tx.dialect, tx, `
		WITH k(part, unit, experiment, variant, phase, at, attributes) AS (ROWS)
		INSERT INTO exposures (part, unit, experiment, variant, phase, at, attributes)
		SELECT part, unit, experiment, variant, phase, at, attributes FROM k WHERE true
		ON CONFLICT (part, unit, experiment, variant) DO UPDATE
		SET phase = excluded.phase, at = excluded.at, attributes = excluded.attributes`)
}

// Facts implements experiments.LedgerTx.
func (tx *Tx) Facts(ctx context.Context, ids []events.UnitID, types []events.Type) ([]experiments.UnitFact, error) {
	if len(types) == 0 {
		return nil, nil
	}
	var out []experiments.UnitFact
	err := units(ids).query(ctx, tx.dialect, tx, `
		WITH k(part, unit) AS (ROWS)
		SELECT t.unit, t.kind, t.type, t.at, t.hi, t.lo, t.late, t.data FROM k CROSS JOIN facts t
		WHERE t.part = k.part AND t.unit = k.unit AND t.type IN (`+literals(types)+`)`,
		func(r *sql.Rows) error {
			f, err := scanFact(r)
			out = append(out, f)
			return err
		})
	return out, err
}

// literals writes types as SQL strings. They come out of our own definitions,
// which know only fixed names.
func literals(types []events.Type) string {
	var b strings.Builder
	for i, t := range types {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("'" + strings.ReplaceAll(string(t), "'", "''") + "'")
	}
	return b.String()
}

// SaveFacts implements experiments.LedgerTx.
func (tx *Tx) SaveFacts(ctx context.Context, facts []experiments.UnitFact) error {
	t := newTable("ittiiitit", len(facts))
	for _, f := range facts {
		t.add(int64(events.PartOf(f.Unit.ID)), string(f.Unit.ID), string(f.Type), events.Micros(f.At),
			f.ID.Hi, f.ID.Lo, string(f.Unit.Kind), boolInt(f.TooLate), string(f.Raw))
	}
	return t.exec(ctx, tx.dialect, tx, `
		WITH k(part, unit, type, at, hi, lo, kind, late, data) AS (ROWS)
		INSERT INTO facts (part, unit, type, at, hi, lo, kind, late, data)
		SELECT part, unit, type, at, hi, lo, kind, late, data FROM k WHERE true ON CONFLICT DO NOTHING`)
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
