package tower

import (
	"math/bits"
	"math/rand/v2"
)

// userInput is what the user tower reads of a visitor at one moment.
type userInput struct {
	steps   []pastStep
	context []int32 // rows of the context table
}

// pastStep is one step of the past, as the user tower weighs it.
type pastStep struct {
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
	biasRow         = 0
	hourRows        = 1
	recencyRows     = hourRows + 24
	countRows       = recencyRows + gapBuckets
	countBuckets    = 6
	userFeatureRows = countRows + MaxEvents*countBuckets
	gapBuckets      = 32
	halfHour        = 30 * 60
)

func contextRows(v *Vocabulary) int { return userFeatureRows + 2*v.Len() }

// inputEncoder turns a visitor's past into the user tower's input.
type inputEncoder struct {
	history  int   // steps seen at most
	features int32 // size of the vocabulary
	latest   *bags // by item, its features that count when it is the newest
}

// encode fills in with what is known at a moment (0 if not known) of a
// visitor whose past is steps. With rng, each step is dropped with
// probability stepDropout, but never all of them.
func (e *inputEncoder) encode(in *userInput, steps []Step, features []int32, now int64, rng *rand.Rand, stepDropout float64) {
	in.steps, in.context = in.steps[:0], append(in.context[:0], biasRow)
	for place := range min(e.history, len(steps)) {
		if rng != nil && rng.Float64() < stepDropout {
			continue
		}
		in.steps = append(in.steps, pastStepOf(steps, place))
	}
	if len(in.steps) == 0 && len(steps) > 0 {
		in.steps = append(in.steps, pastStepOf(steps, 0))
	}
	in.clock(steps, now)
	for _, f := range features {
		in.context = append(in.context, userFeatureRows+f)
	}
	if len(steps) > 0 && steps[len(steps)-1].Item >= 0 {
		ids, _ := e.latest.of(steps[len(steps)-1].Item)
		for _, f := range ids {
			in.context = append(in.context, userFeatureRows+e.features+f)
		}
	}
}

func pastStepOf(steps []Step, place int) pastStep {
	newest, step := steps[len(steps)-1], steps[len(steps)-1-place]
	return pastStep{step.Item, uint8(place), step.Event, gapBucket(newest.Time, step.Time)}
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
func (in *userInput) clock(steps []Step, now int64) {
	newest := int64(0)
	if len(steps) > 0 {
		newest = steps[len(steps)-1].Time
	}
	if now != 0 {
		in.context = append(in.context, hourRows+int32((now/3600%24+24)%24))
		if newest != 0 {
			in.context = append(in.context, recencyRows+int32(gapBucket(now, newest)))
		}
	} else {
		now = newest
	}
	if now != 0 {
		in.count(steps, now)
	}
}

// count adds the bucket of each event's count in the last half hour.
func (in *userInput) count(steps []Step, now int64) {
	var n [MaxEvents]int
	for i := len(steps) - 1; i >= 0 && steps[i].Time > now-halfHour; i-- {
		n[steps[i].Event]++
	}
	for e, count := range n {
		if count > 0 {
			in.context = append(in.context, countRows+int32(e*countBuckets+min(bits.Len(uint(count)), countBuckets-1)))
		}
	}
}
