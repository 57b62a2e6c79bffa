package profile

import (
	"errors"
	"testing"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

func secondWriter(t *testing.T, store recommend.Profiles) {
	first, second := sheets(t, store, log, user("a")), sheets(t, store, log, user("a"))
	ok(t, store.Commit(t.Context(), log, written(first, 5, "first")))
	if err := store.Commit(t.Context(), log, written(second, 6, "second")); !errors.Is(err, recommend.ErrStale) {
		t.Errorf("the second writer got %v, want ErrStale", err)
	}
	same(t, load(t, store, user("a")), []string{"first"})
	same(t, sheets(t, store, log, user("a"))[0].At, events.Position(5))
}

func refusedPart(t *testing.T, store recommend.Profiles) {
	opened := sheets(t, store, log, user("a"), user("b"))
	if len(opened) != 2 {
		t.Fatal("a and b should lie in two parts")
	}
	write(t, store, log, 1, "meanwhile", user("b"))
	if err := store.Commit(t.Context(), log, written(opened, 2, "late")); !errors.Is(err, recommend.ErrStale) {
		t.Errorf("got %v, want ErrStale", err)
	}
	same(t, load(t, store, user("a"), user("b")), []string{"late", "meanwhile"})
	same(t, sheets(t, store, log, user("b"))[0].At, events.Position(1))
}

func positionsOfLogs(t *testing.T, store recommend.Profiles) {
	write(t, store, log, 5, "one", user("a"))
	ok(t, store.Advance(t.Context(), log, 0, 0, 5))
	if s := sheets(t, store, "log-2", user("a"))[0]; s.At != 0 || string(s.Profiles[0].Profile) != "one" {
		t.Errorf("another log opens %+v", s)
	}
	write(t, store, "log-2", 1, "two", user("a"))
	same(t, sheets(t, store, log, user("a"))[0].At, events.Position(5))
	at, err := store.Position(t.Context(), "log-2", 0)
	ok(t, err)
	same(t, at, events.Position(0))
}

func advances(t *testing.T, store recommend.Profiles) {
	ok(t, store.Advance(t.Context(), log, 1, 0, 10))
	ok(t, store.Advance(t.Context(), log, 1, 10, 10))
	ok(t, store.Advance(t.Context(), log, 1, 10, 12))
	for _, step := range [][2]events.Position{{0, 5}, {10, 15}, {13, 15}, {12, 11}} {
		if err := store.Advance(t.Context(), log, 1, step[0], step[1]); !errors.Is(err, recommend.ErrStale) {
			t.Errorf("from %d to %d: %v, want ErrStale", step[0], step[1], err)
		}
	}
	for partition, want := range map[int]events.Position{1: 12, 2: 0} {
		at, err := store.Position(t.Context(), log, partition)
		ok(t, err)
		same(t, at, want)
	}
}

func forgets(t *testing.T, store recommend.Profiles) {
	write(t, store, log, 4, "one", user("a"), device("a"))
	open := sheets(t, store, log, user("a"))
	ok(t, store.Forget(t.Context(), user("a")))
	if err := store.Commit(t.Context(), log, written(open, 5, "again")); !errors.Is(err, recommend.ErrStale) {
		t.Errorf("a fold that had it open got %v, want ErrStale", err)
	}
	same(t, load(t, store, user("a"), device("a")), []string{"stranger", "one"})
	same(t, sheets(t, store, log, user("a"))[0].At, events.Position(4))
	ok(t, store.Forget(t.Context(), user("never seen")))
}
