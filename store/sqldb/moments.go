package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"github.com/peakday/peakday/experiments"
)

// AddMoments implements experiments.LedgerTx. The sums are added here and not
// in SQL, which has no whole numbers of this size.
func (tx *Tx) AddMoments(ctx context.Context, shard int, cells []experiments.Cell, by experiments.Cells) error {
	if len(cells) == 0 {
		return nil
	}
	stored, err := tx.moments(ctx, shard, cells)
	if err != nil {
		return err
	}
	t := newTable("ititttit", len(cells))
	for _, c := range cells {
		sum := by[c]
		if before, ok := stored[c]; ok {
			if before.Dim() != sum.Dim() {
				return fmt.Errorf("moments of %s, metric %q have dimension %d, not %d", c.Experiment, c.Metric, before.Dim(), sum.Dim())
			}
			before.Add(sum)
			sum = before
		}
		text, err := sum.MarshalText()
		if err != nil {
			return err
		}
		t.add(int64(shard), c.Experiment, int64(c.Phase), c.Metric, c.Variant, c.Segment, int64(c.Day), string(text))
	}
	err = t.exec(ctx, tx.dialect, tx, `
		WITH k(shard, experiment, phase, metric, variant, segment, day, sums) AS (ROWS)
		INSERT INTO moments (shard, experiment, phase, metric, variant, segment, day, sums)
		SELECT shard, experiment, phase, metric, variant, segment, day, sums FROM k WHERE true
		ON CONFLICT (shard, experiment, phase, metric, variant, segment, day) DO UPDATE SET sums = excluded.sums`)
	if err != nil {
		return err
	}
	return tx.markMoments(ctx, shard, cells)
}

// moments reads the stored cells among the given ones.
func (tx *Tx) moments(ctx context.Context, shard int, cells []experiments.Cell) (experiments.Cells, error) {
	t := newTable("itittti", len(cells))
	for _, c := range cells {
		t.add(int64(shard), c.Experiment, int64(c.Phase), c.Metric, c.Variant, c.Segment, int64(c.Day))
	}
	out, known := experiments.Cells{}, names{}
	err := t.query(ctx, tx.dialect, tx, `
		WITH k(shard, experiment, phase, metric, variant, segment, day) AS (ROWS)
		SELECT t.experiment, t.phase, t.metric, t.variant, t.segment, t.day, t.sums FROM k CROSS JOIN moments t
		WHERE t.shard = k.shard AND t.experiment = k.experiment AND t.phase = k.phase AND t.metric = k.metric
			AND t.variant = k.variant AND t.segment = k.segment AND t.day = k.day`,
		func(r *sql.Rows) error { return scanMoment(r, out, known) })
	return out, err
}

// Moments implements experiments.Store. With Sums, only the days that have
// changed since the last call are read. The caller must not change the cells.
func (db Experiments) Moments(ctx context.Context, experiment string) (experiments.Cells, error) {
	if db.Sums == nil {
		return db.readMoments(ctx, experiment, "")
	}
	return db.Sums.moments(ctx, db, experiment)
}

// Totals gives the cells of all units, without those of segments.
func (db Experiments) Totals(ctx context.Context, experiment string) (experiments.Cells, error) {
	return db.readMoments(ctx, experiment, "AND t.segment = ''")
}

// readMoments adds up the shards' rows that meet a condition.
func (db Experiments) readMoments(ctx context.Context, experiment, condition string) (experiments.Cells, error) {
	// Each shard is read at one moment; a unit is in one shard only.
	var parts [momentReaders]experiments.Cells
	var errs [momentReaders]error
	var running sync.WaitGroup
	for i := range momentReaders {
		running.Go(func() { parts[i], errs[i] = db.momentsOf(ctx, experiment, i, condition) })
	}
	running.Wait()
	out := parts[0]
	for i, part := range parts {
		if errs[i] != nil {
			return nil, errs[i]
		}
		if i > 0 {
			for c, sum := range part {
				if err := out.Merge(c, sum); err != nil {
					return nil, err
				}
			}
		}
	}
	return out, nil
}

// momentReaders is how many connections read one experiment's rows: most of the
// time of a report goes there.
const momentReaders = 4

// momentsOf reads every momentReaders-th shard, beginning with first.
func (db Experiments) momentsOf(ctx context.Context, experiment string, first int, condition string) (experiments.Cells, error) {
	t := newTable("it", experiments.Shards/momentReaders)
	for shard := first; shard < experiments.Shards; shard += momentReaders {
		t.add(int64(shard), experiment)
	}
	out, known := experiments.Cells{}, names{}
	err := t.query(ctx, db.dialect, db.reader, `
		WITH k(shard, experiment) AS (ROWS)
		SELECT t.experiment, t.phase, t.metric, t.variant, t.segment, t.day, t.sums FROM k CROSS JOIN moments t
		WHERE t.shard = k.shard AND t.experiment = k.experiment `+condition,
		func(r *sql.Rows) error { return scanMoment(r, out, known) })
	return out, err
}

// names are the few strings that stand in thousands of rows, each kept once.
type names map[string]string

func (n names) of(b []byte) string {
	if s, known := n[string(b)]; known {
		return s
	}
	s := string(b)
	n[s] = s
	return s
}

// scanMoment adds one row to out: the same cell may stand in several shards.
func scanMoment(r *sql.Rows, out experiments.Cells, known names) error {
	var (
		c                                          experiments.Cell
		experiment, metric, variant, segment, text sql.RawBytes
		sum                                        experiments.Triangle
	)
	if err := r.Scan(&experiment, &c.Phase, &metric, &variant, &segment, &c.Day, &text); err != nil {
		return err
	}
	c.Experiment, c.Metric, c.Variant, c.Segment = known.of(experiment), known.of(metric), known.of(variant), known.of(segment)
	if err := sum.UnmarshalText(text); err != nil {
		return fmt.Errorf("moments of %s: %w", c.Experiment, err)
	}
	return out.Merge(c, sum)
}
