package recommend

import (
	"math"
	"slices"
)

// featureMatrix is what a Ranker reads of one request: the features of each
// candidate. It is reused.
//
// Of each source it holds the proposal's score, its score relative to the
// source's best, and 1/place, all 0 where the source does not propose the
// candidate; then, whatever the source, what itemFeatures lists.
//
// Candidates lie in groups of lanes, feature by feature within a group: a tree
// then scores a group at a time.
type featureMatrix struct {
	sources, width int
	candidates     int
	cells          []float32
	keys           []uint64 // of one source's proposals, to find their places
}

// lanes is how many candidates lie together.
const lanes = 8

// The features of each source; 0 where it does not propose the candidate.
const (
	sourceScore    = iota
	sourceRelative // to the source's best
	sourcePlace    // 1/place
	sourceFeatures
)

// The features that are no source's.
const (
	featureTouched    = iota // 1/(1 + moments since the visitor touched it), 0 if never
	featureStrength          // how strongly
	featurePopularity        // the weight of all that was ever done with it
	featureHistory           // how many items of the visitor are known
	featureAgreed            // how many sources propose it
	featureCategory          // the share of its category in the visitor's history
	featureBrand             // the share of its brand
	featureRecent            // how much the visitor did lately
	featureRepeats           // which share of it was to come back to an item
	itemFeatures
)

// rankWidth is how many features a candidate has.
func rankWidth(sources int) int { return sources*sourceFeatures + itemFeatures }

// reset clears the feature matrix for a request with so many sources.
func (s *featureMatrix) reset(sources int) {
	s.sources, s.width, s.candidates, s.cells = sources, rankWidth(sources), 0, s.cells[:0]
}

// at gives the features of candidate i, each lanes behind the one before;
// those of a new one are zeros.
func (s *featureMatrix) at(i int) []float32 {
	if i >= s.candidates {
		s.candidates = i + 1
		if more := (i/lanes+1)*lanes*s.width - len(s.cells); more > 0 {
			at := len(s.cells)
			s.cells = slices.Grow(s.cells, more)[:at+more]
			clear(s.cells[at:])
		}
	}
	return s.cells[i/lanes*lanes*s.width+i%lanes:]
}

// itemFeature is where the features lie that are no source's.
func (s *featureMatrix) itemFeature(feature int) int {
	return (s.sources*sourceFeatures + feature) * lanes
}

// row copies the features of candidate i.
func (s *featureMatrix) row(i int, into []float32) []float32 {
	of := s.at(i)
	for f := range s.width {
		into = append(into, of[f*lanes])
	}
	return into
}

// addProposals enters one source's proposals, of scores above 0: candidate gives
// the row of each. Equal scores share the best of their places, so that the
// order of proposals does not matter.
func (s *featureMatrix) addProposals(source int, proposed []scored, candidate func(Slot) int) {
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
		of := s.at(candidate(Slot(p.index)))
		from := of[source*sourceFeatures*lanes:]
		if from[sourcePlace*lanes] != 0 {
			continue // proposed twice
		}
		from[sourceScore*lanes], from[sourceRelative*lanes], from[sourcePlace*lanes] = p.score, p.score/best, 1/float32(place+1)
		of[s.itemFeature(featureAgreed)]++
	}
}

// proposed reports whether the source proposes candidate i.
func (s *featureMatrix) proposed(source, i int) bool {
	return s.at(i)[(source*sourceFeatures+sourcePlace)*lanes] > 0
}

// relative is the score that the source gives candidate i, relative to its best.
func (s *featureMatrix) relative(source, i int) float32 {
	return s.at(i)[(source*sourceFeatures+sourceRelative)*lanes]
}

// appendWithout appends candidate i of another feature matrix without one source's
// proposal.
func (s *featureMatrix) appendWithout(source int, of *featureMatrix, i int) {
	from, to := of.at(i), s.at(s.candidates)
	for f := 0; f < s.width*lanes; f += lanes {
		to[f] = from[f]
	}
	for f := range sourceFeatures {
		to[(source*sourceFeatures+f)*lanes] = 0
	}
	to[s.itemFeature(featureAgreed)]--
}
