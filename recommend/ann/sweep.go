package ann

// sweep takes dead slots out of the graph, a few links at every change, so that
// their slots can be reused. Slots that die while it goes on wait for the next.
type sweep struct {
	dead   int    // linked slots that are dead
	doomed Bitmap // the dead slots that this sweep takes out; nil between sweeps
	at     int    // slots below it link to none of them
}

const (
	sweepShare = 16 // a sweep begins when one in so many slots is dead
	sweepStep  = 16 // slots for each change: done after used/16 changes
)

// tidy does the sweep's share of so many changes.
func (x *Index) tidy(changes int) {
	if !x.ready {
		return
	}
	w := &x.sweep
	if w.doomed == nil {
		if w.dead < max(64, x.used/sweepShare) {
			return
		}
		w.doomed, w.at = NewBitmap(x.used), 0
		for i := range w.doomed {
			w.doomed[i] = x.linked[i] &^ x.alive[i]
		}
	}
	end := min(w.at+changes*sweepStep, x.used)
	for ; w.at < end; w.at += sweepBatch {
		x.sweepSome(w.at, min(w.at+sweepBatch, end))
	}
	if w.at = end; end == x.used {
		x.reap()
	}
}

const sweepBatch = 512

// sweepSome chooses new links for the slots from first to end whose links lead
// to doomed ones.
func (x *Index) sweepSome(first, end int) {
	var touched []int32
	for slot := first; slot < end; slot++ {
		if x.linked.Has(uint32(slot)) && !x.sweep.doomed.Has(uint32(slot)) && x.leadsToDoom(int32(slot)) {
			touched = append(touched, int32(slot))
		}
	}
	if len(touched) == 0 {
		return
	}
	width := x.options.Links
	rows := make([]int32, len(touched)*width)
	x.each(len(touched), func(s *scratch, i int) {
		x.mend(s, touched[i], rows[i*width:][:width])
	})
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, slot := range touched {
		copy(x.neighbours(slot), rows[i*width:])
	}
}

func (x *Index) leadsToDoom(slot int32) bool {
	for _, v := range x.neighbours(slot) {
		if v >= 0 && x.sweep.doomed.Has(uint32(v)) {
			return true
		}
	}
	return false
}

// mend links slot to the best of its neighbours and of its doomed neighbours'
// neighbours (Singh and others 2021, FreshDiskANN, algorithm 4).
func (x *Index) mend(s *scratch, slot int32, row []int32) {
	s.chosen = s.chosen[:0]
	s.met.Set(uint32(slot))
	s.seen = append(s.seen, slot)
	for _, v := range x.neighbours(slot) {
		if v < 0 {
			break
		}
		x.consider(s, v)
		if !x.sweep.doomed.Has(uint32(v)) {
			continue
		}
		for _, far := range x.neighbours(v) {
			if far < 0 {
				break
			}
			x.consider(s, far)
		}
	}
	s.forget()
	x.choose(s, slot, len(row), row)
}

func (x *Index) consider(s *scratch, v int32) {
	if s.met.Has(uint32(v)) {
		return
	}
	s.met.Set(uint32(v))
	s.seen = append(s.seen, v)
	if x.alive.Has(uint32(v)) {
		s.chosen = append(s.chosen, v)
	}
}

// reap frees the doomed slots: no link leads to them any more.
func (x *Index) reap() {
	doomed := x.sweep.doomed
	x.mu.Lock()
	for i, word := range doomed {
		x.linked[i] &^= word
	}
	for slot := range int32(64 * len(doomed)) {
		if doomed.Has(uint32(slot)) {
			x.free = append(x.free, slot)
		}
	}
	x.sweep = sweep{dead: x.sweep.dead - doomed.Count()}
	x.mu.Unlock()
	x.sampled = 0
	x.resample(x.linked.Count())
}
