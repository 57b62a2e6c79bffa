package panel

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// noisySeries are weekly values around 200 whose noise is late times as large
// in the last four.
func noisySeries(recent float64) *Panel {
	random := rand.New(rand.NewPCG(5, 6))
	p := &Panel{Step: Step{Every: week}}
	for i := range 40 {
		s := &Series{Name: fmt.Sprint("item ", i), Start: time.Date(2025, 1, 6, 0, 0, 0, 0, time.UTC)}
		for k := range 60 {
			noise := 10 * random.NormFloat64()
			if k >= 56 {
				noise *= recent
			}
			s.Y = append(s.Y, 200+noise)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

func TestIntervalsFollowTheNewestErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		recent, from, to float64
	}{
		{"as ever", 1, .93, 1.07},
		{"three times as far", 3, 1.3, 3},
		{"a third as far", 1. / 3, .5, .9},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := newEngine(noisySeries(c.recent), 4, nil, false)
			e.prepare()
			if got := e.conformal.recent; got < c.from || got > c.to {
				t.Errorf("intervals are %.2f times those of all windows, want %g to %g", got, c.from, c.to)
			}
		})
	}
}
