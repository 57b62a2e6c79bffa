package tower

import (
	"math/bits"
	"math/rand/v2"
)

// sight is what the user tower sees of a visitor at one moment.
type sight struct {
	marks   []mark
	context []int32 // rows of the context table
}

// mark is one step of the past, as the user tower weighs it.
type mark struct {
	item  int32
	place uint8 // how many steps ago, 0 the newest
	event uint8
	gap   uint8 // bucket of the time from it to the newest step
}

// The rows of the context table: one for everyone, the hours of the day, the
// buckets of the time since the newest step, for each event the bucket of its
// count in the last half hour, then the features of visitors, then the features
// of the visitor's latest item.
const (
	everyone     = 0
	hours        = 1
	absences     = hours + 24
	counts       = absences + gapBuckets
	countBuckets = 6
	ownFeatures  = counts + MaxEvents*countBuckets
	gapBuckets   = 32
	halfHour     = 30 * 60
)

func contextRows(v *Vocabulary) int { return ownFeatures + 2*v.Len() }

// lookout makes sights.
type lookout struct {
	history  int   // steps seen at most
	features int32 // size of the vocabulary
	latest   *bags // by item, its features that count when it is the newest
}

// see fills s with what there is to see at a moment (0 if not known) of a
// visitor whose past is steps. With rng, each step is forgotten with the given
// chance, but never all of them.
func (l *lookout) see(s *sight, steps []Step, own []int32, now int64, rng *rand.Rand, forget float64) {
	s.marks, s.context = s.marks[:0], append(s.context[:0], everyone)
	for place := range min(l.history, len(steps)) {
		if rng != nil && rng.Float64() < forget {
			continue
		}
		s.marks = append(s.marks, markOf(steps, place))
	}
	if len(s.marks) == 0 && len(steps) > 0 {
		s.marks = append(s.marks, markOf(steps, 0))
	}
	s.clock(steps, now)
	for _, f := range own {
		s.context = append(s.context, ownFeatures+f)
	}
	if len(steps) > 0 && steps[len(steps)-1].Item >= 0 {
		ids, _ := l.latest.of(steps[len(steps)-1].Item)
		for _, f := range ids {
			s.context = append(s.context, ownFeatures+l.features+f)
		}
	}
}

func markOf(steps []Step, place int) mark {
	newest, step := steps[len(steps)-1], steps[len(steps)-1-place]
	return mark{step.Item, uint8(place), step.Event, gapBucket(newest.Time, step.Time)}
}

// gapBucket is 0 if a time is not known, else 1 + log₂ of the seconds.
func gapBucket(now, then int64) uint8 {
	if now == 0 || then == 0 {
		return 0
	}
	return uint8(min(1+bits.Len64(uint64(max(0, now-then))), gapBuckets-1))
}

// clock adds what the time tells. Without a time of its own the moment is that
// of the newest step, and neither hour nor absence is known.
func (s *sight) clock(steps []Step, now int64) {
	newest := int64(0)
	if len(steps) > 0 {
		newest = steps[len(steps)-1].Time
	}
	if now != 0 {
		s.context = append(s.context, hours+int32((now/3600%24+24)%24))
		if newest != 0 {
			s.context = append(s.context, absences+int32(gapBucket(now, newest)))
		}
	} else {
		now = newest
	}
	if now != 0 {
		s.count(steps, now)
	}
}

// count adds the bucket of each event's count in the last half hour.
func (s *sight) count(steps []Step, now int64) {
	var n [MaxEvents]int
	for i := len(steps) - 1; i >= 0 && steps[i].Time > now-halfHour; i-- {
		n[steps[i].Event]++
	}
	for e, count := range n {
		if count > 0 {
			s.context = append(s.context, counts+int32(e*countBuckets+min(bits.Len(uint(count)), countBuckets-1)))
		}
	}
}

// scales weighs the marks of the past: the weight of a mark is the product of
// those of its place, event and gap. They are kept as logarithms, so that every
// weight stays above 0.
type scales struct {
	place [maxHistory]float32
	event [MaxEvents]float32
	gap   [gapBuckets]float32
}

func (s *scales) of(m mark) float32 { return exp(s.place[m.place] + s.event[m.event] + s.gap[m.gap]) }

// add adds by to the three logarithms that a mark's weight is made of.
func (s *scales) add(m mark, by float32) {
	s.place[m.place] += by
	s.event[m.event] += by
	s.gap[m.gap] += by
}

// descend takes one step of Adagrad against the gradient, number by number.
func (s *scales) descend(gradient, squares *scales, rate float32) {
	learn(s.place[:], gradient.place[:], squares.place[:], rate)
	learn(s.event[:], gradient.event[:], squares.event[:], rate)
	learn(s.gap[:], gradient.gap[:], squares.gap[:], rate)
}

func learn(w, gradient, squares []float32, rate float32) {
	for i, g := range gradient {
		squares[i] += g * g
		w[i] -= rate * g / (root(squares[i]) + tiny)
	}
}

// plus adds the numbers of o.
func (s *scales) plus(o *scales) {
	for i, x := range o.place {
		s.place[i] += x
	}
	for i, x := range o.event {
		s.event[i] += x
	}
	for i, x := range o.gap {
		s.gap[i] += x
	}
}
