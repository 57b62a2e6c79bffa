package ann

import (
	"errors"
	"fmt"
)

// restore checks what was read and makes what follows from it.
func (x *Index) restore() error {
	if !x.ready {
		x.links = make([]int32, x.used*x.options.Links)
		for i := range x.links {
			x.links[i] = -1
		}
	}
	for _, slots := range [][]int32{x.free, x.entries, x.links} {
		for _, slot := range slots {
			if slot < -1 || int(slot) >= x.used {
				return fmt.Errorf("it names slot %d of %d", slot, x.used)
			}
		}
	}
	x.codes = make([]uint8, x.used*x.codeStride)
	for slot := range int32(x.used) {
		if err := x.restoreSlot(slot); err != nil {
			return err
		}
	}
	if x.living+x.sweep.dead+len(x.free) != x.used {
		return errors.New("its slots are not living, dead or free")
	}
	return x.restoreEntries()
}

func (x *Index) restoreSlot(slot int32) error {
	vector, id := x.float(slot)[:x.options.Dimension], x.ids[slot]
	if err := x.check(vector); err != nil {
		return fmt.Errorf("slot %d: %w", slot, err)
	}
	x.codeError = max(x.codeError, encode(vector, x.scale, x.code(slot)))
	x.maxNorm = max(x.maxNorm, norm(vector))
	living, linked := x.alive.Has(uint32(slot)), x.linked.Has(uint32(slot))
	switch {
	case living:
		if _, twice := x.slots.get(id); twice {
			return fmt.Errorf("it has id %d twice", id)
		}
		if living != linked && x.ready {
			return fmt.Errorf("slot %d is living but not linked", slot)
		}
		x.slots.set(id, slot)
		x.living++
	case linked:
		x.sweep.dead++
	}
	return nil
}

func (x *Index) restoreEntries() error {
	taken := NewBitmap(x.used)
	for _, slot := range x.free {
		if slot < 0 || taken.Has(uint32(slot)) || x.alive.Has(uint32(slot)) || x.linked.Has(uint32(slot)) {
			return fmt.Errorf("slot %d is free and in use", slot)
		}
		taken.Set(uint32(slot))
	}
	for _, slot := range x.entries {
		if slot < 0 {
			return errors.New("an entry has no slot")
		}
		x.entryCodes = append(x.entryCodes, x.code(slot)...)
	}
	return nil
}
