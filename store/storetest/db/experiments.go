package dbtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/store/sqldb"
)

func change(kind experiments.Kind, key string, version int64, doc string) experiments.Change {
	at := time.Date(2026, 11, int(version), 0, 0, 0, 0, time.UTC)
	return experiments.Change{Kind: kind, Key: key, Version: version, At: at, Author: "lin", Action: "change", Doc: []byte(doc)}
}

func definitions(t *testing.T, db *sqldb.DB) {
	ctx, store := t.Context(), sqldb.Experiments{DB: db}
	empty, err := store.Definitions(ctx)
	must(t, err)
	if empty.Revision != 0 || len(empty.Experiments) != 0 {
		t.Fatalf("an empty store holds %+v", empty)
	}
	first := change(experiments.LayerKind, "checkout", 1, `{"key":"checkout","unit":"user"}`)
	must(t, store.Commit(ctx, []experiments.Change{first}))
	if err := store.Commit(ctx, []experiments.Change{first}); !errors.Is(err, experiments.ErrConflict) {
		t.Fatalf("version 1 was stored twice: %v", err)
	}
	second := change(experiments.LayerKind, "checkout", 2, `{"key":"checkout","unit":"user","name":"till"}`)
	must(t, store.Commit(ctx, []experiments.Change{second}))
	skipped := change(experiments.LayerKind, "checkout", 4, `{}`)
	if err := store.Commit(ctx, []experiments.Change{skipped}); !errors.Is(err, experiments.ErrConflict) {
		t.Fatalf("version 4 was stored after 2: %v", err)
	}

	now, err := store.Definitions(ctx)
	must(t, err)
	revision, err := store.Revision(ctx)
	must(t, err)
	if l := now.Layer("checkout"); l == nil || l.Name != "till" || l.Version != 2 || now.Revision != 2 || revision != 2 {
		t.Fatalf("definitions are %+v, revision %d", now, revision)
	}
	history, err := store.History(ctx, experiments.LayerKind, "checkout")
	must(t, err)
	if d := cmp.Diff([]experiments.Change{first, second}, history); d != "" {
		t.Fatalf("history (-want +got):\n%s", d)
	}
}

func definitionsTogether(t *testing.T, db *sqldb.DB) {
	ctx, store := t.Context(), sqldb.Experiments{DB: db}
	must(t, store.Commit(ctx, []experiments.Change{change(experiments.LayerKind, "a", 1, `{"key":"a"}`)}))
	err := store.Commit(ctx, []experiments.Change{
		change(experiments.LayerKind, "b", 1, `{"key":"b"}`),
		change(experiments.LayerKind, "a", 1, `{"key":"a"}`), // stands there already
	})
	if !errors.Is(err, experiments.ErrConflict) {
		t.Fatalf("the second change was accepted: %v", err)
	}
	all, err := store.Definitions(ctx)
	must(t, err)
	if all.Layer("b") != nil || all.Revision != 1 {
		t.Fatalf("half of the changes were stored: %+v", all)
	}
}

var day = time.Date(2026, 11, 11, 12, 0, 0, 0, time.UTC)

func exposure(experiment, unit, variant string, at time.Time) experiments.UnitExposure {
	return experiments.UnitExposure{Experiment: experiment, Unit: events.UnitID(unit), Variant: variant, Phase: 3, At: at, Attributes: []byte(`{"tier":"gold"}`)}
}

func fact(n int64, kind events.UnitKind, unit string, typ events.Type, at time.Time) experiments.UnitFact {
	return experiments.UnitFact{
		Unit: events.Unit{Kind: kind, ID: events.UnitID(unit)}, ID: events.RecordID{Hi: n, Lo: n}, At: at, Type: typ,
		TooLate: n%2 == 0, Raw: []byte(fmt.Sprintf(`{"n":%d}`, n)),
	}
}

func ledger(t *testing.T, db *sqldb.DB) {
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		return tx.SaveExposures(ctx, []experiments.UnitExposure{
			exposure("x", "u1", "a", day), exposure("x", "u1", "b", day), exposure("y", "u1", "a", day), exposure("x", "u2", "a", day),
		})
	})
	earlier := exposure("x", "u1", "a", day.Add(-time.Hour))
	facts := []experiments.UnitFact{
		fact(1, events.User, "u1", events.OrderPaid, day),
		fact(2, events.Device, "u1", events.OrderPaid, day.Add(time.Microsecond)),
		fact(3, events.AnyUnit, "u1", events.MetricObserved, day),
		fact(4, events.User, "u1", events.ProductViewed, day),
		fact(5, events.User, "u2", events.OrderPaid, day),
	}
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		if err := tx.SaveExposures(ctx, []experiments.UnitExposure{earlier}); err != nil {
			return err
		}
		return tx.SaveFacts(ctx, facts)
	})
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		xs, err := tx.Exposures(ctx, []events.UnitID{"u1", "nobody"})
		if err != nil {
			return err
		}
		slices.SortFunc(xs, func(a, b experiments.UnitExposure) int {
			return strings.Compare(a.Experiment+a.Variant, b.Experiment+b.Variant)
		})
		want := []experiments.UnitExposure{earlier, exposure("x", "u1", "b", day), exposure("y", "u1", "a", day)}
		if d := cmp.Diff(want, xs); d != "" {
			t.Errorf("exposures (-want +got):\n%s", d)
		}
		got, err := tx.Facts(ctx, []events.UnitID{"u1"}, []events.Type{events.OrderPaid, events.MetricObserved})
		if err != nil {
			return err
		}
		slices.SortFunc(got, func(a, b experiments.UnitFact) int { return int(a.ID.Hi - b.ID.Hi) })
		if d := cmp.Diff(facts[:3], got, cmpopts.IgnoreUnexported(experiments.UnitFact{})); d != "" {
			t.Errorf("facts (-want +got):\n%s", d)
		}
		none, err := tx.Facts(ctx, []events.UnitID{"u1"}, nil)
		if len(none) != 0 {
			t.Errorf("facts of no type: %v", none)
		}
		return err
	})
}

func cell(variant string, day int) experiments.Cell {
	return experiments.Cell{Experiment: "x", Phase: 1, Metric: "revenue", Variant: variant, Segment: "tier=gold", Day: experiments.Day(day)}
}

func triangle(t *testing.T, text string) experiments.Triangle {
	t.Helper()
	var tr experiments.Triangle
	must(t, tr.UnmarshalText([]byte(text)))
	return tr
}

// add adds triangles, given as text, to cells of a shard.
func add(ctx context.Context, t *testing.T, tx *sqldb.Tx, shard int, cells map[experiments.Cell]string) error {
	by := experiments.Cells{}
	var keys []experiments.Cell
	for c, text := range cells {
		by[c] = triangle(t, text)
		keys = append(keys, c)
	}
	slices.SortFunc(keys, experiments.Cell.Compare)
	return tx.AddMoments(ctx, shard, keys, by)
}

func moments(t *testing.T, db *sqldb.DB) {
	const huge = "170141183460469231731687303715884105728" // 2^127
	for shard, text := range map[int]string{0: "1 2 " + huge, 5: "10 -20 " + huge, 15: "100 0 -1"} {
		inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			return add(ctx, t, tx, shard, map[experiments.Cell]string{cell("a", 1): text, cell("b", shard): "1 1 1"})
		})
	}
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		return add(ctx, t, tx, 0, map[experiments.Cell]string{cell("a", 1): "1 1 1"})
	})
	got, err := sqldb.Experiments{DB: db}.Moments(t.Context(), "x")
	must(t, err)
	want := map[experiments.Cell]string{
		cell("a", 1): "112 -17 340282366920938463463374607431768211456",
		cell("b", 0): "1 1 1", cell("b", 5): "1 1 1", cell("b", 15): "1 1 1",
	}
	if d := cmp.Diff(want, texts(t, got)); d != "" {
		t.Errorf("moments (-want +got):\n%s", d)
	}
	if other, err := (sqldb.Experiments{DB: db}).Moments(t.Context(), "y"); err != nil || len(other) != 0 {
		t.Errorf("another experiment has %v: %v", other, err)
	}
}

// keptMoments: sums that are kept in memory are, after every change, those that
// a reader without memory finds; and what says that nothing changed is right.
func keptMoments(t *testing.T, db *sqldb.DB) {
	ctx := t.Context()
	kept, plain := sqldb.Experiments{DB: db, Sums: sqldb.NewSumCache()}, sqldb.Experiments{DB: db}
	changes := int64(0)
	for step, cells := range []map[experiments.Cell]string{
		{cell("a", 1): "1 2 3", cell("a", 2): "1 1 1", cell("b", 3): "5 5 5", cell("b", 4): "1 0 0", cell("b", 5): "1 0 0"},
		{cell("a", 2): "10 10 10"},                          // one day only
		{cell("a", 1): "-1 -2 -3", cell("b", 5): "7 7 7"},   // from one day to another
		{cell("b", 6): "2 2 2"},                             // a new day
		{cell("a", -400): "1 1 1", cell("b", 1): "-3 -3 1"}, // long ago
		nil,
	} {
		for _, shard := range []int{step % 3, 15} {
			inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return add(ctx, t, tx, shard, cells) })
		}
		want, err := plain.Moments(ctx, "x")
		must(t, err)
		for range 2 {
			got, err := kept.Moments(ctx, "x")
			must(t, err)
			if d := cmp.Diff(texts(t, want), texts(t, got)); d != "" {
				t.Fatalf("step %d: kept (-want +got):\n%s", step, d)
			}
		}
		now, err := plain.Changes(ctx, []string{"nothing", "x"})
		must(t, err)
		if moved := now["x"] > changes; moved != (cells != nil) || len(now) != 1 {
			t.Errorf("step %d: changes are %v after %d", step, now, changes)
		}
		changes = now["x"]
	}
	whole := experiments.Cell{Experiment: "x", Phase: 1, Metric: "revenue", Variant: "a", Day: 1}
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		return add(ctx, t, tx, 2, map[experiments.Cell]string{whole: "4 4 4"})
	})
	totals, err := plain.Totals(ctx, "x")
	must(t, err)
	if d := cmp.Diff(map[experiments.Cell]string{whole: "4 4 4"}, texts(t, totals)); d != "" {
		t.Errorf("totals (-want +got):\n%s", d)
	}
}

// readWhileMoving: a reader that keeps sums sees each transaction whole while
// units move from day to day.
func readWhileMoving(t *testing.T, db *sqldb.DB) {
	const units, moves = 100, 60
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		return add(ctx, t, tx, 0, map[experiments.Cell]string{cell("a", 1): fmt.Sprint(units), cell("a", 50): "0", cell("a", 51): "0", cell("a", 52): "0"})
	})
	kept := sqldb.Experiments{DB: db, Sums: sqldb.NewSumCache()}
	var running sync.WaitGroup
	running.Go(func() {
		for i := range moves {
			err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
				return add(t.Context(), t, tx, 0, map[experiments.Cell]string{cell("a", 1+i): fmt.Sprint(-units), cell("a", 2+i): fmt.Sprint(units)})
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
	for range moves {
		cells, err := kept.Moments(t.Context(), "x")
		must(t, err)
		n := int64(0)
		for _, sum := range cells {
			n += sum.At(0, 0).Int64()
		}
		if n != units {
			t.Errorf("%d units were seen, want %d", n, units)
		}
	}
	running.Wait()
}

func texts(t *testing.T, cells experiments.Cells) map[experiments.Cell]string {
	t.Helper()
	out := map[experiments.Cell]string{}
	for c, tr := range cells {
		text, err := tr.MarshalText()
		must(t, err)
		out[c] = string(text)
	}
	return out
}

// concurrentMoments lets several transactions read and write the same cells:
// none may overwrite what another added.
func concurrentMoments(t *testing.T, db *sqldb.DB) {
	const writers, rounds = 4, 10
	var running sync.WaitGroup
	for range writers {
		running.Go(func() {
			for range rounds {
				err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
					return add(t.Context(), t, tx, 0, map[experiments.Cell]string{cell("a", 1): "1", cell("b", 2): "2"})
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	got, err := sqldb.Experiments{DB: db}.Moments(t.Context(), "x")
	must(t, err)
	a, b := got[cell("a", 1)], got[cell("b", 2)]
	if a.At(0, 0).Int64() != writers*rounds || b.At(0, 0).Int64() != 2*writers*rounds {
		t.Errorf("sums are %s and %s, want %d and %d", a.At(0, 0), b.At(0, 0), writers*rounds, 2*writers*rounds)
	}
}

func eachFact(t *testing.T, db *sqldb.DB) {
	facts := []experiments.UnitFact{
		fact(1, events.User, "u1", events.ProductViewed, day.Add(time.Hour)),
		fact(2, events.User, "u1", events.ProductViewed, day),
		fact(3, events.Device, "d1", events.ProductAdded, day),
		fact(4, events.Team, "t1", events.ProductViewed, day),
		fact(5, events.User, "u2", events.OrderPaid, day),
	}
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return tx.SaveFacts(ctx, facts) })
	got := map[events.Unit][]string{}
	err := db.EachFact(t.Context(), []events.Type{events.ProductViewed, events.ProductAdded},
		func(u events.Unit, typ events.Type, at time.Time, data []byte) error {
			got[u] = append(got[u], fmt.Sprintf("%s %s %s", typ, at.Format(time.TimeOnly), data))
			return nil
		})
	must(t, err)
	want := map[events.Unit][]string{
		{Kind: events.User, ID: "u1"}:   {`product.viewed 12:00:00 {"n":2}`, `product.viewed 13:00:00 {"n":1}`},
		{Kind: events.Device, ID: "d1"}: {`product.added 12:00:00 {"n":3}`},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("facts (-want +got):\n%s", d)
	}
}
