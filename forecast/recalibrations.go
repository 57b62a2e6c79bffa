package forecast

import (
	"cmp"
	"math"
	"slices"
)

// recalibrations are recalibrations by the size of a series: what a stated probability is worth
// differs between one that sells three pieces a week and one that sells three
// thousand. Between two sizes that were seen, the recalibration lies between theirs. nil
// changes nothing.
type recalibrations struct {
	all  *recalibration
	size []float64 // rising: logarithms of pieces a day
	of   []*recalibration
}

// sizedPIT is a PIT of a series of this size.
type sizedPIT struct{ size, pit float64 }

// newRecalibrations learns from the PITs of series of many sizes; it sorts them.
func newRecalibrations(seen []sizedPIT) *recalibrations {
	const fewest, most = 250, 6 // PITs behind a size, and sizes
	all := newRecalibration(pitsOf(seen), nil)
	if all == nil {
		return nil
	}
	w := &recalibrations{all: all}
	slices.SortStableFunc(seen, func(a, b sizedPIT) int { return cmp.Compare(a.size, b.size) })
	n := min(len(seen)/fewest, most)
	for i := range n {
		own := seen[i*len(seen)/n : (i+1)*len(seen)/n]
		size := own[len(own)/2].size
		if k := len(w.size); k > 0 && size <= w.size[k-1] {
			continue
		}
		w.size, w.of = append(w.size, size), append(w.of, newRecalibration(pitsOf(own), all))
	}
	return w
}

func pitsOf(seen []sizedPIT) []float64 {
	out := make([]float64, len(seen))
	for i, s := range seen {
		out[i] = s.pit
	}
	return out
}

// sizeFor is the place of a series that sells so much on an ordinary day.
func sizeFor(level float64) float64 { return math.Log(max(level, 1e-3)) }

// at is the recalibration for a size.
func (w *recalibrations) at(size float64) *recalibration {
	switch {
	case w == nil:
		return nil
	case len(w.of) == 0:
		return w.all
	}
	i, _ := slices.BinarySearch(w.size, size)
	switch i {
	case 0:
		return w.of[0]
	case len(w.size):
		return w.of[i-1]
	}
	a, b := w.of[i-1], w.of[i]
	part := (size - w.size[i-1]) / (w.size[i] - w.size[i-1])
	mixed := &recalibration{from: a.from, to: make([]float64, len(a.to))}
	for k := range mixed.to {
		mixed.to[k] = (1-part)*a.to[k] + part*b.to[k]
	}
	return mixed
}
