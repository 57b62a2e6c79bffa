package ann

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
)

// batch is the outcome of linking some slots, before it is copied in.
type batch struct {
	rows    []int32  // the new slots' links
	edges   []uint64 // target and source of the links back, sorted
	starts  []int    // where each target's edges begin, and the end
	updated []int32  // the targets' links
}

// buildGraph links all living slots, in an order that the seed gives.
func (x *Index) buildGraph() {
	var slots []int32
	for slot := range int32(x.used) {
		if x.alive.Has(uint32(slot)) {
			slots = append(slots, slot)
		}
	}
	x.link(slots, nil)
	x.mu.Lock()
	x.ready = true
	x.mu.Unlock()
}

// link adds slots to the graph, a batch at a time: the slots of a batch do not
// see each other, so their links can be chosen side by side and do not depend on
// who chose first (Manohar and others 2024, ParlayANN). A batch is a small part
// of the graph. With ids, each batch is published with its links.
func (x *Index) link(slots []int32, ids []uint32) {
	order := rand.New(rand.NewPCG(x.options.Seed, uint64(x.used))).Perm(len(slots))
	size := x.linked.Count()
	for len(order) > 0 {
		n := min(max(1, size/batchShare), batchMost, len(order))
		chunk, of := make([]int32, n), make([]uint32, n)
		for i, o := range order[:n] {
			if chunk[i] = slots[o]; ids != nil {
				of[i] = ids[o]
			}
		}
		order = order[n:]
		x.linkBatch(chunk)
		x.mu.Lock()
		x.copyIn(chunk)
		if ids != nil {
			x.publish(chunk, of)
		}
		x.mu.Unlock()
		size += n
		x.resample(size)
	}
}

const (
	batchShare = 32
	batchMost  = 2048
)

func (x *Index) linkBatch(slots []int32) {
	b, width := &x.batch, x.options.Links
	b.rows = slices.Grow(b.rows[:0], len(slots)*width)[:len(slots)*width]
	x.each(len(slots), func(s *scratch, i int) {
		x.linkOne(s, slots[i], b.rows[i*width:][:width])
	})
	b.edges = b.edges[:0]
	for i, slot := range slots {
		for _, target := range b.rows[i*width:][:width] {
			if target >= 0 {
				b.edges = append(b.edges, uint64(target)<<32|uint64(slot))
			}
		}
	}
	slices.Sort(b.edges)
	b.starts = b.starts[:0]
	for i, e := range b.edges {
		if i == 0 || e>>32 != b.edges[i-1]>>32 {
			b.starts = append(b.starts, i)
		}
	}
	b.starts = append(b.starts, len(b.edges))
	targets := len(b.starts) - 1
	b.updated = slices.Grow(b.updated[:0], targets*width)[:targets*width]
	x.each(targets, func(s *scratch, i int) {
		x.linkBack(s, b.edges[b.starts[i]:b.starts[i+1]], b.updated[i*width:][:width])
	})
}

// linkOne finds the neighbours of a slot that is not yet in the graph.
func (x *Index) linkOne(s *scratch, slot int32, row []int32) {
	s.query.setCodes(x.code(slot), x.options.Dimension, float64(x.scale))
	x.walk(s, x.options.BuildBreadth)
	s.candidates = s.candidates[:0]
	for _, c := range s.pool {
		if v := candidateSlot(c); v != slot && x.alive.Has(uint32(v)) {
			s.candidates = append(s.candidates, v)
		}
	}
	x.selectNeighbours(s, slot, x.options.Links/2, row)
}

// linkBack adds the sources of the edges to the links of their one target.
func (x *Index) linkBack(s *scratch, edges []uint64, row []int32) {
	target := int32(edges[0] >> 32)
	copy(row, x.neighbours(target))
	n := degree(row)
	if n+len(edges) <= len(row) {
		for _, e := range edges {
			row[n] = int32(uint32(e))
			n++
		}
		return
	}
	s.candidates = s.candidates[:0]
	for _, v := range row[:n] {
		if x.alive.Has(uint32(v)) {
			s.candidates = append(s.candidates, v)
		}
	}
	for _, e := range edges {
		s.candidates = append(s.candidates, int32(uint32(e)))
	}
	x.selectNeighbours(s, target, len(row), row)
}

// copyIn puts a batch into the graph. The caller holds mu.
func (x *Index) copyIn(slots []int32) {
	b, width := &x.batch, x.options.Links
	for i, slot := range slots {
		copy(x.neighbours(slot), b.rows[i*width:])
		x.linked.Set(uint32(slot))
	}
	for i, start := range b.starts[:len(b.starts)-1] {
		copy(x.neighbours(int32(b.edges[start]>>32)), b.updated[i*width:])
	}
}

// resample takes new entries once the graph has grown by half.
func (x *Index) resample(size int) {
	if len(x.entries) > 0 && size < x.sampled+x.sampled/2 {
		return
	}
	entries, codes := x.sample(size)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.entries, x.entryCodes, x.sampled = entries, codes, size
}

// each calls do for 0 to n−1 on all workers. What do writes must depend on i
// alone.
func (x *Index) each(n int, do func(s *scratch, i int)) {
	const few = 8
	workers := min(x.options.Workers, (n+few-1)/few)
	if workers <= 1 {
		s := x.borrow()
		defer x.scratch.Put(s)
		for i := range n {
			do(s, i)
		}
		return
	}
	var (
		next    atomic.Int64
		running sync.WaitGroup
	)
	for range workers {
		running.Go(func() {
			s := x.borrow()
			defer x.scratch.Put(s)
			for {
				end := int(next.Add(few))
				if end-few >= n {
					return
				}
				for i := end - few; i < min(end, n); i++ {
					do(s, i)
				}
			}
		})
	}
	running.Wait()
}
