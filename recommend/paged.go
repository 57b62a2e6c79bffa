package recommend

import (
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

// pagedArray is a growing array of pointers that is read without a lock. Writers
// must take turns.
type pagedArray[T any] struct {
	pages atomic.Pointer[[]*[pageSize]atomic.Pointer[T]]
	n     atomic.Int64
}

const pageSize = 1024

func (p *pagedArray[T]) len() int { return int(p.n.Load()) }

// get returns what was put at i, or nil.
func (p *pagedArray[T]) get(i int) *T {
	all := p.pages.Load()
	if all == nil || i < 0 || i/pageSize >= len(*all) {
		return nil
	}
	return (*all)[i/pageSize][i%pageSize].Load()
}

func (p *pagedArray[T]) put(i int, v *T) {
	var have []*[pageSize]atomic.Pointer[T]
	if all := p.pages.Load(); all != nil {
		have = *all
	}
	if i/pageSize >= len(have) {
		grown := append([]*[pageSize]atomic.Pointer[T](nil), have...)
		for i/pageSize >= len(grown) {
			grown = append(grown, new([pageSize]atomic.Pointer[T]))
		}
		p.pages.Store(&grown)
		have = grown
	}
	have[i/pageSize][i%pageSize].Store(v)
	if n := int64(i + 1); n > p.n.Load() {
		p.n.Store(n)
	}
}
