package recommend

import (
	"sync"
	"sync/atomic"

	"github.com/peakday/peakday/events"
)

// WatchStock returns a channel that gets a value after the stock of one of the
// SKUs, or what else decides whether it can be bought, may have changed. Changes
// that come before it is received from are one value, so that nobody who
// receives slowly holds up the catalogue. A SKU need not be known yet. stop ends
// the watch.
func (c *Catalog) WatchStock(skus []events.SKU) (changed <-chan struct{}, stop func()) {
	watcher := make(chan struct{}, 1)
	c.watchers.add(watcher, skus)
	return watcher, func() { c.watchers.remove(watcher, skus) }
}

// stockWatchers are who watch SKUs.
type stockWatchers struct {
	any atomic.Int64 // how many there are: mostly nobody watches

	mu    sync.Mutex
	bySKU map[events.SKU]map[chan struct{}]struct{}
}

func (w *stockWatchers) add(watcher chan struct{}, skus []events.SKU) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.any.Add(1)
	if w.bySKU == nil {
		w.bySKU = map[events.SKU]map[chan struct{}]struct{}{}
	}
	for _, sku := range skus {
		if w.bySKU[sku] == nil {
			w.bySKU[sku] = map[chan struct{}]struct{}{}
		}
		w.bySKU[sku][watcher] = struct{}{}
	}
}

func (w *stockWatchers) remove(watcher chan struct{}, skus []events.SKU) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.any.Add(-1)
	for _, sku := range skus {
		if delete(w.bySKU[sku], watcher); len(w.bySKU[sku]) == 0 {
			delete(w.bySKU, sku)
		}
	}
}

// notify is called when readers see the change already.
func (w *stockWatchers) notify(offers []Offer) {
	if w.any.Load() == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range offers {
		for watcher := range w.bySKU[offers[i].SKU] {
			select {
			case watcher <- struct{}{}:
			default: // one value waits already
			}
		}
	}
}
