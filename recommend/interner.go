package recommend

import (
	"sync"

	"github.com/peakday/peakday/events"
)

// Slot is an item's number in this process: dense, from 0, never used again.
// Scores and filters are arrays over slots. Nothing durable contains one.
type Slot int32

// Interner gives each item a slot. It may be used from any goroutine;
// readers wait for a writer only while it enters a new item.
type Interner struct {
	shards [internerShards]internerShard
	adding sync.Mutex
	items  pagedArray[events.ItemID]
}

const internerShards = 64

type internerShard struct {
	mu    sync.RWMutex
	slots map[events.ItemID]Slot
}

// NewInterner returns an empty interner.
func NewInterner() *Interner {
	r := &Interner{}
	for i := range r.shards {
		r.shards[i].slots = map[events.ItemID]Slot{}
	}
	return r
}

// Slot returns the item's slot, if it has one.
func (r *Interner) Slot(item events.ItemID) (Slot, bool) {
	shard := r.shard(item)
	shard.mu.RLock()
	s, ok := shard.slots[item]
	shard.mu.RUnlock()
	return s, ok
}

// Intern returns the item's slot and gives it one if it has none.
func (r *Interner) Intern(item events.ItemID) Slot {
	if s, ok := r.Slot(item); ok {
		return s
	}
	r.adding.Lock()
	defer r.adding.Unlock()
	if s, ok := r.Slot(item); ok {
		return s
	}
	s := Slot(r.items.len())
	r.items.put(int(s), &item)
	shard := r.shard(item)
	shard.mu.Lock()
	shard.slots[item] = s
	shard.mu.Unlock()
	return s
}

// Item returns the item of a slot that Intern gave.
func (r *Interner) Item(s Slot) events.ItemID { return *r.items.get(int(s)) }

// Len is the number of slots given so far.
func (r *Interner) Len() int { return r.items.len() }

// shard spreads items by FNV-1a.
func (r *Interner) shard(item events.ItemID) *internerShard {
	h := uint32(2166136261)
	for i := range len(item) {
		h = (h ^ uint32(item[i])) * 16777619
	}
	return &r.shards[(h^h>>16)%internerShards]
}
