package recommend

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// hotlist holds the hottest items of a window, so that nobody has to look at
// all of them. Heat only rises: an item that is not above the bar when it is
// counted cannot come above it later without being counted again.
type hotlist struct {
	keep   int // how many are surely listed, if there are so many; up to twice as many are
	mu     sync.Mutex
	in     map[Slot]struct{}
	bar    atomic.Uint64 // as bits of a float64: what is cooler is not listed
	list   atomic.Pointer[[]Slot]
	pruned atomic.Bool // items with heat are left out
}

// Two lists of a window: most requests find enough in the short one, which
// takes a tenth of the time.
const (
	keptPeak = 256
	keptHot  = 2048
)

// warm enters an item that has just been counted. Its heat stands in the pages
// already.
func (h *hotlist) warm(slot Slot, heat float64, pages *heatTable) {
	if heat <= 0 || heat < math.Float64frombits(h.bar.Load()) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, listed := h.in[slot]; listed {
		return
	}
	if h.in == nil {
		h.in = map[Slot]struct{}{}
	}
	h.in[slot] = struct{}{}
	var have []Slot
	if p := h.list.Load(); p != nil {
		have = *p
	}
	grown := append(have, slot) // readers of have do not look behind its end
	if len(grown) >= 2*h.keep {
		grown = h.prune(grown, pages)
	}
	h.list.Store(&grown)
}

// prune keeps the hottest, and raises the bar to the coolest of them.
func (h *hotlist) prune(all []Slot, pages *heatTable) []Slot {
	heat := make(map[Slot]float64, len(all))
	for _, s := range all {
		heat[s] = pages.get(int(s))
	}
	kept := slices.Clone(all)
	slices.SortFunc(kept, func(a, b Slot) int { return cmp.Or(cmp.Compare(heat[b], heat[a]), cmp.Compare(a, b)) })
	for _, s := range kept[h.keep:] {
		delete(h.in, s)
	}
	kept = kept[:h.keep]
	h.bar.Store(math.Float64bits(heat[kept[h.keep-1]]))
	h.pruned.Store(true)
	return kept
}

// slots lists the hottest items in no order, and whether those are all that
// have any heat.
func (h *hotlist) slots() (list []Slot, all bool) {
	if p := h.list.Load(); p != nil {
		list = *p
	}
	return list, !h.pruned.Load()
}

// heatTable are words that are float64.
type heatTable struct{ pagedWords }

func (h *heatTable) set(i int, heat float64) { h.pagedWords.set(i, math.Float64bits(heat)) }

func (h *heatTable) get(i int) float64 { return math.Float64frombits(h.pagedWords.get(i)) }

func heatAt(pages []*wordPage, slot Slot) float64 {
	return math.Float64frombits(wordAt(pages, int(slot)))
}
