package profile

import (
	"testing"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

func aStranger(t *testing.T, store recommend.Profiles) {
	same(t, load(t, store, user("a"), device("a")), []string{"stranger", "stranger"})
	same(t, load(t, store), []string{})
	opened := sheets(t, store, log, user("a"))
	if s := opened[0]; s.At != 0 || s.Profiles[0].Profile != nil {
		t.Errorf("opened %+v", s)
	}
	at, err := store.Position(t.Context(), log, 3)
	ok(t, err)
	same(t, at, events.Position(0))
}

func committedIsLoaded(t *testing.T, store recommend.Profiles) {
	write(t, store, log, 1, "one", user("a"), user("b"))
	write(t, store, log, 2, "two", device("a"))
	same(t, load(t, store, device("a"), user("c"), user("b"), user("a")), []string{"two", "stranger", "one", "one"})
	write(t, store, log, 3, "three", user("a"))
	same(t, load(t, store, user("a"), user("a")), []string{"three", "three"})
}

func anyBytes(t *testing.T, store recommend.Profiles) {
	odd := user("a b\"{}:*é人")
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	write(t, store, log, 1, string(all), odd)
	same(t, load(t, store, odd), []string{string(all)})
}

func opens(t *testing.T, store recommend.Profiles) {
	write(t, store, log, 7, "one", user("a"))
	opened := sheets(t, store, log, user("a"), device("a"))
	if len(opened) != 1 {
		t.Fatalf("a user and a device of one id lie in %d parts", len(opened))
	}
	same(t, opened[0].At, events.Position(7))
	same(t, opened[0].Profiles, []recommend.VisitorProfile{{Visitor: user("a"), Profile: []byte("one")}, {Visitor: device("a")}})
}
