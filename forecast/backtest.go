package forecast

import "math"

// window is one origin of a backtest: a forecast from an origin in the past beside what
// came then.
type window struct {
	origin int
	y, w   []float64 // demand and its weight; 0 where a day does not count
	factor []float64
	paths  [members][]float64
}

const (
	maxOrigins  = 6
	minHistory  = 21 // days before an origin
	minBacktest = 7  // days after it
)

// backtest forecasts from up to six origins as if the rest were not known, at
// the real horizon or as much of it as there is. Days that an event lifts or
// sinks by half do not count: what is known of events was learned from them.
func backtest(t *decomposition, horizon int) (*ensemble, []window) {
	n := len(t.y)
	var origins []int // the latest last
	step := min(max(horizon/2, 7), 14)
	for o := n - min(horizon, max(minBacktest, n-minHistory)); o >= minHistory && len(origins) < maxOrigins; o -= step {
		origins = append([]int{o}, origins...)
	}
	fitted := n
	if len(origins) > 0 && origins[0] >= 2*minHistory {
		fitted = origins[0] // the parameters know no window either
	}
	f := newEnsemble(t, fitted)
	windows := make([]window, len(origins))
	for i, at := range f.statesAt(origins) {
		h := min(horizon, n-at.origin)
		win := window{origin: at.origin, paths: f.paths(at, h), y: t.y[at.origin : at.origin+h], w: make([]float64, h), factor: make([]float64, h)}
		for k := range h {
			win.factor[k] = t.factor(at.origin + k)
			if u := t.uplift[at.origin+k]; u > 2./3 && u < 1.5 {
				win.w[k] = t.w[at.origin+k]
			}
		}
		windows[i] = win
	}
	return f, windows
}

// scores gives each member's mean pinball loss over the windows at .1, .5 and
// .9, relative to the members' mean, and the days behind it. The loss of an
// all-zero forecast is not small, as its absolute error would be for a series
// that rarely sells.
func scores(windows []window, n noise) (relative [members]float64, days float64) {
	var loss, known [members]float64
	for _, win := range windows {
		for k, w := range win.w {
			if w == 0 {
				continue
			}
			days++
			for m, path := range win.paths {
				if path == nil {
					continue
				}
				known[m] += w
				loss[m] += w * loss3(win.y[k], path[k]*win.factor[k], w, n)
			}
		}
	}
	sum, count := 0., 0.
	for m := range members {
		if known[m] > 0 {
			relative[m] = loss[m] / known[m]
			sum += relative[m]
			count++
		}
	}
	for m := range members {
		switch {
		case known[m] == 0:
			relative[m] = math.NaN()
		case sum > 0:
			relative[m] *= count / sum
		default:
			relative[m] = 1
		}
	}
	return relative, days
}

// loss3 is the sum of the pinball losses at .1, .5 and .9 of a gamma with this
// mean; its quantiles are those of Wilson and Hilferty. The gamma is skewed as
// sales are: were its median taken for the mean, too low forecasts would win.
func loss3(y, mean, weight float64, n noise) float64 {
	if !(mean > 0) {
		return 1.5 * y // quantiles of 0
	}
	v := n.variance(mean, weight) / (9 * mean * mean) // 1/9k of shape k
	root := math.Sqrt(v)
	loss := 0.
	for _, q := range [...]struct{ p, z float64 }{{.1, -1.2816}, {.5, 0}, {.9, 1.2816}} {
		c := max(0, 1-v+q.z*root)
		loss += pinball(q.p, y, mean*c*c*c)
	}
	return loss
}

// pinball is the quantile loss of saying q at probability p when y came.
func pinball(p, y, q float64) float64 {
	if y >= q {
		return p * (y - q)
	}
	return (1 - p) * (q - y)
}

// weigh turns scores into weights that sum to 1: the sixth power of their
// inverse, after shrinking a series' own scores to those of all series as if
// these had been seen on forty of its days. A member without a path gets none.
func weigh(own [members]float64, days float64, pooled [members]float64, can func(member) bool) (weights [members]float64) {
	const belief, sharpness = 40, 6
	sum := 0.
	for m := range members {
		if !can(m) {
			continue
		}
		score := pooled[m]
		if !math.IsNaN(own[m]) && days > 0 {
			score = (days*own[m] + belief*pooled[m]) / (days + belief)
		}
		weights[m] = math.Pow(max(score, 1e-6), -sharpness)
		sum += weights[m]
	}
	for m := range weights {
		weights[m] /= sum
	}
	return weights
}

// blend is the weighted mean of paths at k. A missing path gives its weight to
// the others.
func blend(weights [members]float64, paths *[members][]float64, k int) float64 {
	sum, total := 0., 0.
	for m, path := range paths {
		if path != nil && weights[m] > 0 {
			sum += weights[m] * path[k]
			total += weights[m]
		}
	}
	if total == 0 {
		return 0
	}
	return sum / total
}
