package offline

import "math"

// again scores what the visitor had to do with before, the newest first: what
// one comes back to.
type again struct{ decay float64 }

// backTo is the source of what the visitor had to do with before.
func backTo() source { return source{"again", again{0.8}} }

func (a again) Score(ask *Ask, out []float32) {
	for _, t := range ask.History {
		out[t.Slot] = float32(t.Weight * math.Pow(a.decay, float64(t.Moment)))
	}
}
