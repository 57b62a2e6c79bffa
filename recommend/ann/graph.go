package ann

import (
	"math"
	"math/bits"
)

// graph links the slots. It exists from graphFrom vectors on.
type graph struct {
	ready bool    // every living vector is linked
	links []int32 // Options.Links a slot: the neighbours, then -1
	// linked slots are part of the graph, also dead ones until they are swept.
	linked Bitmap
	free   []int32 // slots without a vector and without links to them

	// entries are a sample of the slots with a copy of their codes, which a walk
	// scans to find where to begin.
	entries    []int32
	entryCodes []uint8
	sampled    int // the slots in use when the sample was taken

	sweep sweep
}

func (x *Index) neighbours(slot int32) []int32 {
	return x.links[int(slot)*x.options.Links:][:x.options.Links:x.options.Links]
}

// degree is how many neighbours stand in a row of links.
func degree(row []int32) int {
	n := len(row)
	for n > 0 && row[n-1] < 0 {
		n--
	}
	return n
}

// walk fills s.pool with the best limit linked slots that the walk visits for
// s.query. It expands two candidates at a time: their neighbours' codes come
// from memory side by side.
func (x *Index) walk(s *scratch, limit int) {
	x.enter(s, limit)
	cur := 0
	for {
		s.pending = s.pending[:0]
		for expanded := 0; cur < len(s.pool) && expanded < beam; cur++ {
			if s.pool[cur]&1 == 0 {
				s.pool[cur] |= 1
				x.expand(s, candidateSlot(s.pool[cur]))
				expanded++
			}
		}
		if len(s.pending) == 0 {
			if cur >= len(s.pool) {
				break
			}
			continue
		}
		cur = min(cur, x.scorePending(s, limit))
	}
	s.clearVisited()
}

const beam = 2

// expand notes the neighbours of slot that the walk has not visited. It has no branch
// that depends on that: the processor could not guess it.
func (x *Index) expand(s *scratch, slot int32) {
	n := len(s.pending)
	pending := s.pending[:n+x.options.Links]
	for _, v := range x.neighbours(slot) {
		if v < 0 {
			break
		}
		word := s.visited[v>>6]
		s.visited[v>>6] = word | 1<<(v&63)
		pending[n] = v
		n += int(^word >> (v & 63) & 1)
	}
	s.pending = pending[:n]
}

// scorePending scores what is pending and puts it into the pool; first is the best
// place that was taken.
func (x *Index) scorePending(s *scratch, limit int) (first int) {
	s.seen = append(s.seen, s.pending...)
	scores := s.scores[:len(s.pending)]
	x.kernel.gatherBytes(s.query, x.codes, s.pending, scores)
	first = len(s.pool)
	threshold := int32(math.MinInt32)
	if len(s.pool) >= limit {
		threshold = candidateScore(s.pool[limit-1])
	}
	for i, score := range scores {
		if score < threshold {
			continue
		}
		first = min(first, s.pool.add(candidate(score, s.pending[i]), limit))
		if len(s.pool) >= limit {
			threshold = candidateScore(s.pool[limit-1])
		}
	}
	return first
}

// enter scans the entries and puts the best few into the pool.
func (x *Index) enter(s *scratch, limit int) {
	s.pool = s.pool[:0]
	n := min(entryPoints, limit)
	for at := 0; at < len(x.entries); at += scanRows {
		slots := x.entries[at:min(at+scanRows, len(x.entries))]
		scores := s.scores[:len(slots)]
		x.kernel.scanBytes(s.query, x.entryCodes[at*x.codeStride:], scores)
		threshold := int32(math.MinInt32)
		for i, score := range scores {
			if score < threshold {
				continue
			}
			s.pool.add(candidate(score, slots[i]), n)
			if len(s.pool) >= n {
				threshold = candidateScore(s.pool[n-1])
			}
		}
	}
	for _, c := range s.pool {
		slot := candidateSlot(c)
		s.visited[slot>>6] |= 1 << (slot & 63)
		s.seen = append(s.seen, slot)
	}
}

const entryPoints = 4

// sample takes every so-many-th of the size linked slots as an entry.
func (x *Index) sample(size int) (entries []int32, codes []uint8) {
	step := max(1, size/int(entryRoot*math.Sqrt(float64(size))+1))
	next := step / 2
	for i, word := range x.linked {
		n := bits.OnesCount64(word)
		for ; next < n; next += step {
			slot := int32(64*i + nth(word, next))
			entries = append(entries, slot)
			codes = append(codes, x.code(slot)...)
		}
		next -= n
	}
	return entries, codes
}

// entryRoot times the root of the graph's size is the number of entries.
const entryRoot = 2

// nth is the place of the nth bit of word, from 0.
func nth(word uint64, n int) int {
	for range n {
		word &= word - 1
	}
	return bits.TrailingZeros64(word)
}
