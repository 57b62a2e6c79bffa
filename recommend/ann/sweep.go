package ann

import "slices"

// sweep takes dead slots out of the graph, a few links at every change, so that
// they can be reused (FreshDiskANN's consolidation of deletes, in small steps).
// Slots that die while it goes on wait for the next.
type sweep struct {
	dead  int    // linked slots that are dead
	swept Bitmap // the dead slots that this sweep takes out; nil between sweeps
	at    int    // slots below it link to none of them
}

const (
	sweepShare = 16 // a sweep begins when one in so many slots is dead
	sweepStep  = 16 // slots for each change: done after used/16 changes
)

// advanceSweep does the sweep's share of so many changes.
func (x *Index) advanceSweep(changes int) {
	if !x.ready {
		return
	}
	w := &x.sweep
	if w.swept == nil {
		if w.dead < max(64, x.used/sweepShare) {
			return
		}
		w.swept, w.at = NewBitmap(x.used), 0
		for i := range w.swept {
			w.swept[i] = x.linked[i] &^ x.alive[i]
		}
	}
	end := min(w.at+changes*sweepStep, x.used)
	for ; w.at < end; w.at += sweepBatch {
		x.sweepSome(w.at, min(w.at+sweepBatch, end))
	}
	if w.at = end; end == x.used {
		x.release()
	}
}

const sweepBatch = 512

// sweepSome chooses new links for the slots from first to end whose links lead
// to swept ones.
func (x *Index) sweepSome(first, end int) {
	var touched []int32
	for slot := first; slot < end; slot++ {
		if x.linked.Has(uint32(slot)) && !x.sweep.swept.Has(uint32(slot)) && x.linksToSwept(int32(slot)) {
			touched = append(touched, int32(slot))
		}
	}
	if len(touched) == 0 {
		return
	}
	width := x.options.Links
	rows := make([]int32, len(touched)*width)
	x.each(len(touched), func(s *scratch, i int) {
		x.relink(s, touched[i], rows[i*width:][:width])
	})
	x.mu.Lock()
	for i, slot := range touched {
		copy(x.neighbours(slot), rows[i*width:])
	}
	x.mu.Unlock()
	x.linkBackFromBest(touched)
}

// linkBackFromBest lets the best neighbour of each slot link to it, where dead ones
// have left room: otherwise, of what only dead slots led to, some could not be
// reached any more.
func (x *Index) linkBackFromBest(slots []int32) {
	var edges [][2]int32
	for _, slot := range slots {
		best := x.neighbours(slot)[0]
		if best < 0 {
			continue
		}
		if row := x.neighbours(best); row[len(row)-1] < 0 && !slices.Contains(row, slot) {
			edges = append(edges, [2]int32{best, slot})
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, e := range edges {
		row := x.neighbours(e[0])
		if n := degree(row); n < len(row) {
			row[n] = e[1]
		}
	}
}

func (x *Index) linksToSwept(slot int32) bool {
	for _, v := range x.neighbours(slot) {
		if v >= 0 && x.sweep.swept.Has(uint32(v)) {
			return true
		}
	}
	return false
}

// relink links slot to the best of its neighbours and of its swept neighbours'
// neighbours (Singh and others 2021, FreshDiskANN, algorithm 4).
func (x *Index) relink(s *scratch, slot int32, row []int32) {
	s.candidates = s.candidates[:0]
	s.visited.Set(uint32(slot))
	s.seen = append(s.seen, slot)
	for _, v := range x.neighbours(slot) {
		if v < 0 {
			break
		}
		x.consider(s, v)
		if !x.sweep.swept.Has(uint32(v)) {
			continue
		}
		for _, far := range x.neighbours(v) {
			if far < 0 {
				break
			}
			x.consider(s, far)
		}
	}
	s.clearVisited()
	x.selectNeighbours(s, slot, len(row), row)
}

func (x *Index) consider(s *scratch, v int32) {
	if s.visited.Has(uint32(v)) {
		return
	}
	s.visited.Set(uint32(v))
	s.seen = append(s.seen, v)
	if x.alive.Has(uint32(v)) {
		s.candidates = append(s.candidates, v)
	}
}

// release frees the swept slots: no link leads to them any more.
func (x *Index) release() {
	swept := x.sweep.swept
	x.mu.Lock()
	for i, word := range swept {
		x.linked[i] &^= word
	}
	for slot := range int32(64 * len(swept)) {
		if swept.Has(uint32(slot)) {
			x.free = append(x.free, slot)
		}
	}
	x.sweep = sweep{dead: x.sweep.dead - swept.Count()}
	x.mu.Unlock()
	x.sampled = 0
	x.resample(x.linked.Count())
}
