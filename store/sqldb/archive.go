package sqldb

import (
	"context"
	"database/sql"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

var _ experiments.Archive = Experiments{}

// Histories implements experiments.Archive.
func (db Experiments) Histories(ctx context.Context, part int, types []events.Type) ([]experiments.UnitHistory, error) {
	units, err := db.exposed(ctx, part)
	if err != nil || len(units) == 0 || len(types) == 0 {
		return units, err
	}
	at := make(map[events.UnitID]int, len(units))
	for i, u := range units {
		at[u.Unit] = i
	}
	err = query(ctx, db.reader, `
		SELECT t.unit, t.kind, t.type, t.at, t.hi, t.lo, t.late, t.data FROM facts t
		WHERE t.part = $1 AND t.type IN (`+literals(types)+`)
			AND EXISTS (SELECT 1 FROM exposures x WHERE x.part = t.part AND x.unit = t.unit)`, []any{int64(part)},
		func(r *sql.Rows) error {
			f, err := scanFact(r)
			if i, there := at[f.Unit.ID]; err == nil && there {
				units[i].Facts = append(units[i].Facts, f)
			}
			return err
		})
	return units, err
}

// exposed gives the units of a part with their exposures, sorted by id here:
// databases sort texts in their own ways.
func (db Experiments) exposed(ctx context.Context, part int) ([]experiments.UnitHistory, error) {
	of := map[events.UnitID][]experiments.UnitExposure{}
	err := query(ctx, db.reader, "SELECT unit, experiment, variant, phase, at, attributes FROM exposures WHERE part = $1", []any{int64(part)},
		func(r *sql.Rows) error {
			x, err := scanExposure(r)
			of[x.Unit] = append(of[x.Unit], x)
			return err
		})
	if err != nil {
		return nil, err
	}
	units := make([]experiments.UnitHistory, 0, len(of))
	for _, unit := range sortedKeys(of) {
		units = append(units, experiments.UnitHistory{Unit: unit, Exposures: of[unit]})
	}
	return units, nil
}

// FactsBetween implements experiments.Archive.
func (db Experiments) FactsBetween(ctx context.Context, part int, types []events.Type, from, to time.Time) ([]experiments.UnitFact, error) {
	if len(types) == 0 {
		return nil, nil
	}
	var out []experiments.UnitFact
	err := query(ctx, db.reader, `
		SELECT t.unit, t.kind, t.type, t.at, t.hi, t.lo, t.late, t.data FROM facts t
		WHERE t.part = $1 AND t.at >= $2 AND t.at < $3 AND t.type IN (`+literals(types)+`)`,
		[]any{int64(part), events.Micros(from), events.Micros(to)},
		func(r *sql.Rows) error {
			f, err := scanFact(r)
			out = append(out, f)
			return err
		})
	return out, err
}

func scanExposure(r *sql.Rows) (x experiments.UnitExposure, err error) {
	var at int64
	err = r.Scan(&x.Unit, &x.Experiment, &x.Variant, &x.Phase, &at, &x.Attributes)
	x.At = events.FromMicros(at)
	return x, err
}

func scanFact(r *sql.Rows) (f experiments.UnitFact, err error) {
	var at, late int64
	err = r.Scan(&f.Unit.ID, &f.Unit.Kind, &f.Type, &at, &f.ID.Hi, &f.ID.Lo, &late, &f.Raw)
	f.At, f.TooLate = events.FromMicros(at), late != 0
	return f, err
}

// Findings implements experiments.Archive.
func (db Experiments) Findings(ctx context.Context, experiment string) (*experiments.Findings, error) {
	var doc []byte
	err := query(ctx, db.reader, "SELECT doc FROM findings WHERE experiment = $1", []any{experiment},
		func(r *sql.Rows) error { return r.Scan(&doc) })
	if err != nil || doc == nil {
		return nil, err
	}
	return experiments.DecodeFindings(experiment, doc)
}

// SaveFindings implements experiments.Archive.
func (db Experiments) SaveFindings(ctx context.Context, experiment string, f *experiments.Findings) error {
	doc, err := f.Encode()
	if err != nil {
		return err
	}
	return db.InTx(ctx, func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO findings (experiment, at, doc) VALUES ($1, $2, $3)
			ON CONFLICT (experiment) DO UPDATE SET at = excluded.at, doc = excluded.doc`, experiment, events.Micros(f.AsOf), string(doc))
		return err
	})
}
