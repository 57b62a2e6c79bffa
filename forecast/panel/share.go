package panel

import (
	"math"
	"slices"
)

// parts is how finely shares are learned.
const parts = 10

// strayMore is how much further the mean may stray with trees than without: a
// median of nothing is good by the absolute error, but no distribution of demand
// can be made of it.
const strayMore = 1.02

// learnShares finds, by segment, how much of the rehearsals' forecast should
// have been the boosted one.
func (b *boosted) learnShares(tasks []*task) {
	if b == nil {
		return
	}
	trials := map[string]*[parts + 1]trial{}
	for _, t := range tasks {
		for _, win := range t.windows {
			if win.boosted == nil {
				continue
			}
			if trials[t.segment] == nil {
				trials[t.segment] = &[parts + 1]trial{}
			}
			for part := range parts + 1 {
				trials[t.segment][part].add(win.truth, blend(win.center, win.boosted, float64(part)/parts), t.size)
			}
		}
	}
	for segment, of := range trials {
		best := 0
		for part := range of {
			if of[part].miss < of[best].miss && of[part].strays() <= strayMore*of[0].strays() {
				best = part
			}
		}
		b.shares[segment] = float64(best) / parts
	}
}

// trial is what a share would have been worth in the rehearsals: the sum of
// absolute errors, and sums and products of what was forecast and what came,
// all relative to the series' sizes.
type trial struct{ miss, said, came, said2, product, came2 float64 }

func (r *trial) add(truth, path []float64, size float64) {
	for k, y := range truth {
		if math.IsNaN(y) {
			continue
		}
		y, f := y/size, path[k]/size
		r.miss += math.Abs(y - f)
		r.said, r.came = r.said+f, r.came+y
		r.said2, r.product, r.came2 = r.said2+f*f, r.product+f*y, r.came2+y*y
	}
}

// strays is the sum of squared errors of the forecasts lifted to the mean.
func (r *trial) strays() float64 {
	lift := liftOf(r.came, r.said)
	return lift*lift*r.said2 - 2*lift*r.product + r.came2
}

// share is the boosted part of the forecasts of a segment.
func (b *boosted) share(segment string) float64 {
	if b == nil {
		return 0
	}
	return b.shares[segment]
}

// blend is between two paths; a missing second has no part.
func blend(path, other []float64, share float64) []float64 {
	if other == nil || share == 0 {
		return path
	}
	out := slices.Clone(path)
	for k := range out {
		out[k] += share * (other[k] - out[k])
	}
	return out
}
