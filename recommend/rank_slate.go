package recommend

import (
	"math"
	"slices"
)

// slate is what a Ranker reads of one request: a row of features of each
// candidate, one behind the other. It may be used again.
//
// Of each source a row holds the proposal's score, its score relative to the
// source's best, and 1/place, all 0 where the source does not propose the
// candidate; then, whatever the source, what itemFeatures lists.
type slate struct {
	sources int
	rows    []float32
	keys    []uint64 // of one source's proposals, to find their places
}

const sourceFeatures = 3

// The features that are no source's.
const (
	featureTouched    = iota // 1/(1 + moments since the visitor touched it), 0 if never
	featureStrength          // how strongly
	featurePopularity        // the weight of all that was ever done with it
	featureHistory           // how many items of the visitor are known
	featureAgreed            // how many sources propose it
	featureCategory          // the share of its category in the visitor's history
	featureBrand             // the share of its brand
	itemFeatures
)

// rankWidth is how many features a candidate has.
func rankWidth(sources int) int { return sources*sourceFeatures + itemFeatures }

// begin clears the slate for a request with so many sources.
func (s *slate) begin(sources int) { s.sources, s.rows = sources, s.rows[:0] }

// len is the number of candidates.
func (s *slate) len() int { return len(s.rows) / rankWidth(s.sources) }

// row is the features of candidate i; those of a new one are zeros.
func (s *slate) row(i int) []float32 {
	width := rankWidth(s.sources)
	if more := (i+1)*width - len(s.rows); more > 0 {
		at := len(s.rows)
		s.rows = slices.Grow(s.rows, more)[:at+more]
		clear(s.rows[at:])
	}
	return s.rows[i*width : (i+1)*width : (i+1)*width]
}

// of is row i's features that are no source's.
func (s *slate) of(i int) []float32 { return s.row(i)[s.sources*sourceFeatures:] }

// propose enters one source's proposals, of scores above 0: candidate gives
// the row of each. Equal scores share the best of their places, so that the
// order of proposals does not matter.
func (s *slate) propose(source int, proposed []scored, candidate func(Slot) int) {
	s.keys = s.keys[:0]
	for i, p := range proposed {
		s.keys = append(s.keys, uint64(^math.Float32bits(p.score))<<32|uint64(i))
	}
	slices.Sort(s.keys)
	place, best, last := 0, float32(0), float32(0)
	for n, key := range s.keys {
		p := proposed[uint32(key)]
		if n == 0 {
			best = p.score
		}
		if p.score != last {
			place, last = n, p.score
		}
		row := s.row(candidate(Slot(p.index)))
		if row[source*sourceFeatures+2] != 0 {
			continue // proposed twice
		}
		from := row[source*sourceFeatures:]
		from[0], from[1], from[2] = p.score, p.score/best, 1/float32(place+1)
		row[s.sources*sourceFeatures+featureAgreed]++
	}
}

// proposes reports whether the source proposes candidate i.
func (s *slate) proposes(source, i int) bool { return s.row(i)[source*sourceFeatures+2] > 0 }

// without copies row i as it were had a source not proposed it.
func (s *slate) without(source, i int, into []float32) {
	copy(into, s.row(i))
	clear(into[source*sourceFeatures : (source+1)*sourceFeatures])
	into[s.sources*sourceFeatures+featureAgreed]--
}
