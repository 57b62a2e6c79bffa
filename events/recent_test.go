package events

import (
	"testing"
	"time"
)

func TestRecentTurnsTwoGenerations(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
	at := func(minutes float64) time.Time { return start.Add(time.Duration(minutes * float64(time.Minute))) }
	id := func(n int64) RecordID { return RecordID{n, -n} }
	r := newRecent()
	if r.has(id(1), at(0)) {
		t.Error("an id that was never added is known")
	}
	r.add(id(1), at(0))
	r.add(id(2), at(4))
	r.add(id(3), at(5)) // the second generation begins
	for _, c := range []struct {
		minutes float64
		id      int64
		known   bool
	}{
		{5, 1, true}, {5, 2, true}, {5, 3, true},
		{9.9, 1, true}, {9.9, 2, true}, // remembered for 5 minutes at least
		{10, 1, false}, {10, 2, false}, {10, 3, true}, // and 10 at most, while there is traffic
		{10, 4, false},
	} {
		if got := r.has(id(c.id), at(c.minutes)); got != c.known {
			t.Errorf("after %v minutes id %d is known: %v", c.minutes, c.id, got)
		}
	}
}

func TestRecentIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Unix(1, 0)
	r := newRecent()
	r.limit = 100
	const n = 1001
	for i := range int64(n) {
		r.add(RecordID{i, i}, now)
		if held := len(r.young) + len(r.old); held > 2*r.limit {
			t.Fatalf("holds %d ids", held)
		}
		for back := range min(i+1, 100) {
			if id := i - back; !r.has(RecordID{id, id}, now) {
				t.Fatalf("%d is forgotten at %d", id, i)
			}
		}
	}
	if r.has(RecordID{0, 0}, now) {
		t.Error("the oldest is held")
	}
}
