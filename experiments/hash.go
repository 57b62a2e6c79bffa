package experiments

import "github.com/peakday/peakday/events"

// hashVersion1 is murmur64 of salt, a zero byte, and the unit's id. The
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

// point places a unit on the circle of s. It allocates nothing.
func (s salt) point(unit events.UnitID) uint64 {
	var room [128]byte
	if len(s)+len(unit) > len(room) {
		return s.pointOfLong(unit)
	}
	return murmur64(append(append(room[:0], s...), unit...))
}

// pointOfLong has room for the longest salt and the longest id, which takes
// longer to clear.
func (s salt) pointOfLong(unit events.UnitID) uint64 {
	var room [len("coverage/") + 64 + 1 + 256]byte
	return murmur64(append(append(room[:0], s...), unit...))
}
