package recommend

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/peakday/peakday/events"
)

// Trends knows what is wanted now: exponentially decayed counts of views,
// carts and buys of each item, in three windows. It does not depend on the
// order in which facts arrive. A visitor's action counts once, under the user
// or else the device; that of nobody (a guest's order) by its SKUs.
//
// It is an events.Follower; reading takes no lock.
type Trends struct {
	interner *Interner
	log      string

	gate sync.RWMutex // held by Follow for reading, so that a snapshot sees whole batches
	mu   sync.Mutex   // of at
	at   positions

	items  pagedArray[trend]   // by slot
	order  snapshotOrder[Slot] // those that have an entry
	adding sync.Mutex          // of new entries in items and heat
	heat   [windows]heatTable
	top    [windows]atomic.Uint64 // the largest heat, as bits of a float64
	peak   [windows]hotlist
	hot    [windows]hotlist
	newest atomic.Int64 // event time in microseconds; 0 before the first
}

type trend struct {
	mu     sync.Mutex
	counts [windows]decayed
}

// NewTrends returns empty trends that follow log.
func NewTrends(interner *Interner, log string) *Trends {
	t := &Trends{interner: interner, log: log, at: positions{}}
	for w := range t.hot {
		t.peak[w].keep, t.hot[w].keep = keptPeak, keptHot
	}
	return t
}

// Name implements events.Follower.
func (t *Trends) Name() string { return "trends" }

// Position implements events.Follower.
func (t *Trends) Position(_ context.Context, number int) (events.Position, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.at[partition{t.log, number}], nil
}

// Follow implements events.Follower.
func (t *Trends) Follow(_ context.Context, number int, from, to events.Position, batch []events.Delivery) error {
	t.gate.RLock()
	defer t.gate.RUnlock()
	t.mu.Lock()
	err := t.at.advance(partition{t.log, number}, from, to)
	t.mu.Unlock()
	if err != nil {
		return err
	}
	for i := range batch {
		d := &batch[i]
		t.see(events.Micros(d.Time))
		if !primary(d) {
			continue
		}
		for _, in := range Interactions(d.Fact) {
			t.count(in)
		}
	}
	return nil
}

func (t *Trends) see(at int64) {
	for {
		newest := t.newest.Load()
		if at <= newest || t.newest.CompareAndSwap(newest, at) {
			return
		}
	}
}

func (t *Trends) count(in Interaction) {
	slot := int(t.interner.Intern(in.Item))
	entry := t.entry(slot)
	entry.mu.Lock()
	defer entry.mu.Unlock()
	for w := range Window(windows) {
		entry.counts[w] = entry.counts[w].add(in.Action, events.Micros(in.Time), w.HalfLife())
		t.warm(w, slot, entry.counts[w].heat())
	}
}

// warm sets an item's heat. Heat only rises, and so does the largest.
func (t *Trends) warm(w Window, slot int, heat float64) {
	t.heat[w].set(slot, heat)
	t.peak[w].warm(Slot(slot), heat, &t.heat[w])
	t.hot[w].warm(Slot(slot), heat, &t.heat[w])
	for {
		top := t.top[w].Load()
		if heat <= math.Float64frombits(top) || t.top[w].CompareAndSwap(top, math.Float64bits(heat)) {
			return
		}
	}
}

func (t *Trends) hottest(w Window) float64 { return math.Float64frombits(t.top[w].Load()) }

// bar is what an item's heat must reach to be among the hottest.
func (t *Trends) bar(w Window) float64 { return math.Float64frombits(t.hot[w].bar.Load()) }

func (t *Trends) entry(slot int) *trend {
	if e := t.items.get(slot); e != nil {
		return e
	}
	t.adding.Lock()
	defer t.adding.Unlock()
	if e := t.items.get(slot); e != nil {
		return e
	}
	for w := range t.heat {
		t.heat[w].grow(slot)
	}
	e := &trend{}
	t.items.put(slot, e)
	t.order.add(Slot(slot))
	return e
}

// AsOf is the time of the newest event consumed, zero before the first.
func (t *Trends) AsOf() time.Time {
	if at := t.newest.Load(); at != 0 {
		return events.FromMicros(at)
	}
	return time.Time{}
}
