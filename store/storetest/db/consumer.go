package dbtest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/store/sqldb"
)

func arrival(id int64, position events.Position) events.Arrival {
	key := events.InboxID{Part: events.Part(id % events.Parts), ID: events.RecordID{Hi: id, Lo: -id}}
	return events.Arrival{InboxID: key, Log: "log-a", Position: position, Day: 20000}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// inTx runs fn and fails the test if it or the commit fails.
func inTx(t *testing.T, db *sqldb.DB, fn func(context.Context, *sqldb.Tx) error) {
	t.Helper()
	must(t, db.InTx(t.Context(), func(tx *sqldb.Tx) error { return fn(t.Context(), tx) }))
}

func cursorIsFenced(t *testing.T, db *sqldb.DB) {
	ctx := t.Context()
	first, err := db.Take(ctx, "log-a", 3)
	must(t, err)
	if first.Position != 0 || first.Epoch == 0 {
		t.Fatalf("a new cursor stands at %+v", first)
	}
	newest := events.Micros(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC))
	step := events.Step{Cursor: first, To: 10, Applied: 8, Duplicates: 1, Dead: 1, Unknown: 2, Newest: newest}
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return tx.Advance(ctx, step) })

	second, err := db.Take(ctx, "log-a", 3)
	must(t, err)
	if second.Position != 10 || second.Epoch <= first.Epoch {
		t.Fatalf("the second taker got %+v after %+v", second, first)
	}
	step.Cursor.Position, step.To = 10, 20
	err = db.InTx(ctx, func(tx *sqldb.Tx) error { return tx.Advance(ctx, step) })
	if !errors.Is(err, events.ErrFenced) {
		t.Fatalf("the first taker advanced after the second came: %v", err)
	}
	step.Cursor, step.Newest = second, 5 // an older event does not turn the clock back
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return tx.Advance(ctx, step) })

	err = db.InTx(ctx, func(tx *sqldb.Tx) error { return tx.Advance(ctx, step) })
	if !errors.Is(err, events.ErrFenced) {
		t.Fatalf("a step from an old position was taken: %v", err)
	}
	all, err := db.Progress(ctx, "log-a")
	must(t, err)
	if len(all) != 1 || all[0].Applied != 16 || all[0].Duplicates != 2 || all[0].Dead != 2 || all[0].Unknown != 4 ||
		all[0].Position != 20 || events.Micros(all[0].Newest) != newest {
		t.Fatalf("standing is %+v", all)
	}
	other, err := db.Take(ctx, "log-b", 3)
	must(t, err)
	if other.Position != 0 {
		t.Fatalf("another log begins at %d", other.Position)
	}
}

func inboxLetsInOnce(t *testing.T, db *sqldb.DB) {
	ctx := t.Context()
	// 7 comes twice in the batch: only its first arrival is fresh.
	batch := []events.Arrival{arrival(7, 1), arrival(8, 2), arrival(7, 3)}
	for i := int64(100); i < 400; i++ {
		batch = append(batch, arrival(i, events.Position(i)))
	}
	fresh := enter(t, db, batch)
	if want := []bool{true, true, false, true}; !slices.Equal(fresh[:4], want) || !slices.Equal(fresh[3:], slices.Repeat([]bool{true}, 300)) {
		t.Fatalf("fresh are %v …", fresh[:5])
	}
	again := enter(t, db, []events.Arrival{arrival(8, 900), arrival(9, 901)})
	if !slices.Equal(again, []bool{false, true}) {
		t.Fatalf("of a known and a new record, fresh are %v", again)
	}

	won, err := db.Winners(ctx, []events.Arrival{arrival(7, 1), arrival(7, 3), arrival(8, 2), arrival(8, 900), arrival(10, 5)})
	must(t, err)
	if !slices.Equal(won, []bool{true, false, true, false, false}) {
		t.Fatalf("winners are %v", won)
	}
	other := arrival(8, 2)
	other.Log = "log-b"
	if won, err = db.Winners(ctx, []events.Arrival{other}); err != nil || won[0] {
		t.Fatalf("the same position of another log won: %v %v", won, err)
	}
	applied, err := db.Applied(ctx, []events.InboxID{arrival(8, 0).InboxID, arrival(10, 0).InboxID, arrival(9, 0).InboxID})
	must(t, err)
	if !slices.Equal(applied, []bool{true, false, true}) {
		t.Fatalf("applied are %v", applied)
	}
	if fresh := enter(t, db, nil); len(fresh) != 0 {
		t.Fatalf("nothing gave %v", fresh)
	}
}

func enter(t *testing.T, db *sqldb.DB, batch []events.Arrival) (fresh []bool) {
	t.Helper()
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) (err error) {
		fresh, err = tx.Fresh(ctx, batch)
		return err
	})
	return fresh
}

func rollbackLeavesNothing(t *testing.T, db *sqldb.DB) {
	ctx := t.Context()
	cursor, err := db.Take(ctx, "log-a", 0)
	must(t, err)
	refused := errors.New("the fold refused")
	err = db.InTx(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Fresh(ctx, []events.Arrival{arrival(1, 1)}); err != nil {
			return err
		}
		if err := tx.Advance(ctx, events.Step{Cursor: cursor, To: 1}); err != nil {
			return err
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Fatalf("the transaction ended with %v", err)
	}
	if fresh := enter(t, db, []events.Arrival{arrival(1, 1)}); !fresh[0] {
		t.Error("the inbox kept a record of a transaction that failed")
	}
	if after, err := db.Take(ctx, "log-a", 0); err != nil || after.Position != 0 {
		t.Errorf("the cursor stands at %d: %v", after.Position, err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := db.InTx(ended, func(*sqldb.Tx) error { return nil }); err == nil {
		t.Error("a transaction ran although its context was done")
	}
	if fresh := enter(t, db, []events.Arrival{arrival(2, 2)}); !fresh[0] {
		t.Error("the writer did not recover")
	}
}

func deadLetters(t *testing.T, db *sqldb.DB) {
	ctx := t.Context()
	appended := time.Date(2026, 11, 11, 1, 2, 3, 4000, time.UTC)
	var letters []events.DeadLetter
	for i := range 5 {
		letters = append(letters, events.DeadLetter{
			Log: "log-a", Partition: i % 2, Position: events.Position(10 + i), Appended: appended, Reason: "broken", Data: []byte{0, 255, byte(i)},
		})
	}
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return tx.Bury(ctx, letters) })
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return tx.Bury(ctx, letters[:1]) }) // again, harmlessly

	got, err := db.DeadLetters(ctx, events.DeadLetter{}, 2)
	must(t, err)
	rest, err := db.DeadLetters(ctx, got[1], 10)
	must(t, err)
	got = append(got, rest...)
	var order []events.Position
	for _, l := range got {
		order = append(order, l.Position)
	}
	if !slices.Equal(order, []events.Position{10, 12, 14, 11, 13}) {
		t.Fatalf("listed positions %v", order)
	}
	if l := got[3]; !l.Appended.Equal(appended) || l.Reason != "broken" || !slices.Equal(l.Data, []byte{0, 255, 1}) || l.Partition != 1 {
		t.Fatalf("came back as %+v", l)
	}
	must(t, db.MarkReplayed(ctx, got[:4], appended))
	left, err := db.DeadLetters(ctx, events.DeadLetter{}, 10)
	must(t, err)
	if len(left) != 1 || left[0].Position != 13 {
		t.Fatalf("left are %+v", left)
	}
}
