package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/peakday/peakday/experiments"
)

// momentPlace is the rows that carry one mark.
type momentPlace struct {
	shard int
	day   experiments.Day
}

// momentMarks count the changes of an experiment's moments.
type momentMarks map[momentPlace]int64

// markMoments counts a change of the days of the cells.
func (tx *Tx) markMoments(ctx context.Context, shard int, cells []experiments.Cell) error {
	type place struct {
		experiment string
		day        experiments.Day
	}
	changed := map[place]bool{}
	for _, c := range cells {
		changed[place{c.Experiment, c.Day}] = true
	}
	t := newTable("tii", len(changed))
	for _, p := range slices.SortedFunc(maps.Keys(changed), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.experiment, b.experiment), cmp.Compare(a.day, b.day))
	}) {
		t.add(p.experiment, int64(shard), int64(p.day))
	}
	return t.exec(ctx, tx.dialect, tx, `
		WITH k(experiment, shard, day) AS (ROWS)
		INSERT INTO moment_marks (experiment, shard, day, n)
		SELECT experiment, shard, day, 1 FROM k WHERE true
		ON CONFLICT (experiment, shard, day) DO UPDATE SET n = moment_marks.n + 1`)
}

// momentMarks reads the marks of an experiment.
func (db Experiments) momentMarks(ctx context.Context, experiment string) (momentMarks, error) {
	out := momentMarks{}
	err := query(ctx, db.reader, "SELECT t.shard, t.day, t.n FROM moment_marks t WHERE t.experiment = $1", []any{experiment},
		func(r *sql.Rows) error {
			var p momentPlace
			var n int64
			err := r.Scan(&p.shard, &p.day, &n)
			out[p] = n
			return err
		})
	return out, err
}

// Changes counts the changes of the moments of each of the experiments: while
// the number is the same, so are the moments. One without moments is absent.
func (db Experiments) Changes(ctx context.Context, of []string) (map[string]int64, error) {
	t := newTable("t", len(of))
	for _, key := range of {
		t.add(key)
	}
	out := make(map[string]int64, len(of))
	err := t.query(ctx, db.dialect, db.reader, `
		WITH k(experiment) AS (ROWS)
		SELECT t.experiment, CAST(SUM(t.n) AS BIGINT) FROM k CROSS JOIN moment_marks t
		WHERE t.experiment = k.experiment GROUP BY t.experiment`,
		func(r *sql.Rows) error {
			var key string
			var n int64
			err := r.Scan(&key, &n)
			out[key] = n
			return err
		})
	return out, err
}
