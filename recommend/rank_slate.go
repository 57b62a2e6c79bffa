package recommend

import "math"

// Slate is what a Ranker reads of one request: each candidate's features. It
// may be used again, by one goroutine at a time.
//
// Of each source it holds the proposal's score, its score relative to the
// source's best, and 1/place, all 0 where the source does not propose the
// candidate; then, whatever the source, what itemFeatures lists.
type Slate struct {
	sources int
	slots   []Slot
	at      map[Slot]int32
	rows    []float32
}

const (
	sourceFeatures = 3
	itemFeatures   = 5 // see describe
)

// rankWidth is how many features a candidate has.
func rankWidth(sources int) int { return sources*sourceFeatures + itemFeatures }

// Begin clears the slate for a request with so many sources.
func (s *Slate) Begin(sources int) {
	s.sources, s.slots, s.rows = sources, s.slots[:0], s.rows[:0]
	if s.at == nil {
		s.at = map[Slot]int32{}
	}
	clear(s.at)
}

// Propose enters a source's proposal: place counts from 0, best is the score
// at place 0.
func (s *Slate) Propose(source, place int, slot Slot, score, best float32) {
	at, known := s.at[slot]
	if !known {
		at = int32(len(s.slots))
		s.at[slot] = at
		s.slots = append(s.slots, slot)
		for range rankWidth(s.sources) {
			s.rows = append(s.rows, 0)
		}
	}
	row := s.Row(int(at))[source*sourceFeatures:]
	row[0], row[1], row[2] = score, score/best, 1/float32(place+1)
}

// Describe completes the rows once all sources have proposed: by the visitor's
// history and by the popularity of items, in the same unit as at learning.
func (s *Slate) Describe(history []Taste, popularity func(Slot) float32) {
	for i, slot := range s.slots {
		row := s.Row(i)[s.sources*sourceFeatures:]
		describe(row, slot, history, popularity(slot))
		for source := range s.sources {
			if s.Row(i)[source*sourceFeatures+2] > 0 {
				row[4]++
			}
		}
	}
}

// describe: when and how strongly the visitor touched the candidate before,
// how popular it is, how much is known of the visitor, how many sources agree.
func describe(row []float32, slot Slot, history []Taste, popularity float32) {
	if at := indexOfTaste(history, slot); at >= 0 {
		row[0], row[1] = 1/float32(1+history[at].Moment), float32(history[at].Weight)
	}
	row[2] = float32(math.Log1p(float64(max(0, popularity))))
	row[3] = float32(len(history))
}

// Len is the number of candidates.
func (s *Slate) Len() int { return len(s.slots) }

// Slot is candidate i.
func (s *Slate) Slot(i int) Slot { return s.slots[i] }

// Row is the features of candidate i.
func (s *Slate) Row(i int) []float32 {
	width := rankWidth(s.sources)
	return s.rows[i*width : (i+1)*width : (i+1)*width]
}

// Even is candidate i's score without a ranker: the sum of its scores relative
// to each source's best.
func (s *Slate) Even(i int) float32 {
	sum := float32(0)
	for source := range s.sources {
		sum += s.Row(i)[source*sourceFeatures+1]
	}
	return sum
}
