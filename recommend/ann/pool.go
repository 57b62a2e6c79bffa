package ann

// pool holds the best candidates of a walk, best first. A candidate is one
// word, so that comparing and moving it is cheap:
//
//	63 … 32  score + 2³¹
//	31 … 1   slot
//	0        1: expanded
//
// Equal scores are ordered by slot: no two candidates are equal.
type pool []uint64

func candidate(score, slot int32) uint64 {
	return uint64(uint32(score)^1<<31)<<32 | uint64(uint32(slot))<<1
}

func candidateSlot(c uint64) int32 { return int32(uint32(c) >> 1) }

func candidateScore(c uint64) int32 { return int32(uint32(c>>32) ^ 1<<31) }

// add inserts c if it is among the best limit, and says where.
func (p *pool) add(c uint64, limit int) (at int) {
	q := *p
	lo, hi := 0, len(q)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if q[m] > c {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if len(q) < limit {
		q = append(q, 0)
	} else if lo == len(q) {
		return lo
	}
	copy(q[lo+1:], q[lo:])
	q[lo] = c
	*p = q
	return lo
}
