package ann

import (
	"fmt"
	"slices"
)

// Insert adds a vector under an id that the index does not hold. The vector is
// copied. Ids ought to be dense: the index and filters need room up to the
// largest.
func (x *Index) Insert(id uint32, vector []float32) error {
	return x.InsertAll([]uint32{id}, vector)
}

// InsertAll adds many vectors, one after the other in vectors, on all workers:
// much faster than one by one. It adds all or, with an error, none.
func (x *Index) InsertAll(ids []uint32, vectors []float32) error {
	x.writer.Lock()
	defer x.writer.Unlock()
	for i, id := range ids {
		if _, held := x.slots.get(id); held {
			return fmt.Errorf("insert vector %d of %d: id %d is in the index already", i+1, len(ids), id)
		}
	}
	if err := x.checkAll(ids, vectors); err != nil {
		return fmt.Errorf("insert: %w", err)
	}
	x.put(ids, vectors)
	return nil
}

// Update replaces the vector of an id that the index holds. A search finds the
// old one or the new one.
func (x *Index) Update(id uint32, vector []float32) error {
	x.writer.Lock()
	defer x.writer.Unlock()
	if _, held := x.slots.get(id); !held {
		return fmt.Errorf("update: id %d is not in the index", id)
	}
	if err := x.check(vector); err != nil {
		return fmt.Errorf("update id %d: %w", id, err)
	}
	x.put([]uint32{id}, vector)
	return nil
}

// Delete takes the vector of id out and reports whether there was one. Searches
// that begin afterwards do not find it.
func (x *Index) Delete(id uint32) bool {
	x.writer.Lock()
	defer x.writer.Unlock()
	slot, held := x.slots.get(id)
	if !held {
		return false
	}
	x.mu.Lock()
	x.slots.remove(id)
	x.retire(slot)
	x.living--
	x.mu.Unlock()
	x.advanceSweep(1)
	return true
}

// retire marks the slot as dead. Without a graph it can be reused at once;
// otherwise walks pass through it until it is swept. The caller holds mu.
func (x *Index) retire(slot int32) {
	x.alive.Clear(uint32(slot))
	if x.linked.Has(uint32(slot)) {
		x.sweep.dead++
		return
	}
	x.free = append(x.free, slot)
}

func (x *Index) checkAll(ids []uint32, vectors []float32) error {
	d := x.options.Dimension
	if len(vectors) != len(ids)*d {
		return fmt.Errorf("%d vectors of %d numbers: expected %d numbers, not %d", len(ids), d, len(ids)*d, len(vectors))
	}
	for i, id := range ids {
		if err := x.check(vectors[i*d : (i+1)*d]); err != nil {
			return fmt.Errorf("vector %d of %d, id %d: %w", i+1, len(ids), id, err)
		}
	}
	sorted := slices.Sorted(slices.Values(ids))
	for i := range sorted[1:] {
		if sorted[i] == sorted[i+1] {
			return fmt.Errorf("id %d comes twice", sorted[i])
		}
	}
	return nil
}

// put stores checked vectors, links them and lets them be found.
func (x *Index) put(ids []uint32, vectors []float32) {
	if len(ids) == 0 {
		return
	}
	slots := x.store(len(ids), vectors)
	if x.ready {
		x.link(slots, ids)
	} else {
		x.mu.Lock()
		x.publish(slots, ids)
		x.mu.Unlock()
		if x.living >= graphFrom {
			x.buildGraph()
		}
	}
	x.advanceSweep(len(ids))
}

// publish lets the slots be found under their ids. The caller holds mu.
func (x *Index) publish(slots []int32, ids []uint32) {
	for i, slot := range slots {
		if old, held := x.slots.get(ids[i]); held {
			x.retire(old)
		} else {
			x.living++
		}
		x.ids[slot] = ids[i]
		x.slots.set(ids[i], slot)
		x.alive.Set(uint32(slot))
	}
}
