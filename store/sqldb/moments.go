package sqldb

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"strconv"
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
	shards, err := db.shardsOf(ctx, experiment)
	if err != nil {
		return nil, err
	}
	// Each shard is read at one moment; a unit is in one shard only.
	readers := max(1, min(momentReaders, len(shards)))
	parts, errs := make([]experiments.Cells, readers), make([]error, readers)
	var running sync.WaitGroup
	for i := range readers {
		running.Go(func() { parts[i], errs[i] = db.momentsOf(ctx, experiment, every(shards, i, readers), condition) })
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

// momentReaders is how many connections read one experiment's rows.
const momentReaders = 2

// every gives each n-th of the shards, beginning with that of index i.
func every(shards []int, i, n int) []int {
	var out []int
	for ; i < len(shards); i += n {
		out = append(out, shards[i])
	}
	return out
}

// shardsOf lists the shards that hold moments of an experiment.
func (db Experiments) shardsOf(ctx context.Context, experiment string) ([]int, error) {
	var out []int
	err := query(ctx, db.reader, "SELECT DISTINCT t.shard FROM moment_marks t WHERE t.experiment = $1 ORDER BY t.shard", []any{experiment},
		func(r *sql.Rows) error {
			var shard int
			err := r.Scan(&shard)
			out = append(out, shard)
			return err
		})
	return out, err
}

// momentsOf reads some shards. The days of a cell come as one text, since rows
// cost more than what is in them.
func (db Experiments) momentsOf(ctx context.Context, experiment string, shards []int, condition string) (experiments.Cells, error) {
	series, known, n := map[experiments.Cell]daily{}, names{}, 0
	for _, shard := range shards {
		err := query(ctx, db.reader, `
			SELECT t.phase, t.metric, t.variant, t.segment, string_agg(CAST(t.day AS TEXT) || ' ' || t.sums, ';') FROM moments t
			WHERE t.shard = $1 AND t.experiment = $2 `+condition+`
			GROUP BY t.phase, t.metric, t.variant, t.segment`, []any{int64(shard), experiment},
			func(r *sql.Rows) error { return scanDays(r, experiment, series, known) })
		if err != nil {
			return nil, err
		}
	}
	for _, days := range series {
		n += len(days)
	}
	out := make(experiments.Cells, n)
	for c, days := range series {
		for c.Day = range days {
			out[c] = *days[c.Day]
		}
	}
	return out, nil
}

// daily are the sums of one cell, day by day.
type daily map[experiments.Day]*experiments.Triangle

// scanDays adds the days of one cell to its series, which stands at the cell of
// day 0.
func scanDays(r *sql.Rows, experiment string, series map[experiments.Cell]daily, known names) error {
	c := experiments.Cell{Experiment: experiment}
	var metric, variant, segment, days sql.RawBytes
	if err := r.Scan(&c.Phase, &metric, &variant, &segment, &days); err != nil {
		return err
	}
	c.Metric, c.Variant, c.Segment = known.of(metric), known.of(variant), known.of(segment)
	own := series[c]
	if own == nil {
		own = daily{}
		series[c] = own
	}
	for text := range bytes.SplitSeq(days, []byte{';'}) {
		day, sums, _ := bytes.Cut(text, []byte{' '})
		n, err := strconv.ParseInt(string(day), 10, 32)
		if err != nil {
			return fmt.Errorf("day of moments of %s: %w", experiment, err)
		}
		sum := own[experiments.Day(n)]
		if sum == nil {
			sum = &experiments.Triangle{}
			own[experiments.Day(n)] = sum
		}
		if err := sum.AddText(sums); err != nil {
			return fmt.Errorf("moments of %s, metric %q: %w", experiment, c.Metric, err)
		}
	}
	return nil
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

// scanMoment adds one row to out.
func scanMoment(r *sql.Rows, out experiments.Cells, known names) error {
	var (
		c                                          experiments.Cell
		experiment, metric, variant, segment, text sql.RawBytes
	)
	if err := r.Scan(&experiment, &c.Phase, &metric, &variant, &segment, &c.Day, &text); err != nil {
		return err
	}
	c.Experiment, c.Metric, c.Variant, c.Segment = known.of(experiment), known.of(metric), known.of(variant), known.of(segment)
	var sum experiments.Triangle
	if err := sum.AddText(text); err != nil {
		return fmt.Errorf("moments of %s, metric %q: %w", c.Experiment, c.Metric, err)
	}
	return out.Merge(c, sum)
}
