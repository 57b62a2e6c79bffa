package experiments

import (
	"github.com/spaolacci/murmur3"

	"github.com/peakday/peakday/events"
)

// hashVersion1 is murmur3's Sum64 of salt, a zero byte, and the unit's id. The
// salts of coverage, layer and variant differ: with one salt for two of them,
// a 10 % coverage would reach only 10 % of the variants' ranges.
const hashVersion1 = 1

// salt prefixes a unit's id in a hash.
type salt []byte

func newSalt(purpose, key string) salt {
	return append([]byte(purpose+"/"+key), 0)
}

func coverageSalt(experiment string) salt { return newSalt("coverage", experiment) }
func variantSalt(experiment string) salt  { return newSalt("variant", experiment) }
func layerSalt(layer string) salt         { return newSalt("layer", layer) }
func holdoutSalt(holdout string) salt     { return newSalt("holdout", holdout) }

// hasher places units on circles. It keeps the memory in which salt and id
// are put together: murmur3 lets its argument escape to the heap, so that a
// variable of the stack would be allocated for every hash.
type hasher struct {
	room []byte
	held []holdPoint // of the subject, by holdout
}

// point places a unit on the circle of s.
func (h *hasher) point(s salt, unit events.UnitID) uint64 {
	h.room = append(append(h.room[:0], s...), unit...)
	return murmur3.Sum64(h.room)
}
