package recommend

import (
	"math"
	"sync/atomic"
)

// pagedWords is a growing array of 64 bits each that is read without a lock; 0
// means nothing. Writers must take turns to grow it.
type pagedWords struct {
	pages atomic.Pointer[[]*wordPage]
}

type wordPage [pageSize]atomic.Uint64

func (w *pagedWords) grow(i int) {
	have := w.all()
	if i/pageSize < len(have) {
		return
	}
	grown := append([]*wordPage(nil), have...)
	for i/pageSize >= len(grown) {
		grown = append(grown, new(wordPage))
	}
	w.pages.Store(&grown)
}

// all are the pages, for a loop over many.
func (w *pagedWords) all() []*wordPage {
	if all := w.pages.Load(); all != nil {
		return *all
	}
	return nil
}

func (w *pagedWords) set(i int, v uint64) { (*w.pages.Load())[i/pageSize][i%pageSize].Store(v) }

func (w *pagedWords) get(i int) uint64 { return wordAt(w.all(), i) }

func wordAt(pages []*wordPage, i int) uint64 {
	if page := i / pageSize; page < len(pages) {
		return pages[page][i%pageSize].Load()
	}
	return 0
}

// heatTable are words that are float64.
type heatTable struct{ pagedWords }

func (h *heatTable) set(i int, heat float64) { h.pagedWords.set(i, math.Float64bits(heat)) }

func (h *heatTable) get(i int) float64 { return math.Float64frombits(h.pagedWords.get(i)) }

func heatAt(pages []*wordPage, slot Slot) float64 {
	return math.Float64frombits(wordAt(pages, int(slot)))
}
