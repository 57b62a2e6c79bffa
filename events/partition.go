package events

import "github.com/spaolacci/murmur3"

// Parts is the number of virtual partitions. It is fixed for ever: it stands
// in primary keys, log partitions and Redis hash tags.
const Parts = 1024

// Part is a virtual partition, 0 to Parts-1. It is the leading primary-key
// column of every keyed table.
type Part int

// PartOf gives the virtual partition of a key. The key's kind is left out, so
// that a fact whose unit kind is not known yet lands beside the unit's others.
//
// Sum64 and not Sum32: the latter dies under the race detector's checkptr.
func PartOf[K ~string](key K) Part {
	return Part(murmur3.Sum64([]byte(key)) % Parts)
}

// In gives the log partition of p in a log of n partitions.
func (p Part) In(n int) int { return int(p) % n }
