package events

import (
	"sync"
	"time"
)

// recent remembers the ids of the last minutes in two generations: the older
// one is dropped when the younger is full or old enough.
type recent struct {
	mu         sync.Mutex
	young, old map[RecordID]struct{}
	youngSince time.Time
	limit      int // of a generation
}

// Ids are remembered for 5 to 10 minutes while there is traffic, but no more
// than the newest 400,000 to 800,000 of them (about 40 MB): enough to answer a
// retry. Older duplicates are dropped when they are applied.
const (
	recentFor = 5 * time.Minute
	recentMax = 400_000
)

func newRecent() *recent {
	return &recent{young: map[RecordID]struct{}{}, limit: recentMax}
}

func (r *recent) has(id RecordID, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(now)
	if _, ok := r.young[id]; ok {
		return true
	}
	_, ok := r.old[id]
	return ok
}

func (r *recent) add(id RecordID, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(now)
	r.young[id] = struct{}{}
}

func (r *recent) turn(now time.Time) {
	if len(r.young) == 0 {
		r.youngSince = now
	}
	if len(r.young) >= r.limit || now.Sub(r.youngSince) >= recentFor {
		r.old, r.young, r.youngSince = r.young, map[RecordID]struct{}{}, now
	}
}
